#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/matmul.hpp"

namespace autograd::kernels
{

/// The most that the least extent of a thin product is.
inline constexpr std::size_t thin_product = 4;

template <class T>
struct thin_product_kernels
{
    /// c = op(a) op(b), and `row` added to each row if it is not null, as matmul, of extents > 0, of which one is thin;
    /// returns false where this is none.
    bool (*multiply)(const product& of, const T* a, const T* b, const T* row, T* c);
    /// Adds a row to each row of c.
    void (*add_row)(std::size_t rows, std::size_t columns, const T* row, T* c);
};
template <class T>
inline constexpr chosen<thin_product_kernels<T>> thin_products;

} // namespace autograd::kernels
