#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/matmul.hpp"

#include <cstddef>

namespace autograd::kernels
{

/// A matrix wherever its elements lie: so far from one row and from one column to the next, one of which is 1.
template <class E>
struct strided_matrix
{
    E* data;
    std::size_t row_stride;
    std::size_t column_stride;

    E* at(std::size_t row, std::size_t column) const { return data + row * row_stride + column * column_stride; }
    /// The part that begins there.
    strided_matrix from(std::size_t row, std::size_t column) const
    {
        return {at(row, column), row_stride, column_stride};
    }
    strided_matrix transposed() const { return {data, column_stride, row_stride}; }
};

/// c = a b, or c + factor a b, of extents > 0.
template <class T>
struct strided_product
{
    std::size_t rows;
    std::size_t columns;
    std::size_t inner;
    strided_matrix<const T> a;
    strided_matrix<const T> b;
    strided_matrix<T> c;
    bool adds;
    T factor;

    /// b^T a^T, which is c^T.
    strided_product transposed() const
    {
        return {columns, rows, inner, b.transposed(), a.transposed(), c.transposed(), adds, factor};
    }

    struct range
    {
        std::size_t first;
        std::size_t count; ///< at most
    };
    strided_product part(range of_rows, range of_columns, range of_inner) const
    {
        const auto count = [](const range& wanted, std::size_t extent)
        { return wanted.count < extent - wanted.first ? wanted.count : extent - wanted.first; };
        return {count(of_rows, rows),
                count(of_columns, columns),
                count(of_inner, inner),
                a.from(of_rows.first, of_inner.first),
                b.from(of_inner.first, of_columns.first),
                c.from(of_rows.first, of_columns.first),
                adds,
                factor};
    }
    strided_product part(range of_rows, range of_columns) const { return part(of_rows, of_columns, {0, inner}); }
};

template <class T>
struct flat_product_kernels
{
    /// c = a b by parts of the factors that the first caches hold, in sums of 256 terms in registers. The bits of an
    /// element follow from its row of a and its column of b alone.
    void (*multiply)(const strided_product<T>& of);
    /// Whether the transposed product is faster: to be asked of a whole one, since the NaN of two comes from the factor
    /// that is first.
    bool (*is_better_transposed)(const strided_product<T>& of);
    /// Whether that is faster than BLAS, which copies the factors as a whole: of extents that are not all long.
    bool (*is_faster)(const product& of);
};
template <class T>
inline constexpr chosen<flat_product_kernels<T>> flat_products;

} // namespace autograd::kernels
