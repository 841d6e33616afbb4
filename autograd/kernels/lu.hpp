#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/scratch.hpp"

#include <cstddef>

/// LU factorizations of square matrices by rows, packed into n + 1 rows of n numbers: a P = L U, with L and its
/// diagonal of pivots in the lower triangle of the first n rows, and U, whose diagonal is of ones, above. The last row
/// tells P: column k of a changed places with that column when pivot k was chosen, one column after the other. That is
/// what LAPACK makes of the transpose, which a matrix by rows is to it.
namespace autograd::kernels
{

/// The numbers of one packed factorization.
constexpr std::size_t packed_lu(std::size_t n)
{
    return (n + 1) * n;
}

/// Factorizes a matrix of finite numbers. A column of zeros has the pivot 0, and the others go on.
template <class T>
void lu_factor(std::size_t n, const T* a, T* packed, scratch_memory scratch, const char* operation);
/// What it takes of scratch.
void lu_factor_scratch(std::size_t n, scratch_memory& scratch);

/// b = a^-1 b, or a^-T b, for a dense b of n rows. The pivots must be no zeros.
template <class T>
void lu_solve(std::size_t n, std::size_t columns, const T* packed, bool transposed, T* b, const char* operation);

/// The determinant of P: 1 or -1.
template <class T>
int sign_of_exchanges(std::size_t n, const T* packed);

/// How many rows the loops below factorize, a power of 2.
inline constexpr std::size_t small_lu = 32;

template <class T>
struct lu_kernels
{
    /// lu_factor in loops of our own, for n up to small_lu: there a call of LAPACK costs more than the work.
    void (*factor)(std::size_t n, const T* a, T* packed);
};
template <class T>
inline constexpr chosen<lu_kernels<T>> lu_loops;

} // namespace autograd::kernels
