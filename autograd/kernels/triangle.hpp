#pragma once

#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

/// A half of a matrix, its bounding diagonal k included: columns <= row + k, or columns >= row + k.
enum class half
{
    lower,
    upper
};

/// That half of the matrices of the last two axes, and 0 in the other, whatever was there.
template <class T>
void triangle(const T* x, shape_view shape, half kept, std::int64_t k, T* y);

} // namespace autograd::kernels
