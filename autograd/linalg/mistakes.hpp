#pragma once

#include "autograd/linalg/determinant.hpp"
#include "autograd/linalg/inverse.hpp"
#include "autograd/linalg/matrix_exponential.hpp"
#include "autograd/linalg/matrix_norm.hpp"
#include "autograd/linalg/matrix_products.hpp"
#include "autograd/linalg/polar.hpp"
#include "autograd/linalg/pseudo_inverse.hpp"
#include "autograd/linalg/qr.hpp"
#include "autograd/linalg/singular_values.hpp"
#include "autograd/linalg/spectral.hpp"
#include "autograd/linalg/symmetric_eigen.hpp"
#include "autograd/linalg/tensordot.hpp"

// What those write by mistake who know NumPy's and SciPy's linear algebra (autograd/tape/mistakes.hpp).

namespace autograd
{

AUTOGRAD_TAKES_NO_ARRAYS_ALONE(cholesky)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(cond)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(determinant)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(eigenvalues)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(eigenvectors)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(eigh)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(expm)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(inverse)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(logm)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(lu_factor)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(matrix_power)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(matrix_rank)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(norm)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(nuclear_norm)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(pinv)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(polar)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(projector)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(qr)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(singular_values)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(slogdet)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(spectral)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(sqrtm)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(svd)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(tensordot)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(trace)
AUTOGRAD_TAKES_NO_ARRAYS_ALONE(vander)

template <class T>
mistake::name_as_text norm(variable<T>, const char*);
template <class T>
mistake::name_as_text cond(variable<T>, const char*);
template <class T>
mistake::name_as_text qr(variable<T>, const char*);
template <class T>
mistake::lower_triangle eigh(variable<T>, const char*);

template <class T, class Order, std::integral Axis>
mistake::axis_of_norm norm(variable<T>, Order, Axis);
template <class T, class Order>
mistake::axis_of_norm norm(variable<T>, Order, std::initializer_list<integer>);

template <class T, std::integral I>
mistake::range_of_values eigenvalues(variable<T>, I);
template <class T>
mistake::range_of_values eigenvectors(variable<T>);
template <class T, std::integral I>
mistake::range_of_values eigenvectors(variable<T>, I);
template <class T, std::integral I>
mistake::range_of_values projector(variable<T>, I);
template <class T, std::integral I>
mistake::range_of_values singular_values(variable<T>, I);
template <class T, std::integral I>
mistake::range_of_values svd(variable<T>, I);

template <class T, class F>
    requires(!std::convertible_to<F, spectral_function>)
mistake::function_of_eigenvalues spectral(variable<T>, const F&);

template <class T, std::floating_point N>
mistake::power_of_matrix matrix_power(variable<T>, N);

} // namespace autograd
