#pragma once

#include "autograd/prove/exact.hpp"

/// Dual numbers over exact values: what `forward` is instantiated with to derive it once more, from arithmetic, exp and
/// what these are inverse to. The derivatives that a rule declares are compared with that.
namespace autograd::prove
{

/// x + e dx with e^2 = 0. Comparisons are those of x.
struct exact_dual
{
    exact primal;
    residues tangent;

    exact_dual() = default;
    exact_dual(const exact& x) : primal(x) {}
    exact_dual(const exact& x, const residues& dx) : primal(x), tangent(dx) {}
    exact_dual(autograd::number auto n) : primal(n) {}

    dual<residues> value() const { return {primal.value, tangent}; }

    friend exact_dual operator+(const exact_dual& x, const exact_dual& y)
    {
        return {x.primal + y.primal, x.tangent + y.tangent};
    }
    friend exact_dual operator-(const exact_dual& x, const exact_dual& y)
    {
        return {x.primal - y.primal, x.tangent - y.tangent};
    }
    friend exact_dual operator-(const exact_dual& x) { return {-x.primal, -x.tangent}; }
    friend exact_dual operator*(const exact_dual& x, const exact_dual& y)
    {
        return {x.primal * y.primal, x.tangent * y.primal.value + x.primal.value * y.tangent};
    }
    friend exact_dual operator/(const exact_dual& x, const exact_dual& y)
    {
        const exact z = x.primal / y.primal;
        return {z, (x.tangent - z.value * y.tangent) / y.primal.value};
    }

#define AUTOGRAD_DUAL_COMPARISON(name)                                                                                 \
    friend truth name(const exact_dual& x, const exact_dual& y)                                                        \
    {                                                                                                                  \
        return name(x.primal, y.primal);                                                                               \
    }
    AUTOGRAD_DUAL_COMPARISON(operator<)
    AUTOGRAD_DUAL_COMPARISON(operator<=)
    AUTOGRAD_DUAL_COMPARISON(operator>)
    AUTOGRAD_DUAL_COMPARISON(operator>=)
    AUTOGRAD_DUAL_COMPARISON(equal)
    AUTOGRAD_DUAL_COMPARISON(not_equal)
#undef AUTOGRAD_DUAL_COMPARISON
    friend exact_dual select(truth condition, const exact_dual& x, const exact_dual& y)
    {
        return condition.holds ? x : y;
    }
    friend truth isnan(const exact_dual& x)
    {
        return isnan(x.primal);
    }
    friend truth isinf(const exact_dual& x)
    {
        return isinf(x.primal);
    }
    friend truth isfinite(const exact_dual& x)
    {
        return isfinite(x.primal);
    }
    friend truth signbit(const exact_dual& x)
    {
        return signbit(x.primal);
    }
};

// What is constant between its jumps does not move.
#define AUTOGRAD_DUAL_STEP(name)                                                                                       \
    inline exact_dual name(const exact_dual& x)                                                                        \
    {                                                                                                                  \
        return {name(x.primal)};                                                                                       \
    }
AUTOGRAD_DUAL_STEP(sign)
AUTOGRAD_DUAL_STEP(floor)
AUTOGRAD_DUAL_STEP(ceil)
AUTOGRAD_DUAL_STEP(trunc)
AUTOGRAD_DUAL_STEP(round)
#undef AUTOGRAD_DUAL_STEP

inline exact_dual maximum(const exact_dual& x, const exact_dual& y)
{
    return select(x >= y, x, y);
}
inline exact_dual minimum(const exact_dual& x, const exact_dual& y)
{
    return select(x <= y, x, y);
}
inline exact_dual abs(const exact_dual& x)
{
    return select(x < 0, -x, x);
}
inline exact_dual copysign(const exact_dual& magnitude, const exact_dual& sign)
{
    const bool same = (magnitude < 0).holds == signbit(sign).holds;
    return select(truth{same}, magnitude, -magnitude);
}

inline exact_dual exp(const exact_dual& x)
{
    const exact y = exp(x.primal);
    return {y, y.value * x.tangent};
}
/// e^(log x) = x
inline exact_dual log(const exact_dual& x)
{
    return {log(x.primal), x.tangent / x.primal.value};
}
#define AUTOGRAD_DUAL_FUNCTION(name)                                                                                   \
    inline exact_dual name(const exact_dual& x)                                                                        \
    {                                                                                                                  \
        return {name(x.primal), functions::name(x.value()).tangent};                                                   \
    }
AUTOGRAD_SMOOTH_FUNCTIONS(AUTOGRAD_DUAL_FUNCTION)
#undef AUTOGRAD_DUAL_FUNCTION

/// y^2 = x, for the root that is taken
inline exact_dual sqrt(const exact_dual& x)
{
    const exact y = sqrt(x.primal);
    return {y, x.tangent / (fraction{2, 1} * y.value)};
}
inline exact_dual rsqrt(const exact_dual& x)
{
    return 1 / sqrt(x);
}
inline exact_dual square(const exact_dual& x)
{
    return x * x;
}
/// z^2 = x^2 + y^2
inline exact_dual hypot(const exact_dual& x, const exact_dual& y)
{
    const exact z = hypot(x.primal, y.primal);
    return {z, (x.primal.value * x.tangent + y.primal.value * y.tangent) / z.value};
}
/// x^p = x^(p - 1) x, whatever p: the tangent is p x^p / x.
inline exact_dual power_by(const exact_dual& x, double p, int lowered = 0)
{
    const exact y = power_by(x.primal, p, lowered);
    const residues exponent = exact::of_number(p).value - residues(fraction{lowered, 1});
    return {y, exponent * y.value / x.primal.value * x.tangent};
}
inline exact_dual power_integer(const exact_dual& x, int n)
{
    return power_by(x, n);
}
/// e^(y log x)
inline exact_dual pow(const exact_dual& x, const exact_dual& y)
{
    const exact z = pow(x.primal, y.primal);
    const dual<residues> exponent = y.value() * log(x.value());
    return {z, z.value * exponent.tangent};
}
inline exact_dual fma(const exact_dual& x, const exact_dual& y, const exact_dual& z)
{
    return x * y + z;
}
inline exact_dual atan2(const exact_dual& y, const exact_dual& x)
{
    return {atan2(y.primal, x.primal), functions::atan2(y.value(), x.value()).tangent};
}
inline exact_dual polygamma(int order, const exact_dual& x)
{
    return {polygamma(order, x.primal), functions::polygamma(order, x.value()).tangent};
}

inline exact_dual sigmoid_of_difference(const exact_dual& x, const exact_dual& y)
{
    return sigmoid(x - y);
}
inline exact_dual sigmoid_slope_of_difference(const exact_dual& x, const exact_dual& y)
{
    return sigmoid_slope(x - y);
}
/// g x / z, where z moves with x only as far as the rule says so: its tangent is its own.
inline exact_dual norm_slope(const exact_dual& g, const exact_dual& x, const exact_dual& z)
{
    return equal(z, 0).holds ? exact_dual(0) : g * (x / z);
}
/// g x / sqrt(x^2 + y^2): z is not an argument of its own.
inline exact_dual hypot_slope(const exact_dual& g, const exact_dual& x, const exact_dual& y, const exact_dual& z)
{
    (void)z;
    return equal(z, 0).holds ? exact_dual(0) : g * (x / hypot(x, y));
}
inline exact_dual undefined_at_zero(const exact_dual& z, const exact_dual& x)
{
    return {undefined_at_zero(z.primal, x.primal), x.tangent};
}
template <class... Replacements>
exact_dual nan_to_num(const exact_dual& x, Replacements... replacements)
{
    return isfinite(x.primal).holds ? x : exact_dual(nan_to_num(x.primal, replacements...));
}

} // namespace autograd::prove
