#pragma once

#include <cstddef>
#include <limits>

/// What makes factors functions of their matrix.
namespace autograd::kernels
{

/// Up to which part of the largest the eigenvalues or singular values of a matrix of n rows or columns, or what is left
/// of columns that depend on others, may be equal, or 0, but for rounding: products like Q D Q^T bring about 20 units
/// in the last place with them, of which float has less, and LAPACK's algorithms add some, more slowly than n grows.
template <class T>
T rounding_of_factors(std::size_t n)
{
    return static_cast<T>(n + 32) * std::numeric_limits<T>::epsilon();
}

/// The first component of a vector that has this part of its largest magnitude is positive. (That the largest be
/// positive would leave the sign to rounding in vectors like (1, -1), which are the commonest.)
template <class T>
inline constexpr T deciding_part = T(0.3);

} // namespace autograd::kernels
