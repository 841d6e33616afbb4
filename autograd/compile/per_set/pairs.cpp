#include "autograd/compile/pairs.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/run_packs.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

using autograd::detail::member_of_pair;
using autograd::detail::pair_kernels;

/// Operand K of the second is what the first made, or the next of the others.
template <class First, class Second, std::size_t Position, class T>
void run_pair(const run_operand<T>* operands, T* result, std::size_t count, const void*)
{
    constexpr std::size_t of_first = First::operands;
    constexpr std::size_t others = Second::operands - 1;
    T* const kept = const_cast<T*>(operands[of_first + others].data);
    const auto compute = [&](auto store, std::size_t i, auto... x)
    {
        const std::tuple all(x...);
        const pack<T> made = [&]<std::size_t... K>(std::index_sequence<K...>)
        {
            return First::apply(std::get<K>(all)...);
        }
        (std::make_index_sequence<of_first>());
        const auto operand_of_second = [&](auto k)
        {
            if constexpr (k == Position)
            {
                return made;
            }
            else
            {
                return std::get<of_first + k - (k > Position)>(all);
            }
        };
        if (kept != nullptr)
        {
            store(made, kept + i);
        }
        const pack<T> y = [&]<std::size_t... K>(std::index_sequence<K...>)
        {
            return Second::apply(operand_of_second(std::integral_constant<std::size_t, K>())...);
        }
        (std::make_index_sequence<Second::operands>());
        store(y, result + i);
    };
    for_each_pack_of_run(operands, count, std::make_index_sequence<of_first + others>(), compute);
}

/// What both are made of is computed once, by the compiler.
template <class Value, class Slope, class T>
void run_both(const run_operand<T>* operands, T* result, std::size_t count, const void*)
{
    T* const kept = const_cast<T*>(operands[1].data);
    for_each_pack_of_run(operands, count, std::make_index_sequence<1>(),
                         [&](auto store, std::size_t i, pack<T> x)
                         {
                             store(Value::forward(x), kept + i);
                             store(Slope::forward(x), result + i);
                         });
}

template <class T>
constexpr pair_kernels<T> all_pairs()
{
    return {{
#define AUTOGRAD_PAIR(first, first_pull, second, second_pull, position)                                                \
    &run_pair<member_of_pair<first, first_pull>, member_of_pair<second, second_pull>, position, T>,
#include "autograd/compile/pairs.def"
#undef AUTOGRAD_PAIR
            },
            &run_both<tanh_rule, tanh_slope_rule, T>,
            &run_both<sigmoid_rule, sigmoid_slope_rule, T>};
}

} // namespace

template <>
constinit const pair_kernels<float> compiled<pair_kernels<float>>::kernels = all_pairs<float>();
template <>
constinit const pair_kernels<double> compiled<pair_kernels<double>>::kernels = all_pairs<double>();

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
