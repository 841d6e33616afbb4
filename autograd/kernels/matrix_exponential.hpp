#pragma once

#include <cstddef>

namespace autograd::kernels
{

/// y = exp(a) of one matrix of n rows and columns, by Pade approximation, scaling and squaring: Higham, SIAM J. Matrix
/// Anal. Appl. 26 (2005), with the scaling of Al-Mohy and Higham, ibid. 31 (2009), which looks at norms of powers and
/// so scales nilpotent and other far from normal matrices no more than they need. Floats are computed in double. What
/// leaves the range is infinite, and nothing else: where a product of squaring overflows, the rest of them is computed
/// with exponents of their own. NaN all over for a matrix with NaN, or with infinities unless it is diagonal.
template <class T>
void matrix_exponential(std::size_t n, const T* a, T* y, void* scratch);

/// y = L(a, e), the derivative of exp at a in the direction e, linear in e: by the same approximation and squarings,
/// differentiated (Al-Mohy and Higham, ibid. 30 (2009)).
template <class T>
void matrix_exponential_derivative(std::size_t n, const T* a, const T* e, T* y, void* scratch);

/// The bytes they want. Throw shape_error, in the name of the operation, for an extent that LAPACK does not count.
std::size_t scratch_of_matrix_exponential(std::size_t n, const char* operation);
std::size_t scratch_of_matrix_exponential_derivative(std::size_t n, const char* operation);

} // namespace autograd::kernels
