#include "autograd/kernels/matmul.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/small_product.hpp"
#include "autograd/kernels/thin_product.hpp"
#include "autograd/tape/error.hpp"

#include <xtensor-blas/xblas.hpp>

#include <algorithm>
#include <limits>

namespace autograd::kernels
{

namespace
{

/// Whether there are so few multiplications.
bool has_at_most(std::size_t multiplications, const product& of)
{
    return of.inner <= multiplications / of.rows / of.columns;
}

/// Of a matrix by a vector. Sums along rows of the matrix as stored, and few sums, are faster in several parts each, as
/// BLAS adds them; many sums side by side are as fast in order.
bool is_small_of_vector(const product& of)
{
    const bool along_rows = of.columns == 1 ? !of.transpose_a : of.transpose_b;
    const bool many_sums = of.rows * of.columns > thin_product;
    return has_at_most(small_vector_product, of) && (of.inner <= few_terms || (many_sums && !along_rows));
}

} // namespace

/// Up to these limits loops of our own are as fast as a call of BLAS or faster, by and large (tests/benchmarks/,
/// "matmul"). They follow from the extents alone, so that all machines divide products alike.
bool is_small(const product& of)
{
    if (of.rows == 1 || of.columns == 1)
    {
        return is_small_of_vector(of);
    }
    return has_at_most(small_product, of) && (!of.transpose_b || of.inner <= small_transposed);
}

namespace
{

/// Products of vectors are for others: those of gemv are passes over a matrix as well.
bool is_thin(const product& of)
{
    return of.rows > 1 && of.columns > 1 && std::min({of.rows, of.columns, of.inner}) <= thin_product;
}

/// An extent as BLAS counts it. Throws shape_error for more than that.
int counted(std::size_t extent)
{
    constexpr std::size_t largest = std::numeric_limits<int>::max();
    if (extent > largest)
    {
        throw error::shape_error("matmul", "an extent of ", extent, " is more than BLAS counts; at most ", largest,
                                 ".");
    }
    return static_cast<int>(extent);
}

cxxblas::Transpose form(bool transposed)
{
    return transposed ? cxxblas::Trans : cxxblas::NoTrans;
}

/// y = op(matrix) x, of rows and columns as stored: a pass over the matrix, which gemm would copy into its panels
/// first.
template <class T>
void multiply_by_vector(matrix_view<T> matrix, std::size_t rows, std::size_t columns, bool transposed, const T* x, T* y)
{
    cxxblas::gemv(cxxblas::RowMajor, form(transposed), counted(rows), counted(columns), T(1), matrix.data,
                  counted(matrix.stride), x, 1, T(0), y, 1);
}

/// c = factor op(a) op(b) + kept c.
template <class T>
void call_gemm(const product& of, T factor, matrix_view<T> a, matrix_view<T> b, T kept, T* c, std::size_t c_stride)
{
    cxxblas::gemm(cxxblas::RowMajor, form(of.transpose_a), form(of.transpose_b), counted(of.rows), counted(of.columns),
                  counted(of.inner), factor, a.data, counted(a.stride), b.data, counted(b.stride), kept, c,
                  counted(c_stride));
}

template <class T>
matrix_view<T> dense_a(const product& of, const T* a)
{
    return {a, of.transpose_a ? of.rows : of.inner};
}
template <class T>
matrix_view<T> dense_b(const product& of, const T* b)
{
    return {b, of.transpose_b ? of.inner : of.columns};
}

/// Of extents > 0.
template <class T>
void multiply_by_blas(const product& of, matrix_view<T> a, matrix_view<T> b, T* c, std::size_t c_stride)
{
    if (of.columns == 1)
    {
        multiply_by_vector(a, of.transpose_a ? of.inner : of.rows, of.transpose_a ? of.rows : of.inner, of.transpose_a,
                           b.data, c);
    }
    else if (of.rows == 1)
    {
        multiply_by_vector(b, of.transpose_b ? of.columns : of.inner, of.transpose_b ? of.inner : of.columns,
                           !of.transpose_b, a.data, c);
    }
    else
    {
        call_gemm(of, T(1), a, b, T(0), c, c_stride);
    }
}

} // namespace

template <class T>
void matmul(const product& of, const T* a, const T* b, T* c, const T* row)
{
    if (of.rows == 0 || of.columns == 0)
    {
        return;
    }
    if (of.inner == 0)
    {
        std::fill_n(c, of.rows * of.columns, T(0));
    }
    else if (is_thin(of) && thin_products<T>->multiply(of, a, b, row, c))
    {
        return;
    }
    else if (is_small(of))
    {
        small_products<T>->multiply(of, a, b, row, c);
        return;
    }
    else
    {
        multiply_by_blas(of, dense_a(of, a), dense_b(of, b), c, of.columns);
    }
    if (row != nullptr)
    {
        thin_products<T>->add_row(of.rows, of.columns, row, c);
    }
}

template <class T>
void matmul(const product& of, matrix_view<T> a, matrix_view<T> b, T* c, std::size_t c_stride)
{
    const bool are_dense = a.stride == dense_a(of, a.data).stride && b.stride == dense_b(of, b.data).stride;
    if (are_dense && c_stride == of.columns)
    {
        matmul<T>(of, a.data, b.data, c);
    }
    else
    {
        multiply_by_blas(of, a, b, c, c_stride);
    }
}

bool is_for_gemm(const product& of)
{
    return of.rows > 1 && of.columns > 1 && of.inner > 0 && !is_thin(of) && !is_small(of);
}

template <class T>
void add_matmul(const product& of, T factor, const T* a, const T* b, T* c)
{
    call_gemm(of, factor, dense_a(of, a), dense_b(of, b), T(1), c, of.columns);
}

template void matmul(const product&, const float*, const float*, float*, const float*);
template void matmul(const product&, const double*, const double*, double*, const double*);
template void add_matmul(const product&, float, const float*, const float*, float*);
template void add_matmul(const product&, double, const double*, const double*, double*);
template void matmul(const product&, matrix_view<float>, matrix_view<float>, float*, std::size_t);
template void matmul(const product&, matrix_view<double>, matrix_view<double>, double*, std::size_t);

} // namespace autograd::kernels
