#pragma once

#include <concepts>
#include <type_traits>

/// What an elementwise expression reads, found at compile time: the expression is instantiated with traced<...> in
/// place of packs or variables, and its type tells which arguments took part, and in how many operations. So a rule
/// never declares what its derivative needs.
namespace autograd::tracing
{

/// An argument or intermediate result. Bit k of Reads: argument k was read. Operations: how many were applied.
template <unsigned Reads, int Operations>
struct traced
{
    static constexpr unsigned reads = Reads;
    static constexpr int operations = Operations;
};

template <class X>
inline constexpr bool is_traced = false;
template <unsigned R, int N>
inline constexpr bool is_traced<traced<R, N>> = true;

template <class X>
concept number = std::is_arithmetic_v<X>;
template <class X>
concept argument = number<X> || is_traced<X>;

template <class X>
inline constexpr unsigned reads_of = 0;
template <unsigned R, int N>
inline constexpr unsigned reads_of<traced<R, N>> = R;
template <class X>
inline constexpr int operations_of = 0;
template <unsigned R, int N>
inline constexpr int operations_of<traced<R, N>> = N;

/// The result of one more operation on some arguments.
template <class... X>
using applied = traced<(reads_of<X> | ...), (operations_of<X> + ... + 1)>;

#define AUTOGRAD_TRACE_UNARY(name)                                                                                     \
    template <unsigned R, int N>                                                                                       \
    constexpr auto name(traced<R, N>)                                                                                  \
    {                                                                                                                  \
        return traced<R, N + 1>{};                                                                                     \
    }
#define AUTOGRAD_TRACE_BINARY(name)                                                                                    \
    template <argument X, argument Y>                                                                                  \
        requires(is_traced<X> || is_traced<Y>)                                                                         \
    constexpr auto name(X, Y)                                                                                          \
    {                                                                                                                  \
        return applied<X, Y>{};                                                                                        \
    }

AUTOGRAD_TRACE_UNARY(operator-)
AUTOGRAD_TRACE_UNARY(operator!)
AUTOGRAD_TRACE_BINARY(operator+)
AUTOGRAD_TRACE_BINARY(operator-)
AUTOGRAD_TRACE_BINARY(operator*)
AUTOGRAD_TRACE_BINARY(operator/)
AUTOGRAD_TRACE_BINARY(operator<)
AUTOGRAD_TRACE_BINARY(operator<=)
AUTOGRAD_TRACE_BINARY(operator>)
AUTOGRAD_TRACE_BINARY(operator>=)
AUTOGRAD_TRACE_BINARY(operator&&)
AUTOGRAD_TRACE_BINARY(operator||)
AUTOGRAD_TRACE_BINARY(equal)
AUTOGRAD_TRACE_BINARY(not_equal)
AUTOGRAD_TRACE_BINARY(maximum)
AUTOGRAD_TRACE_BINARY(minimum)
AUTOGRAD_TRACE_BINARY(pow)
AUTOGRAD_TRACE_BINARY(hypot)
AUTOGRAD_TRACE_BINARY(atan2)
AUTOGRAD_TRACE_BINARY(copysign)
AUTOGRAD_TRACE_BINARY(polygamma)
AUTOGRAD_TRACE_BINARY(power_integer)
AUTOGRAD_TRACE_UNARY(exp)
AUTOGRAD_TRACE_UNARY(exp2)
AUTOGRAD_TRACE_UNARY(expm1)
AUTOGRAD_TRACE_UNARY(log)
AUTOGRAD_TRACE_UNARY(log2)
AUTOGRAD_TRACE_UNARY(log10)
AUTOGRAD_TRACE_UNARY(log1p)
AUTOGRAD_TRACE_UNARY(sin)
AUTOGRAD_TRACE_UNARY(cos)
AUTOGRAD_TRACE_UNARY(tan)
AUTOGRAD_TRACE_UNARY(asin)
AUTOGRAD_TRACE_UNARY(acos)
AUTOGRAD_TRACE_UNARY(atan)
AUTOGRAD_TRACE_UNARY(sinh)
AUTOGRAD_TRACE_UNARY(cosh)
AUTOGRAD_TRACE_UNARY(tanh)
AUTOGRAD_TRACE_UNARY(asinh)
AUTOGRAD_TRACE_UNARY(acosh)
AUTOGRAD_TRACE_UNARY(atanh)
AUTOGRAD_TRACE_UNARY(sqrt)
AUTOGRAD_TRACE_UNARY(rsqrt)
AUTOGRAD_TRACE_UNARY(cbrt)
AUTOGRAD_TRACE_UNARY(reciprocal)
AUTOGRAD_TRACE_UNARY(square)
AUTOGRAD_TRACE_UNARY(abs)
AUTOGRAD_TRACE_UNARY(sign)
AUTOGRAD_TRACE_UNARY(floor)
AUTOGRAD_TRACE_UNARY(ceil)
AUTOGRAD_TRACE_UNARY(trunc)
AUTOGRAD_TRACE_UNARY(round)
AUTOGRAD_TRACE_UNARY(erf)
AUTOGRAD_TRACE_UNARY(erfc)
AUTOGRAD_TRACE_UNARY(lgamma)
AUTOGRAD_TRACE_UNARY(digamma)
AUTOGRAD_TRACE_UNARY(sigmoid)
AUTOGRAD_TRACE_UNARY(log_sigmoid)
AUTOGRAD_TRACE_UNARY(softplus)
AUTOGRAD_TRACE_UNARY(isnan)
AUTOGRAD_TRACE_UNARY(isinf)
AUTOGRAD_TRACE_UNARY(isfinite)
AUTOGRAD_TRACE_UNARY(signbit)
AUTOGRAD_TRACE_UNARY(log1mexp)
AUTOGRAD_TRACE_UNARY(normal_pdf)
AUTOGRAD_TRACE_UNARY(normal_cdf)

#undef AUTOGRAD_TRACE_UNARY
#undef AUTOGRAD_TRACE_BINARY

template <argument C, argument X, argument Y>
constexpr auto select(C, X, Y)
{
    return applied<C, X, Y>{};
}
template <argument X, argument Y, argument Z>
constexpr auto fma(X, Y, Z)
{
    return applied<X, Y, Z>{};
}
template <argument X, number... Replacements>
constexpr auto nan_to_num(X, Replacements...)
{
    return applied<X>{};
}

} // namespace autograd::tracing
