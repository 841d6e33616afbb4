#include "autograd/kernels/weighted_sum.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/per_set/compiled.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

template <class T>
void of_two(const T* a, T u, const T* b, T v, T* to, std::size_t count)
{
    constexpr std::size_t lanes = pack<T>::size;
    const pack<T> of_a(u);
    const pack<T> of_b(v);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
    {
        (of_a * pack<T>::load(a + i) + of_b * pack<T>::load(b + i)).store(to + i);
    }
    if (i < count)
    {
        const std::size_t rest = count - i;
        (of_a * pack<T>::load_partial(a + i, rest) + of_b * pack<T>::load_partial(b + i, rest))
            .store_partial(to + i, rest);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const weighted_sum_kernels<T> compiled<weighted_sum_kernels<T>>::kernels{.of_two = of_two<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
