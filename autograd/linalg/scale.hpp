#pragma once

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/exponential.hpp"
#include "autograd/operations/extremum.hpp"
#include "autograd/operations/identity.hpp"
#include "autograd/operations/rounding.hpp"
#include "autograd/operations/selection.hpp"

#include <limits>

/// Scales to compute by: what is divided by one has magnitudes near 1, so that powers and products of it stay in the
/// range. They are constants to derivatives, which is right where the result does not depend on them.
namespace autograd::detail
{

/// A scale for numbers of that magnitude: it itself, or 1 where it is 0 or not finite.
template <class T>
variable<T> scale_of(variable<T> magnitude)
{
    return where(isfinite(log2(magnitude)), stop_gradient(magnitude), T(1));
}

/// A scale for each matrix, a power of two, so that dividing by it loses nothing. Shape: (..., m, n) gives (..., 1, 1).
template <class T>
variable<T> binade_of_matrices(variable<T> a)
{
    constexpr T lowest = std::numeric_limits<T>::min_exponent;
    const variable<T> exponent = floor(log2(scale_of(amax(abs(a), {-2, -1}, xt::keep_dims))));
    return exp2(maximum(exponent, lowest));
}

} // namespace autograd::detail
