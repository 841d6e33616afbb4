#pragma once

#include "autograd/kernels/instruction_set.hpp"

#include <cstddef>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// The sum of x_i y_i, in as many partial sums as keep additions from waiting for each other; what is left over goes
/// into one more.
template <class T>
T inner_product(const T* x, const T* y, std::size_t n)
{
    constexpr std::size_t lanes = 128 / sizeof(T);
    T rest = 0;
    const std::size_t whole = n / lanes * lanes;
    for (std::size_t i = whole; i < n; ++i)
    {
        rest += x[i] * y[i];
    }
    if (whole == 0)
    {
        return rest;
    }
    T sums[lanes] = {};
    for (std::size_t i = 0; i < whole; i += lanes)
    {
        for (std::size_t lane = 0; lane < lanes; ++lane)
        {
            sums[lane] += x[i + lane] * y[i + lane];
        }
    }
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
    {
        for (std::size_t lane = 0; lane < half; ++lane)
        {
            sums[lane] += sums[lane + half];
        }
    }
    return sums[0] + rest;
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
