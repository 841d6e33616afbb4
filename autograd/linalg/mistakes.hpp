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

namespace mistake
{
struct other_arguments; // docs/linear_algebra.md has NumPy's and SciPy's calls beside ours, docs/operations.md ours.
} // namespace mistake

/// By mistake arrays are given, and no variable, or other arguments than there are. What fits is preferred.
#define AUTOGRAD_TAKES_NOTHING_ELSE(name)                                                                              \
    AUTOGRAD_TAKES_NO_ARRAYS_ALONE(name)                                                                               \
    template <class T>                                                                                                 \
    mistake::other_arguments name(variable<T>, detail::anything, ...);

AUTOGRAD_TAKES_NOTHING_ELSE(cholesky)
AUTOGRAD_TAKES_NOTHING_ELSE(cond)
AUTOGRAD_TAKES_NOTHING_ELSE(determinant)
AUTOGRAD_TAKES_NOTHING_ELSE(eigenvalues)
AUTOGRAD_TAKES_NOTHING_ELSE(eigenvectors)
AUTOGRAD_TAKES_NOTHING_ELSE(eigh)
AUTOGRAD_TAKES_NOTHING_ELSE(expm)
AUTOGRAD_TAKES_NOTHING_ELSE(inverse)
AUTOGRAD_TAKES_NOTHING_ELSE(logm)
AUTOGRAD_TAKES_NOTHING_ELSE(lu_factor)
AUTOGRAD_TAKES_NOTHING_ELSE(matrix_power)
AUTOGRAD_TAKES_NOTHING_ELSE(matrix_rank)
AUTOGRAD_TAKES_NOTHING_ELSE(norm)
AUTOGRAD_TAKES_NOTHING_ELSE(nuclear_norm)
AUTOGRAD_TAKES_NOTHING_ELSE(pinv)
AUTOGRAD_TAKES_NOTHING_ELSE(polar)
AUTOGRAD_TAKES_NOTHING_ELSE(projector)
AUTOGRAD_TAKES_NOTHING_ELSE(qr)
AUTOGRAD_TAKES_NOTHING_ELSE(singular_values)
AUTOGRAD_TAKES_NOTHING_ELSE(slogdet)
AUTOGRAD_TAKES_NOTHING_ELSE(spectral)
AUTOGRAD_TAKES_NOTHING_ELSE(sqrtm)
AUTOGRAD_TAKES_NOTHING_ELSE(svd)
AUTOGRAD_TAKES_NOTHING_ELSE(tensordot)
AUTOGRAD_TAKES_NOTHING_ELSE(trace)
AUTOGRAD_TAKES_NOTHING_ELSE(vander)
#undef AUTOGRAD_TAKES_NOTHING_ELSE

template <class T>
mistake::name_as_text norm(variable<T>, const char*);
template <class T>
mistake::name_as_text cond(variable<T>, const char*);
template <class T>
mistake::name_as_text qr(variable<T>, const char*);
template <class T>
mistake::lower_triangle eigh(variable<T>, const char*);
template <class T, std::integral I>
mistake::range_of_values eigh(variable<T>, I, I);

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
