#pragma once

/// Derivatives that are functions of their own on packs, since the formulas in which their function's result or a
/// product of rounded numbers stands lose their digits: within 4 ulp. What tests/packs/slopes.cpp finds stands in
/// docs/trust.md.

#include "autograd/kernels/exponentials.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

/// a + x (b + x c)
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> quadratic(pack<T> x, T a, T b, T c) noexcept
{
#if AUTOGRAD_KERNELS_HAS_FMA
    return fma(x, fma(x, c, b), a);
#else
    return a + x * (b + x * c);
#endif
}

/// e / (1 + e)^2. As a polynomial the denominator has half of the rounding errors of the square.
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> sigmoid_slope_of_exponential(pack<T> e) noexcept
{
    return e / quadratic<T>(e, 1, 2, 1);
}

} // namespace detail

/// sigmoid'(x) = e / (1 + e)^2 with e = exp(-|x|). Nothing of sigmoid(x) (1 - sigmoid(x)) is left where the sigmoid is
/// next to 1.
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> sigmoid_slope(pack<T> x) noexcept
{
    return detail::sigmoid_slope_of_exponential(detail::decay<T>(x).e);
}

/// sigmoid'(x - y), 0 for two equal infinities
template <class T>
[[nodiscard]] inline pack<T> sigmoid_slope_of_difference(pack<T> x, pack<T> y) noexcept
{
    const detail::difference<T> d(x, y);
    const pack<T> e = detail::exp_of_sum(-abs(d.high), select(d.high < 0, d.low, -d.low));
    return select(equal(x, y) && isinf(x), 0, detail::sigmoid_slope_of_exponential(e));
}

namespace detail
{

/// 4 e / (1 + e)^2 with e = exp(-2 |x|)
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> tanh_slope_by_exponential(pack<T> x) noexcept
{
    const pack<T> e = exp_below_one(-2 * abs(x));
    return e / quadratic<T>(e, 0.25, 0.5, 0.25);
}

} // namespace detail

/// tanh'(x), of what tanh(x) is made of: where both are wanted at once a compiler computes that once.
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> tanh_slope(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA
    if constexpr (detail::has_tanh_quotient<T>)
    {
        const pack<T> slope = detail::tanh_quotient<T>(x).slope();
        const mask<T> far = abs(x) > detail::exponential<T>::tanh_far;
        return any(far) ? select(far, detail::tanh_slope_by_exponential(x), slope) : slope;
    }
#endif
    return detail::tanh_slope_by_exponential(x);
}

/// The derivative of x sigmoid(x): (1 + e + x e) / (1 + e)^2 or, for negative x, e (1 + e + x) / (1 + e)^2, with e =
/// exp(-|x|). It is -0 below -bound and 1 above.
template <class T>
[[nodiscard]] inline pack<T> silu_slope(pack<T> x) noexcept
{
    constexpr T bound = sizeof(T) == sizeof(double) ? T(800) : T(150);
    x = minimum(maximum(x, -bound), bound);
    const detail::decay<T> of(x);
    const mask<T> negative = x < 0;
    const pack<T> numerator = 1 + (of.e + x * select(negative, 1, of.e));
    const pack<T> square = detail::quadratic<T>(of.e, 1, 2, 1);
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA
    return detail::scale(select(negative, of.mantissa, 1) * numerator / square, select(negative, of.n, 0));
#else
    return select(negative, of.e, 1) * numerator / square;
#endif
}

namespace detail
{

/// x * x - square for square = x * x, exactly. Without fused products by halves of the digits (Dekker 1971); x must not
/// be very large.
template <class T>
[[nodiscard]] inline pack<T> error_of_square(pack<T> x, pack<T> square) noexcept
{
#if AUTOGRAD_KERNELS_HAS_FMA
    return fma(x, x, -square);
#else
    constexpr T splitter = sizeof(T) == sizeof(double) ? T(0x1p27 + 1) : T(0x1p12 + 1);
    const pack<T> product = splitter * x;
    const pack<T> high = product - (product - x);
    const pack<T> low = x - high;
    return ((high * high - square) + 2 * (high * low)) + low * low;
#endif
}

} // namespace detail

/// erf'(x) = 2 / sqrt(pi) exp(-x^2), 0 for |x| >= 40. The rounding error of x^2 would be that of its exponential.
template <class T>
[[nodiscard]] inline pack<T> erf_slope(pack<T> x) noexcept
{
    const pack<T> y = minimum(abs(x), 40);
    const pack<T> square = y * y;
    return 1.128379167095512573896159 * detail::exp_of_sum(-square, -detail::error_of_square(y, square));
}

/// asin'(x). 1 - x^2 as a product keeps its digits near -1 and 1.
template <class T>
[[nodiscard]] inline pack<T> asin_slope(pack<T> x) noexcept
{
    return 1 / sqrt((1 - x) * (1 + x));
}

/// atan'(x)
template <class T>
[[nodiscard]] inline pack<T> atan_slope(pack<T> x) noexcept
{
    return 1 / (1 + x * x);
}

/// acosh'(x). Two roots, since x^2 would overflow, and be 1 + x^2 - 1 near 1.
template <class T>
[[nodiscard]] inline pack<T> acosh_slope(pack<T> x) noexcept
{
    return 1 / (sqrt(x - 1) * sqrt(x + 1));
}

/// atanh'(x)
template <class T>
[[nodiscard]] inline pack<T> atanh_slope(pack<T> x) noexcept
{
    return 1 / ((1 - x) * (1 + x));
}

/// g x / z for a norm z of which x is a part. Where z is 0 it is 0, however large g is; but NaN where g is NaN. Where z
/// has overflowed nothing is known of it, and 0 would be wrong: NaN.
template <class T>
[[nodiscard]] inline pack<T> norm_slope(std::type_identity_t<pack<T>> g, pack<T> x, pack<T> z) noexcept
{
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const mask<T> origin = equal(z, 0);
    const pack<T> divisor = select(equal(z, infinity), std::numeric_limits<T>::quiet_NaN(), select(origin, 1, z));
    const pack<T> slope = g * (x / divisor);
    return select(origin && !isnan(g) && !isnan(x), 0, slope);
}

/// g x / z for z = hypot(x, y), also where z has overflowed: then x and y are taken over a power of two. Of an infinite
/// x or y it is 0 to what is finite.
template <class T>
[[nodiscard]] inline pack<T> hypot_slope(std::type_identity_t<pack<T>> g, pack<T> x, pack<T> y, pack<T> z) noexcept
{
    const mask<T> infinite = isinf(z);
    if (any(infinite)) [[unlikely]]
    {
        constexpr T very_small = sizeof(T) == sizeof(double) ? T(0x1p-600) : T(0x1p-86);
        const mask<T> overflowed = infinite && isfinite(x) && isfinite(y);
        const pack<T> a = very_small * x;
        const pack<T> b = very_small * y;
        const pack<T> length = sqrt(a * a + b * b);
        const pack<T> known = norm_slope<T>(g, x, select(infinite, 1, z));
        return select(overflowed, g * (a / length), select(infinite, g * (x / z), known));
    }
    return norm_slope<T>(g, x, z);
}

/// x, but NaN where z is 0
template <class T>
[[nodiscard]] inline pack<T> undefined_at_zero(pack<T> z, pack<T> x) noexcept
{
    return select(equal(z, 0), std::numeric_limits<T>::quiet_NaN(), x);
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
