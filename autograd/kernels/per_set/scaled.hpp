#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

#include "autograd/kernels/instruction_set.hpp"

/// Numbers that carry their exponent beside them: products of any length keep their digits, wherever they pass.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

template <class T>
struct float_layout;
template <>
struct float_layout<float>
{
    using integer = std::uint32_t;
    static constexpr int mantissa_bits = 23;
    static constexpr int bias = 127;
};
template <>
struct float_layout<double>
{
    using integer = std::uint64_t;
    static constexpr int mantissa_bits = 52;
    static constexpr int bias = 1023;
};

/// mantissa * 2^exponent with a mantissa of 1 to 2, or 0, an infinity or NaN with an exponent of 0. Each operation
/// rounds as that of T does, but never leaves the range: where T doesn't either, the digits are the same. (An exponent
/// stays where it comes to 2^60, as by squaring a number again and again: that is as good as 0 or infinite.)
template <std::floating_point T>
class scaled
{
    using layout = float_layout<T>;
    using integer = typename layout::integer;
    static constexpr integer ones = (integer{2} * layout::bias + 1); ///< the exponent's field, full
    static constexpr std::int64_t lowest = std::numeric_limits<T>::min_exponent - 1;
    static constexpr std::int64_t highest = std::numeric_limits<T>::max_exponent - 1;
    static constexpr std::int64_t digits = std::numeric_limits<T>::digits;
    static constexpr std::int64_t farthest = std::int64_t{1} << 60;

public:
    scaled() = default;
    scaled(T x)
    {
        const bool is_subnormal = x != 0 && std::abs(x) < std::numeric_limits<T>::min();
        *this = is_subnormal ? normalised(x * power_of_two(digits), -digits) : normalised(x, 0);
    }

    /// Rounded once, to a subnormal number or 0 as well.
    T value() const
    {
        if (m_exponent >= lowest && m_exponent <= highest)
        {
            return m_mantissa * power_of_two(m_exponent);
        }
        if (m_exponent > highest)
        {
            return m_mantissa * std::numeric_limits<T>::max() * 2;
        }
        return m_mantissa * power_of_two(lowest) * power_of_two(std::max(m_exponent - lowest, -digits - 1));
    }

    friend scaled operator*(scaled a, scaled b)
    {
        return normalised(a.m_mantissa * b.m_mantissa, a.m_exponent + b.m_exponent);
    }

    /// x * 2^exponent.
    friend scaled scalbn(scaled x, std::int64_t exponent)
    {
        return x.m_mantissa == 0 || !x.is_finite()
                   ? x
                   : scaled(x.m_mantissa, std::clamp(x.m_exponent + exponent, -farthest, farthest));
    }

    friend scaled operator+(scaled a, scaled b)
    {
        if (a.m_mantissa == 0 || b.m_mantissa == 0)
        {
            return a.m_mantissa == 0 && b.m_mantissa == 0 ? scaled(a.m_mantissa + b.m_mantissa)
                   : a.m_mantissa == 0                    ? b
                                                          : a;
        }
        if (!a.is_finite() || !b.is_finite())
        {
            return normalised(a.m_mantissa + b.m_mantissa, 0);
        }
        if (a.m_exponent < b.m_exponent)
        {
            std::swap(a, b);
        }
        const std::int64_t apart = a.m_exponent - b.m_exponent;
        // What is that far below does not even break a tie.
        return apart > digits + 1 ? a : normalised(a.m_mantissa + b.m_mantissa * power_of_two(-apart), a.m_exponent);
    }

private:
    scaled(T mantissa, std::int64_t exponent) : m_mantissa(mantissa), m_exponent(exponent) {}

    bool is_finite() const { return std::abs(m_mantissa) <= std::numeric_limits<T>::max(); }

    /// 2^exponent, a normal number.
    static T power_of_two(std::int64_t exponent)
    {
        return std::bit_cast<T>(static_cast<integer>(exponent + layout::bias) << layout::mantissa_bits);
    }

    /// x * 2^exponent, for an x that is not subnormal.
    static scaled normalised(T x, std::int64_t exponent)
    {
        const auto bits = std::bit_cast<integer>(x);
        const integer field = (bits >> layout::mantissa_bits) & ones;
        if (field == 0 || field == ones)
        {
            return {x, 0};
        }
        const integer mantissa =
            (bits & ~(ones << layout::mantissa_bits)) | (integer{layout::bias} << layout::mantissa_bits);
        const std::int64_t sum = exponent + static_cast<std::int64_t>(field) - layout::bias;
        return {std::bit_cast<T>(mantissa), std::clamp(sum, -farthest, farthest)};
    }

    T m_mantissa;
    std::int64_t m_exponent;
};

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
