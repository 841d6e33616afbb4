#pragma once

/// Functions of glibc's libmvec on packs: those that are as accurate as promised here (below 1.9 ulp by measurement),
/// right at the edges, and several times as fast as SLEEF's. It has no header; the names follow the vector function ABI
/// of x86-64, with which OpenMP calls them.

#include "autograd/kernels/pack.hpp"

#if defined(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE)

#define AUTOGRAD_KERNELS_LIBMVEC_UNARY(function)                                                                       \
    extern "C" autograd::kernels::pack<double>::register_type AUTOGRAD_KERNELS_LIBMVEC_DOUBLE(function)(               \
        autograd::kernels::pack<double>::register_type);                                                               \
    extern "C" autograd::kernels::pack<float>::register_type AUTOGRAD_KERNELS_LIBMVEC_FLOAT(function)(                 \
        autograd::kernels::pack<float>::register_type);                                                                \
    namespace autograd::kernels                                                                                        \
    {                                                                                                                  \
    inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET                                                                  \
    {                                                                                                                  \
    namespace libmvec                                                                                                  \
    {                                                                                                                  \
    [[nodiscard]] inline pack<double> function(pack<double> x) noexcept                                                \
    {                                                                                                                  \
        return pack<double>::batch_type(AUTOGRAD_KERNELS_LIBMVEC_DOUBLE(function)(x.m_batch));                         \
    }                                                                                                                  \
    [[nodiscard]] inline pack<float> function(pack<float> x) noexcept                                                  \
    {                                                                                                                  \
        return pack<float>::batch_type(AUTOGRAD_KERNELS_LIBMVEC_FLOAT(function)(x.m_batch));                           \
    }                                                                                                                  \
    }                                                                                                                  \
    }                                                                                                                  \
    }

AUTOGRAD_KERNELS_LIBMVEC_UNARY(erfc)
// Those for AVX2 are other algorithms, off by up to 2.5 ulp.
#if defined(__AVX512F__)
AUTOGRAD_KERNELS_LIBMVEC_UNARY(asinh)
AUTOGRAD_KERNELS_LIBMVEC_UNARY(acosh)
AUTOGRAD_KERNELS_LIBMVEC_UNARY(atanh)
AUTOGRAD_KERNELS_LIBMVEC_UNARY(tanh)
#endif

#undef AUTOGRAD_KERNELS_LIBMVEC_UNARY

#endif
