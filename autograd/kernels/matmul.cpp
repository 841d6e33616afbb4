#include "autograd/kernels/matmul.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/small_product.hpp"
#include "autograd/tape/error.hpp"
#include "autograd/tape/xtensor.hpp"

#include <xtensor-blas/xblas.hpp>

#include <algorithm>
#include <limits>

namespace autograd::kernels
{

namespace
{

/// Whether loops of our own are faster: below so many multiplications a call of BLAS costs more than it saves
/// (tests/benchmarks/, "matmul").
bool is_small(const product& of)
{
    const bool few_operations = of.inner <= small_product / of.rows / of.columns;
    return few_operations && (!of.transpose_b || of.inner * of.columns <= small_transposed);
}

/// Throws shape_error for an extent that BLAS cannot count.
void require_countable(std::size_t largest_extent)
{
    constexpr std::size_t largest = std::numeric_limits<int>::max();
    if (largest_extent > largest)
    {
        throw error::shape_error("matmul", "an extent of ", largest_extent, " is more than BLAS counts; at most ",
                                 largest, ".");
    }
}

/// xtensor-blas checks nothing in release builds and has been wrong on views: it sees plain row-major matrices of
/// checked extents only.
template <class T>
void multiply_by_blas(const product& of, const T* a, const T* b, T* c)
{
    require_countable(std::max({of.rows, of.columns, of.inner}));
    using extents = std::array<std::size_t, 2>;
    const auto adapt = [](auto* data, std::size_t rows, std::size_t columns, bool transposed) {
        return detail::adapted(data, rows * columns, transposed ? extents{columns, rows} : extents{rows, columns});
    };
    auto result = adapt(c, of.rows, of.columns, false);
    xt::blas::gemm(adapt(a, of.rows, of.inner, of.transpose_a), adapt(b, of.inner, of.columns, of.transpose_b), result,
                   of.transpose_a, of.transpose_b, T(1), T(0));
}

/// The product where one factor is a vector: a pass over the matrix, which gemm would copy into its panels first.
template <class T>
void multiply_by_vector(const T* matrix, std::size_t rows, std::size_t columns, bool transposed, const T* x, T* y)
{
    require_countable(std::max(rows, columns));
    const auto vector = [](auto* data, std::size_t size)
    { return detail::adapted(data, size, std::array<std::size_t, 1>{size}); };
    auto result = vector(y, transposed ? columns : rows);
    xt::blas::gemv(detail::adapted(matrix, rows * columns, std::array<std::size_t, 2>{rows, columns}),
                   vector(x, transposed ? rows : columns), result, transposed, T(1), T(0));
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
    if (is_small(of))
    {
        small_products<T>->multiply(of, a, b, c);
    }
    else if (of.columns == 1)
    {
        multiply_by_vector(a, of.transpose_a ? of.inner : of.rows, of.transpose_a ? of.rows : of.inner, of.transpose_a,
                           b, c);
    }
    else if (of.rows == 1)
    {
        multiply_by_vector(b, of.transpose_b ? of.columns : of.inner, of.transpose_b ? of.inner : of.columns,
                           !of.transpose_b, a, c);
    }
    else
    {
        multiply_by_blas(of, a, b, c);
    }
}

template void matmul(const product&, const float*, const float*, float*);
template void matmul(const product&, const double*, const double*, double*);

} // namespace autograd::kernels
