#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/matmul.hpp"

namespace autograd::kernels
{

/// The most multiplications of a small product, and of one by a vector, where BLAS copies nothing first.
inline constexpr std::size_t small_product = 32768;
inline constexpr std::size_t small_vector_product = 8192;
/// The most terms of sums by which products by vectors are small, however they lie in memory.
inline constexpr std::size_t few_terms = 16;
/// The most terms of sums where the second factor is transposed.
inline constexpr std::size_t small_transposed = 256;

template <class T>
struct small_product_kernels
{
    /// c = op(a) op(b), and `row` added to each row if it is not null, as matmul, of extents > 0 and, where b is
    /// transposed, at most small_transposed terms, in loops of our own.
    void (*multiply)(const product& of, const T* a, const T* b, const T* row, T* c);
};
template <class T>
inline constexpr chosen<small_product_kernels<T>> small_products;

} // namespace autograd::kernels
