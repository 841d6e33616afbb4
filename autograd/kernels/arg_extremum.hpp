#pragma once

#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

/// Where along an axis of extent > 0 the largest element stands: the first of equal ones, and the first NaN before all
/// numbers. y has the shape of x without the axis.
template <class T>
void argmax(const T* x, shape_view shape, std::size_t axis, std::int64_t* y);

/// Where along an axis of extent > 0 the smallest element stands: the first of equal ones, and the first NaN before all
/// numbers.
template <class T>
void argmin(const T* x, shape_view shape, std::size_t axis, std::int64_t* y);

} // namespace autograd::kernels
