#pragma once

#include "autograd/tape/shape.hpp"

namespace autograd::kernels
{

/// An array around one axis, or around neighbours that act as one: `outer` items of `length` rows of `inner`
/// consecutive numbers. A line takes one number of each row of an item.
struct lines
{
    std::size_t outer;
    std::size_t length;
    std::size_t inner;

    static lines along(shape_view shape, std::size_t axis)
    {
        return {element_count(shape.slice(0, axis)), shape[axis], element_count(shape.slice(axis + 1, shape.size()))};
    }
    std::size_t item() const { return length * inner; }
    std::size_t size() const { return outer * item(); }
};

} // namespace autograd::kernels
