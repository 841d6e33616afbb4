#pragma once

#include "autograd/kernels/instruction_set.hpp"

#include <cstddef>
#include <type_traits>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Calls f with an integral constant equal to n, which is from 1 to Most.
template <std::size_t Most, class F>
void with_constant(std::size_t n, const F& f)
{
    if (n == Most)
    {
        f(std::integral_constant<std::size_t, Most>());
    }
    else if constexpr (Most > 1)
    {
        with_constant<Most - 1>(n, f);
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
