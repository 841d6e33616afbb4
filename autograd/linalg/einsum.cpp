#include "autograd/linalg/einsum.hpp"

#include "autograd/linalg/contract.hpp"
#include "autograd/linalg/einsum_plan.hpp"
#include "autograd/operations/diagonal.hpp"
#include "autograd/tape/print_number.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>

namespace autograd
{

using detail::at;
using detail::einsum_operand;
using detail::einsum_plan;
using detail::named_operands;

namespace
{

shape_vector shape_of_result(const named_operands& named)
{
    shape_vector shape;
    for (const char name : named.result)
    {
        shape.push_back(at(named.extents, name));
    }
    return shape;
}

/// An operand as it meets others.
template <class T>
variable<T> prepared(variable<T> x, const einsum_operand& how, location where)
{
    for (const auto [first, second] : how.repetitions)
    {
        x = diagonal(x, 0, first, second, where);
    }
    if (how.dropped == 0)
    {
        return x;
    }
    shape_vector kept;
    bool are_single = true; // those that are dropped: nothing is summed
    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
    {
        const std::size_t extent = x.shape()[axis];
        if ((how.dropped >> axis & 1) == 0)
        {
            kept.push_back(extent);
        }
        else
        {
            are_single = are_single && extent == 1;
        }
    }
    return are_single ? record_shaped<reshape_rule, T>(where, x, kept)
                      : record<sum_rule, T>(where, x, reduced_axes{how.dropped, false});
}

/// Zeros of a shape, which depend on all operands, and on none of their elements: so none is met that is infinite.
template <class T>
variable<T> sum_over_nothing(std::span<const variable<T>> xs, const shape_vector& shape, location where)
{
    variable<T> product;
    for (const variable<T>& x : xs)
    {
        const variable<T> zero = sum(slice(flatten(x, where), 0, 0, 0, where), where);
        product = product.empty() ? zero : detail::multiplied(product, zero, where);
    }
    return record_shaped<broadcast_rule, T>(where, product, shape);
}

} // namespace

template <class T>
variable<T> detail::einsum_of(const einsum_subscripts& subscripts, std::span<const variable<T>> xs)
{
    const location where = subscripts.where();
    const small_buffer<shape_view, 8> shapes(xs.size(), [&](std::size_t k) { return xs[k].shape(); });
    const std::shared_ptr<const einsum_plan> plan = recall_einsum(subscripts, {shapes.begin(), shapes.end()});
    if (plan->sums_over_nothing)
    {
        return sum_over_nothing(xs, shape_of_result(plan->named), where);
    }
    small_buffer<named_axes<T>, 8> arrays(xs.size() + plan->steps.size());
    named_axes<T>* next = arrays.begin();
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        *next++ = {prepared(xs[k], plan->operands[k], where), plan->operands[k].names};
    }
    for (const contraction_step& step : plan->steps)
    {
        *next++ = {contracted(arrays[step.left], arrays[step.right], step.result, where), step.result};
    }
    return with_axes(next[-1], plan->named.result, where);
}

template variable<float> detail::einsum_of(const einsum_subscripts&, std::span<const variable<float>>);
template variable<double> detail::einsum_of(const einsum_subscripts&, std::span<const variable<double>>);

namespace
{

/// Which array of an einsum of so many operands number k is.
std::string spoken(std::size_t k, std::size_t operands)
{
    return k < operands ? "operand " + std::to_string(k) : "the result of step " + std::to_string(k - operands + 1);
}

} // namespace

std::string einsum_path(const einsum_subscripts& subscripts, std::span<const shape_vector> shapes)
{
    const std::vector<shape_view> views(shapes.begin(), shapes.end());
    const einsum_plan plan = detail::plan_einsum(subscripts, views);
    std::vector<std::string> names = detail::names_of(plan.operands);

    std::string text;
    double total = 0;
    for (const detail::contraction_step& step : plan.steps)
    {
        const auto in_words = [&](std::size_t k) { return spoken(k, shapes.size()); };
        text += "step " + std::to_string(&step - plan.steps.data() + 1) + ": " + in_words(step.left) + " and " +
                in_words(step.right) + ", " + detail::text_of_axes(names[step.left]) + "," +
                detail::text_of_axes(names[step.right]) + "->" + detail::text_of_axes(step.result) + ": " +
                detail::print_number(step.multiplications) + " multiplications\n";
        names.push_back(step.result);
        total += step.multiplications;
    }
    double at_once = static_cast<double>(plan.steps.size());
    for (const std::size_t extent : plan.named.extents)
    {
        at_once *= static_cast<double>(extent);
    }
    return text + "in all " + detail::print_number(total) + " multiplications; at once " +
           detail::print_number(at_once) + "\n";
}

} // namespace autograd
