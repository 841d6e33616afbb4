#include "autograd/kernels/thin_product.hpp"

#include "autograd/kernels/per_set/add_row.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/factor.hpp"
#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/kernels/per_set/multiply_add.hpp"
#include "autograd/kernels/per_set/with_constant.hpp"

#include <algorithm>
#include <functional>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// How many packs of columns are in registers at one time: as many as are for each of a thin extent.
constexpr std::size_t at_once = 4;

/// A long inner extent is gone over in parts, whose sums lose fewer digits, and which stay in the cache.
constexpr std::size_t most_inner = 512;

/// Of a result, what is written before its next rows are.
constexpr std::size_t bytes_of_block = std::size_t{1} << 14;

/// f(packs, at) for all columns, of which there is a pack at least: for a constant number of packs, up to at_once, that
/// begin at these columns. The last one ends where the columns end, and computes some of them again.
template <class T, class F>
void for_each_packs(std::size_t columns, const F& f)
{
    constexpr std::size_t lanes = pack<T>::size;
    const std::size_t all = in_packs<T>(columns) / lanes;
    for (std::size_t first = 0; first < all; first += at_once)
    {
        std::size_t at[at_once];
        for (std::size_t j = 0; j < at_once; ++j)
        {
            at[j] = std::min((first + j) * lanes, columns - lanes);
        }
        with_constant<at_once>(std::min(at_once, all - first), [&](auto packs) { f(packs, at); });
    }
}

/// Where results go: by rows, or, of a transposed product, by columns.
template <class T>
struct by_rows
{
    T* data;
    std::size_t stride;

    T& operator()(std::size_t row, std::size_t column) const { return data[row * stride + column]; }
    void store(pack<T> sums, std::size_t row, std::size_t column) const { sums.store(&(*this)(row, column)); }
};
template <class T>
struct by_columns
{
    T* data;
    std::size_t stride;

    T& operator()(std::size_t row, std::size_t column) const { return data[column * stride + row]; }
    void store(pack<T> sums, std::size_t row, std::size_t column) const
    {
        T lanes[pack<T>::size];
        sums.store(lanes);
        for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
        {
            (*this)(row, column + lane) = lanes[lane];
        }
    }
};

// ------------------------------------------------------------------------------------------ along the rows of a factor

/// Columns of c = a b in registers, packs at these: what each row of b adds to them, one after the other.
template <std::size_t Rows, std::size_t Packs, class T, class Result>
void multiply_block(const factor<T>& a, const T* b, std::size_t b_stride, std::size_t inner,
                    const std::size_t (&columns)[at_once], const Result& c)
{
    pack<T> totals[Rows][Packs] = {};
    for (std::size_t first = 0; first < inner; first += most_inner)
    {
        pack<T> sums[Rows][Packs];
        std::fill_n(&sums[0][0], Rows * Packs, pack<T>(0));
        const std::size_t end = std::min(inner, first + most_inner);
        for (std::size_t k = first; k < end; ++k)
        {
            pack<T> of_b[Packs];
            for (std::size_t j = 0; j < Packs; ++j)
            {
                of_b[j] = pack<T>::load(b + k * b_stride + columns[j]);
            }
            for (std::size_t i = 0; i < Rows; ++i)
            {
                const pack<T> of_a = a(i, k);
                for (std::size_t j = 0; j < Packs; ++j)
                {
                    sums[i][j] = multiply_add(of_a, of_b[j], sums[i][j]);
                }
            }
        }
        for (std::size_t i = 0; i < Rows; ++i)
        {
            for (std::size_t j = 0; j < Packs; ++j)
            {
                totals[i][j] = first == 0 ? sums[i][j] : totals[i][j] + sums[i][j];
            }
        }
    }
    for (std::size_t i = 0; i < Rows; ++i)
    {
        for (std::size_t j = 0; j < Packs; ++j)
        {
            c.store(totals[i][j], i, columns[j]);
        }
    }
}

/// c = a b of few rows and at least a pack of columns.
template <class T, class Result>
void multiply_along_rows(std::size_t rows, std::size_t columns, std::size_t inner, const factor<T>& a, const T* b,
                         std::size_t b_stride, const Result& c)
{
    with_constant<thin_product>(rows,
                                [&](auto few)
                                {
                                    for_each_packs<T>(columns, [&](auto packs, const auto& at)
                                                      { multiply_block<few, packs>(a, b, b_stride, inner, at, c); });
                                });
}

// --------------------------------------------------------------------------------------------------- few terms in sums

/// Columns of c = a b, and a row added to each row unless that is null, packs at these, one row after the other: the
/// few rows of b stay in registers.
template <std::size_t Inner, std::size_t Packs, class T>
void multiply_strip(std::size_t rows, const factor<T>& a, const T* b, std::size_t b_stride,
                    const std::size_t (&columns)[at_once], const T* added, T* c, std::size_t c_stride)
{
    pack<T> of_row[Packs];
    for (std::size_t j = 0; j < Packs; ++j)
    {
        of_row[j] = added == nullptr ? pack<T>(-0.0) : pack<T>::load(added + columns[j]); // x + -0 is x
    }
    pack<T> of_b[Inner][Packs];
    for (std::size_t k = 0; k < Inner; ++k)
    {
        for (std::size_t j = 0; j < Packs; ++j)
        {
            of_b[k][j] = pack<T>::load(b + k * b_stride + columns[j]);
        }
    }
    for (std::size_t i = 0; i < rows; ++i)
    {
        pack<T> sums[Packs];
        const pack<T> first = a(i, 0);
        for (std::size_t j = 0; j < Packs; ++j)
        {
            sums[j] = first * of_b[0][j];
        }
        for (std::size_t k = 1; k < Inner; ++k)
        {
            const pack<T> of_a = a(i, k);
            for (std::size_t j = 0; j < Packs; ++j)
            {
                sums[j] = multiply_add(of_a, of_b[k][j], sums[j]);
            }
        }
        for (std::size_t j = 0; j < Packs; ++j)
        {
            (sums[j] + of_row[j]).store(c + i * c_stride + columns[j]);
        }
    }
}

/// c = a b of few rows of b and at least a pack of columns: by blocks of rows of c that stay in the cache, since strips
/// of it lie far apart.
template <std::size_t Inner, class T>
void multiply_few(std::size_t rows, std::size_t columns, const factor<T>& a, const T* b, std::size_t b_stride,
                  const T* added, T* c, std::size_t c_stride)
{
    const std::size_t block = std::max<std::size_t>(4, bytes_of_block / sizeof(T) / columns);
    for (std::size_t row = 0; row < rows; row += block)
    {
        const factor<T> of_a{&a(row, 0), a.row_stride, a.inner_stride};
        for_each_packs<T>(columns,
                          [&](auto packs, const auto& at)
                          {
                              multiply_strip<Inner, packs>(std::min(block, rows - row), of_a, b, b_stride, at, added,
                                                           c + row * c_stride, c_stride);
                          });
    }
}

/// The same for a transposed b of few columns as stored: turned over in parts.
template <std::size_t Inner, class T>
void multiply_few_turned(std::size_t rows, std::size_t columns, const factor<T>& a, const T* b, const T* added, T* c)
{
    constexpr std::size_t part = 256;
    T turned[Inner * part];
    for (std::size_t first = 0; first < columns;)
    {
        // not less than a pack, at the end neither
        const std::size_t left = columns - first;
        const std::size_t count = left <= part ? left : std::min(part, left - pack<T>::size);
        for (std::size_t k = 0; k < Inner; ++k)
        {
            for (std::size_t j = 0; j < count; ++j)
            {
                turned[k * count + j] = b[(first + j) * Inner + k];
            }
        }
        multiply_few<Inner>(rows, count, a, turned, count, added == nullptr ? nullptr : added + first, c + first,
                            columns);
        first += count;
    }
}

// ---------------------------------------------------------------------------------------------- along the inner extent

/// Sums along rows of a from `row` on: of each with each of few columns, which stand in rows of `turned`, zeros behind
/// them. Behind the first part of the inner extent they are added to the result.
template <std::size_t Rows, std::size_t Columns, class T, class Result>
void multiply_row_block(const T* a, std::size_t a_stride, std::size_t inner, const T* turned, std::size_t row,
                        bool is_first, const Result& c)
{
    constexpr std::size_t lanes = pack<T>::size;
    pack<T> sums[Rows][Columns];
    std::fill_n(&sums[0][0], Rows * Columns, pack<T>(0));
    const auto add = [&](std::size_t k, const auto& load)
    {
        pack<T> of_b[Columns];
        for (std::size_t j = 0; j < Columns; ++j)
        {
            of_b[j] = pack<T>::load(turned + j * most_inner + k);
        }
        for (std::size_t i = 0; i < Rows; ++i)
        {
            const pack<T> of_a = load(a + (row + i) * a_stride + k);
            for (std::size_t j = 0; j < Columns; ++j)
            {
                sums[i][j] = multiply_add(of_a, of_b[j], sums[i][j]);
            }
        }
    };
    const std::size_t whole = inner / lanes * lanes;
    for (std::size_t k = 0; k < whole; k += lanes)
    {
        add(k, [](const T* x) { return pack<T>::load(x); });
    }
    if (const std::size_t left = inner - whole; left > 0)
    {
        add(whole, [left](const T* x) { return keep_lanes<sum_fold>(pack<T>::load_partial(x, left), left); });
    }
    for (std::size_t i = 0; i < Rows; ++i)
    {
        for (std::size_t j = 0; j < Columns; ++j)
        {
            const T sum = detail::reduce_lanes(std::plus<T>(), sums[i][j]);
            T& result = c(row + i, j);
            result = is_first ? sum : result + sum;
        }
    }
}

/// Elements (column, k) from `first` on in rows of `turned`, and zeros up to whole packs.
template <class T>
void turn(const factor<T>& b, std::size_t columns, std::size_t first, std::size_t count, T* turned)
{
    for (std::size_t j = 0; j < columns; ++j)
    {
        T* const row = turned + j * most_inner;
        for (std::size_t k = 0; k < count; ++k)
        {
            row[k] = b(j, first + k);
        }
        std::fill(row + count, row + in_packs<T>(count), T(0));
    }
}

/// c = a b of dense rows of a, and few columns of b, (column, k) of `b`.
template <std::size_t Columns, class T, class Result>
void multiply_along_inner(std::size_t rows, std::size_t inner, const T* a, const factor<T>& b, const Result& c)
{
    constexpr std::size_t rows_at_once = Columns <= 2 ? 4 : 2; // so that their sums stay in registers
    alignas(64) T turned[Columns * most_inner];
    for (std::size_t k = 0; k < inner; k += most_inner)
    {
        const std::size_t count = std::min(most_inner, inner - k);
        turn(b, Columns, k, count, turned);
        std::size_t row = 0;
        for (; row + rows_at_once <= rows; row += rows_at_once)
        {
            multiply_row_block<rows_at_once, Columns>(a + k, inner, count, turned, row, k == 0, c);
        }
        for (; row < rows; ++row)
        {
            multiply_row_block<1, Columns>(a + k, inner, count, turned, row, k == 0, c);
        }
    }
}

// --------------------------------------------------------------------------------------------------------- the choice

template <class T>
void multiply_few_terms(const product& of, const factor<T>& of_a, const T* b, const T* row, T* c)
{
    with_constant<thin_product>(of.inner,
                                [&](auto inner)
                                {
                                    if (of.transpose_b)
                                    {
                                        multiply_few_turned<inner>(of.rows, of.columns, of_a, b, row, c);
                                    }
                                    else
                                    {
                                        multiply_few<inner>(of.rows, of.columns, of_a, b, of.columns, row, c,
                                                            of.columns);
                                    }
                                });
}

template <class T>
bool multiply(const product& of, const T* a, const T* b, const T* row, T* c)
{
    constexpr std::size_t lanes = pack<T>::size;
    const factor<T> of_a = of.transpose_a ? factor<T>{a, 1, of.rows} : factor<T>{a, of.inner, 1};
    const factor<T> of_b = of.transpose_b ? factor<T>{b, of.inner, 1} : factor<T>{b, 1, of.columns};
    const by_rows<T> rows_of_c{c, of.columns};
    const by_columns<T> columns_of_c{c, of.columns};
    if (of.inner <= thin_product && of.columns >= lanes)
    {
        multiply_few_terms(of, of_a, b, row, c);
        return true;
    }
    if (of.columns <= thin_product && of.transpose_a && of.rows >= lanes)
    {
        multiply_along_rows(of.columns, of.rows, of.inner, of_b, a, of.rows, columns_of_c);
    }
    else if (of.columns <= thin_product && !of.transpose_a && of.inner >= lanes)
    {
        with_constant<thin_product>(of.columns, [&](auto few)
                                    { multiply_along_inner<few>(of.rows, of.inner, a, of_b, rows_of_c); });
    }
    else if (of.rows <= thin_product && !of.transpose_b && of.columns >= lanes)
    {
        multiply_along_rows(of.rows, of.columns, of.inner, of_a, b, of.columns, rows_of_c);
    }
    else if (of.rows <= thin_product && of.transpose_b && of.inner >= lanes)
    {
        with_constant<thin_product>(of.rows, [&](auto few)
                                    { multiply_along_inner<few>(of.columns, of.inner, b, of_a, columns_of_c); });
    }
    else
    {
        return false;
    }
    if (row != nullptr)
    {
        add_row(of.rows, of.columns, row, c);
    }
    return true;
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const thin_product_kernels<T> compiled<thin_product_kernels<T>>::kernels{.multiply = multiply<T>,        \
                                                                                       .add_row = add_row<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
