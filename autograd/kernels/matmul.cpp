#include "autograd/kernels/matmul.hpp"

#include "autograd/tape/error.hpp"
#include "autograd/tape/xtensor.hpp"

#include <xtensor-blas/xblas.hpp>

#include <algorithm>
#include <limits>

namespace autograd::kernels
{

namespace
{

/// Below so many multiplications a call of BLAS costs more than it saves (tests/benchmarks/, "matmul").
constexpr std::size_t small_product = 16384;

/// The widest result of the loops below, whose columns live in registers.
constexpr std::size_t narrow = 8;

/// c = a b for a result of Columns columns: the rows of c one after the other. a is read with the given strides.
template <std::size_t Columns, class T>
void multiply_rows(const product& of, const T* a, std::size_t row_stride, std::size_t inner_stride, const T* b, T* c)
{
    for (std::size_t i = 0; i < of.rows; ++i)
    {
        T sum[Columns] = {};
        const T* row = a + i * row_stride;
        for (std::size_t k = 0; k < of.inner; ++k)
        {
            const T factor = row[k * inner_stride];
            for (std::size_t j = 0; j < Columns; ++j)
            {
                sum[j] += factor * b[k * Columns + j];
            }
        }
        std::copy_n(sum, Columns, c + i * Columns);
    }
}

/// The same for a long inner axis and few rows, a transposed: all of c is summed at once, in one pass over a and b.
template <std::size_t Columns, class T>
void multiply_long(const product& of, const T* a, const T* b, T* c)
{
    std::fill_n(c, of.rows * Columns, T(0));
    for (std::size_t k = 0; k < of.inner; ++k)
    {
        for (std::size_t i = 0; i < of.rows; ++i)
        {
            const T factor = a[k * of.rows + i];
            for (std::size_t j = 0; j < Columns; ++j)
            {
                c[i * Columns + j] += factor * b[k * Columns + j];
            }
        }
    }
}

template <std::size_t Columns, class T>
void multiply_narrow(const product& of, const T* a, const T* b, T* c)
{
    if (of.columns != Columns)
    {
        if constexpr (Columns > 1)
        {
            multiply_narrow<Columns - 1>(of, a, b, c);
        }
    }
    else if (of.transpose_a)
    {
        multiply_long<Columns>(of, a, b, c);
    }
    else
    {
        multiply_rows<Columns>(of, a, of.inner, 1, b, c);
    }
}

/// Any small product: rows of b scaled and added.
template <class T>
void multiply_small(const product& of, const T* a, const T* b, T* c)
{
    std::fill_n(c, of.rows * of.columns, T(0));
    for (std::size_t i = 0; i < of.rows; ++i)
    {
        for (std::size_t k = 0; k < of.inner; ++k)
        {
            const T factor = of.transpose_a ? a[k * of.rows + i] : a[i * of.inner + k];
            for (std::size_t j = 0; j < of.columns; ++j)
            {
                c[i * of.columns + j] += factor * b[k * of.columns + j];
            }
        }
    }
}

/// xtensor-blas checks nothing in release builds and has been wrong on views: it sees plain row-major matrices of checked
/// extents only.
template <class T>
void multiply_by_blas(const product& of, const T* a, const T* b, T* c)
{
    constexpr std::size_t largest = std::numeric_limits<int>::max();
    if (std::max({of.rows, of.columns, of.inner}) > largest)
    {
        throw error::shape_error("matmul", "an extent of ", std::max({of.rows, of.columns, of.inner}),
                                 " is more than BLAS counts; at most ", largest, ".");
    }
    using extents = std::array<std::size_t, 2>;
    const auto adapt = [](auto* data, std::size_t rows, std::size_t columns, bool transposed) {
        return xt::adapt(data, rows * columns, xt::no_ownership(),
                         transposed ? extents{columns, rows} : extents{rows, columns});
    };
    auto result = adapt(c, of.rows, of.columns, false);
    xt::blas::gemm(adapt(a, of.rows, of.inner, of.transpose_a), adapt(b, of.inner, of.columns, of.transpose_b), result,
                   of.transpose_a, of.transpose_b, T(1), T(0));
}

} // namespace

template <class T>
void matmul(const product& of, const T* a, const T* b, T* c)
{
    if (of.rows == 0 || of.columns == 0)
    {
        return;
    }
    if (of.inner == 0)
    {
        std::fill_n(c, of.rows * of.columns, T(0));
        return;
    }
    const std::size_t most = small_product / of.rows / of.columns;
    if (of.inner > most)
    {
        multiply_by_blas(of, a, b, c);
        return;
    }
    // A transposed b is small: turned over once, it is read along memory.
    T turned[small_product / 8];
    if (of.transpose_b)
    {
        if (of.inner * of.columns > std::size(turned))
        {
            multiply_by_blas(of, a, b, c);
            return;
        }
        for (std::size_t j = 0; j < of.columns; ++j)
        {
            for (std::size_t k = 0; k < of.inner; ++k)
            {
                turned[k * of.columns + j] = b[j * of.inner + k];
            }
        }
        b = turned;
    }
    if (of.columns <= narrow)
    {
        multiply_narrow<narrow>(of, a, b, c);
    }
    else
    {
        multiply_small(of, a, b, c);
    }
}

template void matmul(const product&, const float*, const float*, float*);
template void matmul(const product&, const double*, const double*, double*);

} // namespace autograd::kernels
