#pragma once

#include "autograd/kernels/singular_values.hpp"

/// Pseudo-inverses of matrices, by the blocks of their singular value decompositions: a^+ = V_r diag(1 / s_r) U_r^T
/// with the first `rank` triplets.
namespace autograd::kernels
{

template <class T>
std::size_t scratch_of_pseudo_inverse(const svd_extents& of);
/// x = a^+, (columns, rows).
template <class T>
void pseudo_inverse(const svd_extents& of, const T* block, std::size_t rank, T* x, void* scratch);

template <class T>
std::size_t scratch_of_pseudo_solve(const svd_extents& of, std::size_t right_sides);
/// x = a^+ b, or (a^+)^T b where it is transposed, for a matrix b of so many columns.
template <class T>
void pseudo_solve(const svd_extents& of, const T* block, std::size_t rank, bool transposed, std::size_t right_sides,
                  const T* b, T* x, void* scratch);

} // namespace autograd::kernels
