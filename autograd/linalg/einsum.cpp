#include "autograd/linalg/einsum.hpp"

#include "autograd/linalg/contract.hpp"
#include "autograd/linalg/contraction_order.hpp"
#include "autograd/operations/diagonal.hpp"
#include "autograd/tape/print_number.hpp"

#include <algorithm>

namespace autograd
{

using detail::at;
using detail::extents_of_names;
using detail::named_operands;

namespace
{

/// The names of the axes of each operand when two of them meet, each one once: those of full extent that are in another
/// operand or in the result. What is in one operand alone is summed before, and what is repeated along an axis need not
/// have it.
std::vector<std::string> names_to_contract(const named_operands& named, std::span<const shape_view> shapes)
{
    std::vector<std::string> full(shapes.size());
    extents_of_names operands_with{};
    for (std::size_t k = 0; k < shapes.size(); ++k)
    {
        const std::string& names = named.operands[k];
        for (std::size_t axis = 0; axis < names.size(); ++axis)
        {
            if (shapes[k][axis] == at(named.extents, names[axis]) && full[k].find(names[axis]) == std::string::npos)
            {
                full[k] += names[axis];
                ++at(operands_with, names[axis]);
            }
        }
    }
    for (std::string& names : full)
    {
        std::erase_if(names, [&](char name)
                      { return at(operands_with, name) == 1 && named.result.find(name) == std::string::npos; });
    }
    return full;
}

/// Whether there is nothing to sum: an axis that is summed has no elements.
bool sums_over_nothing(const named_operands& named)
{
    const auto is_summed_and_empty = [&](char name)
    { return at(named.extents, name) == 0 && named.result.find(name) == std::string::npos; };
    return std::any_of(named.operands.begin(), named.operands.end(),
                       [&](const std::string& names)
                       { return std::any_of(names.begin(), names.end(), is_summed_and_empty); });
}

shape_vector shape_of_result(const named_operands& named)
{
    shape_vector shape;
    for (const char name : named.result)
    {
        shape.push_back(at(named.extents, name));
    }
    return shape;
}

/// A matrix's diagonal for axes that have one name.
template <class T>
named_axes<T> without_repetition(named_axes<T> x, location where)
{
    for (std::size_t first = 0; first < x.names.size();)
    {
        const std::size_t second = x.names.find(x.names[first], first + 1);
        if (second == std::string::npos)
        {
            ++first;
            continue;
        }
        const char name = x.names[first];
        x.array = diagonal(x.array, 0, first, second, where);
        x.names.erase(second, 1);
        x.names.erase(first, 1);
        x.names += name;
    }
    return x;
}

/// Without the axes that are not among `kept`: summed along them, if there is more than one element.
template <class T>
named_axes<T> reduced_to(std::string_view kept, const named_axes<T>& x, location where)
{
    named_axes<T> reduced;
    reduced_axes others{0, false};
    shape_vector shape;
    bool are_single = true;
    for (std::size_t axis = 0; axis < x.names.size(); ++axis)
    {
        const std::size_t extent = x.array.shape()[axis];
        if (kept.find(x.names[axis]) != std::string_view::npos)
        {
            reduced.names += x.names[axis];
            shape.push_back(extent);
        }
        else
        {
            others.axes |= std::uint32_t{1} << axis;
            are_single = are_single && extent == 1;
        }
    }
    reduced.array = others.axes == 0 ? x.array
                    : are_single     ? record_shaped<reshape_rule, T>(where, x.array, shape)
                                     : record<sum_rule, T>(where, x.array, others);
    return reduced;
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
    std::vector<shape_view> shapes(xs.size());
    std::transform(xs.begin(), xs.end(), shapes.begin(), [](const variable<T>& x) { return x.shape(); });
    const named_operands named = read_subscripts(subscripts, shapes, "einsum");
    if (sums_over_nothing(named))
    {
        return sum_over_nothing(xs, shape_of_result(named), where);
    }
    const std::vector<std::string> kept = names_to_contract(named, shapes);
    std::vector<named_axes<T>> arrays;
    arrays.reserve(2 * xs.size());
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        arrays.push_back(reduced_to(kept[k], without_repetition<T>({xs[k], named.operands[k]}, where), where));
    }
    for (const contraction_step& step : order_of_contractions(kept, named.result, named.extents, "einsum", where))
    {
        const variable<T> product = contracted(arrays[step.left], arrays[step.right], step.result, where);
        arrays.push_back({product, step.result});
    }
    return with_axes(arrays.back(), named.result, where);
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
    constexpr auto operation = "einsum";
    const std::vector<shape_view> views(shapes.begin(), shapes.end());
    const detail::named_operands named = detail::read_subscripts(subscripts, views, operation);
    std::vector<std::string> names = names_to_contract(named, views);
    const std::vector<detail::contraction_step> steps =
        detail::order_of_contractions(names, named.result, named.extents, operation, subscripts.where());

    std::string text;
    double total = 0;
    for (const detail::contraction_step& step : steps)
    {
        const auto in_words = [&](std::size_t k) { return spoken(k, shapes.size()); };
        text += "step " + std::to_string(&step - steps.data() + 1) + ": " + in_words(step.left) + " and " +
                in_words(step.right) + ", " + detail::text_of_axes(names[step.left]) + "," +
                detail::text_of_axes(names[step.right]) + "->" + detail::text_of_axes(step.result) + ": " +
                detail::print_number(step.multiplications) + " multiplications\n";
        names.push_back(step.result);
        total += step.multiplications;
    }
    double at_once = static_cast<double>(steps.size());
    for (const std::size_t extent : named.extents)
    {
        at_once *= static_cast<double>(extent);
    }
    return text + "in all " + detail::print_number(total) + " multiplications; at once " +
           detail::print_number(at_once) + "\n";
}

} // namespace autograd
