#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/index.hpp"

/// Elements chosen by arrays of integers. These trust the integers, which are checked before anything is written
/// (check_indices). Negative ones count from the end of their axis.
namespace autograd::kernels
{

template <class T>
struct gather_kernels
{
    /// y[o, p, :] = x[o, indices[p], :], with p running over the indices in row-major order.
    void (*gather)(const T* x, const axis_blocks& of_x, const array_view& indices, T* y);

    /// y[o, indices[p], :] += updates[o, p, :], in the order of p.
    void (*add_at)(const T* updates, const array_view& indices, const axis_blocks& of_y, T* y);

    /// y[.., p, ..] = x[.., indices[.., p, ..], ..] along the axis. x may have strides; the extents of the indices
    /// beside the axis are those of y or 1. `shape` is that of y.
    void (*take_along_axis)(const array_view& x, const array_view& indices, std::size_t axis, shape_view shape, T* y);

    /// y[.., indices[.., p, ..], ..] += updates[.., p, ..] along the axis, in row-major order of the updates. `shape`
    /// is that of y, which beside the axis is that of the updates.
    void (*add_along_axis)(const array_view& updates, const array_view& indices, std::size_t axis, shape_view shape,
                           T* y);
};
template <class T>
inline constexpr chosen<gather_kernels<T>> gathers;

} // namespace autograd::kernels
