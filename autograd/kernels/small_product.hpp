#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/matmul.hpp"

namespace autograd::kernels
{

/// The most multiplications of a small product, and the most elements of its second factor where that is transposed.
inline constexpr std::size_t small_product = 16384;
inline constexpr std::size_t small_transposed = small_product / 8;

template <class T>
struct small_product_kernels
{
    /// c = op(a) op(b), and `row` added to each row if it is not null, as matmul, of extents > 0, in loops of our own.
    void (*multiply)(const product& of, const T* a, const T* b, const T* row, T* c);
};
template <class T>
inline constexpr chosen<small_product_kernels<T>> small_products;

} // namespace autograd::kernels
