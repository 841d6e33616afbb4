#pragma once

#include "autograd/tape/operation.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>
#include <array>

namespace autograd::kernels
{

/// The axes of several arrays of one shape, with neighbours merged wherever every array runs through both in one
/// stride, and axes of extent 1 left out: most arrays have one or two axes left. The walk goes over blocks of the
/// innermost axes; the caller loops within a block.
class walk
{
public:
    /// Arrays without strides are dense, row-major.
    walk(shape_view shape, std::span<const array_view> arrays);

    std::size_t axes() const { return m_extents.size(); }
    /// Counted from the innermost merged axis; 1 and 0 beyond the outermost.
    std::size_t extent(std::size_t from_inner) const
    {
        return from_inner < axes() ? m_extents[axes() - 1 - from_inner] : 1;
    }
    std::ptrdiff_t stride(std::size_t array, std::size_t from_inner) const
    {
        return from_inner < axes() ? m_strides[array][axes() - 1 - from_inner] : 0;
    }

    /// How many blocks of the `block_axes` innermost axes there are.
    std::size_t blocks(std::size_t block_axes) const
    {
        std::size_t count = 1;
        for (std::size_t axis = block_axes; axis < axes(); ++axis)
        {
            count *= extent(axis);
        }
        return count;
    }

    /// Calls f(offsets) for each block of the `block_axes` innermost axes, in row-major order: where the block starts
    /// in each array.
    template <class F>
    void for_each_block(std::size_t block_axes, F f) const
    {
        for_each_block(block_axes, 0, blocks(block_axes), f);
    }
    /// The same for blocks [first, last).
    template <class F>
    void for_each_block(std::size_t block_axes, std::size_t first, std::size_t last, F f) const
    {
        autograd::detail::small_buffer<std::ptrdiff_t, most_operands> offsets(m_strides.size());
        std::fill(offsets.begin(), offsets.end(), 0);
        std::array<std::size_t, max_dimension> position{};
        const auto move = [&](std::size_t axis, std::ptrdiff_t steps)
        {
            for (std::size_t k = 0; k < offsets.size(); ++k)
            {
                offsets[k] += steps * stride(k, axis);
            }
        };
        std::size_t before = first;
        for (std::size_t axis = block_axes; before > 0; before /= extent(axis), ++axis)
        {
            position[axis] = before % extent(axis);
            move(axis, static_cast<std::ptrdiff_t>(position[axis]));
        }
        for (std::size_t block = first; block < last; ++block)
        {
            f(offsets.begin());
            bool carry = true;
            for (std::size_t axis = block_axes; carry && axis < axes(); ++axis)
            {
                carry = ++position[axis] == extent(axis);
                move(axis, carry ? 1 - static_cast<std::ptrdiff_t>(extent(axis)) : 1);
                position[axis] = carry ? 0 : position[axis];
            }
        }
    }

private:
    shape_vector m_extents;
    autograd::detail::small_buffer<std::array<std::ptrdiff_t, max_dimension>, most_operands> m_strides;
};

} // namespace autograd::kernels
