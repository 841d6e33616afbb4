#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

template <class T>
struct arg_extremum_kernels
{
    /// Where along an axis of extent > 0 the largest element stands: the first of equal ones, and the first NaN before
    /// all numbers. y has the shape of x without the axis.
    void (*argmax)(const T* x, shape_view shape, std::size_t axis, std::int64_t* y);

    /// Where along an axis of extent > 0 the smallest element stands: the first of equal ones, and the first NaN before
    /// all numbers.
    void (*argmin)(const T* x, shape_view shape, std::size_t axis, std::int64_t* y);
};
template <class T>
inline constexpr chosen<arg_extremum_kernels<T>> arg_extrema;

} // namespace autograd::kernels
