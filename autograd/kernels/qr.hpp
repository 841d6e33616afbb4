#pragma once

#include <cstddef>

namespace autograd::kernels
{

/// The factors a = Q R of one matrix, Q with orthonormal columns and R with a diagonal that is nowhere negative, packed
/// as one matrix of m + n rows: those of Q, and behind them the columns of R. Q has min(m, n) columns, or m.
struct qr_extents
{
    std::size_t rows;         ///< of a, m
    std::size_t columns;      ///< of a, n
    std::size_t columns_of_q; ///< and of what is packed

    std::size_t smaller() const { return rows < columns ? rows : columns; }
    std::size_t packed() const { return (rows + columns) * columns_of_q; }
};

/// Householder's reflections by LAPACK's geqrf and orgqr; a must be finite. Columns that are so large or so small that
/// products of them leave the range are scaled by powers of 2, which changes nothing but the exponents in R.
template <class T>
void qr(const qr_extents& of, const T* a, T* packed, void* scratch);

/// The bytes it wants. Throws shape_error, in the name of the operation, for extents that LAPACK does not count.
template <class T>
std::size_t scratch_of_qr(const qr_extents& of, const char* operation);

} // namespace autograd::kernels
