#include "autograd/kernels/small_product.hpp"

#include "autograd/kernels/per_set/add_row.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/with_constant.hpp"

#include <algorithm>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// The largest extents that are compile-time constants in the loops below, so that sums and factors live in registers.
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

/// The products whose two small extents are compile-time constants. Returns whether this was one.
template <class T>
bool multiply_narrow(const product& of, const T* a, const T* b, const T* row, T* c)
{
    const std::size_t other = of.transpose_a ? of.rows : of.inner;
    if (other > narrow || of.columns > narrow)
    {
        return false;
    }
    with_constant<narrow>(other,
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
    return true;
}

/// Any small product: rows of b scaled and added.
template <class T>
void multiply_small(const product& of, const T* a, const T* b, const T* row, T* c)
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
    if (row != nullptr)
    {
        add_row(of.rows, of.columns, row, c);
    }
}

template <class T>
void multiply(const product& of, const T* a, const T* b, const T* row, T* c)
{
    // A transposed b is small: turned over once, it is read along memory.
    T turned[small_transposed];
    if (of.transpose_b)
    {
        for (std::size_t j = 0; j < of.columns; ++j)
        {
            for (std::size_t k = 0; k < of.inner; ++k)
            {
                turned[k * of.columns + j] = b[j * of.inner + k];
            }
        }
        b = turned;
    }
    if (!multiply_narrow(of, a, b, row, c))
    {
        multiply_small(of, a, b, row, c);
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
