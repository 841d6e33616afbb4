#pragma once

/// exp, the functions made of it, and the logistic functions, on packs.
///
/// They are our own wherever numbers and integers share registers: argument reduction after Cody and Waite (Software
/// Manual for the Elementary Functions, 1980), polynomials and rational functions of least maximal relative error
/// (found by Remez's algorithm for the intervals given, the leading coefficients rounded one after another), and error
/// terms carried along where a rounding would be seen in the result (Muller, Elementary Functions, 3rd edition,
/// chapters 4, 5 and 11). They are about three times as fast as the functions of SLEEF, which serve elsewhere. The
/// accuracy does not depend on whether the compiler contracts products and sums: where the rounding of a product
/// matters it is written as fma.

#include <cstddef>
#include <limits>
#include <utility>

#include "autograd/kernels/exponential_table.hpp"
#include "autograd/kernels/libmvec_functions.hpp"
#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/sleef_functions.hpp"
#include "autograd/kernels/tanh_table.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

/// log(2) as a sum. The first part has so few bits that its products with the exponents of T are exact, and so is what
/// it leaves of a number next to such a product.
template <class T>
inline constexpr T log_2_high = sizeof(T) == sizeof(double) ? T(0x1.62e42fefa38p-1) : T(0x1.62e4p-1);
template <class T>
inline constexpr T log_2_low = sizeof(T) == sizeof(double) ? T(0x1.ef35793c7673p-45) : T(0x1.7f7d1cp-20);

} // namespace detail

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS

namespace detail
{

/// a b + c, rounded once where that is an instruction, else twice: where the second rounding does not matter, or where
/// the product is exact.
template <class T>
[[gnu::always_inline]] inline pack<T> multiply_add(pack<T> a, std::type_identity_t<pack<T>> b,
                                                   std::type_identity_t<pack<T>> c) noexcept
{
#if AUTOGRAD_KERNELS_HAS_FMA
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

template <class T, std::size_t N, std::size_t... I>
[[gnu::always_inline]] inline pack<T> polynomial(pack<T> x, const T (&c)[N], std::index_sequence<I...>) noexcept
{
    const pack<T> square = x * x;
    pack<T> first = c[N - 1];
    pack<T> second = c[N - 2];
    (..., ((I % 2 == 0 ? first : second) = multiply_add(I % 2 == 0 ? first : second, square, c[N - 3 - I])));
    // The chain that ended with c[0] has the even powers.
    return N % 2 == 1 ? multiply_add(second, x, first) : multiply_add(first, x, second);
}

/// c[0] + c[1] x + c[2] x^2 + ... as two interleaved chains of Horner's rule in x^2: half the latency for one more
/// product.
template <class T, std::size_t N>
[[gnu::always_inline]] inline pack<T> polynomial(pack<T> x, const T (&c)[N]) noexcept
{
    return polynomial(x, c, std::make_index_sequence<N - 2>());
}

template <class T>
struct exponential;

template <>
struct exponential<double>
{
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double log_2 = 0x1.62e42fefa39efp-1;
    /// Beyond these exp(x) / 2 overflows (exp(x) itself from 1 less on), exp(x) is 0 after rounding, and x exp(x), too,
    /// exp(x) - 1 is -1, and exp(2 x) next to overflow.
    static constexpr double overflow = 711;
    static constexpr double underflow = -800;
    static constexpr double minus_one = -40;
    static constexpr double tanh_far = 340;
    /// (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2, to 2^-57 of exp(r)
    static constexpr double exp_tail[] = {0x1.000000000000ap-1,  0x1.5555555555556p-3,  0x1.5555555550b32p-5,
                                          0x1.1111111117695p-7,  0x1.6c16c1833df26p-10, 0x1.a01a016c7012cp-13,
                                          0x1.a0199ccdc015ep-16, 0x1.71deb30305b72p-19, 0x1.28aae0c36a291p-22,
                                          0x1.ae0ef45d63874p-26};
    /// the same to 2^-57 of exp(r) - 1
    static constexpr double expm1_tail[] = {0x1p-1,
                                            0x1.5555555555559p-3,
                                            0x1.555555555555cp-5,
                                            0x1.111111110f5cap-7,
                                            0x1.6c16c16c11317p-10,
                                            0x1.a01a01b07f96ap-13,
                                            0x1.a01a01cea498p-16,
                                            0x1.71ddf5f98ffadp-19,
                                            0x1.27e45e100eb53p-22,
                                            0x1.af64b38aee422p-26,
                                            0x1.20823f9f36eb3p-29};
    /// tanh(r) = r (1 + a r^2 + ...) / (1 + b r^2 + ...) for |r| <= 0.1872, to 2^-56
    static constexpr double tanh_numerator[] = {0x1.c70e17fe09ef1p-4, 0x1.15297e19199cep-10};
    static constexpr double tanh_denominator[] = {0x1.c718db54d7c52p-2, 0x1.03f94bc902cc4p-6};
};

template <>
struct exponential<float>
{
    static constexpr float log2_e = 0x1.715476p+0F;
    static constexpr float log_2 = 0x1.62e43p-1F;
    static constexpr float overflow = 90;
    static constexpr float underflow = -150;
    static constexpr float minus_one = -20;
    static constexpr float tanh_far = 40;
    /// to 2^-28
    static constexpr float exp_tail[] = {0x1.fffffcp-2F, 0x1.55548cp-3F, 0x1.555858p-5F, 0x1.123dep-7F,
                                         0x1.6ac748p-10F};
    /// to 2^-28
    static constexpr float expm1_tail[] = {0x1p-1F,        0x1.55552cp-3F,  0x1.555502p-5F,
                                           0x1.1155a8p-7F, 0x1.6d2e4cp-10F, 0x1.3b8946p-13F};
    /// to 2^-29
    static constexpr float tanh_numerator[] = {0x1.10afa4p-4F};
    static constexpr float tanh_denominator[] = {0x1.998128p-2F};
};

/// exp(x) = 2^n exp(r)
template <class T>
struct reduced_argument
{
    pack<T> n;
    pack<T> r;
};

/// n as the low bits of a number, for |x| that is not too large
template <class T>
[[gnu::always_inline]] inline pack<T> shifted_exponent(pack<T> x) noexcept
{
    return multiply_add(x, exponential<T>::log2_e, primitive::to_integer<T>);
}

/// r for that n. The first difference is exact.
template <class T>
[[gnu::always_inline]] inline pack<T> reduce(pack<T> x, pack<T> n) noexcept
{
    return multiply_add(n, -log_2_low<T>, multiply_add(n, -log_2_high<T>, x));
}

template <class T>
[[gnu::always_inline]] inline reduced_argument<T> reduce_argument(pack<T> x) noexcept
{
#if !defined(__AVX512F__)
    // In this order of operands NaN stays.
    x = primitive::min(pack<T>(exponential<T>::overflow).m_batch, x.m_batch);
    x = primitive::max(pack<T>(exponential<T>::underflow).m_batch, x.m_batch);
#endif
    const pack<T> n = shifted_exponent(x) - primitive::to_integer<T>;
    return {n, reduce(x, n)};
}

/// exp(r) - 1, |r| <= log(2) / 2, to the accuracy of exp(r)
template <class T>
[[gnu::always_inline]] inline pack<T> exp_of_reduced_less_one(pack<T> r) noexcept
{
#if defined(__AVX512F__)
    // Where x is too large to be reduced, infinite or NaN, n alone makes the result when it scales; r need only be
    // harmless.
    r = primitive::clamp(r.m_batch, pack<T>(T(0.4)).m_batch);
#endif
    return multiply_add(r * r, polynomial(r, exponential<T>::exp_tail), r);
}

template <class T>
[[gnu::always_inline]] inline pack<T> exp_of_reduced(pack<T> r) noexcept
{
    return 1 + exp_of_reduced_less_one(r);
}

template <class T>
[[gnu::always_inline]] inline pack<T> scale(pack<T> x, pack<T> n) noexcept
{
    return primitive::scale(x.m_batch, n.m_batch);
}

#if AUTOGRAD_KERNELS_HAS_FMA

/// z - x y, rounded once
template <class T>
[[gnu::always_inline]] inline pack<T> fnma(pack<T> x, pack<T> y, pack<T> z) noexcept
{
    return primitive::fnma(x.m_batch, y.m_batch, z.m_batch);
}

/// A number as the sum of two, the second being small beside the first.
template <class T>
struct sum_of_two
{
    pack<T> high;
    pack<T> low;
};

/// The quotient rounded almost as if computed exactly: the one by a rough reciprocal is corrected by the remainder
/// (Muller, section 4.7), which takes the low parts along.
template <class T>
[[gnu::always_inline]] inline pack<T> divide(sum_of_two<T> numerator, sum_of_two<T> denominator) noexcept
{
    const pack<T> reciprocal = primitive::rough_reciprocal((denominator.high + denominator.low).m_batch);
    const pack<T> quotient = (numerator.high + numerator.low) * reciprocal;
    const pack<T> remainder =
        fnma(quotient, denominator.low, fnma(quotient, denominator.high, numerator.high) + numerator.low);
    return fma(remainder, reciprocal, quotient);
}

#endif

} // namespace detail

#endif

namespace detail
{

/// exp(x) / 2 for x next to the overflow of exp(x), even where that overflows
template <class T>
[[nodiscard]] inline pack<T> half_exp(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    const auto [n, r] = reduce_argument(x);
    return scale(exp_of_reduced(r), n - 1);
#else
    // 2 exp(x - 2 log(2)): SLEEF's is infinite already a little before the result is. From the bound on, the result is
    // infinite but not yet e. The difference is exact.
    constexpr T overflow = sizeof(T) == sizeof(double) ? T(711) : T(90);
    const pack<T> e = sleef::exp(minimum(x, overflow) - 2 * log_2_high<T>);
    return 2 * (e - e * (2 * log_2_low<T>));
#endif
}

} // namespace detail

template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> exp(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_TABLES
    if constexpr (sizeof(T) == sizeof(double))
    {
        return detail::exp_by_table(x);
    }
#endif
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
#if !defined(__AVX512F__)
    // The same to the last bit, where 2^n and the result are normal numbers: one product scales, and nothing overflows.
    if (all(abs(x) < (sizeof(T) == sizeof(double) ? T(708) : T(87)))) [[likely]]
    {
        const pack<T> shifted = detail::shifted_exponent(x);
        return detail::exp_of_reduced(detail::reduce(x, shifted - detail::primitive::to_integer<T>)) *
               pack<T>(detail::primitive::power_of_two(shifted.m_batch));
    }
#endif
    const auto [n, r] = detail::reduce_argument(x);
    return detail::scale(detail::exp_of_reduced(r), n);
#else
    // SLEEF's is infinite already a little before the result is.
    const pack<T> result = sleef::exp(x);
    const mask<T> large = x > (sizeof(T) == sizeof(double) ? T(709.7) : T(88.7));
    if (any(large)) [[unlikely]]
    {
        return select(large, 2 * detail::half_exp(x), result);
    }
    return result;
#endif
}

namespace detail
{

/// exp(x + low) for |low| of the size of the last place of x or less
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> exp_of_sum(pack<T> x, pack<T> low) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    const auto [n, r] = reduce_argument(x);
    return scale(exp_of_reduced(r + low), n);
#else
    const pack<T> e = sleef::exp(x);
    return e + e * low;
#endif
}

} // namespace detail

template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> exp2(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    // The remainder is exact: exp2(x) = 2^n exp(log(2) (x - n)).
#if !defined(__AVX512F__)
    constexpr T limit = std::numeric_limits<T>::max_exponent + std::numeric_limits<T>::digits;
    x = detail::primitive::min(pack<T>(limit).m_batch, x.m_batch);
    x = detail::primitive::max(pack<T>(-limit).m_batch, x.m_batch);
#endif
    const pack<T> n = round(x);
    return detail::scale(detail::exp_of_reduced((x - n) * detail::exponential<T>::log_2), n);
#else
    return sleef::exp2(x);
#endif
}

/// exp(x) - 1 = (2^n - 1) + 2^n p with p = exp(r) - 1. Three roundings would show where the two terms cancel (n = 1 and
/// n = -1); their errors are computed and added at the end.
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> expm1(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    using constants = detail::exponential<T>;
    using detail::multiply_add;
    namespace primitive = detail::primitive;
    pack<T> y = primitive::min(pack<T>(constants::overflow - 1).m_batch, x.m_batch);
    y = primitive::max(pack<T>(constants::minus_one).m_batch, y.m_batch);
    const pack<T> shifted = multiply_add(y, constants::log2_e, primitive::to_integer<T> - 1);
    const pack<T> n = shifted - (primitive::to_integer<T> - 1);
    const pack<T> exact = multiply_add(n, -detail::log_2_high<T>, y);
    const pack<T> r = multiply_add(n, -detail::log_2_low<T>, exact);
    const pack<T> tail = r * r * detail::polynomial(r, constants::expm1_tail);
    const pack<T> p = r + tail;
    const pack<T> low = (r - p) + tail + multiply_add(n, -detail::log_2_low<T>, exact - r);
    // Half of everything, for 2^n itself may be too large. Products with a power of two are exact.
    const pack<T> power = primitive::power_of_two(shifted.m_batch);
    const pack<T> difference = power - T(0.5);
    const pack<T> half = multiply_add(power, p, difference);
    const pack<T> half_low = multiply_add(power, low, multiply_add(power, p, difference - half));
    // Small arguments are their own results; halves of subnormal numbers would not be exact.
    return select(abs(x) < std::numeric_limits<T>::epsilon() / 4, x, 2 * (half + half_low));
#else
    return sleef::expm1(x);
#endif
}

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA

namespace detail
{

/// In float the tables of libmvec, one register each, are faster.
#if defined(AUTOGRAD_KERNELS_LIBMVEC_FLOAT) && defined(__AVX512F__)
template <class T>
inline constexpr bool has_tanh_quotient = sizeof(T) == sizeof(double);
#else
template <class T>
inline constexpr bool has_tanh_quotient = true;
#endif

/// From the addition theorem. For y = |x| = n log(2) / 2 + r let t = tanh(r) = r (1 + alpha) / (1 + beta) and tanh(n
/// log(2) / 2) = (2^n - 1) / (2^n + 1) = a / c. Then
///
///     tanh(y) = (a + c t) / (c + a t) = (a + c r + a beta + c r alpha) / (c + a r + c beta + a r alpha),
///
/// alpha and beta being at most a few hundredths: only the roundings of a + c r and c + a r matter, and the division
/// takes their errors along with the small terms. n is not the nearest integer to 2 y / log(2) but to a little less, so
/// that there is less to cancel for n = 1 (r >= -0.16).
template <class T>
class tanh_quotient
{
public:
    /// What is further out counts as tanh_far.
    [[gnu::always_inline]] explicit tanh_quotient(pack<T> x) noexcept
    {
        // In this order of operands NaN stays.
        const pack<T> y = primitive::min(pack<T>(constants::tanh_far).m_batch, primitive::abs(x.m_batch));
        const pack<T> shifted = fma(y - T(0x1.cp-7), 2 * constants::log2_e, primitive::to_integer<T>);
        n = shifted - primitive::to_integer<T>;
        power = primitive::power_of_two(shifted.m_batch);
        r = fma(n, -log_2_low<T> / 2, fma(n, -log_2_high<T> / 2, y));
        // Where 2^n + 1 is not exact tanh is 1 - 2 / 2^n after rounding, which this difference makes of c - 2 over c.
        c = power + 1;
        a = c - 2;

        const pack<T> square = r * r;
        pack<T> alpha = constants::tanh_numerator[0];
        beta = constants::tanh_denominator[0];
        if constexpr (sizeof(T) == sizeof(double))
        {
            alpha = fma(square, constants::tanh_numerator[1], alpha);
            beta = fma(square, constants::tanh_denominator[1], beta);
        }
        beta = beta * square;
        r_alpha = r * (alpha * square);

        denominator.high = fma(a, r, c);
        denominator.low = fma(a, r_alpha, fma(c, beta, fma(a, r, c - denominator.high)));
    }

    /// tanh(|x|)
    [[gnu::always_inline]] pack<T> value() const noexcept
    {
        const pack<T> high = fma(c, r, a);
        const pack<T> low = fma(c, r_alpha, fma(a, beta, fma(c, r, a - high)));
        return divide<T>({high, low}, denominator);
    }

    /// 1 - tanh(x)^2 = (c^2 - a^2) (1 - t^2) / (c + a t)^2 = 4 2^n ((1 + beta)^2 - r^2 (1 + alpha)^2) / denominator^2
    [[gnu::always_inline]] pack<T> slope() const noexcept
    {
        const pack<T> numerator_of_t = r + r_alpha;
        const pack<T> numerator = 1 + fma(beta, beta + 2, -(numerator_of_t * numerator_of_t));
        // What c has lost of 2^n + 1, and a of 2^n - 1.
        const pack<T> lost = (power - c) + 1;
        const pack<T> sum = denominator.high + (denominator.low + fma(lost, r, lost));
        return 4 * numerator / (sum * scale(sum, -n));
    }

private:
    using constants = exponential<T>;

    pack<T> n;
    pack<T> power; ///< 2^n
    pack<T> r;
    pack<T> r_alpha; ///< r alpha
    pack<T> beta;
    pack<T> a;
    pack<T> c;
    sum_of_two<T> denominator;
};

} // namespace detail

#endif

/// Where products cannot be fused the errors of a quotient cost too much: there it is by a table.
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> tanh(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA
#if defined(AUTOGRAD_KERNELS_LIBMVEC_FLOAT) && defined(__AVX512F__)
    if constexpr (!detail::has_tanh_quotient<T>)
    {
        return libmvec::tanh(x);
    }
#endif
    return detail::primitive::add_sign(detail::tanh_quotient<T>(x).value().m_batch, x.m_batch);
#elif AUTOGRAD_KERNELS_HAS_TABLES
    return detail::tanh_by_table(x);
#else
    return sleef::tanh(x);
#endif
}

/// SLEEF's are infinite as soon as exp(|x|) is, though half of it is still a number.
template <class T>
[[nodiscard]] inline pack<T> sinh(pack<T> x) noexcept
{
    pack<T> result = sleef::sinh(x);
    const mask<T> large = abs(x) > std::numeric_limits<T>::max_exponent * T(0.69);
    if (any(large)) [[unlikely]]
    {
        result = select(large, copysign(detail::half_exp(abs(x)), x), result);
    }
    return result;
}

template <class T>
[[nodiscard]] inline pack<T> cosh(pack<T> x) noexcept
{
    pack<T> result = sleef::cosh(x);
    const mask<T> large = abs(x) > std::numeric_limits<T>::max_exponent * T(0.69);
    if (any(large)) [[unlikely]]
    {
        result = select(large, detail::half_exp(abs(x)), result);
    }
    return result;
}

namespace detail
{

/// exp(x) for x <= 0, where nothing overflows
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> exp_below_one(pack<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS
    return exp(x);
#else
    return sleef::exp(x);
#endif
}

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA

/// e = exp(-|x|), at the heart of the logistic functions, cannot overflow. Its power of two is multiplied in last, so
/// that small results are accurate.
template <class T>
struct decay
{
    pack<T> mantissa;
    pack<T> mantissa_low;
    pack<T> n;
    pack<T> e;

    [[gnu::always_inline]] explicit decay(reduced_argument<T> of) noexcept : n(of.n)
    {
        const pack<T> p = exp_of_reduced_less_one(of.r);
        mantissa = 1 + p;
        mantissa_low = (1 - mantissa) + p;
        e = scale(mantissa, n);
    }
    /// of x
    [[gnu::always_inline]] explicit decay(pack<T> x) noexcept : decay(reduce_argument(-abs(x))) {}
    /// of x + low
    [[gnu::always_inline]] decay(pack<T> x, pack<T> low) noexcept : decay(corrected(x, low)) {}

private:
    [[gnu::always_inline]] static reduced_argument<T> corrected(pack<T> x, pack<T> low) noexcept
    {
        reduced_argument<T> result = reduce_argument(-abs(x));
        result.r = result.r + select(x < 0, low, -low);
        return result;
    }
};

/// 1 / (1 + e) or, for negative x, e / (1 + e)
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> sigmoid(mask<T> negative, const decay<T>& of) noexcept
{
    const pack<T> denominator = 1 + of.e;
    const pack<T> quotient = divide<T>({select(negative, of.mantissa, 1), select(negative, of.mantissa_low, 0)},
                                       {denominator, (1 - denominator) + of.e});
    return scale(quotient, select(negative, of.n, 0));
}

#else

/// e = exp(-|x|), at the heart of the logistic functions, cannot overflow.
template <class T>
struct decay
{
    pack<T> e;

    /// of x
    explicit decay(pack<T> x) noexcept : e(exp_below_one(-abs(x))) {}
    /// of x + low
    decay(pack<T> x, pack<T> low) noexcept : decay(x) { e = e + e * select(x < 0, low, -low); }
};

/// 1 / (1 + e) or, for negative x, e / (1 + e). The quotient is corrected by what the sum has lost; some bits of
/// 1 / (1 + e) do for that.
template <class T>
[[nodiscard]] inline pack<T> sigmoid(mask<T> negative, const decay<T>& of) noexcept
{
    const pack<T> denominator = 1 + of.e;
    const pack<T> lost = (1 - denominator) + of.e;
    const pack<T> quotient = select(negative, of.e, 1) / denominator;
    return quotient - quotient * (lost * select(negative, 1 - quotient, quotient));
}

#endif

/// x - y as a sum, exactly (Knuth's). Two equal infinities are 0 apart.
template <class T>
struct difference
{
    pack<T> high;
    pack<T> low;

    difference(pack<T> x, pack<T> y) noexcept
    {
        const pack<T> rounded = x - y;
        const pack<T> subtracted = x - rounded;
        const pack<T> lost = (x - (rounded + subtracted)) + (subtracted - y);
        low = select(abs(rounded) < 1000, lost, 0); // far out it does not matter, and may be large or NaN
        high = select(equal(x, y) && isinf(x), 0, rounded);
    }
};

} // namespace detail

/// 1 / (1 + exp(-x))
template <class T>
[[nodiscard, gnu::always_inline]] inline pack<T> sigmoid(pack<T> x) noexcept
{
    return detail::sigmoid(x < 0, detail::decay<T>(x));
}

/// sigmoid(x - y): far out the rounding error of the difference would be that of its exponential.
template <class T>
[[nodiscard]] inline pack<T> sigmoid_of_difference(pack<T> x, pack<T> y) noexcept
{
    const detail::difference<T> d(x, y);
    return detail::sigmoid(d.high < 0, detail::decay<T>(d.high, d.low));
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
