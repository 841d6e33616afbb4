#pragma once

/// Special functions of single numbers, compiled once in special_functions.cpp because their source, Boost.Math, takes
/// long to compile. They never throw and keep the conventions of scipy.special at the edges:
///
///   digamma(x)       -inf at +0 and +inf at -0, NaN at the negative integers and at -inf, +inf at +inf
///   polygamma(n, x)  (-1)^(n + 1) n! zeta(n + 1, x); at the poles x = 0, -1, -2, ... (and -inf) the Hurwitz zeta
///                    function counts as +inf, so the result is +inf for odd n and -inf for even n >= 2; polygamma(0,
///                    x) is digamma(x); NaN for n < 0

namespace autograd::kernels::scalar
{

[[nodiscard]] float digamma(float x) noexcept;
[[nodiscard]] double digamma(double x) noexcept;
[[nodiscard]] float polygamma(int n, float x) noexcept;
[[nodiscard]] double polygamma(int n, double x) noexcept;

} // namespace autograd::kernels::scalar
