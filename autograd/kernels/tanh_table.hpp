#pragma once

/// tanh by a table, for registers of few numbers without fused products.

#include <cstddef>
#include <cstdint>

#include "autograd/kernels/pack.hpp"

#if AUTOGRAD_KERNELS_HAS_TABLES

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

/// tanh(c) and its slope 1 - tanh(c)^2 at c = i / 32: computed in 64 bits, rounded to T. From 20 on they are 1 and 0 in
/// double; the rest of the table is for whatever the bits of NaN point to.
template <class T>
struct table_of_tanh
{
    static constexpr std::size_t count = 1024;
    static constexpr std::size_t used = 20 * 32 + 1;

    struct entry
    {
        T value;
        T slope;
    };
    alignas(64) entry entries[count];

    constexpr table_of_tanh() : entries()
    {
        long double step = 1; // exp(1 / 16), by its series
        long double term = 1;
        for (int k = 1; k < 20; ++k)
        {
            term /= 16 * k;
            step += term;
        }
        long double e = 1; // exp(2 c)
        for (std::size_t i = 0; i < count; ++i)
        {
            entries[i] = i < used
                             ? entry{static_cast<T>((e - 1) / (e + 1)), static_cast<T>(4 * e / ((e + 1) * (e + 1)))}
                             : entry{1, 0};
            e = i < used ? e * step : e;
        }
    }

    /// Those of the indices in the low bits of each number.
    [[gnu::always_inline]] static void look_up(pack<T> indices, pack<T>& value, pack<T>& slope) noexcept;
};

template <class T>
inline constexpr table_of_tanh<T> tanh_at;

template <>
[[gnu::always_inline]] inline void table_of_tanh<double>::look_up(pack<double> indices, pack<double>& value,
                                                                  pack<double>& slope) noexcept
{
    const __m128i bits = _mm_castpd_si128(indices.m_batch);
    const entry* entries = tanh_at<double>.entries;
    const __m128d first = _mm_load_pd(&entries[static_cast<std::size_t>(_mm_extract_epi16(bits, 0)) % count].value);
    const __m128d second = _mm_load_pd(&entries[static_cast<std::size_t>(_mm_extract_epi16(bits, 4)) % count].value);
    value = pack<double>::batch_type(_mm_unpacklo_pd(first, second));
    slope = pack<double>::batch_type(_mm_unpackhi_pd(first, second));
}

template <>
[[gnu::always_inline]] inline void table_of_tanh<float>::look_up(pack<float> indices, pack<float>& value,
                                                                 pack<float>& slope) noexcept
{
    const __m128i bits = _mm_castps_si128(indices.m_batch);
    const auto pair = [](int low_bits)
    { return reinterpret_cast<const double*>(&tanh_at<float>.entries[static_cast<std::size_t>(low_bits) % count]); };
    const __m128 first =
        _mm_castpd_ps(_mm_loadh_pd(_mm_load_sd(pair(_mm_extract_epi16(bits, 0))), pair(_mm_extract_epi16(bits, 2))));
    const __m128 second =
        _mm_castpd_ps(_mm_loadh_pd(_mm_load_sd(pair(_mm_extract_epi16(bits, 4))), pair(_mm_extract_epi16(bits, 6))));
    value = pack<float>::batch_type(_mm_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0)));
    slope = pack<float>::batch_type(_mm_shuffle_ps(first, second, _MM_SHUFFLE(3, 1, 3, 1)));
}

/// For y = |x| = c + d with c = i / 32 and 0 <= d <= 1 / 32, up to rounding, let t = tanh(c) and s = tanh(d):
///
///     tanh(y) = (t + s) / (1 + t s) = t + s (1 - t^2) / (1 + t s)
///
/// The second term is at most as large as the first, but for i = 0, where it is s.
template <class T>
[[gnu::always_inline]] inline pack<T> tanh_by_table(pack<T> x) noexcept
{
    // Added to a number it leaves the nearest integer in the low bits of the sum.
    constexpr T to_integer = sizeof(T) == sizeof(double) ? T(0x1.8p52) : T(0x1.8p23);
    // In this order of operands NaN stays.
    const pack<T> y = primitive::min(pack<T>(20).m_batch, primitive::abs(x.m_batch));
    const pack<T> shifted = (y - T(1) / 64) * 32 + to_integer;
    const pack<T> d = y - (shifted - to_integer) * (T(1) / 32);
    pack<T> t;
    pack<T> slope;
    table_of_tanh<T>::look_up(shifted, t, slope);
    // The series of tanh, to 2^-57 and 2^-31.
    const pack<T> square = d * d;
    pack<T> series = T(-1.0 / 3) + square * T(2.0 / 15);
    if constexpr (sizeof(T) == sizeof(double))
    {
        series = T(-1.0 / 3) + square * (T(2.0 / 15) + square * (T(-17.0 / 315) + square * T(62.0 / 2835)));
    }
    const pack<T> s = d + d * (square * series);
    const pack<T> result = t + s * slope / (1 + t * s);
    return primitive::add_sign(result.m_batch, x.m_batch);
}

} // namespace detail

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels

#endif
