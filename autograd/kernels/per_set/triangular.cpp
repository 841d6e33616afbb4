#include "autograd/kernels/triangular.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/inner_product.hpp"

#include <algorithm>
#include <cstddef>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// How many packs of columns are solved side by side, in registers.
constexpr std::size_t tile = 4;

/// A triangle as op(a) has it: its elements, and the unknowns in the order in which they are solved for.
template <class T>
class triangle
{
public:
    triangle(const triangle_form& of, std::size_t n, const T* a, std::size_t stride)
        : m_a(a),
          m_n(n),
          m_row(of.form == lapack::form::transposed ? 1 : stride),
          m_column(of.form == lapack::form::transposed ? stride : 1),
          m_forward(of.is_forward()),
          m_divides(of.on == lapack::diagonal::as_stored)
    {
    }

    /// The unknown that is solved for after `done` others, and the first of these others, which lie side by side.
    std::size_t unknown(std::size_t done) const { return m_forward ? done : m_n - 1 - done; }
    std::size_t first_known(std::size_t done) const { return m_forward ? 0 : m_n - done; }
    /// The first of those that are not known when `done` are.
    std::size_t first_left(std::size_t done) const { return m_forward ? done : 0; }

    const T* at(std::size_t i, std::size_t j) const { return m_a + i * m_row + j * m_column; }
    std::size_t row_step() const { return m_row; }
    std::size_t column_step() const { return m_column; }
    template <class X>
    X divided(X numerator, std::size_t i) const
    {
        return m_divides ? numerator / *at(i, i) : numerator;
    }

private:
    const T* m_a;
    std::size_t m_n, m_row, m_column;
    bool m_forward, m_divides;
};

/// A vector: each unknown is taken out of the others, along memory where the matrix is transposed. Those do not wait
/// for each other, as the terms of a sum do.
template <class T>
void solve_by_columns(const triangle<T>& a, std::size_t n, T* b)
{
    for (std::size_t done = 0; done < n; ++done)
    {
        const std::size_t i = a.unknown(done);
        const T x = a.divided(b[i], i);
        b[i] = x;
        const std::size_t left = a.first_left(done + 1);
        const T* const factors = a.at(left, i);
        T* __restrict others = b + left;
        for (std::size_t k = 0; k < n - done - 1; ++k)
        {
            others[k] -= factors[k * a.row_step()] * x;
        }
    }
}

/// A vector: each unknown by an inner product along memory, of a matrix that is not transposed.
template <class T>
void solve_by_rows(const triangle<T>& a, std::size_t n, T* b)
{
    for (std::size_t done = 0; done < n; ++done)
    {
        const std::size_t i = a.unknown(done);
        const std::size_t known = a.first_known(done);
        b[i] = a.divided(b[i] - inner_product(a.at(i, known), b + known, done), i);
    }
}

/// So many packs of columns of b.
template <std::size_t Packs, class T>
void solve_packs(const triangle<T>& a, std::size_t n, T* b, std::size_t stride)
{
    constexpr std::size_t size = pack<T>::size;
    for (std::size_t done = 0; done < n; ++done)
    {
        const std::size_t i = a.unknown(done);
        const std::size_t known = a.first_known(done);
        pack<T> rest[Packs];
        for (std::size_t p = 0; p < Packs; ++p)
        {
            rest[p] = pack<T>::load(b + i * stride + p * size);
        }
        const T* factor = a.at(i, known);
        const T* row = b + known * stride;
        for (std::size_t k = 0; k < done; ++k)
        {
            for (std::size_t p = 0; p < Packs; ++p)
            {
                rest[p] = rest[p] - *factor * pack<T>::load(row + p * size);
            }
            factor += a.column_step();
            row += stride;
        }
        for (std::size_t p = 0; p < Packs; ++p)
        {
            a.divided(rest[p], i).store(b + i * stride + p * size);
        }
    }
}

/// The columns that are left over, fewer than a tile, with zeros behind them to whole packs.
template <std::size_t Packs, class T>
void solve_left_over(const triangle<T>& a, std::size_t n, std::size_t columns, T* b, std::size_t stride)
{
    constexpr std::size_t width = Packs * pack<T>::size;
    if constexpr (Packs > 1)
    {
        if (columns <= width - pack<T>::size)
        {
            return solve_left_over<Packs - 1>(a, n, columns, b, stride);
        }
    }
    T padded[small_triangle * width];
    for (std::size_t i = 0; i < n; ++i)
    {
        T* const row = padded + i * width;
        std::fill(std::copy_n(b + i * stride, columns, row), row + width, T(0));
    }
    solve_packs<Packs>(a, n, padded, width);
    for (std::size_t i = 0; i < n; ++i)
    {
        std::copy_n(padded + i * width, columns, b + i * stride);
    }
}

template <class T>
void solve(const triangle_form& of, std::size_t n, std::size_t columns, const T* a, std::size_t stride, T* b)
{
    const triangle<T> matrix(of, n, a, stride);
    if (columns == 1)
    {
        const bool along_columns = of.form == lapack::form::transposed || n <= small_triangle;
        return along_columns ? solve_by_columns(matrix, n, b) : solve_by_rows(matrix, n, b);
    }
    constexpr std::size_t width = tile * pack<T>::size;
    std::size_t c = 0;
    for (; c + width <= columns; c += width)
    {
        solve_packs<tile>(matrix, n, b + c, columns);
    }
    if (c < columns)
    {
        solve_left_over<tile>(matrix, n, columns - c, b + c, columns);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const triangular_kernels<T> compiled<triangular_kernels<T>>::kernels{.solve = solve<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
