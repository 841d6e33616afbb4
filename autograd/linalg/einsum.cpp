#include "autograd/linalg/einsum.hpp"

#include "autograd/tape/print_number.hpp"

namespace autograd
{

std::vector<std::string> detail::names_to_contract(const named_operands& named, std::span<const shape_view> shapes)
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

bool detail::sums_over_nothing(const named_operands& named)
{
    const auto is_summed_and_empty = [&](char name)
    { return at(named.extents, name) == 0 && named.result.find(name) == std::string::npos; };
    return std::any_of(named.operands.begin(), named.operands.end(),
                       [&](const std::string& names)
                       { return std::any_of(names.begin(), names.end(), is_summed_and_empty); });
}

shape_vector detail::shape_of_result(const named_operands& named)
{
    shape_vector shape;
    for (const char name : named.result)
    {
        shape.push_back(at(named.extents, name));
    }
    return shape;
}

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
    std::vector<std::string> names = detail::names_to_contract(named, views);
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

detail::tensordot_names detail::names_for_tensordot(shape_view a, const axes_list& a_axes, shape_view b,
                                                    const axes_list& b_axes, location where)
{
    constexpr auto operation = "tensordot";
    axes_set(a_axes, a, operation, where); // refuse axes given twice
    axes_set(b_axes, b, operation, where);
    if (a_axes.size() != b_axes.size())
    {
        throw error::shape_error(where, operation, a_axes.size(), a_axes.size() == 1 ? " axis" : " axes",
                                 " of a are given and ", b_axes.size(), " of b; there must be as many.");
    }
    tensordot_names names;
    for (std::size_t axis = 0; axis < a.size(); ++axis)
    {
        names.a += unnamed_axis(axis);
    }
    for (std::size_t axis = 0; axis < b.size(); ++axis)
    {
        names.b += unnamed_axis(max_dimension + axis);
    }
    for (std::size_t k = 0; k < a_axes.size(); ++k)
    {
        const std::size_t in_a = normalized_axis(a_axes[k], a, operation, where);
        const std::size_t in_b = normalized_axis(b_axes[k], b, operation, where);
        if (a[in_a] != b[in_b])
        {
            throw error::shape_error(where, operation, "axis ", in_a, " of a, which has shape ", a, ", has extent ",
                                     a[in_a], ", and axis ", in_b, " of b, which has shape ", b, ", has ", b[in_b],
                                     "; they must be equal.");
        }
        names.b[in_b] = names.a[in_a];
    }
    const auto is_in = [](const std::string& others)
    { return [&others](char name) { return others.find(name) != std::string::npos; }; };
    std::remove_copy_if(names.a.begin(), names.a.end(), std::back_inserter(names.result), is_in(names.b));
    std::remove_copy_if(names.b.begin(), names.b.end(), std::back_inserter(names.result), is_in(names.a));
    if (names.result.size() > max_dimension)
    {
        throw error::shape_error(where, operation, "the result of shapes ", a, " and ", b, " has ", names.result.size(),
                                 " axes; an array has at most ", max_dimension, ".");
    }
    return names;
}

std::array<axes_list, 2> detail::neighbouring_axes(std::int64_t count, shape_view a, shape_view b, location where)
{
    if (count < 0)
    {
        throw error::shape_error(where, "tensordot", "the number of axes is ", count, "; it must be 0 or more.");
    }
    const auto wanted = static_cast<std::size_t>(count);
    if (wanted > a.size() || wanted > b.size())
    {
        throw error::shape_error(where, "tensordot", count, count == 1 ? " axis" : " axes", " of a, which has shape ",
                                 a, ", and of b, which has shape ", b, "; each must have as many.");
    }
    std::vector<std::size_t> last(wanted);
    std::vector<std::size_t> first(wanted);
    std::iota(last.begin(), last.end(), a.size() - wanted);
    std::iota(first.begin(), first.end(), std::size_t{0});
    return {axes_list(last), axes_list(first)};
}

} // namespace autograd
