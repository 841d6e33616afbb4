#ifndef AUTOGRAD_KERNELS_PRIMITIVES_HPP
#define AUTOGRAD_KERNELS_PRIMITIVES_HPP

// Single instructions on registers (xsimd::batch) that pack.hpp and vector_math.hpp are built from, where xsimd has
// none or one that cannot be used: on AVX-512 its min, max, sqrt and roundings draw false warnings, because GCC 12
// takes the register that _mm512_undefined_pd() stands for, an operand that is never read, for an uninitialized
// variable (GCC bug 105593). The forms with a zeroing mask of ones compile to the same instructions without it.
// Elsewhere, those of xsimd without SSE4.1 lose the sign of -0.0 in their roundings.

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include "instruction_set.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

// The unsigned integer as wide as T, for work on the bits of a number.
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

// All bits of magnitude but the sign, and the sign of the other.
template <class T>
batch<T> copysign(batch<T> magnitude, batch<T> sign) noexcept
{
    return abs(magnitude) | (sign & batch<T>(T(-0.0)));
}

#if defined(__AVX512F__)

#define AUTOGRAD_KERNELS_UNARY(name, intrinsic, ...)                                                                   \
    inline batch<double> name(batch<double> x) noexcept                                                                \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_pd(static_cast<__mmask8>(-1), x __VA_OPT__(, ) __VA_ARGS__);                 \
    }                                                                                                                  \
    inline batch<float> name(batch<float> x) noexcept                                                                  \
    {                                                                                                                  \
        return _mm512_maskz_##intrinsic##_ps(static_cast<__mmask16>(-1), x __VA_OPT__(, ) __VA_ARGS__);                \
    }
#define AUTOGRAD_KERNELS_BINARY(name, intrinsic)                                                                       \
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
AUTOGRAD_KERNELS_BINARY(max, max)
AUTOGRAD_KERNELS_BINARY(min, min)

#undef AUTOGRAD_KERNELS_UNARY
#undef AUTOGRAD_KERNELS_BINARY

#else

template <class T>
batch<T> sqrt(batch<T> x) noexcept
{
    return xsimd::sqrt(x);
}

template <class T>
batch<T> max(batch<T> x, batch<T> y) noexcept
{
    return xsimd::max(x, y);
}

template <class T>
batch<T> min(batch<T> x, batch<T> y) noexcept
{
    return xsimd::min(x, y);
}

// To the nearest integer, halves to even. Without an instruction for it: adding and subtracting the number above which
// there are no fractions rounds in the current mode, and the sign is put back for -0.0.
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

} // namespace primitive

} // namespace detail

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels

#endif
