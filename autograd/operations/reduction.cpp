#include "autograd/operations/reduction.hpp"

#include <bit>

namespace autograd
{

namespace
{

bool contains(std::uint32_t axes, std::size_t axis)
{
    return ((axes >> axis) & 1) != 0;
}

/// The product of the extents of the axes first to last.
std::size_t count_between(shape_view shape, std::size_t first, std::size_t last)
{
    return element_count(shape.slice(first, last));
}

} // namespace

shape_vector detail::reduced_shape(shape_view shape, const reduced_axes& a)
{
    shape_vector result;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        if (!contains(a.axes, axis))
        {
            result.push_back(shape[axis]);
        }
        else if (a.keep_dims)
        {
            result.push_back(1);
        }
    }
    return result;
}

std::string detail::print_axes(const reduced_axes& a)
{
    std::string list;
    for (std::size_t axis = 0; axis < max_dimension; ++axis)
    {
        if (contains(a.axes, axis))
        {
            list += (list.empty() ? "" : ", ") + std::to_string(axis);
        }
    }
    const std::string text = std::has_single_bit(a.axes) ? "axis " + list : "axes {" + list + "}";
    return a.keep_dims ? text + ", keep_dims" : text;
}

std::size_t detail::elements_along(std::uint32_t axes, shape_view shape, const char* operation, location where)
{
    std::size_t along = 1;
    std::size_t results = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        (contains(axes, axis) ? along : results) *= shape[axis];
    }
    if (along == 0 && results != 0)
    {
        throw error::value_error(where, operation, "x has shape ", shape, ", with nothing along ",
                                 detail::print_axes({axes, false}), "; ", operation, " needs an element at least.");
    }
    return along;
}

detail::merged_axes::merged_axes(shape_view shape, std::uint32_t axes) : m_order{}
{
    const std::size_t dimension = shape.size();
    std::size_t first = 0;
    while (first < dimension && !contains(axes, first))
    {
        ++first;
    }
    std::size_t last = first;
    while (last < dimension && contains(axes, last))
    {
        ++last;
    }
    m_neighbours = (std::uint64_t{axes} >> last) == 0;
    if (m_neighbours)
    {
        m_ordered = shape;
        m_merged = {count_between(shape, 0, first), count_between(shape, first, last),
                    count_between(shape, last, dimension)};
        return;
    }
    m_order.dimension = static_cast<std::uint8_t>(dimension);
    for (const bool merged : {false, true})
    {
        for (std::size_t axis = 0; axis < dimension; ++axis)
        {
            if (contains(axes, axis) == merged)
            {
                m_order.order[m_ordered.size()] = static_cast<std::uint8_t>(axis);
                m_ordered.push_back(shape[axis]);
            }
        }
    }
    const std::size_t kept = dimension - static_cast<std::size_t>(std::popcount(axes));
    m_merged = {count_between(m_ordered, 0, kept), count_between(m_ordered, kept, dimension), 1};
}

} // namespace autograd
