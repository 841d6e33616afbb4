#include "autograd/tape/shape.hpp"

#include "autograd/tape/error.hpp"

namespace autograd
{

void shape_vector::insert(std::size_t axis, std::size_t extent)
{
    push_back(extent);
    std::rotate(begin() + axis, end() - 1, end());
}

void shape_vector::erase(std::size_t axis)
{
    std::copy(begin() + axis + 1, end(), begin() + axis);
    --m_dimension;
}

void shape_vector::append(shape_view extents)
{
    for (std::size_t extent : extents)
    {
        push_back(extent);
    }
}

void detail::throw_too_many_axes(std::size_t dimension, const char* operation, location where)
{
    throw error::shape_error(where, operation, dimension, " axes; an array has at most ", max_dimension, ".");
}

std::size_t element_count(shape_view shape, const char* operation, location where)
{
    std::size_t count = 1;
    bool overflow = false;
    bool empty = false;
    for (std::size_t extent : shape)
    {
        empty = empty || extent == 0;
        overflow = (extent != 0 && __builtin_mul_overflow(count, extent, &count)) || overflow;
    }
    // 2^59 elements of 8 bytes are a quarter of the address space: more than any array could ever hold. Those of an
    // empty array would be counted in its strides, and are refused as NumPy does.
    if (overflow || count >= std::size_t{1} << 59)
    {
        throw error::shape_error(where, operation, "an array of shape ", shape,
                                 empty ? " is empty, but its other extents give too large strides; no machine can hold "
                                         "2^59 elements."
                                       : " has too many elements; no machine can hold 2^59.");
    }
    return empty ? 0 : count;
}

std::size_t detail::extent_sum(std::size_t a, std::size_t b, const char* operation, location where)
{
    std::size_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
    {
        throw error::shape_error(where, operation, "the extent ", a, " + ", b, " does not fit in 64 bits.");
    }
    return sum;
}

std::size_t detail::extent_product(std::size_t a, std::size_t b, const char* operation, location where)
{
    std::size_t product = 0;
    if (__builtin_mul_overflow(a, b, &product))
    {
        throw error::shape_error(where, operation, "the extent ", a, " * ", b, " does not fit in 64 bits.");
    }
    return product;
}

std::string to_text(shape_view shape)
{
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        text += (axis == 0 ? "" : ", ") + std::to_string(shape[axis]);
    }
    return text + (shape.size() == 1 ? ",)" : ")");
}

shape_vector broadcast_shapes(shape_view a, shape_view b, const char* operation)
{
    const shape_view longer = a.size() >= b.size() ? a : b;
    const shape_view shorter = a.size() >= b.size() ? b : a;
    shape_vector result(longer);
    const std::size_t offset = longer.size() - shorter.size();
    for (std::size_t axis = 0; axis < shorter.size(); ++axis)
    {
        std::size_t& extent = result[offset + axis];
        if (extent == 1)
        {
            extent = shorter[axis];
        }
        else if (shorter[axis] != 1 && shorter[axis] != extent)
        {
            throw error::shape_error(operation, "shapes ", a, " and ", b,
                                     " do not broadcast; aligned at their last axes, extents must be equal or 1.");
        }
    }
    return result;
}

bool broadcasts_to(shape_view from, shape_view to)
{
    if (from.size() > to.size())
    {
        return false;
    }
    const std::size_t offset = to.size() - from.size();
    for (std::size_t axis = 0; axis < from.size(); ++axis)
    {
        if (from[axis] != 1 && from[axis] != to[offset + axis])
        {
            return false;
        }
    }
    return true;
}

void detail::broadcast_strides(shape_view from, const std::ptrdiff_t* strides, shape_view to, std::ptrdiff_t* result)
{
    const std::size_t added = to.size() - from.size();
    std::ptrdiff_t dense = 1;
    for (std::size_t axis = to.size(); axis-- > 0;)
    {
        const std::size_t extent = axis < added ? 1 : from[axis - added];
        result[axis] = extent == 1 ? 0 : strides != nullptr ? strides[axis - added] : dense;
        dense *= static_cast<std::ptrdiff_t>(extent);
    }
}

} // namespace autograd
