#include "autograd/compile/plane_steps.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/operations/planes.hpp"
#include "autograd/operations/softmax.hpp"

#include <algorithm>
#include <unordered_map>

namespace autograd
{

namespace detail
{

namespace
{

template <class Rule, class T>
constexpr const operation<T>* rule = &description<Rule, T>::instance;

template <class T>
void multiply(const plane_call<T>& call, std::size_t operand_count)
{
    const auto& how = *static_cast<const product_of_planes_rule::attributes*>(call.attributes);
    const T* const column = operand_count > 2 ? call.operands[2].data : nullptr;
    kernels::plane_loops<T>->multiply(
        {call.result_planes, call.operand_planes, call.operands[0].data, how.transposed, column}, call.operands[1],
        call.count, call.result);
}

template <class T>
void choose(const plane_call<T>& call, std::size_t)
{
    kernels::plane_loops<T>->choose(call.operand_planes, call.operands[0], call.operands[1], call.count,
                                    call.result.data);
}

template <class T>
void place(const plane_call<T>& call, std::size_t)
{
    kernels::plane_loops<T>->place(call.operand_planes, call.operands[0], call.operands[1].data, call.count,
                                   call.result);
}

/// A function of rows, of a table of kernels.
template <class T, auto Member>
void softmax_of(const plane_call<T>& call, std::size_t)
{
    const auto& kernels = *kernels::softmaxes_of_planes<T>.operator->();
    (kernels.*Member)(call.operand_planes, call.count, call.result, call.operands[0]);
}
/// The same of two operands, the scores beside which are not read.
template <class T, auto Member>
void softmax_slope_of(const plane_call<T>& call, std::size_t)
{
    const auto& kernels = *kernels::softmax_slopes_of_planes<T>.operator->();
    (kernels.*Member)(call.operand_planes, call.count, call.result, call.operands[0], call.operands[2]);
}

template <class T>
const std::unordered_map<const operation<T>*, plane_form<T>>& forms()
{
    using softmaxes = kernels::softmax_plane_kernels<T>;
    using slopes = kernels::softmax_slope_plane_kernels<T>;
    static const std::unordered_map<const operation<T>*, plane_form<T>> table{
        {rule<product_of_planes_rule, T>, {0b010, false, &multiply<T>}},
        {rule<chosen_of_planes_rule, T>, {0b11, false, &choose<T>}},
        {rule<placed_in_planes_rule, T>, {0b11, false, &place<T>}},
        {rule<dots_of_planes_rule, T>, {0b11, true, nullptr}},
        {rule<softmax_rule, T>, {0b1, false, &softmax_of<T, &softmaxes::softmax>}},
        {rule<log_softmax_rule, T>, {0b1, false, &softmax_of<T, &softmaxes::log_softmax>}},
        {rule<logsumexp_slope_rule, T>, {0b1, false, &softmax_of<T, &softmaxes::logsumexp_slope>}},
        {rule<softmax_deviation_rule, T>, {0b111, false, &softmax_slope_of<T, &slopes::softmax_deviation>}},
        {rule<softmax_slope_rule, T>, {0b111, false, &softmax_slope_of<T, &slopes::softmax_slope>}},
        {rule<log_softmax_slope_rule, T>, {0b111, false, &softmax_slope_of<T, &slopes::log_softmax_slope>}},
    };
    return table;
}

/// Of an operation along an axis: the first of two.
template <class T>
bool is_along_planes(const scheduled_value<T>& y)
{
    const bool has_axis = y.op->attributes == rule<softmax_rule, T>->attributes;
    return !has_axis || (y.dimension == 2 && static_cast<const reduced_axes*>(y.attributes)->axes == 1);
}

} // namespace

template <class T>
const plane_form<T>* plane_form_of(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const auto found = y.origin == value_origin::computed ? forms<T>().find(y.op) : forms<T>().end();
    const auto operands = steps.operands(y);
    const bool fits =
        found != forms<T>().end() && is_along_planes(y) &&
        std::all_of(operands.begin(), operands.end(), [&](std::uint32_t k) { return steps[k].strides == nullptr; });
    return fits ? &found->second : nullptr;
}

template const plane_form<float>* plane_form_of(const schedule<float>&, const scheduled_value<float>&);
template const plane_form<double>* plane_form_of(const schedule<double>&, const scheduled_value<double>&);

} // namespace detail

} // namespace autograd
