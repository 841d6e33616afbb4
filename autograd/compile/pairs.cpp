#include "autograd/compile/pairs.hpp"

#include "autograd/kernels/dispatch.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace autograd::detail
{

namespace
{

/// An operation by its rule, and as pairs.def tells: -1, or of which operand it is the pull.
template <class T>
using member = std::pair<const operation<T>*, int>;

template <class T>
member<T> member_of(const operation<T>* op)
{
    return op->pull_of == nullptr ? member<T>(op, -1) : member<T>(op->pull_of, static_cast<int>(op->pulled_operand));
}

template <class T>
bool may_be_in_pair(const schedule<T>& values, const step<T>& s)
{
    const scheduled_value<T>& y = values[s.value];
    return s.kind == step_kind::elements && y.origin == value_origin::computed && y.op->attributes == nullptr;
}

} // namespace

template <class T>
const operation<T>* slope_of(const operation<T>* value)
{
    return value == &description<tanh_rule, T>::instance      ? &description<tanh_slope_rule, T>::instance
           : value == &description<sigmoid_rule, T>::instance ? &description<sigmoid_slope_rule, T>::instance
                                                              : nullptr;
}

template <class T>
run_function<T> run_with_slope(const operation<T>* value)
{
    return value == &description<tanh_rule, T>::instance      ? pairs<T>->tanh_and_slope
           : value == &description<sigmoid_rule, T>::instance ? pairs<T>->sigmoid_and_slope
                                                              : nullptr;
}

template <class T>
std::optional<std::size_t> position_in_pair(const schedule<T>& values, const step<T>& first, const step<T>& second)
{
    if (!may_be_in_pair(values, first) || !may_be_in_pair(values, second) || first.size != second.size ||
        first.planes != second.planes)
    {
        return std::nullopt;
    }
    const auto operands = values.operands(values[second.value]);
    const auto reads = [&](std::uint32_t operand) { return values[operand].memory == first.value; };
    const auto found = std::find_if(operands.begin(), operands.end(), reads);
    const bool is_once = std::count_if(operands.begin(), operands.end(), reads) == 1;
    return is_once && values[*found].strides == nullptr
               ? std::optional(static_cast<std::size_t>(found - operands.begin()))
               : std::nullopt;
}

template <class T>
run_function<T> run_of_pair(const operation<T>* first, const operation<T>* second, std::size_t position)
{
    using key = std::tuple<member<T>, member<T>, std::size_t>;
    static const auto numbers = []
    {
        std::map<key, std::size_t> result;
#define AUTOGRAD_PAIR(first_rule, first_pull, second_rule, second_pull, position)                                      \
    result.emplace(key{{&description<first_rule, T>::instance, first_pull},                                            \
                       {&description<second_rule, T>::instance, second_pull},                                          \
                       position},                                                                                      \
                   result.size());
#include "autograd/compile/pairs.def"
#undef AUTOGRAD_PAIR
        return result;
    }();
    const auto found = numbers.find({member_of(first), member_of(second), position});
    return found == numbers.end() ? nullptr : pairs<T>->runs[found->second];
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template const operation<T>* slope_of(const operation<T>*);                                                        \
    template run_function<T> run_with_slope(const operation<T>*);                                                      \
    template std::optional<std::size_t> position_in_pair(const schedule<T>&, const step<T>&, const step<T>&);          \
    template run_function<T> run_of_pair(const operation<T>*, const operation<T>*, std::size_t);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::detail
