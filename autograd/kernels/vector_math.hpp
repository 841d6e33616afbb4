#pragma once

// The transcendental functions on packs, within 2 ulp over the whole range in double and in float, with the values of
// IEEE 754 and NumPy at the edges.

#include <cmath>
#include <cstddef>
#include <limits>

#include "autograd/kernels/exponentials.hpp"
#include "autograd/kernels/logarithms.hpp"
#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/sleef_functions.hpp"
#include "autograd/kernels/special_functions.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

template <class T>
[[nodiscard]] pack<T> cbrt(pack<T> x) noexcept
{
    return sleef::cbrt(x);
}

template <class T>
[[nodiscard]] pack<T> sin(pack<T> x) noexcept
{
    return sleef::sin(x);
}

template <class T>
[[nodiscard]] pack<T> cos(pack<T> x) noexcept
{
    return sleef::cos(x);
}

template <class T>
[[nodiscard]] pack<T> tan(pack<T> x) noexcept
{
    return sleef::tan(x);
}

template <class T>
[[nodiscard]] pack<T> asin(pack<T> x) noexcept
{
    return sleef::asin(x);
}

template <class T>
[[nodiscard]] pack<T> acos(pack<T> x) noexcept
{
    return sleef::acos(x);
}

template <class T>
[[nodiscard]] pack<T> atan(pack<T> x) noexcept
{
    return sleef::atan(x);
}

template <class T>
[[nodiscard]] pack<T> erf(pack<T> x) noexcept
{
    return sleef::erf(x);
}

template <class T>
[[nodiscard]] pack<T> erfc(pack<T> x) noexcept
{
    return sleef::erfc(x);
}

template <class T>
[[nodiscard]] pack<T> lgamma(pack<T> x) noexcept
{
    return sleef::lgamma(x);
}

template <class T>
[[nodiscard]] pack<T> digamma(pack<T> x) noexcept
{
    return detail::map_lanes([](T lane) { return scalar::digamma(lane); }, x);
}

template <class T>
[[nodiscard]] pack<T> polygamma(int n, pack<T> x) noexcept
{
    return detail::map_lanes([n](T lane) { return scalar::polygamma(n, lane); }, x);
}

namespace detail
{

template <class T>
pack<T> pow(pack<T> x, pack<T> y) noexcept
{
    return sleef::pow(x, y);
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

// Density of the standard normal distribution, exp(-x^2 / 2) / sqrt(2 pi).
template <class T>
[[nodiscard]] pack<T> normal_pdf(pack<T> x) noexcept
{
    return 0.3989422804014326779399461 * exp(-0.5 * x * x);
}

// Distribution function of the standard normal distribution, erfc(-x / sqrt(2)) / 2.
template <class T>
[[nodiscard]] pack<T> normal_cdf(pack<T> x) noexcept
{
    return 0.5 * erfc(-0.7071067811865475244008444 * x);
}

// x to the power of an integer that is the same for all lanes, by repeated squaring.
template <class T>
[[nodiscard]] pack<T> power_integer(pack<T> x, int n) noexcept
{
    pack<T> base = n < 0 ? 1 / x : x;
    pack<T> result = 1;
    for (unsigned exponent = n < 0 ? 0U - static_cast<unsigned>(n) : static_cast<unsigned>(n); exponent != 0;
         exponent >>= 1U)
    {
        if (exponent & 1U)
        {
            result *= base;
        }
        base *= base;
    }
    return result;
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
