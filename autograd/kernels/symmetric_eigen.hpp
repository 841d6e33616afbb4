#pragma once

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"

#include <cstddef>

/// Symmetric matrices by their eigenvalues and eigenvectors.
namespace autograd::kernels
{

/// The eigenvalues and eigenvectors of one matrix of n rows. Packed they are n + 1 rows of n numbers: the eigenvalues
/// in ascending order, and behind them the vectors, each in a row, since LAPACK's columns are that.
template <class T>
struct eigen_pairs
{
    std::size_t n;
    const T* values;
    const T* vectors;

    eigen_pairs(std::size_t rows, const T* packed) : n(rows), values(packed), vectors(packed + rows) {}

    static std::size_t packed_size(std::size_t rows) { return (rows + 1) * rows; }

    /// The distance up to which eigenvalues may be equal ones but for rounding.
    T rounding_level() const;
};

/// What symmetric_eigen works in.
template <class T>
struct eigen_work
{
    eigen_work(int n, scratch_memory& scratch);

    lapack::work_extents extents;
    T* reals;
    int* integers;
};

/// Packs the eigenvalues and eigenvectors of the matrix of n >= 1 rows whose lower triangle stands behind the first row
/// of `packed`, where the vectors will be. Each vector has unit length, and its sign is as
/// deciding_part says. Returns 0 unless LAPACK's syevd did not converge.
template <class T>
int symmetric_eigen(int n, T* packed, const eigen_work<T>& work);

/// Columns `first` and so on, `count` of them.
struct column_range
{
    std::size_t first;
    std::size_t count;
};

/// The vectors of a range as columns, n rows of `count`; those whose element of `reached` is 0 are 0.
template <class T>
void eigenvector_columns(const eigen_pairs<T>& a, column_range range, const T* reached, T* columns);

/// An eigenvalue that is within the rounding level of its neighbour, and one of the two is among those of a range that
/// are reached. Both are the same where there is none.
struct close_pair
{
    std::size_t lower;
    std::size_t upper;
    bool exists() const { return lower != upper; }
};
template <class T>
close_pair find_close_pair(const eigen_pairs<T>& a, column_range range, const T* reached);

/// (l_j - A)^+ b_j for each column j of a range: the sum of v_i (v_i^T b_j) / (l_j - l_i) over all i but j; 0 where
/// `reached` is. b and x have n rows of `count`. The numbers of work are n count.
template <class T>
void reduced_resolvent(const eigen_pairs<T>& a, column_range range, const T* b, const T* reached, T* x, T* work);

} // namespace autograd::kernels
