#pragma once

#include "autograd/kernels/instruction_set.hpp"

#include <cstddef>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Elements (row, k) of a factor, wherever they lie.
template <class T>
struct factor
{
    const T* data;
    std::size_t row_stride;
    std::size_t inner_stride;

    const T& operator()(std::size_t row, std::size_t k) const { return data[row * row_stride + k * inner_stride]; }
};

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
