#pragma once

#include "autograd/operations/selection.hpp"

/// Derivatives that are functions of their own, element by element: the slopes of functions that saturate, or that are
/// infinite at the ends of their domain, and of norms. Written with the function's result they would lose their digits
/// (1 - tanh(x)^2), leave the range on the way, or be 0 times infinity in the next order. Each has its own derivative,
/// so every order keeps its digits. They are what rules are written with; nobody need call them.
/// \ingroup inside
namespace autograd
{

namespace detail
{

/// x, but 0 where it is infinite: beside a slope that is 0 there.
template <class X>
constexpr auto zero_if_infinite(X x)
{
    return select(isinf(x), 0, x);
}

/// x - y, but 0 for two equal infinities, where it would be NaN.
template <class X, class Y>
constexpr auto difference_of_exponents(X x, Y y)
{
    return select(equal(x, y) && isinf(x), 0, x - y);
}

} // namespace detail

// ------------------------------------------------------------------------------------------------ logistic functions

struct sigmoid_slope_rule : elementwise
{
    static constexpr auto name = "sigmoid_slope";
    static constexpr auto latex = R"(\sigma'(#1))";
    static constexpr auto forward = [](auto x) { return sigmoid_slope(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto g) { return -g * (y * tanh(0.5 * x)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return sigmoid_slope(x); };
        s.unary("sp.expit(x) * sp.expit(-x)", f, {-50.0, -3.0, 0.0, 0.4, 12.0, 50.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(sigmoid_slope_rule)

/// The derivative of sigmoid, e / (1 + e)^2 with e = exp(-|x|). Shape: that of x. Gradient: -g y tanh(x / 2).
AUTOGRAD_UNARY_FUNCTION(sigmoid_slope, sigmoid_slope_rule)

struct sigmoid_of_difference_rule : elementwise
{
    static constexpr auto name = "sigmoid_of_difference";
    static constexpr auto latex = R"(\sigma(#1 - #2))";
    static constexpr auto forward = [](auto x, auto y) { return sigmoid_of_difference(x, y); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto, auto g) { return g * sigmoid_slope_of_difference(x, y); },
                    [](auto x, auto y, auto, auto g) { return -g * sigmoid_slope_of_difference(x, y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return sigmoid_of_difference(x, y); };
        s.binary("sp.expit(x - y)", f,
                 {{1.5, -2.25}, {0.0, 0.0}, {10.0, 10.5}, {-10.0, -13.0}, {12.0, 3.0}, {s.inf, 1.0}, {s.nan, 1.0}});
        s.call("far out", "sp.expit(x - y)", f, s.array({2}, {1000.0, -1000.0}), s.array({2}, {1000.5, -1003.0}))
            .up_to_order(0);
        s.binary_kinks(f, {{s.inf, 1.0, 0.0, 0.0}, {s.inf, s.inf, 0.0, 0.0}, {1000.0, -1000.0, 0.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(sigmoid_of_difference_rule)

/// sigmoid(x - y) with the difference as it was before rounding; 1/2 for two equal infinities. Shape: broadcast.
/// Gradient: that of sigmoid, g to x and -g to y. Throws shape_error.
template <class T>
variable<T> sigmoid_of_difference(variable<T> x, variable<T> y)
{
    return record_elementwise<sigmoid_of_difference_rule, T>(operand<T>(x), operand<T>(y));
}

struct sigmoid_slope_of_difference_rule : elementwise
{
    static constexpr auto name = "sigmoid_slope_of_difference";
    static constexpr auto latex = R"(\sigma'(#1 - #2))";
    static constexpr auto forward = [](auto x, auto y) { return sigmoid_slope_of_difference(x, y); };
    static constexpr auto pulls = per_operand{
        [](auto x, auto y, auto z, auto g) { return -g * (z * tanh(0.5 * detail::difference_of_exponents(x, y))); },
        [](auto x, auto y, auto z, auto g) { return g * (z * tanh(0.5 * detail::difference_of_exponents(x, y))); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return sigmoid_slope_of_difference(x, y); };
        s.binary("sp.expit(x - y) * sp.expit(y - x)", f,
                 {{1.5, -2.25}, {0.0, 0.0}, {10.0, 10.5}, {-10.0, -13.0}, {12.0, 3.0}, {s.inf, 1.0}, {s.nan, 1.0}});
        s.call("far out", "sp.expit(x - y) * sp.expit(y - x)", f, s.array({2}, {1000.0, -1000.0}),
               s.array({2}, {1000.5, -1003.0}))
            .up_to_order(0);
        s.binary_kinks(f, {{s.inf, 1.0, 0.0, 0.0}, {s.inf, s.inf, 0.0, 0.0}, {1000.0, -1000.0, 0.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(sigmoid_slope_of_difference_rule)

/// sigmoid_slope(x - y) with the difference as it was before rounding; 0 for two equal infinities. Shape: broadcast.
/// Gradient: -g z tanh((x - y) / 2) to x, the opposite to y. Throws shape_error.
template <class T>
variable<T> sigmoid_slope_of_difference(variable<T> x, variable<T> y)
{
    return record_elementwise<sigmoid_slope_of_difference_rule, T>(operand<T>(x), operand<T>(y));
}

struct tanh_slope_rule : elementwise
{
    static constexpr auto name = "tanh_slope";
    static constexpr auto latex = R"(\tanh'(#1))";
    static constexpr auto forward = [](auto x) { return tanh_slope(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto g) { return -2 * g * (y * tanh(x)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return tanh_slope(x); };
        s.unary("4 * sp.expit(2 * x) * sp.expit(-2 * x)", f, {-30.0, -0.9, 0.0, 0.4, 3.0, 30.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(tanh_slope_rule)

/// The derivative of tanh, 4 e / (1 + e)^2 with e = exp(-2 |x|). Shape: that of x. Gradient: -2 g y tanh(x).
AUTOGRAD_UNARY_FUNCTION(tanh_slope, tanh_slope_rule)

struct silu_slope_rule : elementwise
{
    static constexpr auto name = "silu_slope";
    static constexpr auto latex = R"(\operatorname{silu}'(#1))";
    static constexpr auto forward = [](auto x) { return silu_slope(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) {
        return g * (sigmoid_slope(x) * (2 - detail::zero_if_infinite(x) * tanh(0.5 * x)));
    }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return silu_slope(x); };
        s.unary("sp.expit(x) * (1 + x * sp.expit(-x))", f, {-50.0, -3.0, -0.9, 0.0, 0.4, 3.0, 12.0, s.nan});
        s.call("far out", "np.ones_like(x)", f, s.array({2}, {50.0, 1000.0})).up_to_order(0);
        s.call("at infinity", "np.array([0.0, 1.0])", f, s.array({2}, {-s.inf, s.inf})).up_to_order(0);
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}, {1e300, 0.0}});
    }
};
AUTOGRAD_OPERATION(silu_slope_rule)

/// The derivative of silu, s + x s' with s = sigmoid(x). Shape: that of x. Gradient: g s' (2 - x tanh(x / 2)).
AUTOGRAD_UNARY_FUNCTION(silu_slope, silu_slope_rule)

// ---------------------------------------------------------------------------------------------------- error function

// Where the density is 0 the factor x is left out: higher orders multiply it by powers of x, which overflow.
struct erf_slope_rule : elementwise
{
    static constexpr auto name = "erf_slope";
    static constexpr auto latex = R"(\frac{2}{\sqrt{\pi}} \cdot e^{-{#1}^2})";
    static constexpr auto forward = [](auto x) { return erf_slope(x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto g) { return -2 * g * (select(equal(y, 0), 0, x) * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return erf_slope(x); };
        s.unary("2 / np.sqrt(np.pi) * np.exp(-x * x)", f, {-2.0, -0.9, 0.0, 0.4, 2.5, s.inf, -s.inf, s.nan});
        // NumPy rounds x * x, and the tail magnifies that.
        s.call("tail", "2 / np.sqrt(np.pi) * np.exp(-x * x)", f, s.array({3}, {-5.3, 8.1, 20.7})).value_within_ulp(500);
        s.kinks(f, {{1e200, 0.0}, {-50.0, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(erf_slope_rule)

/// The derivative of erf, 2 / sqrt(pi) exp(-x^2). Shape: that of x. Gradient: -2 g x y.
AUTOGRAD_UNARY_FUNCTION(erf_slope, erf_slope_rule)

// -------------------------------------------------------------------------------- inverses of circular functions etc.

struct asin_slope_rule : elementwise
{
    static constexpr auto name = "asin_slope";
    static constexpr auto latex = R"(\frac{1}{\sqrt{1 - {#1}^2}})";
    static constexpr auto forward = [](auto x) { return asin_slope(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto g) { return g * (x * y * y * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return asin_slope(x); };
        s.unary("1 / np.sqrt((1 - x) * (1 + x))", f, {-0.95, -0.3, 0.0, 0.4, 0.9, s.nan});
        s.kinks(f, {{1.0, s.inf}, {-1.0, -s.inf}});
    }
};
AUTOGRAD_OPERATION(asin_slope_rule)

/// The derivative of asin, 1 / sqrt(1 - x^2). Shape: that of x. Gradient: g x y^3, infinite at -1 and 1.
AUTOGRAD_UNARY_FUNCTION(asin_slope, asin_slope_rule)

struct atan_slope_rule : elementwise
{
    static constexpr auto name = "atan_slope";
    static constexpr auto latex = R"(\frac{1}{1 + {#1}^2})";
    static constexpr auto forward = [](auto x) { return atan_slope(x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto g) { return -2 * g * (detail::zero_if_infinite(x) * y * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return atan_slope(x); };
        s.unary("1 / (1 + x * x)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{1e200, 0.0}, {-1e200, 0.0}, {s.inf, 0.0}, {1e80, -2e-240}});
    }
};
AUTOGRAD_OPERATION(atan_slope_rule)

/// The derivative of atan, 1 / (1 + x^2). Shape: that of x. Gradient: -2 g x y^2.
AUTOGRAD_UNARY_FUNCTION(atan_slope, atan_slope_rule)

struct acosh_slope_rule : elementwise
{
    static constexpr auto name = "acosh_slope";
    static constexpr auto latex = R"(\frac{1}{\sqrt{{#1}^2 - 1}})";
    static constexpr auto forward = [](auto x) { return acosh_slope(x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto g) { return -g * (detail::zero_if_infinite(x) * y * y * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return acosh_slope(x); };
        s.unary("1 / np.sqrt((x - 1) * (x + 1))", f, {1.1, 1.5, 3.0, 20.0, 300.0, s.inf, s.nan});
        s.kinks(f, {{1.0, -s.inf}, {1e200, 0.0}, {1e100, -1e-200}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(acosh_slope_rule)

/// The derivative of acosh, 1 / sqrt(x^2 - 1). Shape: that of x. Gradient: -g x y^3, infinite at 1.
AUTOGRAD_UNARY_FUNCTION(acosh_slope, acosh_slope_rule)

struct atanh_slope_rule : elementwise
{
    static constexpr auto name = "atanh_slope";
    static constexpr auto latex = R"(\frac{1}{1 - {#1}^2})";
    static constexpr auto forward = [](auto x) { return atanh_slope(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto g) { return 2 * g * (x * y * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return atanh_slope(x); };
        s.unary("1 / ((1 - x) * (1 + x))", f, {-0.95, -0.3, 0.0, 0.4, 0.9, s.nan});
        s.kinks(f, {{1.0, s.inf}, {-1.0, -s.inf}});
    }
};
AUTOGRAD_OPERATION(atanh_slope_rule)

/// The derivative of atanh, 1 / (1 - x^2). Shape: that of x. Gradient: 2 g x y^2, infinite at -1 and 1.
AUTOGRAD_UNARY_FUNCTION(atanh_slope, atanh_slope_rule)

// ------------------------------------------------------------------------------------------------------------- norms

/// What is said where a second derivative at a zero norm is NaN.
inline constexpr auto no_curvature_at_zero =
    "a norm has no second derivative at 0; norm_sq(x), variance(x), square(x) + square(y) have";

struct undefined_at_zero_rule : elementwise
{
    static constexpr auto name = "undefined_at_zero";
    static constexpr auto remedy_of_nan = no_curvature_at_zero;
    static constexpr auto forward = [](auto z, auto x) { return undefined_at_zero(z, x); };
    static constexpr auto pulls =
        per_operand{zero_pull{}, [](auto z, auto, auto, auto g) { return undefined_at_zero(z, g); }};
    static void samples(auto& s)
    {
        const auto f = [](auto z, auto x) { return undefined_at_zero(z, x); };
        s.call("points", "y", f, s.positive({3}), s.numbers({3}));
        s.call("zeros", "np.where(x == 0, np.nan, y)", f, s.array({3}, {0.0, 1.0, s.nan}),
               s.array({3}, {1.0, 2.0, 3.0}))
            .up_to_order(0);
        s.binary_kinks(f, {{0.0, 1.0, 0.0, s.nan}, {2.0, 1.0, 0.0, 1.0}});
    }
};
AUTOGRAD_OPERATION(undefined_at_zero_rule)

/// x, but NaN where z is 0: what has no value there and must not pass for one, in any mode. No product with a tangent
/// or a cotangent would do: forward mode lets what does not move move nothing. Shape: broadcast. Gradient: to x g, but
/// NaN where z is 0; to z none. Throws shape_error.
template <class T>
variable<T> undefined_at_zero(variable<T> z, variable<T> x)
{
    return record_elementwise<undefined_at_zero_rule, T>(operand<T>(z), operand<T>(x));
}

// What flows to z is NaN at 0, and goes on to the elements that z is the norm of, since norm_slope lets NaN pass.
struct norm_slope_rule : elementwise
{
    static constexpr auto name = "norm_slope";
    static constexpr auto latex = R"(\frac{#1 \cdot #2}{#3})";
    static constexpr auto remedy_of_nan = no_curvature_at_zero;
    static constexpr auto forward = [](auto g, auto x, auto z) { return norm_slope(g, x, z); };
    static constexpr auto pulls = per_operand{[](auto, auto x, auto z, auto, auto c) { return norm_slope(c, x, z); },
                                              [](auto g, auto, auto z, auto, auto c) { return norm_slope(g, c, z); },
                                              [](auto g, auto x, auto z, auto, auto c)
                                              { return undefined_at_zero(z, -norm_slope(norm_slope(g, x, z), c, z)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto g, auto x, auto z) { return norm_slope(g, x, z); };
        s.call("points", "x * y / z", f, s.numbers({2, 3}), s.between(-3.0, -0.5, {2, 3}), s.positive({2, 3}));
        s.call("a norm of several", "x * y / z", f, s.numbers({2, 3}), s.between(-3.0, -0.5, {2, 3}),
               s.positive({2, 1}));
        s.call("at 0", "np.where(np.isnan(x), np.nan, 0)", f, s.array({3}, {2.0, s.inf, s.nan}),
               s.array({3}, {0.0, 0.0, 0.0}), s.array({3}, {0.0, 0.0, 0.0}))
            .up_to_order(0);
        s.call("overflowed", "np.full((2,), np.nan)", f, s.array({2}, {2.0, 1.0}), s.array({2}, {1e300, 0.0}),
               s.array({2}, {s.inf, s.inf}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(norm_slope_rule)

/// g x / z for a norm z of which x is a part: what flows to x when g flows into z. Where z is 0 it is 0, however large
/// g is, but NaN where g or x is. Where z has overflowed it is NaN: x / z would be 0, which it is not. Shape:
/// broadcast. Gradient: that of g x / z, but NaN to z where z is 0. Throws shape_error.
template <class T>
variable<T> norm_slope(variable<T> g, variable<T> x, variable<T> z)
{
    return record_elementwise<norm_slope_rule, T>(operand<T>(g), operand<T>(x), operand<T>(z));
}

namespace detail
{
/// g c / z for the second derivatives of z = hypot(x, y): NaN where z is 0. Where z has overflowed they are less than
/// any normal number.
template <class G, class C, class Z>
constexpr auto curvature_of_hypot(G g, C c, Z z)
{
    return undefined_at_zero(z, select(isinf(z), 0 * g, norm_slope(g, c, z)));
}
} // namespace detail

// z counts as the function of x and y that it is: y^2 / z^3 by x rather than 1 / z - x^2 / z^3, which cancels where x
// is much larger than y.
struct hypot_slope_rule : elementwise
{
    static constexpr auto name = "hypot_slope";
    static constexpr auto latex = R"(\frac{#1 \cdot #2}{#4})";
    static constexpr auto remedy_of_nan = no_curvature_at_zero;
    static constexpr auto forward = [](auto g, auto x, auto y, auto z) { return hypot_slope(g, x, y, z); };
    static constexpr auto pulls =
        per_operand{[](auto, auto x, auto y, auto z, auto, auto c) { return hypot_slope(c, x, y, z); },
                    [](auto g, auto x, auto y, auto z, auto, auto c)
                    {
                        const auto across = hypot_slope(1, y, x, z);
                        return detail::curvature_of_hypot(g * (across * across), c, z);
                    },
                    [](auto g, auto x, auto y, auto z, auto, auto c)
                    {
                        const auto both = hypot_slope(1, x, y, z) * hypot_slope(1, y, x, z);
                        return detail::curvature_of_hypot(-g * both, c, z);
                    },
                    zero_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto g, auto x, auto y) { return hypot_slope(g, x, y, hypot(x, y)); };
        s.call("points", "x * y / np.hypot(y, z)", f, s.array({5}, {2.0, -1.0, 0.5, 1.5, -3.0}),
               s.array({5}, {1.5, 0.0, -3.0, 2.0, 0.25}), s.array({5}, {-2.25, 3.0, 4.0, 0.5, -1.0}));
        s.call("special values", "np.array([0.0, np.nan, 0.0, np.nan])", f, s.array({4}, {1.0, 1.0, 1.0, 1.0}),
               s.array({4}, {0.0, s.inf, 1.0, s.nan}), s.array({4}, {0.0, 1.0, s.inf, 1.0}))
            .up_to_order(0);
        s.binary_kinks(
            [](auto x, auto y) { return hypot_slope(1, x, y, hypot(x, y)); },
            {{0.0, 0.0, s.nan, s.nan}, {2.0, 0.0, 0.0, 0.0}, {0.0, -2.0, 0.5, 0.0}, {1.5e308, 1.5e308, 0.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(hypot_slope_rule)

/// g x / z for z = hypot(x, y): what flows to x when g flows into z. At (0, 0) it is 0, however large g is, but NaN
/// where g is. Shape: broadcast. Gradient: that of g x / hypot(x, y), but NaN to x and y at (0, 0). Throws shape_error.
template <class T>
variable<T> hypot_slope(beside<T> g, variable<T> x, variable<T> y, variable<T> z)
{
    const operand<T> operands[] = {g, x, y, z};
    return tape<T>::record_elementwise(description<hypot_slope_rule, T>::instance, operands);
}

} // namespace autograd
