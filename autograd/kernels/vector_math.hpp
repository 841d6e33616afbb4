#pragma once

/// The transcendental functions on packs: right within 2 ulp (a few within 2.02 in float) over the whole range,
/// subnormal arguments and results included, with the values of IEEE 754 and NumPy at infinities, NaN, signed zeros and
/// poles. An element does not depend on its neighbours in the register, to the last bit. What
/// tests/packs/vector_math.cpp finds stands in docs/trust.md.

#include <cstddef>
#include <limits>

#include "autograd/kernels/exponentials.hpp"
#include "autograd/kernels/libmvec_functions.hpp"
#include "autograd/kernels/logarithms.hpp"
#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/sleef_functions.hpp"
#include "autograd/kernels/slopes.hpp"
#include "autograd/kernels/special_functions.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS

namespace detail
{

/// erf(x) / x - 1 as a polynomial in x^2 for |x| <= 0.8135, to 2^-56 and 2^-27 of erf(x) / x
template <class T>
struct error_function;

template <>
struct error_function<double>
{
    static constexpr double series[] = {0x1.06eba8214db68p-3,   -0x1.812746b03798cp-2, 0x1.ce2f21a03dec9p-4,
                                        -0x1.b82ce310ef24cp-6,  0x1.565bccc88e42p-8,   -0x1.c02da61412f78p-11,
                                        0x1.f9a16b84bf4f7p-14,  -0x1.f4aeda9b633bp-17, 0x1.b8116ab2e8f8ap-20,
                                        -0x1.50434a636fda1p-23, 0x1.6ab3319a77408p-27};
};

template <>
struct error_function<float>
{
    static constexpr float series[] = {0x1.06eba8p-3F,  -0x1.81273p-2F, 0x1.ce27fap-4F,
                                       -0x1.b768d6p-6F, 0x1.4cfe7cp-8F, -0x1.54e39p-11F};
};

} // namespace detail

#endif

template <class T>
[[nodiscard]] inline pack<T> cbrt(pack<T> x) noexcept
{
    return sleef::cbrt(x);
}

namespace detail
{

/// SLEEF reduces the arguments of sin, cos and tan in the way that the largest one of a register asks for: up to 15
/// (125 in float), up to 10^14, or any. An element must not depend on its neighbours: those that another way is meant
/// for are evaluated once more among themselves. Where all are small, the usual case, it costs a comparison.
template <class T, class F>
[[gnu::always_inline]] inline pack<T> by_own_magnitude(F f, pack<T> x) noexcept
{
    pack<T> result = f(x);
    const mask<T> large = !(abs(x) < (sizeof(T) == sizeof(double) ? T(15) : T(125)));
    if (any(large)) [[unlikely]]
    {
        if constexpr (sizeof(T) == sizeof(double))
        {
            const mask<T> huge = !(abs(x) < 1e14);
            if (any(huge) && !all(huge))
            {
                result = select(huge, result, f(select(huge, 0, x)));
            }
        }
        if (!all(large))
        {
            result = select(large, result, f(select(large, 0, x)));
        }
    }
    return result;
}

} // namespace detail

template <class T>
[[nodiscard]] inline pack<T> sin(pack<T> x) noexcept
{
    return detail::by_own_magnitude([](pack<T> y) { return sleef::sin(y); }, x);
}

template <class T>
[[nodiscard]] inline pack<T> cos(pack<T> x) noexcept
{
    return detail::by_own_magnitude([](pack<T> y) { return sleef::cos(y); }, x);
}

template <class T>
[[nodiscard]] inline pack<T> tan(pack<T> x) noexcept
{
    return detail::by_own_magnitude([](pack<T> y) { return sleef::tan(y); }, x);
}

template <class T>
[[nodiscard]] inline pack<T> asin(pack<T> x) noexcept
{
    return sleef::asin(x);
}

template <class T>
[[nodiscard]] inline pack<T> acos(pack<T> x) noexcept
{
    return sleef::acos(x);
}

template <class T>
[[nodiscard]] inline pack<T> atan(pack<T> x) noexcept
{
    return sleef::atan(x);
}

template <class T>
[[nodiscard]] inline pack<T> erfc(pack<T> x) noexcept
{
#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE)
    pack<T> result = libmvec::erfc(x);
    if constexpr (sizeof(T) == sizeof(double))
    {
        // Its error grows to a little over 2 ulp where hardly anybody goes.
        const mask<T> far = x > 12;
        if (any(far)) [[unlikely]]
        {
            result = select(far, sleef::erfc(x), result);
        }
    }
    return result;
#else
    return sleef::erfc(x);
#endif
}

/// x (1 + a polynomial in x^2) where erfc(|x|) >= 1 / 4, and 1 - erfc(|x|) beyond.
template <class T>
[[nodiscard]] inline pack<T> erf(pack<T> x) noexcept
{
#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE)
    const pack<T> magnitude = abs(x);
    const pack<T> inner = fma(x, detail::polynomial(x * x, detail::error_function<T>::series), x);
    const pack<T> outer = copysign(1 - libmvec::erfc(magnitude), x);
    return select(magnitude < T(0.8134), inner, outer);
#else
    return sleef::erf(x);
#endif
}

/// +inf at the poles 0, -1, -2, ... and at both infinities, as in C. Near its roots on the negative axis only the
/// absolute error is small.
template <class T>
[[nodiscard]] inline pack<T> lgamma(pack<T> x) noexcept
{
    pack<T> result = sleef::lgamma(x);
    // SLEEF's is infinite already a little before the result is. There, x (log(x) - 1) is exact to all digits.
    const mask<T> large = x > std::numeric_limits<T>::max() * T(1e-4);
    if (any(large)) [[unlikely]]
    {
        result = select(large, x * (log(x) - 1), result);
    }
    return result;
}

template <class T>
[[nodiscard]] inline pack<T> digamma(pack<T> x) noexcept
{
    return detail::map_lanes([](T lane) { return scalar::digamma(lane); }, x);
}

template <class T>
[[nodiscard]] inline pack<T> polygamma(int n, pack<T> x) noexcept
{
    return detail::map_lanes([n](T lane) { return scalar::polygamma(n, lane); }, x);
}

namespace detail
{

/// SLEEF's is infinite already a little before the result is. There, the result is the square of half the power.
template <class T>
pack<T> pow(pack<T> x, pack<T> y) noexcept
{
    const pack<T> result = sleef::pow(x, y);
    const mask<T> overflow = isinf(result) && isfinite(x) && isfinite(y) && not_equal(x, 0);
    if (any(overflow)) [[unlikely]]
    {
        const pack<T> magnitude = select(equal(y, 1), abs(x), square(sleef::pow(abs(x), 0.5 * y)));
        return select(overflow, copysign(magnitude, result), result);
    }
    return result;
}

template <class T>
pack<T> atan2(pack<T> y, pack<T> x) noexcept
{
    return sleef::atan2(y, x);
}

template <class T>
pack<T> hypot(pack<T> x, pack<T> y) noexcept
{
    return sleef::hypot(x, y);
}

} // namespace detail

/// Density of the standard normal distribution, exp(-x^2 / 2 - log(sqrt(2 pi))). The rounding errors of x^2 and of the
/// difference would be seen in the tails; they go into the exponent. For |x| >= 100 the density is 0.
template <class T>
[[nodiscard]] inline pack<T> normal_pdf(pack<T> x) noexcept
{
    constexpr long double log_root = 0.91893853320467274178032973640562L;
    constexpr T high = static_cast<T>(-log_root);
    constexpr T low = static_cast<T>(-log_root - high);
    const pack<T> y = minimum(abs(x), 100);
    const pack<T> half_square = -0.5 * (y * y);
    const pack<T> half_square_low = fma(-0.5 * y, y, -half_square);
    // The sum and its error, whichever of the two is larger (Knuth).
    const pack<T> sum = half_square + high;
    const pack<T> added = sum - half_square;
    const pack<T> sum_low = (half_square - (sum - added)) + (high - added);
    return detail::exp_of_sum(sum, half_square_low + (sum_low + low));
}

/// Distribution function of the standard normal distribution, erfc(z) / 2 with z = -x / sqrt(2). The relative error of
/// erfc(z) is 2 z^2 times that of z in the lower tail, so the rounding error of z is computed, and the change that it
/// makes added with the derivative -2 exp(-z^2) / sqrt(pi). For |x| >= 40 the value is 0 or 1.
template <class T>
[[nodiscard]] inline pack<T> normal_cdf(pack<T> x) noexcept
{
    constexpr long double root_half = 0.70710678118654752440084436210485L;
    constexpr T high = static_cast<T>(-root_half);
    constexpr T low = static_cast<T>(-root_half - high);
    const pack<T> y = minimum(maximum(x, -40), 40);
    const pack<T> z = high * y;
    const pack<T> error = fma(high, y, -z) + low * y;
    return 0.5 * (erfc(z) - 1.1283791670955125738961589 * exp(-z * z) * error);
}

namespace detail
{

/// x^n, n >= 2, for x + low, low being of the size of the last place of x or less: by repeated squaring of the pair of
/// high and low part (Muller, section 2.2: the error of a product is fma(a, b, -a * b)), so that roundings do not
/// accumulate.
template <class T>
[[nodiscard]] inline pack<T> power_of_sum(pack<T> x, pack<T> low, unsigned n) noexcept
{
    struct number
    {
        pack<T> high;
        pack<T> low;
    };
    const auto product = [](number a, number b)
    {
        const pack<T> high = a.high * b.high;
        return number{high, fma(a.low, b.high, fma(a.high, b.low, fma(a.high, b.high, -high)))};
    };
    number base{x, low};
    for (; n % 2 == 0; n /= 2)
    {
        base = product(base, base);
    }
    number result = base;
    while (n /= 2, n != 0)
    {
        base = product(base, base);
        if (n % 2 == 1)
        {
            result = product(result, base);
        }
    }
    // Where something overflowed the low part is not a number, but the high part is right. So is the sign of its zero.
    const pack<T> sum = result.high + result.low;
    return copysign(select(isnan(sum), result.high, sum), result.high);
}

} // namespace detail

/// x to the power of an integer that is the same for all lanes. Exact for n = 0, 1 and correctly rounded for n = 2 and
/// n = -1; others by repeated squaring with the errors carried along, or by pow, which is as accurate, where the errors
/// would get too large or have no fused product to compute them.
template <class T>
[[nodiscard]] inline pack<T> power_integer(pack<T> x, int n) noexcept
{
    switch (n)
    {
    case -1:
        return 1 / x;
    case 0:
        return 1;
    case 1:
        return x;
    case 2:
        return x * x;
    case 3:
        return x * x * x;
    default:
        break;
    }
    constexpr int most = sizeof(T) == sizeof(float) ? 500 : 1'000'000;
    if (AUTOGRAD_KERNELS_HAS_FMA && -most <= n && n <= most)
    {
        if (n > 0)
        {
            return detail::power_of_sum(x, pack<T>(0), static_cast<unsigned>(n));
        }
        // The power of the reciprocal rather than the reciprocal of the power, which overflows too early. 1 / x is y +
        // y (1 - x y).
        const pack<T> y = 1 / x;
        return detail::power_of_sum(y, fma(-x, y, 1) * y, static_cast<unsigned>(-n));
    }
    // Two factors with exponents that a float holds exactly.
    const int low = n % 65536;
    return pow(x, n - low) * pow(x, low);
}

/// x to the power of a number that is the same for all lanes, by a root or by multiplications where that is within 2
/// units in the last place.
template <class T>
[[nodiscard]] inline pack<T> power_by(pack<T> x, double p) noexcept
{
    constexpr T infinity = std::numeric_limits<T>::infinity();
    // A root keeps the sign of -0, and is NaN at -infinity; a power is not.
    if (p == 0.5)
    {
        return select(equal(x, -infinity), infinity, sqrt(x + 0));
    }
    if (p == -0.5)
    {
        return select(equal(x, -infinity), 0, rsqrt(x + 0));
    }
    if (p >= -2 && p <= 4 && p == static_cast<int>(p))
    {
        return power_integer(x, static_cast<int>(p));
    }
    return pow(x, p);
}
/// x^(p - n), for those to whom the difference is not rounded.
template <class T>
[[nodiscard]] inline pack<T> power_by(pack<T> x, double p, int n) noexcept
{
    return power_by(x, p - n);
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
