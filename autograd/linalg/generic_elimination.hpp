#pragma once

#include "autograd/tape/shape.hpp"

#include <cstddef>
#include <utility>
#include <vector>

/// Linear algebra of any type X of numbers, for generic forms of rules (operations/generic_lines.hpp). What has a
/// derivative is computed without comparisons, since what a proof has to decide it may have to suppose.
namespace autograd::detail
{

/// A matrix by rows.
template <class X>
class generic_matrix
{
public:
    generic_matrix(std::size_t rows, std::size_t columns) : m_columns(columns), m_elements(rows * columns, X(0)) {}
    generic_matrix(std::size_t rows, std::size_t columns, const X* elements)
        : m_columns(columns), m_elements(elements, elements + rows * columns)
    {
    }

    X& operator()(std::size_t i, std::size_t j) { return m_elements[i * m_columns + j]; }
    const X& operator()(std::size_t i, std::size_t j) const { return m_elements[i * m_columns + j]; }
    std::size_t columns() const { return m_columns; }
    std::size_t rows() const { return m_columns == 0 ? 0 : m_elements.size() / m_columns; }
    const std::vector<X>& elements() const { return m_elements; }

    generic_matrix transposed() const
    {
        generic_matrix result(m_columns, rows());
        for (std::size_t i = 0; i < rows(); ++i)
        {
            for (std::size_t j = 0; j < m_columns; ++j)
            {
                result(j, i) = (*this)(i, j);
            }
        }
        return result;
    }

    /// Exchanges column k with that of the elements from k on in row k whose square is largest, and returns which.
    std::size_t bring_largest_of_row(std::size_t k)
    {
        const auto square = [&](std::size_t j) { return (*this)(k, j) * (*this)(k, j); };
        std::size_t largest = k;
        for (std::size_t j = k + 1; j < m_columns; ++j)
        {
            largest = (square(j) > square(largest)).holds ? j : largest;
        }
        for (std::size_t i = 0; i < rows(); ++i)
        {
            std::swap((*this)(i, k), (*this)(i, largest));
        }
        return largest;
    }

    /// Divides row k behind the diagonal by its pivot, and takes it out of the rows below. A row of zeros stays.
    void eliminate(std::size_t k)
    {
        const X divisor = select(equal((*this)(k, k), X(0)), X(1), (*this)(k, k));
        for (std::size_t j = k + 1; j < m_columns; ++j)
        {
            (*this)(k, j) = (*this)(k, j) / divisor;
            for (std::size_t i = k + 1; i < rows(); ++i)
            {
                (*this)(i, j) = (*this)(i, j) - (*this)(i, k) * (*this)(k, j);
            }
        }
    }

    /// x of u x = b, where u is the upper triangle of this matrix.
    generic_matrix solved_upper(generic_matrix b) const
    {
        for (std::size_t i = rows(); i-- > 0;)
        {
            for (std::size_t c = 0; c < b.columns(); ++c)
            {
                for (std::size_t j = i + 1; j < m_columns; ++j)
                {
                    b(i, c) = b(i, c) - (*this)(i, j) * b(j, c);
                }
                b(i, c) = b(i, c) / (*this)(i, i);
            }
        }
        return b;
    }

    /// What is left without a row and a column.
    generic_matrix without(std::size_t row, std::size_t column) const
    {
        generic_matrix result(rows() - 1, m_columns - 1);
        for (std::size_t i = 0; i + 1 < rows(); ++i)
        {
            for (std::size_t j = 0; j + 1 < m_columns; ++j)
            {
                result(i, j) = (*this)(i + (i >= row ? 1 : 0), j + (j >= column ? 1 : 0));
            }
        }
        return result;
    }

    friend generic_matrix operator*(const generic_matrix& a, const generic_matrix& b)
    {
        generic_matrix result(a.rows(), b.columns());
        for (std::size_t i = 0; i < a.rows(); ++i)
        {
            for (std::size_t k = 0; k < a.columns(); ++k)
            {
                for (std::size_t j = 0; j < b.columns(); ++j)
                {
                    result(i, j) = result(i, j) + a(i, k) * b(k, j);
                }
            }
        }
        return result;
    }

private:
    std::size_t m_columns;
    std::vector<X> m_elements;
};

/// The determinant without a division, and so of any matrix (Bird 2011): with F(X) = mu(X) a, where mu(X) is the upper
/// triangle of X with what stands below each diagonal element on the diagonal, summed and negated, it is the first
/// element of F applied n - 1 times to a, or minus that for even n.
template <class X>
X generic_determinant(const generic_matrix<X>& a)
{
    const std::size_t n = a.columns();
    if (n == 0)
    {
        return X(1);
    }
    generic_matrix<X> power = a;
    for (std::size_t k = 1; k < n; ++k)
    {
        generic_matrix<X> mu(n, n);
        X below(0);
        for (std::size_t i = n; i-- > 0;)
        {
            mu(i, i) = X(0) - below;
            below = below + power(i, i);
            for (std::size_t j = i + 1; j < n; ++j)
            {
                mu(i, j) = power(i, j);
            }
        }
        power = mu * a;
    }
    return n % 2 == 0 ? X(0) - power(0, 0) : power(0, 0);
}

/// The solution x of a x = b for a regular matrix a: by elimination without exchanges, of (a m) y = b with x = m y for
/// a matrix m of small integers. Elimination needs no exchanges where no leading minor is 0; and those of a m are sums
/// of products of minors of both, which are 0 by accident alone, where those of a may be 0 for what a is.
template <class X>
generic_matrix<X> generic_solution(const generic_matrix<X>& a, generic_matrix<X> b)
{
    const std::size_t n = a.columns();
    generic_matrix<X> mixing(n, n);
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            mixing(i, j) = i == j ? X(3) : X(static_cast<int>((5 * i + 3 * j * j + 1) % 7) - 3);
        }
    }
    generic_matrix<X> mixed = a * mixing;
    for (std::size_t k = 0; k < n; ++k)
    {
        for (std::size_t i = k + 1; i < n; ++i)
        {
            const X factor = mixed(i, k) / mixed(k, k);
            for (std::size_t j = k + 1; j < n; ++j)
            {
                mixed(i, j) = mixed(i, j) - factor * mixed(k, j);
            }
            for (std::size_t c = 0; c < b.columns(); ++c)
            {
                b(i, c) = b(i, c) - factor * b(k, c);
            }
        }
    }
    return mixing * mixed.solved_upper(std::move(b));
}

/// f(k) for the matrices of a batch: of an operand of that shape, in which k is where matrix k begins.
template <class F>
void for_each_generic_matrix(shape_view shape, const F& f)
{
    const std::size_t size = shape[shape.size() - 2] * shape[shape.size() - 1];
    const std::size_t count = element_count(shape.slice(0, shape.size() - 2));
    for (std::size_t k = 0; k < count; ++k)
    {
        f(k, k * size);
    }
}

} // namespace autograd::detail
