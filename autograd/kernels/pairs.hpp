#pragma once

#include "autograd/kernels/walk.hpp"

#include <array>

/// The elements of two arrays that are broadcast to one shape, side by side.
namespace autograd::kernels
{

using strides_array = std::array<std::ptrdiff_t, max_dimension>;

/// The strides with which an array is read as one of a shape that it broadcasts to.
inline strides_array broadcast_strides(const array_view& x, shape_view shape)
{
    strides_array strides{};
    const std::size_t added = shape.size() - x.shape.size();
    std::ptrdiff_t dense = 1;
    for (std::size_t axis = x.shape.size(); axis-- > 0;)
    {
        if (x.shape[axis] != 1)
        {
            strides[added + axis] = x.dense() ? dense : x.strides[axis];
        }
        dense *= static_cast<std::ptrdiff_t>(x.shape[axis]);
    }
    return strides;
}

/// Calls f(offset_a, offset_b) for every element of a shape, in row-major order: where it stands in two arrays.
template <class F>
void for_each_pair(shape_view shape, const strides_array& a, const strides_array& b, F f)
{
    const std::size_t size = element_count(shape);
    if (size == 0)
    {
        return;
    }
    const array_view arrays[] = {{nullptr, shape, size, a.data()}, {nullptr, shape, size, b.data()}};
    const walk axes(shape, arrays);
    const std::size_t count = axes.extent(0);
    const std::ptrdiff_t step_a = axes.stride(0, 0);
    const std::ptrdiff_t step_b = axes.stride(1, 0);
    axes.for_each_block(1,
                        [&](const std::ptrdiff_t* offsets)
                        {
                            std::ptrdiff_t at_a = offsets[0];
                            std::ptrdiff_t at_b = offsets[1];
                            for (std::size_t i = 0; i < count; ++i, at_a += step_a, at_b += step_b)
                            {
                                f(at_a, at_b);
                            }
                        });
}

} // namespace autograd::kernels
