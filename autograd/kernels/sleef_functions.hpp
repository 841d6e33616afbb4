#pragma once

/// The functions of SLEEF (https://sleef.org) on packs: one table of (function, accuracy), from which
/// instruction_set.hpp makes the symbol for the instruction set at hand. The accuracy is part of the name of the
/// symbol: u10 stands for 1.0 ulp, u05 for 0.5 and u15 for 1.5. Where there is no vector symbol the scalar one is
/// applied lane by lane.

#include <sleef.h>

#include "autograd/kernels/pack.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace sleef
{

#if defined(AUTOGRAD_KERNELS_SLEEF_DOUBLE)
#define AUTOGRAD_KERNELS_SLEEF_UNARY(function, accuracy)                                                               \
    [[nodiscard]] inline pack<double> function(pack<double> x) noexcept                                                \
    {                                                                                                                  \
        return pack<double>::batch_type(AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy)(x.m_batch));                 \
    }                                                                                                                  \
    [[nodiscard]] inline pack<float> function(pack<float> x) noexcept                                                  \
    {                                                                                                                  \
        return pack<float>::batch_type(AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy)(x.m_batch));                   \
    }
#define AUTOGRAD_KERNELS_SLEEF_BINARY(function, accuracy)                                                              \
    [[nodiscard]] inline pack<double> function(pack<double> x, pack<double> y) noexcept                                \
    {                                                                                                                  \
        return pack<double>::batch_type(AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy)(x.m_batch, y.m_batch));      \
    }                                                                                                                  \
    [[nodiscard]] inline pack<float> function(pack<float> x, pack<float> y) noexcept                                   \
    {                                                                                                                  \
        return pack<float>::batch_type(AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy)(x.m_batch, y.m_batch));        \
    }
#else
#define AUTOGRAD_KERNELS_SLEEF_UNARY(function, accuracy)                                                               \
    [[nodiscard]] inline pack<double> function(pack<double> x) noexcept                                                \
    {                                                                                                                  \
        return detail::map_lanes([](double lane) { return Sleef_##function##accuracy(lane); }, x);                     \
    }                                                                                                                  \
    [[nodiscard]] inline pack<float> function(pack<float> x) noexcept                                                  \
    {                                                                                                                  \
        return detail::map_lanes([](float lane) { return Sleef_##function##f##accuracy(lane); }, x);                   \
    }
#define AUTOGRAD_KERNELS_SLEEF_BINARY(function, accuracy)                                                              \
    [[nodiscard]] inline pack<double> function(pack<double> x, pack<double> y) noexcept                                \
    {                                                                                                                  \
        return detail::map_lanes([](double a, double b) { return Sleef_##function##accuracy(a, b); }, x, y);           \
    }                                                                                                                  \
    [[nodiscard]] inline pack<float> function(pack<float> x, pack<float> y) noexcept                                   \
    {                                                                                                                  \
        return detail::map_lanes([](float a, float b) { return Sleef_##function##f##accuracy(a, b); }, x, y);          \
    }
#endif

AUTOGRAD_KERNELS_SLEEF_UNARY(exp, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(exp2, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(expm1, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(log, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(log2, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(log10, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(log1p, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(cbrt, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(sin, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(cos, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(tan, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(asin, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(acos, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(atan, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(sinh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(cosh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(tanh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(asinh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(acosh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(atanh, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(erf, _u10)
AUTOGRAD_KERNELS_SLEEF_UNARY(erfc, _u15)
AUTOGRAD_KERNELS_SLEEF_UNARY(lgamma, _u10)
AUTOGRAD_KERNELS_SLEEF_BINARY(pow, _u10)
AUTOGRAD_KERNELS_SLEEF_BINARY(atan2, _u10)
AUTOGRAD_KERNELS_SLEEF_BINARY(hypot, _u05)

#undef AUTOGRAD_KERNELS_SLEEF_UNARY
#undef AUTOGRAD_KERNELS_SLEEF_BINARY

} // namespace sleef

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
