#include "autograd/tape/integers.hpp"

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

shape_vector detail::extents_of(const axes_list& extents, const char* operation, location where)
{
    for (std::int64_t extent : extents)
    {
        if (extent < 0)
        {
            throw error::shape_error(where, operation, "the shape ", to_text(extents),
                                     " has a negative extent; extents must be 0 or more.");
        }
    }
    return shape_vector(extents.begin(), extents.end());
}

std::string to_text(const axes_list& list)
{
    std::string text = "(";
    for (std::size_t i = 0; i < list.size(); ++i)
    {
        text += (i == 0 ? "" : ", ") + std::to_string(list[i]);
    }
    return text + (list.size() == 1 ? ",)" : ")");
}

} // namespace autograd
