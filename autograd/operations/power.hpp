#pragma once

#include "autograd/operations/exponential.hpp"
#include "autograd/operations/identity.hpp"
#include "autograd/operations/slopes.hpp"

#include <cmath>

/// Powers and roots, element by element.
/// \ingroup arithmetic
namespace autograd
{

// ------------------------------------------------------------------------------------------------- particular powers

struct square_rule : elementwise
{
    static constexpr auto name = "square";
    static constexpr auto latex = "{#1}^2";
    static constexpr auto forward = [](auto x) { return square(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * (2 * x); }};
    static void samples(auto& s)
    {
        s.unary("np.square(x)", [](auto x) { return square(x); }, {-20.0, -0.9, 0.0, 0.4, 1e10, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(square_rule)

/// x^2. Shape: that of x. Gradient: 2 g x. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(square, square_rule)

struct sqrt_rule : elementwise
{
    static constexpr auto name = "sqrt";
    static constexpr auto latex = R"(\sqrt{#1})";
    static constexpr auto forward = [](auto x) { return sqrt(x); };
    // The root of -0 is -0; added to 0 it is +0, and the derivative +inf as at 0.
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return g / (2 * y + 0); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return sqrt(x); };
        s.unary("np.sqrt(x)", f, {0.01, 0.1, 1.0, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "np.sqrt(x)", f, s.array({4}, {5e-324, 1e-300, 1e300, 0.0})).up_to_order(0);
        s.kinks(f, {{0.0, s.inf}, {-0.0, s.inf}, {s.inf, 0.0}, {-1.0, s.nan}});
    }
};
AUTOGRAD_OPERATION(sqrt_rule)

/// The square root; NaN below 0. Shape: that of x. Gradient: g / (2 y), +inf at 0 and at -0. As in
/// xtensor.
AUTOGRAD_UNARY_FUNCTION(sqrt, sqrt_rule)

struct rsqrt_rule : elementwise
{
    static constexpr auto name = "rsqrt";
    static constexpr auto latex = R"(\frac{1}{\sqrt{#1}})";
    static constexpr auto forward = [](auto x) { return rsqrt(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto g) { return g * (-0.5 * y / x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return rsqrt(x); };
        s.unary("1 / np.sqrt(x)", f, {0.01, 0.1, 1.0, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "1 / np.sqrt(x)", f, s.array({4}, {5e-324, 1e-300, 1e300, 0.0})).up_to_order(0);
        s.kinks(f, {{0.0, -s.inf}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(rsqrt_rule)

/// 1 / sqrt(x). Shape: that of x. Gradient: -g y / (2 x).
AUTOGRAD_UNARY_FUNCTION(rsqrt, rsqrt_rule)

struct cbrt_rule : elementwise
{
    static constexpr auto name = "cbrt";
    static constexpr auto latex = R"(\sqrt[3]{#1})";
    static constexpr auto forward = [](auto x) { return cbrt(x); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return g / (3 * y) / y; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return cbrt(x); };
        s.unary("np.cbrt(x)", f, {-300.0, -8.0, -0.1, 0.3, 2.5, 1000.0, s.inf, -s.inf, s.nan});
        s.call("far out", "np.cbrt(x)", f, s.array({4}, {5e-324, 1e-300, 1e300, 0.0})).up_to_order(0);
        s.kinks(f, {{0.0, s.inf}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(cbrt_rule)

/// The cube root, of negative numbers too. Shape: that of x. Gradient: g / (3 y^2), infinite at 0. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(cbrt, cbrt_rule)

struct reciprocal_rule : elementwise
{
    static constexpr auto name = "reciprocal";
    static constexpr auto latex = R"(\frac{1}{#1})";
    static constexpr auto forward = [](auto x) { return reciprocal(x); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return -g * y * y; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return reciprocal(x); };
        s.unary("1 / x", f, {-300.0, -8.0, -0.1, 0.3, 2.5, 1000.0, s.inf, -s.inf, s.nan});
        s.call("far out", "1 / x", f, s.array({4}, {5e-324, 1e-300, 1e300, 0.0})).up_to_order(0);
        s.kinks(f, {{0.0, -s.inf}, {s.inf, 0.0}, {1e200, 0.0}});
    }
};
AUTOGRAD_OPERATION(reciprocal_rule)

/// 1 / x. Shape: that of x. Gradient: -g y^2.
AUTOGRAD_UNARY_FUNCTION(reciprocal, reciprocal_rule)

// 0 at the origin, whatever flows.
struct hypot_rule : elementwise
{
    static constexpr auto name = "hypot";
    static constexpr auto latex = R"(\sqrt{{#1}^2 + {#2}^2})";
    static constexpr auto forward = [](auto x, auto y) { return hypot(x, y); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto z, auto g) { return hypot_slope(g, x, y, z); },
                                              [](auto x, auto y, auto z, auto g) { return hypot_slope(g, y, x, z); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return hypot(x, y); };
        s.binary("np.hypot(x, y)", f,
                 {{1.5, -2.25}, {0.0, 3.0}, {-3.0, 4.0}, {s.inf, s.nan}, {1.0, -s.inf}, {s.nan, 1.0}});
        s.call(
            "a number", "np.hypot(x, 1)", [](auto x) { return hypot(x, 1); }, s.numbers({2, 3}));
        s.call("far out", "np.hypot(x, y)", f, s.array({4}, {1e300, 1e-300, 1e300, 0.0}),
               s.array({4}, {1e300, 1e-300, 1.0, 0.0}))
            .up_to_order(0);
        s.binary_kinks(f, {{0.0, 0.0, 0.0, 0.0},
                           {0.0, -2.0, 0.0, -1.0},
                           {1e300, 0.0, 1.0, 0.0},
                           {0.0, 1e-300, 0.0, 1.0},
                           {1.5e308, 1.5e308, std::sqrt(0.5), std::sqrt(0.5)}});
    }
};
AUTOGRAD_OPERATION(hypot_rule)

/// sqrt(x^2 + y^2) without overflow or underflow on the way. Shape: broadcast. Gradient: g x / z to x, g y / z to y,
/// and 0 to both at (0, 0), as of any norm; there the second derivative is NaN (that of square(x) + square(y) is not).
/// The gradient is right where z itself overflows, too.
/// Throws shape_error. As in xtensor.
AUTOGRAD_BINARY_FUNCTION(hypot, hypot_rule, x, y)

// ------------------------------------------------------------------------------------------------------- any power

struct power_rule : elementwise
{
    static constexpr auto name = "power";
    static constexpr auto latex = "{#1}^{#0}";
    /// The exponent is `exponent - lowered`: a derivative's is 1 less than what was asked for, not a rounded number.
    struct attributes
    {
        double exponent;
        int lowered = 0;

        double value() const { return exponent - lowered; }
        bool same(const attributes& other) const
        {
            return same_bits(exponent, other.exponent) && lowered == other.lowered;
        }
    };
    template <class T>
    static std::string print(const attributes& a)
    {
        return "exponent " + detail::print_number(static_cast<T>(a.value()));
    }
    static constexpr auto forward = [](auto x, const attributes& a) { return power_by(x, a.exponent, a.lowered); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g, const attributes& a)
                                              { return g * (a.value() * power_by(x, a.exponent, a.lowered + 1)); }};
    static void samples(auto& s)
    {
        s.unary("np.power(x, 3.0)", [](auto x) { return pow(x, 3.0); },
                {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.call(
            "exponent -2", "np.power(x, -2.0)", [](auto x) { return pow(x, -2.0); }, s.numbers({3, 5}));
        s.call(
            "exponent 7", "np.power(x, 7.0)", [](auto x) { return pow(x, 7.0); }, s.numbers({3, 5}));
        s.call(
            "exponent 1.5", "np.power(x, 1.5)", [](auto x) { return pow(x, 1.5); }, s.positive({3, 5}));
        s.call(
            "exponent -0.75", "np.power(x, -0.75)", [](auto x) { return pow(x, -0.75); },
            s.array({5}, {1e-3, 0.1, 1.0, 30.0, 1e6}));
        s.call(
             "edges", "np.power(x, 1.5)", [](auto x) { return pow(x, 1.5); }, s.array({4}, {-1.0, 0.0, s.inf, s.nan}))
            .up_to_order(0);
        s.call(
             "edges of exponent 0.5", "np.power(x, 0.5)", [](auto x) { return pow(x, 0.5); },
             s.array({6}, {-s.inf, -1.0, -0.0, 0.0, s.inf, s.nan}))
            .up_to_order(0);
        s.call(
             "edges of exponent -0.5", "np.power(x, -0.5)", [](auto x) { return pow(x, -0.5); },
             s.array({6}, {-s.inf, -1.0, -0.0, 0.0, s.inf, s.nan}))
            .up_to_order(0);
        s.kinks([](auto x) { return pow(x, 3); }, {{0.0, 0.0}, {-0.0, 0.0}});
        s.kinks([](auto x) { return pow(x, 1.5); }, {{0.0, 0.0}});
        s.kinks([](auto x) { return pow(x, 0.75); }, {{0.0, s.inf}});
        s.kinks([](auto x) { return pow(x, -2); }, {{0.0, -s.inf}});
    }
};
AUTOGRAD_OPERATION(power_rule)

// x^0 is 1 for every x, NaN among them.
struct power_zero_rule : elementwise
{
    static constexpr auto name = "power_zero";
    static constexpr auto latex = "{#1}^0";
    static constexpr auto forward = [](auto) { return 1; };
    static constexpr auto pulls = per_operand{zero_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return pow(x, 0); };
        s.unary("np.power(x, 0.0)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(power_zero_rule)

// x^0 is 1 for every x: its derivative by x is 0, at 0 by convention and at NaN, too. That by the exponent is 0 at
// (0, 0) by convention, and at (0, y) for y > 0, where it is the limit. The branch that is not taken is evaluated with
// the base 1. (Elsewhere at y = 0 the expression gives 0 by itself, but its own derivative by y is 1 / x.)
struct pow_rule : elementwise
{
    static constexpr auto name = "pow";
    static constexpr auto latex = "{#1}^{#2}";
    static constexpr auto forward = [](auto x, auto y) { return pow(x, y); };
    static constexpr auto pulls = per_operand{[](auto x, auto y, auto, auto g)
                                              {
                                                  const auto origin = equal(y, 0) && !isfinite(1 / x);
                                                  return select(origin, 0, g * (y * pow(select(origin, 1, x), y - 1)));
                                              },
                                              [](auto x, auto y, auto z, auto g)
                                              {
                                                  const auto flat = equal(x, 0) && y >= 0;
                                                  return select(flat, 0, g * (z * log(select(flat, 1, x))));
                                              }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return pow(x, y); };
        s.binary("np.power(x, y)", f,
                 {{1.5, 2.25},
                  {0.3, -4.0},
                  {2.0, 0.0},
                  {7.0, 1.0},
                  {1.0, 3.0},
                  {s.nan, 0.0},
                  {1.0, s.nan},
                  {0.5, s.inf},
                  {2.0, -s.inf},
                  {s.inf, -1.0},
                  {-s.inf, 3.0},
                  {s.nan, 2.0}});
        s.call("a negative base", "np.power(x, y)", f, s.array({4}, {-2.0, -0.5, -3.0, -1.5}),
               s.array({4}, {3.0, -2.0, 0.0, 2.0}))
            .hold(1);
        s.call(
            "of a number", "np.power(2.5, x)", [](auto x) { return pow(2.5, x); }, s.numbers({2, 3}));
        s.call(
            "number 2", "x ** 2", [](auto x) { return pow(x, 2); }, s.numbers({2, 3}));
        s.call(
            "number 1", "x", [](auto x) { return pow(x, 1.0F); }, s.numbers({2, 3}));
        s.call(
            "number 0.5", "x ** 0.5", [](auto x) { return pow(x, 0.5); }, s.positive({2, 3}));
        s.call(
            "number 0", "x ** 0", [](auto x) { return pow(x, 0); }, s.numbers({2, 3}));
        s.call(
            "number -0.5", "x ** -0.5", [](auto x) { return pow(x, -0.5); }, s.positive({2, 3}));
        s.call(
            "number -1", "x ** -1.0", [](auto x) { return pow(x, -1); }, s.numbers({2, 3}));
        s.kinks([](auto x) { return pow(x, -1); }, {{0.0, -s.inf}});
        s.kinks([](auto x) { return pow(x, 0.0); }, {{0.0, 0.0}});
        s.kinks([](auto x) { return pow(x, 0.5); }, {{0.0, s.inf}, {-0.0, s.inf}, {s.inf, 0.0}});
        s.kinks([](auto x) { return pow(x, 1); }, {{0.0, 1.0}});
        s.kinks([](auto x) { return pow(x, 2); }, {{0.0, 0.0}});
        s.binary_kinks(f, {{0.0, -1.0, -s.inf, -s.inf},
                           {0.0, 0.0, 0.0, 0.0},
                           {0.0, 0.5, s.inf, 0.0},
                           {0.0, 1.0, 1.0, 0.0},
                           {0.0, 2.0, 0.0, 0.0},
                           {-2.0, 3.0, 12.0, s.nan},
                           {1.0, 0.0, 0.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(pow_rule)

/// x to the power y. Shape: broadcast. Gradient: g y x^(y - 1) to x, g z log(x) to y; both 0 at (0, 0), and NaN to the
/// exponent of a negative base. Throws shape_error. As in xtensor.
template <class T>
variable<T> pow(variable<T> x, variable<T> y, location where = location::current())
{
    return record<pow_rule, T>(where, {x, y});
}

/// x to the power of a number. Shape: that of x. Gradient: g p x^(p - 1); at 0 that is 0 for p = 0, too. The exponents
/// 2, 1, 0 and -1 are recorded as square, identity, ones and reciprocal; 0.5 and -0.5 are computed by a root. As in
/// xtensor.
template <class T>
variable<T> pow(variable<T> x, number auto exponent, location where = location::current())
{
    const auto p = static_cast<double>(exponent);
    return record_composite("pow", where, x,
                            [&]
                            {
                                return p == 2    ? square(x, where)
                                       : p == 1  ? identity(x, where)
                                       : p == 0  ? record<power_zero_rule, T>(where, x)
                                       : p == -1 ? reciprocal(x, where)
                                                 : record<power_rule, T>(where, x, power_rule::attributes{p});
                            });
}

/// A number, or an xtensor expression, to the power y. Shape: broadcast. Gradient: g z log(x). Throws shape_error. As
/// in xtensor.
template <class T, constant_argument X>
variable<T> pow(X&& x, variable<T> y, location where = location::current())
{
    return detail::record_beside<pow_rule, T>(y, where, x, y);
}

/// x to the power of an xtensor expression. Shape: broadcast. Gradient: g y x^(y - 1). Throws shape_error. As in
/// xtensor.
template <class T, array_expression Y>
variable<T> pow(variable<T> x, Y&& y, location where = location::current())
{
    return detail::record_beside<pow_rule, T>(x, where, x, y);
}

/// x to the power of a number: pow, by the name that rules share with SIMD packs.
/// \ingroup inside
template <class T>
variable<T> power_by(variable<T> x, double p, location where = location::current())
{
    return pow(x, p, where);
}

/// x^(p - n): pow, with the exponent kept as the difference that it is.
template <class T>
variable<T> power_by(variable<T> x, double p, int n, location where = location::current())
{
    const double exponent = p - n;
    const bool is_simple = exponent == 2 || exponent == 1 || exponent == 0 || exponent == -1;
    return is_simple ? pow(x, exponent, where) : record<power_rule, T>(where, x, power_rule::attributes{p, n});
}

/// x to the power of an integer: pow, by the name that rules share with SIMD packs.
/// \ingroup inside
template <class T>
variable<T> power_integer(variable<T> x, int n, location where = location::current())
{
    return pow(x, n, where);
}

} // namespace autograd
