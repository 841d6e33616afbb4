#include "autograd/linalg/tensordot.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace autograd
{

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
