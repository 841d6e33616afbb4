#pragma once

#include <concepts>
#include <type_traits>

/// What an elementwise expression reads, found at compile time: the expression is instantiated with traced<...> in
/// place of packs or variables, and its type tells which arguments took part, and in how many operations. So a rule
/// never declares what its derivative needs.
namespace autograd::tracing
{

/// An argument or intermediate result. Bit k of Reads: argument k was read. Operations: how many were applied.
/// Unbounded: whether one of them can make something infinite, or not a number, of finite numbers of moderate size.
template <unsigned Reads, int Operations, bool Unbounded = false>
struct traced
{
    static constexpr unsigned reads = Reads;
    static constexpr int operations = Operations;
    static constexpr bool unbounded = Unbounded;
};

template <class X>
inline constexpr bool is_traced = false;
template <unsigned R, int N, bool U>
inline constexpr bool is_traced<traced<R, N, U>> = true;

template <class X>
concept number = std::is_arithmetic_v<X>;
template <class X>
concept argument = number<X> || is_traced<X>;

template <class X>
inline constexpr unsigned reads_of = 0;
template <unsigned R, int N, bool U>
inline constexpr unsigned reads_of<traced<R, N, U>> = R;
template <class X>
inline constexpr int operations_of = 0;
template <unsigned R, int N, bool U>
inline constexpr int operations_of<traced<R, N, U>> = N;
template <class X>
inline constexpr bool is_unbounded = false;
template <unsigned R, int N, bool U>
inline constexpr bool is_unbounded<traced<R, N, U>> = U;

/// The result of one more operation on some arguments.
template <bool Unbounded, class... X>
using applied = traced<(reads_of<X> | ...), (operations_of<X> + ... + 1), (Unbounded || ... || is_unbounded<X>)>;

#define AUTOGRAD_TRACE_UNARY(name, unbounded)                                                                          \
    template <unsigned R, int N, bool U>                                                                               \
    constexpr auto name(traced<R, N, U>)                                                                               \
    {                                                                                                                  \
        return traced < R, N + 1, U || unbounded > {};                                                                 \
    }
#define AUTOGRAD_TRACE_BINARY(name, unbounded)                                                                         \
    template <argument X, argument Y>                                                                                  \
        requires(is_traced<X> || is_traced<Y>)                                                                         \
    constexpr auto name(X, Y)                                                                                          \
    {                                                                                                                  \
        return applied<unbounded, X, Y>{};                                                                             \
    }

AUTOGRAD_TRACE_UNARY(operator-, false)
AUTOGRAD_TRACE_UNARY(operator!, false)
AUTOGRAD_TRACE_BINARY(operator+, false)
AUTOGRAD_TRACE_BINARY(operator-, false)
AUTOGRAD_TRACE_BINARY(operator*, false)
AUTOGRAD_TRACE_BINARY(operator/, is_traced<Y>)
AUTOGRAD_TRACE_BINARY(operator<, false)
AUTOGRAD_TRACE_BINARY(operator<=, false)
AUTOGRAD_TRACE_BINARY(operator>, false)
AUTOGRAD_TRACE_BINARY(operator>=, false)
AUTOGRAD_TRACE_BINARY(operator&&, false)
AUTOGRAD_TRACE_BINARY(operator||, false)
AUTOGRAD_TRACE_BINARY(equal, false)
AUTOGRAD_TRACE_BINARY(not_equal, false)
AUTOGRAD_TRACE_BINARY(maximum, false)
AUTOGRAD_TRACE_BINARY(minimum, false)
AUTOGRAD_TRACE_BINARY(pow, true)
AUTOGRAD_TRACE_BINARY(hypot, false)
AUTOGRAD_TRACE_BINARY(atan2, false)
AUTOGRAD_TRACE_BINARY(copysign, false)
AUTOGRAD_TRACE_BINARY(polygamma, true)
AUTOGRAD_TRACE_BINARY(power_integer, true)
AUTOGRAD_TRACE_BINARY(power_by, true)
AUTOGRAD_TRACE_BINARY(sigmoid_of_difference, false)
AUTOGRAD_TRACE_BINARY(sigmoid_slope_of_difference, false)
AUTOGRAD_TRACE_BINARY(undefined_at_zero, false)
AUTOGRAD_TRACE_UNARY(exp, true)
AUTOGRAD_TRACE_UNARY(exp2, true)
AUTOGRAD_TRACE_UNARY(expm1, true)
AUTOGRAD_TRACE_UNARY(log, true)
AUTOGRAD_TRACE_UNARY(log2, true)
AUTOGRAD_TRACE_UNARY(log10, true)
AUTOGRAD_TRACE_UNARY(log1p, true)
AUTOGRAD_TRACE_UNARY(sin, false)
AUTOGRAD_TRACE_UNARY(cos, false)
AUTOGRAD_TRACE_UNARY(tan, true)
AUTOGRAD_TRACE_UNARY(asin, true)
AUTOGRAD_TRACE_UNARY(acos, true)
AUTOGRAD_TRACE_UNARY(atan, false)
AUTOGRAD_TRACE_UNARY(sinh, true)
AUTOGRAD_TRACE_UNARY(cosh, true)
AUTOGRAD_TRACE_UNARY(tanh, false)
AUTOGRAD_TRACE_UNARY(asinh, false)
AUTOGRAD_TRACE_UNARY(acosh, true)
AUTOGRAD_TRACE_UNARY(atanh, true)
AUTOGRAD_TRACE_UNARY(sqrt, true)
AUTOGRAD_TRACE_UNARY(rsqrt, true)
AUTOGRAD_TRACE_UNARY(cbrt, false)
AUTOGRAD_TRACE_UNARY(reciprocal, true)
AUTOGRAD_TRACE_UNARY(square, false)
AUTOGRAD_TRACE_UNARY(abs, false)
AUTOGRAD_TRACE_UNARY(sign, false)
AUTOGRAD_TRACE_UNARY(floor, false)
AUTOGRAD_TRACE_UNARY(ceil, false)
AUTOGRAD_TRACE_UNARY(trunc, false)
AUTOGRAD_TRACE_UNARY(round, false)
AUTOGRAD_TRACE_UNARY(erf, false)
AUTOGRAD_TRACE_UNARY(erfc, false)
AUTOGRAD_TRACE_UNARY(lgamma, true)
AUTOGRAD_TRACE_UNARY(digamma, true)
AUTOGRAD_TRACE_UNARY(sigmoid, false)
AUTOGRAD_TRACE_UNARY(log_sigmoid, false)
AUTOGRAD_TRACE_UNARY(softplus, false)
AUTOGRAD_TRACE_UNARY(isnan, false)
AUTOGRAD_TRACE_UNARY(isinf, false)
AUTOGRAD_TRACE_UNARY(isfinite, false)
AUTOGRAD_TRACE_UNARY(signbit, false)
AUTOGRAD_TRACE_UNARY(log1mexp, true)
AUTOGRAD_TRACE_UNARY(normal_pdf, false)
AUTOGRAD_TRACE_UNARY(normal_cdf, false)
AUTOGRAD_TRACE_UNARY(sigmoid_slope, false)
AUTOGRAD_TRACE_UNARY(tanh_slope, false)
AUTOGRAD_TRACE_UNARY(silu_slope, false)
AUTOGRAD_TRACE_UNARY(erf_slope, false)
AUTOGRAD_TRACE_UNARY(asin_slope, true)
AUTOGRAD_TRACE_UNARY(atan_slope, false)
AUTOGRAD_TRACE_UNARY(acosh_slope, true)
AUTOGRAD_TRACE_UNARY(atanh_slope, true)

#undef AUTOGRAD_TRACE_UNARY
#undef AUTOGRAD_TRACE_BINARY

template <argument C, argument X, argument Y>
constexpr auto select(C, X, Y)
{
    return applied<false, C, X, Y>{};
}
template <argument X, argument Y, argument Z>
constexpr auto fma(X, Y, Z)
{
    return applied<false, X, Y, Z>{};
}
template <argument X>
constexpr auto power_by(X, double, int)
{
    return applied<true, X>{};
}
/// g times a slope within [-1, 1], which is 0 where the norm z is; where z is infinite it has been unbounded before.
template <argument G, argument X, argument Z>
constexpr auto norm_slope(G, X, Z)
{
    return applied<false, G, X, Z>{};
}
template <argument G, argument X, argument Y, argument Z>
constexpr auto hypot_slope(G, X, Y, Z)
{
    return applied<false, G, X, Y, Z>{};
}
template <argument X, number... Replacements>
constexpr auto nan_to_num(X, Replacements...)
{
    return applied<false, X>{};
}

} // namespace autograd::tracing
