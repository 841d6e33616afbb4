#pragma once

/// Single instructions on registers (xsimd::batch) that the functions on packs are built from, where xsimd has none or
/// one that cannot be used.
///
/// max(x, y) is x > y ? x : y, and min(x, y) is x < y ? x : y, on every instruction set: the second where either is
/// NaN, and of zeros of both signs. So are the instructions of x86, while xsimd's functions give them the operands in
/// one order or the other, from release to release.
///
/// On AVX-512 its min, max, sqrt and roundings draw false warnings, because GCC 12 takes the
/// register that _mm512_undefined_pd() stands for, an operand that is never read, for an uninitialized variable (GCC
/// bug 105593); the forms with a zeroing mask of ones compile to the same instructions without it. Its fma there is a
/// product and a sum, rounded twice. Without SSE4.1, and on AArch64, its roundings lose the sign of -0.0. On AArch64
/// its quotients and roots of floats are made of the estimates of 32-bit ARM, wrong in the last digits and at the
/// edges.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include "autograd/kernels/instruction_set.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

/// The unsigned integer as wide as T, for work on the bits of a number.
template <class T>
using bits_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
inline constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T>
inline constexpr bits_of<T> sign_bit = std::bit_cast<bits_of<T>>(T(-0.0));

namespace primitive
{

template <class T>
using batch = xsimd::batch<T>;

template <class T>
batch<T> abs(batch<T> x) noexcept
{
    return x & batch<T>(std::bit_cast<T>(bits_of<T>(~sign_bit<T>)));
}

/// The sign of x as that of a number that is not negative.
template <class T>
batch<T> add_sign(batch<T> magnitude, batch<T> x) noexcept
{
    return magnitude | (x & batch<T>(T(-0.0)));
}

/// All bits of magnitude but the sign, and the sign of the other.
template <class T>
batch<T> copysign(batch<T> magnitude, batch<T> sign) noexcept
{
    return add_sign(abs(magnitude), sign);
}

/// The negation of the compiler's vectors rather than a change of the sign bit by hand: it is merged into fused
/// products.
template <class T>
batch<T> negate(batch<T> x) noexcept
{
    return -static_cast<typename batch<T>::register_type>(x);
}

/// The intrinsic for doubles and for floats.
#define AUTOGRAD_KERNELS_BINARY(name, intrinsic)                                                                       \
    inline batch<double> name(batch<double> x, batch<double> y) noexcept                                               \
    {                                                                                                                  \
        return intrinsic##_pd(x, y);                                                                                   \
    }                                                                                                                  \
    inline batch<float> name(batch<float> x, batch<float> y) noexcept                                                  \
    {                                                                                                                  \
        return intrinsic##_ps(x, y);                                                                                   \
    }

#if defined(__AVX512F__)

inline batch<double> fma(batch<double> x, batch<double> y, batch<double> z) noexcept
{
    return _mm512_fmadd_pd(x, y, z);
}

inline batch<float> fma(batch<float> x, batch<float> y, batch<float> z) noexcept
{
    return _mm512_fmadd_ps(x, y, z);
}

/// z - x * y, rounded once
inline batch<double> fnma(batch<double> x, batch<double> y, batch<double> z) noexcept
{
    return _mm512_fnmadd_pd(x, y, z);
}

inline batch<float> fnma(batch<float> x, batch<float> y, batch<float> z) noexcept
{
    return _mm512_fnmadd_ps(x, y, z);
}

#define AUTOGRAD_KERNELS_UNARY(name, intrinsic, ...)                                                                   \
    inline batch<double> name(batch<double> x) noexcept                                                                \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_pd(static_cast<__mmask8>(-1), x __VA_OPT__(, ) __VA_ARGS__);                 \
    }                                                                                                                  \
    inline batch<float> name(batch<float> x) noexcept                                                                  \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_ps(static_cast<__mmask16>(-1), x __VA_OPT__(, ) __VA_ARGS__);                \
    }
#define AUTOGRAD_KERNELS_ZEROED_BINARY(name, intrinsic)                                                                \
    inline batch<double> name(batch<double> x, batch<double> y) noexcept                                               \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_pd(static_cast<__mmask8>(-1), x, y);                                         \
    }                                                                                                                  \
    inline batch<float> name(batch<float> x, batch<float> y) noexcept                                                  \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_ps(static_cast<__mmask16>(-1), x, y);                                        \
    }

AUTOGRAD_KERNELS_UNARY(sqrt, sqrt)
AUTOGRAD_KERNELS_UNARY(round, roundscale, _MM_FROUND_TO_NEAREST_INT)
AUTOGRAD_KERNELS_UNARY(floor, roundscale, _MM_FROUND_TO_NEG_INF)
AUTOGRAD_KERNELS_UNARY(ceil, roundscale, _MM_FROUND_TO_POS_INF)
AUTOGRAD_KERNELS_UNARY(trunc, roundscale, _MM_FROUND_TO_ZERO)
AUTOGRAD_KERNELS_ZEROED_BINARY(max, max)
AUTOGRAD_KERNELS_ZEROED_BINARY(min, min)

#undef AUTOGRAD_KERNELS_UNARY
#undef AUTOGRAD_KERNELS_ZEROED_BINARY

#else

/// Rounded once on every instruction set.
template <class T>
batch<T> fma(batch<T> x, batch<T> y, batch<T> z) noexcept
{
#if AUTOGRAD_KERNELS_HAS_FMA
    return xsimd::fma(x, y, z);
#else
    T x_lanes[batch<T>::size];
    T y_lanes[batch<T>::size];
    T z_lanes[batch<T>::size];
    x.store_unaligned(x_lanes);
    y.store_unaligned(y_lanes);
    z.store_unaligned(z_lanes);
    for (std::size_t i = 0; i < batch<T>::size; ++i)
    {
        x_lanes[i] = std::fma(x_lanes[i], y_lanes[i], z_lanes[i]);
    }
    return batch<T>::load_unaligned(x_lanes);
#endif
}

#if defined(__AVX__)

AUTOGRAD_KERNELS_BINARY(max, _mm256_max)
AUTOGRAD_KERNELS_BINARY(min, _mm256_min)

#elif defined(__SSE2__)

AUTOGRAD_KERNELS_BINARY(max, _mm_max)
AUTOGRAD_KERNELS_BINARY(min, _mm_min)

#else

template <class T>
batch<T> max(batch<T> x, batch<T> y) noexcept
{
    return xsimd::select(x > y, x, y);
}

template <class T>
batch<T> min(batch<T> x, batch<T> y) noexcept
{
    return xsimd::select(x < y, x, y);
}

#endif

#if defined(__aarch64__)

#define AUTOGRAD_KERNELS_UNARY(name, intrinsic)                                                                        \
    inline batch<double> name(batch<double> x) noexcept                                                                \
    {                                                                                                                  \
        return intrinsic##_f64(x);                                                                                     \
    }                                                                                                                  \
    inline batch<float> name(batch<float> x) noexcept                                                                  \
    {                                                                                                                  \
        return intrinsic##_f32(x);                                                                                     \
    }

AUTOGRAD_KERNELS_UNARY(sqrt, vsqrtq)
AUTOGRAD_KERNELS_UNARY(round, vrndnq)
AUTOGRAD_KERNELS_UNARY(floor, vrndmq)
AUTOGRAD_KERNELS_UNARY(ceil, vrndpq)
AUTOGRAD_KERNELS_UNARY(trunc, vrndq)

#undef AUTOGRAD_KERNELS_UNARY

#else

template <class T>
batch<T> sqrt(batch<T> x) noexcept
{
    return xsimd::sqrt(x);
}

/// To the nearest integer, halves to even. Without an instruction for it: adding and subtracting the number above which
/// there are no fractions rounds in the current mode, and the sign is put back for -0.0.
template <class T>
batch<T> round(batch<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_ROUNDING
    return xsimd::nearbyint(x);
#else
    const batch<T> whole(T(1) / std::numeric_limits<T>::epsilon());
    const batch<T> magnitude = abs(x);
    return xsimd::select(magnitude < whole, copysign((magnitude + whole) - whole, x), x);
#endif
}

template <class T>
batch<T> floor(batch<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_ROUNDING
    return xsimd::floor(x);
#else
    const batch<T> nearest = round(x);
    return copysign(nearest - xsimd::select(nearest > x, batch<T>(T(1)), batch<T>(T(0))), x);
#endif
}

template <class T>
batch<T> ceil(batch<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_ROUNDING
    return xsimd::ceil(x);
#else
    const batch<T> nearest = round(x);
    return copysign(nearest + xsimd::select(nearest < x, batch<T>(T(1)), batch<T>(T(0))), x);
#endif
}

template <class T>
batch<T> trunc(batch<T> x) noexcept
{
#if AUTOGRAD_KERNELS_HAS_ROUNDING
    return xsimd::trunc(x);
#else
    return copysign(floor(abs(x)), x);
#endif
}

#endif

#endif

#undef AUTOGRAD_KERNELS_BINARY

#if defined(__aarch64__)

inline batch<double> divide(batch<double> x, batch<double> y) noexcept
{
    return vdivq_f64(x, y);
}

inline batch<float> divide(batch<float> x, batch<float> y) noexcept
{
    return vdivq_f32(x, y);
}

#else

template <class T>
batch<T> divide(batch<T> x, batch<T> y) noexcept
{
    return x / y;
}

#endif

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS

/// What exponentials and logarithms need beyond arithmetic. Each has a form for AVX-512, which has instructions made
/// for the purpose, and one of shifts and sums of integers.

/// A number that, added to x with |x| < 2^(digits - 2), rounds x to an integer n and leaves n plus the bias of the
/// exponent in the low bits of the sum: shifted by the width of the fraction, these bits are 2^n.
template <class T>
inline constexpr T to_integer = sizeof(T) == 8 ? T(0x1.8p52 + 1023) : T(0x1.8p23 + 127);

#if defined(__AVX512F__)

inline batch<double> power_of_two(batch<double> shifted) noexcept
{
    return _mm512_castsi512_pd(_mm512_maskz_slli_epi64(static_cast<__mmask8>(-1), _mm512_castpd_si512(shifted), 52));
}

inline batch<float> power_of_two(batch<float> shifted) noexcept
{
    return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(static_cast<__mmask16>(-1), _mm512_castps_si512(shifted), 23));
}

/// x * 2^n, rounded once even where the result is subnormal; n is an integer or infinite.
inline batch<double> scale(batch<double> x, batch<double> n) noexcept
{
    return _mm512_maskz_scalef_pd(static_cast<__mmask8>(-1), x, n);
}

inline batch<float> scale(batch<float> x, batch<float> n) noexcept
{
    return _mm512_maskz_scalef_ps(static_cast<__mmask16>(-1), x, n);
}

/// x brought into [-limit, limit], limit > 0; unlike by min and max, NaN becomes limit or -limit, by its sign.
inline batch<double> clamp(batch<double> x, batch<double> limit) noexcept
{
    return _mm512_maskz_range_pd(static_cast<__mmask8>(-1), x, limit, 0b0010);
}

inline batch<float> clamp(batch<float> x, batch<float> limit) noexcept
{
    return _mm512_maskz_range_ps(static_cast<__mmask16>(-1), x, limit, 0b0010);
}

/// 1 / x to half of the digits of T or more, for x neither subnormal nor close to overflow. The instruction gives 14
/// bits; in double a step of Newton's method doubles them.
inline batch<double> rough_reciprocal(batch<double> x) noexcept
{
    const batch<double> y = _mm512_maskz_rcp14_pd(static_cast<__mmask8>(-1), x);
    return fma(y, fnma(x, y, batch<double>(1.0)), y);
}

inline batch<float> rough_reciprocal(batch<float> x) noexcept
{
    return _mm512_maskz_rcp14_ps(static_cast<__mmask16>(-1), x);
}

/// x = 2^k * m with m in [0.75, 1.5), for positive finite x, subnormal ones included.
inline void split(batch<double> x, batch<double>& k, batch<double>& m) noexcept
{
    constexpr __mmask8 all = static_cast<__mmask8>(-1);
    m = _mm512_maskz_getmant_pd(all, x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_src);
    // The exponent of m is 0 or -1.
    k = batch<double>(_mm512_maskz_getexp_pd(all, x)) - batch<double>(_mm512_maskz_getexp_pd(all, m));
}

inline void split(batch<float> x, batch<float>& k, batch<float>& m) noexcept
{
    constexpr __mmask16 all = static_cast<__mmask16>(-1);
    m = _mm512_maskz_getmant_ps(all, x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_src);
    k = batch<float>(_mm512_maskz_getexp_ps(all, x)) - batch<float>(_mm512_maskz_getexp_ps(all, m));
}

/// The same for numbers that are not subnormal.
template <class T>
void split_normal(batch<T> x, batch<T>& k, batch<T>& m) noexcept
{
    split(x, k, m);
}

/// For each class of numbers a hexadecimal digit that says what vfixupimm puts in place of a result for an argument of
/// that class: 0 the result itself, 2 the argument as a quiet NaN, 3 NaN, 4 -inf, 5 +inf. From the lowest digit: quiet
/// NaN, signaling NaN, zero, one, -inf, +inf, negative, positive.
inline constexpr int logarithm_of_class = 0x03530422;

/// The logarithm of x where the general formula gave `result`: right also for x <= 0, infinities and NaN.
inline batch<double> with_edges_of_logarithm(batch<double> result, batch<double> x) noexcept
{
    return _mm512_fixupimm_pd(result, x, _mm512_set1_epi64(logarithm_of_class), 0);
}

inline batch<float> with_edges_of_logarithm(batch<float> result, batch<float> x) noexcept
{
    return _mm512_fixupimm_ps(result, x, _mm512_set1_epi32(logarithm_of_class), 0);
}

#else

template <class T>
using integers = xsimd::batch<bits_of<T>>;

template <class T>
inline constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;

template <class T>
integers<T> to_bits(batch<T> x) noexcept
{
    return xsimd::bitwise_cast<integers<T>>(x);
}

template <class T>
batch<T> from_bits(integers<T> bits) noexcept
{
    return xsimd::bitwise_cast<batch<T>>(bits);
}

template <class T>
batch<T> power_of_two(batch<T> shifted) noexcept
{
    return from_bits<T>(to_bits(shifted) << fraction_bits<T>);
}

/// In two steps, because 2^n itself may be out of range: the first is exact unless the result overflows. |n| is at most
/// twice the largest exponent.
template <class T>
batch<T> scale(batch<T> x, batch<T> n) noexcept
{
    const batch<T> half = n * batch<T>(T(0.5)) + batch<T>(to_integer<T>);
    const batch<T> rest = n - (half - batch<T>(to_integer<T>)) + batch<T>(to_integer<T>);
    return x * power_of_two(half) * power_of_two(rest);
}

#if AUTOGRAD_KERNELS_HAS_FMA

template <class T>
batch<T> fnma(batch<T> x, batch<T> y, batch<T> z) noexcept
{
    return xsimd::fnma(x, y, z);
}

#endif

template <class T>
batch<T> rough_reciprocal(batch<T> x) noexcept
{
    return batch<T>(T(1)) / x;
}

/// The same for numbers that are not subnormal: the bits of x less those of 0.75 have k in the place of the exponent,
/// since m >= 0.75 makes no borrow.
template <class T>
void split_normal(batch<T> x, batch<T>& k, batch<T>& m) noexcept
{
    using integer = bits_of<T>;
    constexpr integer one = std::bit_cast<integer>(T(1));
    // An integer of a few bits becomes a number as the low bits of this one.
    constexpr T whole = static_cast<T>(integer{1} << fraction_bits<T>);
    const integers<T> bits = to_bits(x);
    const integers<T> exponent = (bits + integers<T>(one - std::bit_cast<integer>(T(0.75)))) >> fraction_bits<T>;
    m = from_bits<T>(bits - (exponent << fraction_bits<T>)+integers<T>(one));
    k = from_bits<T>(exponent | integers<T>(std::bit_cast<integer>(whole))) -
        batch<T>(whole + (std::numeric_limits<T>::max_exponent - 1));
}

/// Subnormal numbers are scaled first.
template <class T>
void split(batch<T> x, batch<T>& k, batch<T>& m) noexcept
{
    constexpr int up = fraction_bits<T> + 2;
    const auto subnormal = x < batch<T>(std::numeric_limits<T>::min());
    split_normal(xsimd::select(subnormal, x * batch<T>(static_cast<T>(bits_of<T>{1} << up)), x), k, m);
    k = k - xsimd::select(subnormal, batch<T>(T(up)), batch<T>(T(0)));
}

template <class T>
batch<T> with_edges_of_logarithm(batch<T> result, batch<T> x) noexcept
{
    const batch<T> zero(T(0));
    const batch<T> inf(infinity<T>);
    // +inf and NaN are their own logarithms.
    const batch<T> edge =
        xsimd::select(x < zero, batch<T>(std::numeric_limits<T>::quiet_NaN()), xsimd::select(x == zero, -inf, x));
    return xsimd::select((x > zero) & (x < inf), result, edge);
}

#endif

#endif

} // namespace primitive

} // namespace detail

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
