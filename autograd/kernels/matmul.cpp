#include "autograd/kernels/matmul.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/flat_product.hpp"
#include "autograd/kernels/one_blas_thread.hpp"
#include "autograd/kernels/small_product.hpp"
#include "autograd/kernels/thin_product.hpp"
#include "autograd/parallel/ranges.hpp"
#include "autograd/tape/error.hpp"

#include <xtensor-blas/xblas.hpp>

#include <algorithm>
#include <bit>
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

std::size_t elements_worth(const product& of)
{
    constexpr std::size_t multiplications_of_element = 16;
    constexpr std::size_t enough = std::size_t{1} << 24;
    // Of three of these the product can be counted.
    const auto counted = [](std::size_t extent) { return std::min(extent, std::size_t{1} << 21); };
    return std::min(counted(of.rows) * counted(of.columns) * counted(of.inner) / multiplications_of_element, enough);
}

namespace
{

/// Products of vectors are for others: those of gemv are passes over a matrix as well.
bool is_thin(const product& of)
{
    return of.rows > 1 && of.columns > 1 && std::min({of.rows, of.columns, of.inner}) <= thin_product;
}

/// Thin ones, by rows of c where that leaves a dense as it is. Rows have the same bits among any others.
template <class T>
bool multiply_thin(const product& of, const T* a, const T* b, const T* row, T* c)
{
    if (of.transpose_a || !parallel::is_divided(elements_worth(of)))
    {
        return thin_products<T>->multiply(of, a, b, row, c);
    }
    bool is_done = false; // or not, of all rows
    parallel::for_each_range(of.rows, elements_worth(of), 64,
                             [&](std::size_t first, std::size_t last)
                             {
                                 product part = of;
                                 part.rows = last - first;
                                 const bool is_part_done = thin_products<T>->multiply(part, a + first * of.inner, b,
                                                                                      row, c + first * of.columns);
                                 if (first == 0)
                                 {
                                     is_done = is_part_done;
                                 }
                             });
    return is_done;
}

/// Next to an extent that is short, BLAS's copies of the factors are a notable part.
template <class T>
bool is_flat(const product& of)
{
    return of.rows > 1 && of.columns > 1 && flat_products<T>->is_faster(of);
}

/// c = a b, or c + factor a b: by rows or columns, which have the same bits among any others.
template <class T>
void multiply_flat(const product& of, T factor, matrix_view<T> a, matrix_view<T> b, bool adds, T* c,
                   std::size_t c_stride)
{
    const auto strided = [](matrix_view<T> matrix, bool transposed)
    {
        const strided_matrix<const T> stored{matrix.data, matrix.stride, 1};
        return transposed ? stored.transposed() : stored;
    };
    strided_product<T> whole{
        of.rows,          of.columns, of.inner, strided(a, of.transpose_a), strided(b, of.transpose_b),
        {c, c_stride, 1}, adds,       factor};
    whole = flat_products<T>->is_better_transposed(whole) ? whole.transposed() : whole;
    constexpr std::size_t unit = 64;
    const bool is_tall = whole.rows > whole.columns;
    parallel::for_each_range(is_tall ? whole.rows : whole.columns, elements_worth(of), unit,
                             [&](std::size_t first, std::size_t last)
                             {
                                 flat_products<T>->multiply(is_tall
                                                                ? whole.part({first, last - first}, {0, whole.columns})
                                                                : whole.part({0, whole.rows}, {first, last - first}));
                             });
}

template <class T>
void add_row(const product& of, const T* row, T* c)
{
    parallel::for_each_range(of.rows, of.rows * of.columns, 1,
                             [&](std::size_t first, std::size_t last)
                             { thin_products<T>->add_row(last - first, of.columns, row, c + first * of.columns); });
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

/// An extent of a result that BLAS computes in several calls, of so many rows, columns or elements each: a multiple of
/// 8, but for the last one. The bits of a call depend on all of its extents, so how a product is divided follows from
/// its own extents alone, for one thread as for many.
class parts
{
public:
    parts(std::size_t extent, std::size_t wanted) : m_extent(extent)
    {
        constexpr std::size_t unit = 8;
        const std::size_t units = (extent + unit - 1) / unit;
        m_of_each = unit * ((units + wanted - 1) / wanted);
    }

    std::size_t count() const { return (m_extent + m_of_each - 1) / m_of_each; }
    std::size_t first(std::size_t k) const { return k * m_of_each; }
    std::size_t size(std::size_t k) const { return std::min(m_of_each, m_extent - first(k)); }

private:
    std::size_t m_extent;
    std::size_t m_of_each;
};

/// y = op(matrix) x, of rows and columns as stored: a pass over the matrix, which gemm would copy into its panels
/// first.
template <class T>
void multiply_by_vector(matrix_view<T> matrix, std::size_t rows, std::size_t columns, bool transposed, const T* x, T* y)
{
    constexpr std::size_t elements_of_call = std::size_t{1} << 16;
    const std::size_t sums = transposed ? columns : rows;
    const parts of_sums(sums, std::clamp<std::size_t>(rows * columns / elements_of_call, 1, sums));
    const int stride = counted(matrix.stride);
    counted(std::max(rows, columns));
    parallel::for_each_block(
        of_sums.count(),
        [&](std::size_t k)
        {
            const std::size_t first = of_sums.first(k);
            const std::size_t here = of_sums.size(k);
            const T* const from = matrix.data + first * (transposed ? 1 : matrix.stride);
            const one_blas_thread alone;
            cxxblas::gemv(cxxblas::RowMajor, form(transposed), static_cast<int>(transposed ? rows : here),
                          static_cast<int>(transposed ? here : columns), T(1), from, stride, x, 1, T(0), y + first, 1);
        });
}

/// How the result of gemm is divided. Each call copies parts of both factors into its panels, which next to so few rows
/// or columns takes some hundredths of its time.
struct grid
{
    parts rows;
    parts columns;

    static grid of_calls(const product& of)
    {
        constexpr std::size_t few = 512;
        constexpr std::size_t few_of_shorter = 1024;
        constexpr std::size_t least_to_divide = 256;
        constexpr std::size_t multiplications_of_call = std::size_t{1} << 20;
        const auto calls = [](std::size_t extent, std::size_t of_each)
        { return std::bit_floor(std::max<std::size_t>(extent / of_each, 1)); };
        const bool is_tall = of.rows > of.columns;
        const std::size_t longer = std::max(of.rows, of.columns);
        std::size_t calls_of_longer = calls(longer, few);
        std::size_t calls_of_shorter = calls(std::min(of.rows, of.columns), few_of_shorter);
        if (calls_of_longer == 1 && longer >= least_to_divide)
        {
            calls_of_longer = 2;
        }
        while (calls_of_longer > 1 && has_at_most(multiplications_of_call * calls_of_longer * calls_of_shorter - 1, of))
        {
            (calls_of_shorter > 1 ? calls_of_shorter : calls_of_longer) /= 2;
        }
        return {parts(of.rows, is_tall ? calls_of_longer : calls_of_shorter),
                parts(of.columns, is_tall ? calls_of_shorter : calls_of_longer)};
    }
};

/// c = factor op(a) op(b) + kept c.
template <class T>
void multiply_by_gemm(const product& of, T factor, matrix_view<T> a, matrix_view<T> b, T kept, T* c,
                      std::size_t c_stride)
{
    counted(std::max(of.rows, of.columns));
    const int inner = counted(of.inner);
    const int strides[] = {counted(a.stride), counted(b.stride), counted(c_stride)};
    const grid divided = grid::of_calls(of);
    const parts& rows = divided.rows;
    const parts& columns = divided.columns;
    parallel::for_each_block(rows.count() * columns.count(),
                             [&](std::size_t k)
                             {
                                 const std::size_t i = k / columns.count();
                                 const std::size_t j = k % columns.count();
                                 const std::size_t row = rows.first(i);
                                 const std::size_t column = columns.first(j);
                                 const one_blas_thread alone;
                                 cxxblas::gemm(cxxblas::RowMajor, form(of.transpose_a), form(of.transpose_b),
                                               static_cast<int>(rows.size(i)), static_cast<int>(columns.size(j)), inner,
                                               factor, a.data + row * (of.transpose_a ? 1 : a.stride), strides[0],
                                               b.data + column * (of.transpose_b ? b.stride : 1), strides[1], kept,
                                               c + row * c_stride + column, strides[2]);
                             });
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
        multiply_by_gemm(of, T(1), a, b, T(0), c, c_stride);
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
    else if (is_thin(of) && multiply_thin(of, a, b, row, c))
    {
        return;
    }
    else if (is_small(of))
    {
        small_products<T>->multiply(of, a, b, row, c);
        return;
    }
    else if (is_flat<T>(of))
    {
        multiply_flat(of, T(1), dense_a(of, a), dense_b(of, b), false, c, of.columns);
    }
    else
    {
        multiply_by_blas(of, dense_a(of, a), dense_b(of, b), c, of.columns);
    }
    if (row != nullptr)
    {
        add_row(of, row, c);
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
    else if (is_flat<T>(of))
    {
        multiply_flat(of, T(1), a, b, false, c, c_stride);
    }
    else
    {
        multiply_by_blas(of, a, b, c, c_stride);
    }
}

bool is_added_in_place(const product& of)
{
    return of.rows > 1 && of.columns > 1 && of.inner > 0 && !is_thin(of) && !is_small(of);
}

template <class T>
void add_matmul(const product& of, T factor, const T* a, const T* b, T* c)
{
    if (is_flat<T>(of))
    {
        multiply_flat(of, factor, dense_a(of, a), dense_b(of, b), true, c, of.columns);
    }
    else
    {
        multiply_by_gemm(of, factor, dense_a(of, a), dense_b(of, b), T(1), c, of.columns);
    }
}

template void matmul(const product&, const float*, const float*, float*, const float*);
template void matmul(const product&, const double*, const double*, double*, const double*);
template void add_matmul(const product&, float, const float*, const float*, float*);
template void add_matmul(const product&, double, const double*, const double*, double*);
template void matmul(const product&, matrix_view<float>, matrix_view<float>, float*, std::size_t);
template void matmul(const product&, matrix_view<double>, matrix_view<double>, double*, std::size_t);

} // namespace autograd::kernels
