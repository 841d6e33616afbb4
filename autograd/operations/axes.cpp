#include "autograd/operations/axes.hpp"

namespace autograd
{

std::size_t normalized_axis(std::int64_t axis, shape_view shape, const char* operation, location where)
{
    const auto dimension = static_cast<std::int64_t>(shape.size());
    if (axis < -dimension || axis >= dimension)
    {
        if (dimension == 0)
        {
            throw error::shape_error(where, operation, "axis ", axis, " is outside of shape (), which has no axes.");
        }
        throw error::shape_error(where, operation, "axis ", axis, " is outside of shape ", shape, "; it must be from ",
                                 -dimension, " to ", dimension - 1, ".");
    }
    return static_cast<std::size_t>(axis < 0 ? axis + dimension : axis);
}

std::uint32_t axes_set(const axes_list& axes, shape_view shape, const char* operation, location where)
{
    std::uint32_t set = 0;
    for (std::int64_t axis : axes)
    {
        const std::uint32_t bit = std::uint32_t{1} << normalized_axis(axis, shape, operation, where);
        if (set & bit)
        {
            throw error::shape_error(where, operation, "axis ", axis, " is given twice; each may be given once.");
        }
        set |= bit;
    }
    return set;
}

} // namespace autograd
