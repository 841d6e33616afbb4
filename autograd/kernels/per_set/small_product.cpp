#include "autograd/kernels/small_product.hpp"

#include "autograd/kernels/per_set/add_row.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/factor.hpp"
#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/kernels/per_set/turn.hpp"
#include "autograd/kernels/per_set/with_constant.hpp"

#include <algorithm>
#include <utility>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

// ------------------------------------------------------------------------------------------------ compile-time extents

/// The largest extents that are compile-time constants, so that sums and factors live in registers.
constexpr std::size_t narrow = 4;

/// A narrow product of compile-time extents, and a row added unless it is null, one row of c after the other, with b in
/// registers: the compiler lays several rows side by side.
template <std::size_t Inner, std::size_t Columns, class T>
void multiply_rows(std::size_t rows, const T* a, const T* b, const T* row, T* __restrict c)
{
    T factors[Inner][Columns];
    std::copy_n(b, Inner * Columns, &factors[0][0]);
    T added[Columns];
    std::fill_n(added, Columns, T(-0.0)); // x + -0 is x
    if (row != nullptr)
    {
        std::copy_n(row, Columns, added);
    }
    for (std::size_t i = 0; i < rows; ++i)
    {
        for (std::size_t j = 0; j < Columns; ++j)
        {
            T sum = a[i * Inner] * factors[0][j];
            for (std::size_t k = 1; k < Inner; ++k)
            {
                sum += a[i * Inner + k] * factors[k][j];
            }
            c[i * Columns + j] = sum + added[j];
        }
    }
}

/// A product of few rows and columns over a long inner axis, a transposed: all of c is summed in one pass over a and b,
/// in several partial sums, so that additions do not wait for each other.
template <std::size_t Rows, std::size_t Columns, class T>
void multiply_long(std::size_t inner, const T* a, const T* b, const T* row, T* c)
{
    constexpr std::size_t chains = 4;
    T sums[chains][Rows][Columns] = {};
    for (std::size_t k = 0; k < inner; k += chains)
    {
        for (std::size_t chain = 0; chain < std::min(chains, inner - k); ++chain)
        {
            for (std::size_t i = 0; i < Rows; ++i)
            {
                for (std::size_t j = 0; j < Columns; ++j)
                {
                    sums[chain][i][j] += a[(k + chain) * Rows + i] * b[(k + chain) * Columns + j];
                }
            }
        }
    }
    for (std::size_t i = 0; i < Rows; ++i)
    {
        for (std::size_t j = 0; j < Columns; ++j)
        {
            const T sum = (sums[0][i][j] + sums[1][i][j]) + (sums[2][i][j] + sums[3][i][j]);
            c[i * Columns + j] = row == nullptr ? sum : sum + row[j];
        }
    }
}

bool is_narrow(const product& of)
{
    return (of.transpose_a ? of.rows : of.inner) <= narrow && of.columns <= narrow;
}

/// The products whose two small extents are compile-time constants.
template <class T>
void multiply_narrow(const product& of, const T* a, const T* b, const T* row, T* c)
{
    T turned[small_transposed * narrow];
    if (of.transpose_b && of.columns > 1) // one column lies in memory as its transpose does
    {
        turn(of.columns, of.inner, b, of.inner, turned, of.columns);
        b = turned;
    }
    with_constant<narrow>(of.transpose_a ? of.rows : of.inner,
                          [&](auto small)
                          {
                              with_constant<narrow>(of.columns,
                                                    [&](auto columns)
                                                    {
                                                        if (of.transpose_a)
                                                        {
                                                            multiply_long<small, columns>(of.inner, a, b, row, c);
                                                        }
                                                        else
                                                        {
                                                            multiply_rows<small, columns>(of.rows, a, b, row, c);
                                                        }
                                                    });
                          });
}

// ------------------------------------------------------------------------------------------------- blocks in registers

/// One or two packs of columns of c = a b, and of the row that is added unless it is null.
template <class T>
struct strip
{
    const factor<T>& a;
    std::size_t rows;
    std::size_t inner;
    const T* b;
    std::size_t b_stride;
    const T* row;
    T* c;
    std::size_t c_stride;
    std::size_t apart; ///< from one pack to the next
};

/// Sums Sum... of a strip, which count packs and then rows, from row `top` on. Each number is the sum of its terms in
/// order, from 0 on, rounded after each product and each sum: the same with packs of any width. There are no loops over
/// sums, so that they are in registers, whatever the compiler takes masked loads and stores to reach.
template <std::size_t Packs, std::size_t... Sum, class Part, class T>
void multiply_block(std::index_sequence<Sum...>, Part part, const strip<T>& of, std::size_t top)
{
    pack<T> sums[] = {(void(Sum), pack<T>(0))...};
    for (std::size_t k = 0; k < of.inner; ++k)
    {
        pack<T> of_b[Packs];
        for (std::size_t j = 0; j < Packs; ++j)
        {
            of_b[j] = part.load(of.b + k * of.b_stride + j * of.apart);
        }
        ((sums[Sum] += of.a(top + Sum / Packs, k) * of_b[Sum % Packs]), ...);
    }
    pack<T> added[Packs];
    for (std::size_t j = 0; j < Packs; ++j)
    {
        added[j] = of.row == nullptr ? pack<T>(-0.0) : part.load(of.row + j * of.apart); // x + -0 is x
    }
    (part.store(sums[Sum] + added[Sum % Packs], of.c + (top + Sum / Packs) * of.c_stride + Sum % Packs * of.apart),
     ...);
}

/// The rows of a strip from `top` on: in blocks of so many, and what is left in blocks of half as many.
template <std::size_t Rows, std::size_t Packs, class Part, class T>
void multiply_strip(Part part, const strip<T>& of, std::size_t top = 0)
{
    for (; top + Rows <= of.rows; top += Rows)
    {
        multiply_block<Packs>(std::make_index_sequence<Rows * Packs>(), part, of, top);
    }
    if constexpr (Rows > 1)
    {
        if (top < of.rows)
        {
            multiply_strip<Rows / 2, Packs>(part, of, top);
        }
    }
}

/// c = a b and the row, in blocks of eight sums: so many keep additions from waiting for each other, and leave
/// registers for packs of b and for products. The last pack of columns ends where they end, and computes some of them
/// again.
template <class T>
void multiply_blocks(std::size_t rows, std::size_t columns, std::size_t inner, const factor<T>& a, const T* b,
                     std::size_t b_stride, const T* row, T* c, std::size_t c_stride)
{
    constexpr std::size_t lanes = pack<T>::size;
    const auto from = [&](std::size_t column, std::size_t apart)
    {
        return strip<T>{a,          rows,     inner, b + column, b_stride, row == nullptr ? nullptr : row + column,
                        c + column, c_stride, apart};
    };
    if (columns < lanes)
    {
        multiply_strip<8, 1>(part_of_pack<T>{columns}, from(0, 0));
        return;
    }
    std::size_t column = 0;
    for (; column + lanes < columns; column += 2 * lanes)
    {
        multiply_strip<4, 2>(whole_pack<T>(), from(column, std::min(lanes, columns - lanes - column)));
    }
    if (column < columns)
    {
        multiply_strip<8, 1>(whole_pack<T>(), from(columns - lanes, 0));
    }
}

/// The same of a transposed b: as many of its rows as two packs hold are turned over, and then read along memory.
template <class T>
void multiply_turned(const product& of, const factor<T>& a, const T* b, const T* row, T* c)
{
    constexpr std::size_t most = 2 * pack<T>::size;
    alignas(64) T turned[small_transposed * most];
    for (std::size_t column = 0; column < of.columns; column += most)
    {
        const std::size_t columns = std::min(most, of.columns - column);
        turn(columns, of.inner, b + column * of.inner, of.inner, turned, most);
        multiply_blocks(of.rows, columns, of.inner, a, turned, most, row == nullptr ? nullptr : row + column,
                        c + column, of.columns);
    }
}

// ------------------------------------------------------------------------------------------------ matrices and vectors

/// Elements Row... of y = a x, sums side by side, so that additions do not wait for each other.
template <std::size_t... Row, class T>
void multiply_rows_by_vector(std::index_sequence<Row...>, std::size_t inner, const T* a, const T* x, T* y)
{
    T sums[] = {(void(Row), T(0))...};
    for (std::size_t k = 0; k < inner; ++k)
    {
        ((sums[Row] += a[Row * inner + k] * x[k]), ...);
    }
    ((y[Row] = sums[Row]), ...);
}

/// y = a x of rows that lie along memory.
template <class T>
void multiply_by_vector(std::size_t rows, std::size_t inner, const T* a, const T* x, T* y)
{
    constexpr std::size_t together = 4;
    std::size_t i = 0;
    for (; i + together <= rows; i += together)
    {
        multiply_rows_by_vector(std::make_index_sequence<together>(), inner, a + i * inner, x, y + i);
    }
    for (; i < rows; ++i)
    {
        multiply_rows_by_vector(std::make_index_sequence<1>(), inner, a + i * inner, x, y + i);
    }
}

/// Products of one column, and those of one row whose sums go along the rows of b as stored.
template <class T>
void multiply_vector(const product& of, const T* a, const T* b, const T* row, T* c)
{
    if (of.columns > 1)
    {
        multiply_by_vector(of.columns, of.inner, b, a, c);
    }
    else if (!of.transpose_a)
    {
        multiply_by_vector(of.rows, of.inner, a, b, c);
    }
    else
    {
        // the column is the row of the transposed product
        multiply_blocks<T>(1, of.rows, of.inner, {b, of.inner, 1}, a, of.rows, nullptr, c, of.rows);
    }
    if (row != nullptr)
    {
        add_row(of.rows, of.columns, row, c);
    }
}

// --------------------------------------------------------------------------------------------------------- the choice

/// Of its own, so that narrow products need none of its room.
template <class T>
[[gnu::noinline]] void multiply_wide(const product& of, const T* a, const T* b, const T* row, T* c)
{
    const factor<T> of_a = of.transpose_a ? factor<T>{a, 1, of.rows} : factor<T>{a, of.inner, 1};
    if (of.columns == 1 || (of.rows == 1 && of.transpose_b))
    {
        multiply_vector(of, a, b, row, c);
    }
    else if (of.transpose_b)
    {
        multiply_turned(of, of_a, b, row, c);
    }
    else
    {
        multiply_blocks(of.rows, of.columns, of.inner, of_a, b, of.columns, row, c, of.columns);
    }
}

template <class T>
void multiply(const product& of, const T* a, const T* b, const T* row, T* c)
{
    if (is_narrow(of))
    {
        multiply_narrow(of, a, b, row, c);
    }
    else
    {
        multiply_wide(of, a, b, row, c);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const small_product_kernels<T> compiled<small_product_kernels<T>>::kernels{.multiply = multiply<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
