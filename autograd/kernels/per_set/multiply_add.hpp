#pragma once

#include "autograd/kernels/pack.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// a b + c, rounded once where the instruction set has that.
template <class T>
pack<T> multiply_add(pack<T> a, pack<T> b, pack<T> c)
{
#if AUTOGRAD_KERNELS_HAS_FMA
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
