#pragma once

#include "autograd/kernels/singular_values.hpp"

/// The polar decomposition of a matrix by the block of its singular value decomposition: a = q |a| with q = U V^T and
/// |a| = V diag(s) V^T, or a = |a| q with |a| = U diag(s) U^T where a is wide.
namespace autograd::kernels
{

/// q, (rows, columns), of the triplets whose singular value is more than rounding.
template <class T>
void polar_factor(const svd_extents& of, const T* block, T* q);

template <class T>
std::size_t scratch_of_lyapunov(const svd_extents& of);
/// The solution z of |a| z + z |a| = k, both (count, count). The singular values must be positive.
template <class T>
void lyapunov(const svd_extents& of, const T* block, const T* k, T* z, void* scratch);

} // namespace autograd::kernels
