#pragma once

/// exp of doubles by a table, for registers of two numbers without fused products: where there are so few lanes, a look
/// into memory for each costs less than the higher terms of a polynomial do.

#include <cstddef>

#include "autograd/kernels/pack.hpp"

#if AUTOGRAD_KERNELS_HAS_TABLES

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace detail
{

/// 2^(i / 128), i = 0, ..., 127, from the series of exp in 64 bits, and beside each by which part of itself the double
/// is too small.
struct powers_of_two
{
    static constexpr int bits = 7;
    static constexpr int count = 1 << bits;

    struct entry
    {
        double power;
        double missing;
    };
    alignas(64) entry entries[count];

    constexpr powers_of_two() : entries()
    {
        for (int i = 0; i < count; ++i)
        {
            const long double x = 0.693147180559945309417232121458176568L * i / count;
            long double sum = 1;
            long double term = 1;
            for (int k = 1; k < 30; ++k)
            {
                term *= x / k;
                sum += term;
            }
            const double power = static_cast<double>(sum);
            entries[i] = {power, static_cast<double>((sum - power) / sum)};
        }
    }
};

inline constexpr powers_of_two table_of_powers;

/// x = (128 k + i) log(2) / 128 + r with |r| <= log(2) / 256, for |x| < 1000: exp(x) = 2^k 2^(i / 128) exp(r).
struct table_argument
{
    static constexpr double count = powers_of_two::count;
    /// Added to a number it leaves the nearest integer in the low bits of the sum.
    static constexpr double to_integer = 0x1.8p52;

    pack<double> shifted; ///< 128 k + i in the low bits
    pack<double> r;

    [[gnu::always_inline]] explicit table_argument(pack<double> x) noexcept
    {
        // The first product and the first difference are exact: 34 bits times less than 2^18.
        constexpr double high = 0x1.62e42fefp-1 / count;
        constexpr double low = static_cast<double>(0.693147180559945309417232121458176568L - 0x1.62e42fefp-1L) / count;
        shifted = x * (count * 0x1.71547652b82fep+0) + to_integer;
        const pack<double> n = shifted - to_integer;
        r = (x - n * high) - n * low;
    }

    [[nodiscard]] __m128i bits() const noexcept { return _mm_castpd_si128(shifted.m_batch); }
    [[nodiscard]] std::size_t index(int lane) const noexcept
    {
        const int low_bits = lane == 0 ? _mm_extract_epi16(bits(), 0) : _mm_extract_epi16(bits(), 4);
        return static_cast<std::size_t>(low_bits) % powers_of_two::count;
    }
    /// 2^k, times a number of that size, where both are normal
    [[nodiscard]] pack<double> scale(pack<double> x) const noexcept
    {
        const __m128i k = _mm_andnot_si128(_mm_set1_epi64x(powers_of_two::count - 1), bits());
        return pack<double>::batch_type(
            _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(x.m_batch), _mm_slli_epi64(k, 52 - powers_of_two::bits))));
    }
    [[nodiscard]] pack<double> k() const noexcept
    {
        const pack<double> i =
            pack<double>::batch_type(_mm_setr_pd(static_cast<double>(index(0)), static_cast<double>(index(1))));
        return ((shifted - to_integer) - i) * (1 / count);
    }
    /// exp(r) - 1, to 2^-60
    [[nodiscard, gnu::always_inline]] pack<double> exp_less_one() const noexcept
    {
        const pack<double> square = r * r;
        return r + square * ((0.5 + r * (1.0 / 6)) + square * (1.0 / 24 + r * (1.0 / 120)));
    }
};

/// within 0.6 ulp, of normal results
[[gnu::always_inline]] inline pack<double> exp_by_table(pack<double> x) noexcept
{
    // From here on down the product with less_one may be subnormal and no longer lie below half a unit of the sum.
    const bool usual = all(abs(x) < 670);
    if (!usual) [[unlikely]]
    {
        // In this order of operands NaN stays.
        x = primitive::min(pack<double>(711).m_batch, x.m_batch);
        x = primitive::max(pack<double>(-800).m_batch, x.m_batch);
    }
    const table_argument argument(x);
    const __m128d first = _mm_load_pd(&table_of_powers.entries[argument.index(0)].power);
    const __m128d second = _mm_load_pd(&table_of_powers.entries[argument.index(1)].power);
    const pack<double> power(pack<double>::batch_type(_mm_unpacklo_pd(first, second)));
    const pack<double> missing(pack<double>::batch_type(_mm_unpackhi_pd(first, second)));
    const pack<double> less_one = argument.exp_less_one() + missing;
    if (usual) [[likely]]
    {
        const pack<double> scaled = argument.scale(power);
        return scaled + scaled * less_one;
    }
    // The same to the last bit for those of the others.
    return primitive::scale((power + power * less_one).m_batch, argument.k().m_batch);
}

} // namespace detail

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels

#endif
