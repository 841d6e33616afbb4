#pragma once

#include <cstddef>

/// The singular value decomposition a = u diag(s) vt of one matrix, and what is computed with its parts. With count,
/// the smaller of the extents, u has the shape (rows, count), s (count,) and vt (count, columns); all are row-major.
namespace autograd::kernels
{

/// The extents of a decomposition, and of the block of memory in which its parts stand one behind the other: u, s, vt.
struct svd_extents
{
    std::size_t rows;
    std::size_t columns;

    std::size_t count() const { return rows < columns ? rows : columns; }
    std::size_t larger() const { return rows < columns ? columns : rows; }
    /// How many elements the block has.
    std::size_t size() const { return (rows + 1 + columns) * count(); }

    template <class T>
    T* u(T* block) const
    {
        return block;
    }
    template <class T>
    T* s(T* block) const
    {
        return block + rows * count();
    }
    template <class T>
    T* vt(T* block) const
    {
        return block + (rows + 1) * count();
    }
};

/// The distance up to which singular values may be equal ones, or 0, but for rounding: (larger() + 32) epsilon times
/// the largest. (Products that a matrix is made of bring some units in the last place of the largest with them,
/// LAPACK's algorithm others, more slowly than the extents grow.)
template <class T>
T rounding_level(const svd_extents& of, const T* block);

/// How many singular values are larger than `relative` times the largest.
template <class T>
std::size_t rank_of(const svd_extents& of, const T* block, T relative);

template <class T>
std::size_t scratch_of_svd(const svd_extents& of);
/// The block of a matrix of finite numbers, by divide and conquer (LAPACK's gesdd). In each column of u the first
/// component of at least 0.3 of the largest magnitude is positive. (That the largest be positive would leave the sign
/// to rounding in vectors like (1, -1), which are the commonest.) Returns 0 unless it did not converge. `scratch` has
/// scratch_of_svd(of) bytes.
template <class T>
int svd(const svd_extents& of, const T* a, T* block, void* scratch);

/// Row j of `rows`, (triplets, rows + columns): the left singular vector and behind it the right one of triplet first +
/// j; zeros where wanted[j] is 0.
template <class T>
void singular_vectors(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                      T* rows);

/// Two singular values whose vectors cannot be told from each other, or one that is 0; count() where there is no other.
struct singular_pair
{
    std::size_t one;
    std::size_t other;
};

/// Whether the vectors of all wanted triplets have a derivative: else the first pair that is in the way.
template <class T>
bool find_close_pair(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                     singular_pair& pair);

template <class T>
std::size_t scratch_of_resolvents(const svd_extents& of, std::size_t triplets);
/// Row j of y is the reduced resolvent (s_j - H)^+ of the symmetric dilation H = [[0, a], [a^T, 0]] at the singular
/// value of triplet first + j, times row j of x; zeros where wanted[j] is 0. The gaps must be there. Both are
/// (triplets, rows + columns).
template <class T>
void resolvents(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                const T* x, T* y, void* scratch);

} // namespace autograd::kernels
