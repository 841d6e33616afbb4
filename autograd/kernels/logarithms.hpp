#pragma once

/// Logarithms, the inverse hyperbolic functions and softplus, on packs. As in exponentials.hpp, log and log1p are our
/// own where products can be fused, and SLEEF's elsewhere.

#include <limits>

#include "autograd/kernels/exponentials.hpp"
#include "autograd/kernels/libmvec_functions.hpp"
#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/sleef_functions.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS

namespace detail
{

/// log(1 + f) = f - f^2 / 2 + ... for -0.25 <= f <= 0.5, without the first two terms.
///
/// In double, with s = f / (2 + f), it is 2 atanh(s) = 2 s + 2 s^3 / 3 + ..., in which the exact leading terms appear
/// as f - f^2 / 2 + s (f^2 / 2 + s^2 G(s^2)) (Muller, section 11; the rearrangement is that of FDLIBM).
[[gnu::always_inline]] inline pack<double> log_tail(pack<double> f, pack<double> half_square) noexcept
{
    // G to 2^-55 of the logarithm
    constexpr double series[] = {0x1.555555555578p-1,  0x1.99999998ee0ecp-2, 0x1.249249b405e5ap-2, 0x1.c71c00307c713p-3,
                                 0x1.747513e3b591dp-3, 0x1.384f011ef7f2ep-3, 0x1.3adbf0d0e3decp-3};
    const pack<double> s = f / (f + 2);
    const pack<double> square = s * s;
    return s * multiply_add(square, polynomial(square, series), half_square);
}

/// In float a polynomial takes no longer than the division.
[[gnu::always_inline]] inline pack<float> log_tail(pack<float> f, pack<float>) noexcept
{
    // to 2^-29 of the logarithm
    constexpr float series[] = {0x1.55555ap-2F,  -0x1.00007p-2F, 0x1.999752p-3F, -0x1.55190ap-3F, 0x1.246598p-3F,
                                -0x1.04bcdap-3F, 0x1.df0e34p-4F, -0x1.74273p-4F, 0x1.3236fap-5F};
    return f * f * (f * polynomial(f, series));
}

/// log(2^k (1 + f)) + low, low being small beside the last place of the result. The sum of k log(2), to more digits
/// than T has, and f is rounded once and its error added to the small terms.
template <class T>
[[gnu::always_inline]] inline pack<T> log_of_split(pack<T> k, pack<T> f, pack<T> low) noexcept
{
    const pack<T> half_square = T(0.5) * f * f;
    const pack<T> sum = multiply_add(k, log_2_high<T>, f);
    const pack<T> sum_low = multiply_add(k, log_2_high<T>, -sum) + f;
    const pack<T> rest = multiply_add(k, log_2_low<T>, sum_low) + low;
    return sum + ((log_tail(f, half_square) + rest) - half_square);
}

template <class T>
struct split_number
{
    pack<T> k;
    pack<T> m;
};

/// x = 2^k m with m in [0.75, 1.5), for positive finite x
template <class T>
[[gnu::always_inline]] inline split_number<T> split(pack<T> x) noexcept
{
    split_number<T> result;
    primitive::split(x.m_batch, result.k.m_batch, result.m.m_batch);
    return result;
}

/// x = 2^k m for x that is not subnormal
template <class T>
[[gnu::always_inline]] inline split_number<T> split_normal(pack<T> x) noexcept
{
    split_number<T> result;
    primitive::split_normal(x.m_batch, result.k.m_batch, result.m.m_batch);
    return result;
}

#if !defined(__AVX512F__)

/// Whether no argument of a logarithm is zero, subnormal, negative, infinite or NaN: then its parts are had for less.
template <class T>
[[gnu::always_inline]] inline bool all_are_normal(pack<T> x) noexcept
{
    return all(x >= std::numeric_limits<T>::min() && x <= std::numeric_limits<T>::max());
}

#endif

/// log(u + lost) for positive u, lost being at most half of its last place: lost / u is added. A few bits of that do
/// where it is small beside the result, as 1 - f + f^2 - ... has for 1 / (1 + f); and where u is next to 1 that is next
/// to exact.
template <class T>
[[gnu::always_inline]] inline pack<T> log_of_sum(split_number<T> u, pack<T> lost) noexcept
{
    const auto [k, m] = u;
    const pack<T> f = m - 1;
    // 2^-k; for large k the lost part does not matter.
    const pack<T> exponent = primitive::min(k.m_batch, pack<T>(100).m_batch);
    const pack<T> power = primitive::power_of_two((primitive::to_integer<T> - exponent).m_batch);
    return log_of_split(k, f, lost * power * multiply_add(f, multiply_add(f, multiply_add(f, T(-0.8), 1), -1), 1));
}

} // namespace detail

#endif

template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> log(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
#if !defined(__AVX512F__)
    if (detail::all_are_normal(x)) [[likely]]
    {
        const auto [k, m] = detail::split_normal(x);
        return detail::log_of_split(k, m - 1, pack<T>(0));
    }
#endif
    const auto [k, m] = detail::split(x);
    return detail::primitive::with_edges_of_logarithm(detail::log_of_split(k, m - 1, pack<T>(0)).m_batch, x.m_batch);
#else
    return sleef::log(x);
#endif
}

template <class T>
[[nodiscard]] inline pack<T> log2(pack<T> x) noexcept
{
    return sleef::log2(x);
}

template <class T>
[[nodiscard]] inline pack<T> log10(pack<T> x) noexcept
{
    return sleef::log10(x);
}

template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> log1p(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    namespace primitive = detail::primitive;
    // The difference u - 1 is exact unless u is so large that nothing is lost that matters, and so is what is lost.
    const pack<T> u = 1 + x;
    const pack<T> lost = x - (u - 1);
#if !defined(__AVX512F__)
    if (detail::all_are_normal(u)) [[likely]]
    {
        return copysign(detail::log_of_sum(detail::split_normal(u), lost), x);
    }
#endif
    const pack<T> result = detail::log_of_sum(detail::split(u), lost);
    return copysign(pack<T>(primitive::with_edges_of_logarithm(result.m_batch, u.m_batch)), x);
#else
    // SLEEF's is infinite from about 10^307 (10^38 in float) on.
    const pack<T> result = sleef::log1p(x);
    const mask<T> large = x > 1 / std::numeric_limits<T>::epsilon() / std::numeric_limits<T>::epsilon();
    return any(large) ? select(large, sleef::log(x), result) : result;
#endif
}

/// SLEEF's inverse hyperbolic functions are infinite where x^2 is. There, 2 |x| is as good as |x| + sqrt(x^2 +- 1).
template <class T>
[[nodiscard]] inline pack<T> asinh(pack<T> x) noexcept
{
#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE) && defined(__AVX512F__)
    return libmvec::asinh(x);
#else
    pack<T> result = sleef::asinh(x);
    const mask<T> large = abs(x) > 1 / std::numeric_limits<T>::epsilon() / std::numeric_limits<T>::epsilon();
    if (any(large)) [[unlikely]]
    {
        result = select(large, copysign(log(abs(x)) + T(0.6931471805599453), x), result);
    }
    return result;
#endif
}

template <class T>
[[nodiscard]] inline pack<T> acosh(pack<T> x) noexcept
{
#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE) && defined(__AVX512F__)
    return libmvec::acosh(x);
#else
    pack<T> result = sleef::acosh(x);
    const mask<T> large = x > 1 / std::numeric_limits<T>::epsilon() / std::numeric_limits<T>::epsilon();
    if (any(large)) [[unlikely]]
    {
        result = select(large, log(x) + T(0.6931471805599453), result);
    }
    return result;
#endif
}

template <class T>
[[nodiscard]] inline pack<T> atanh(pack<T> x) noexcept
{
#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE) && defined(__AVX512F__)
    return libmvec::atanh(x);
#else
    return sleef::atanh(x);
#endif
}

namespace detail
{

/// log(1 + exp(-|x|))
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> log_of_one_plus_exp(pack<T> x) noexcept
{
    const pack<T> e = exp(-abs(x));
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    const pack<T> u = 1 + e;
    return log_of_sum(split_normal(u), e - (u - 1));
#else
    return sleef::log1p(e);
#endif
}

} // namespace detail

/// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> softplus(pack<T> x) noexcept
{
    return maximum(x, 0) + detail::log_of_one_plus_exp(x);
}

/// log(sigmoid(x)) = -softplus(-x)
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> log_sigmoid(pack<T> x) noexcept
{
    return minimum(x, 0) - detail::log_of_one_plus_exp(x);
}

#if !AUTOGRAD_KERNELS_HAS_POLYNOMIALS

namespace detail
{

/// log(1 - exp(-x)) where it is next to -1 / 2 (x next to 1): the error of exp would be magnified. It is log(d - t)
/// with d = 1 - 1 / e and t = (exp(1 - x) - 1) / e, in which the rounding error of the difference is computed.
template <class T>
[[nodiscard]] inline pack<T> log1mexp_next_to_one(pack<T> x) noexcept
{
    constexpr long double difference = 0.63212055882855767840447622983854L;
    constexpr T high = static_cast<T>(difference);
    constexpr T low = static_cast<T>(difference - high);
    const pack<T> t = (1 - high) * sleef::expm1(1 - x);
    const pack<T> u = high - t;
    const pack<T> lost = (high - u) - t + low;
    return sleef::log(u) + lost / u;
}

} // namespace detail

#endif

/// log(1 - exp(-x)) for x > 0, by the form that loses nothing on either side of log(2) (Maechler, Accurately Computing
/// log(1 - exp(-|a|)), 2012).
template <class T>
[[nodiscard]] inline pack<T> log1mexp(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    // 1 - exp(-x), or the sum of 1 and -exp(-x), with what it has lost, for the logarithm magnifies it.
    const auto [n, r] = detail::reduce_argument(-x);
    const pack<T> p = detail::exp_of_reduced_less_one(r);
    const pack<T> mantissa = 1 + p;
    const pack<T> e = detail::scale(mantissa, n);
    const pack<T> e_low = detail::scale((1 - mantissa) + p, n);
    const pack<T> u = 1 - e;
    const pack<T> of_sum = detail::log_of_sum(detail::split(u), (1 - u) - e - e_low);
    return select(x < 0.5, log(-expm1(-x)), select(u < 1, of_sum, -e));
#else
    const mask<T> next_to_one = x > T(0.8) && x < T(1.2);
    pack<T> result = select(x < 0.6931471805599453, log(-expm1(-x)), log1p(-exp(-x)));
    if (any(next_to_one)) [[unlikely]]
    {
        result = select(next_to_one, detail::log1mexp_next_to_one(x), result);
    }
    return result;
#endif
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
