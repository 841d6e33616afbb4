#pragma once

#include "autograd/operations/power.hpp"
#include "autograd/operations/slopes.hpp"

/// Circular functions and their inverses, element by element, in radians.
/// \ingroup elementary
namespace autograd
{

struct sin_rule : elementwise
{
    static constexpr auto name = "sin";
    static constexpr auto latex = R"(\sin(#1))";
    static constexpr auto forward = [](auto x) { return sin(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * cos(x); }};
    static void samples(auto& s)
    {
        s.unary("np.sin(x)", [](auto x) { return sin(x); }, {-20.0, -0.9, 0.0, 0.4, 3.0, 100.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(sin_rule)

/// The sine. Shape: that of x. Gradient: g cos(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(sin, sin_rule)

struct cos_rule : elementwise
{
    static constexpr auto name = "cos";
    static constexpr auto latex = R"(\cos(#1))";
    static constexpr auto forward = [](auto x) { return cos(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return -g * sin(x); }};
    static void samples(auto& s)
    {
        s.unary("np.cos(x)", [](auto x) { return cos(x); }, {-20.0, -0.9, 0.0, 0.4, 3.0, 100.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(cos_rule)

/// The cosine. Shape: that of x. Gradient: -g sin(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(cos, cos_rule)

struct tan_rule : elementwise
{
    static constexpr auto name = "tan";
    static constexpr auto latex = R"(\tan(#1))";
    static constexpr auto forward = [](auto x) { return tan(x); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return g * (1 + y * y); }};
    static void samples(auto& s)
    {
        s.unary("np.tan(x)", [](auto x) { return tan(x); }, {-1.2, -0.9, 0.0, 0.4, 1.3, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(tan_rule)

/// The tangent. Shape: that of x. Gradient: g (1 + y^2). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(tan, tan_rule)

struct asin_rule : elementwise
{
    static constexpr auto name = "asin";
    static constexpr auto latex = R"(\arcsin(#1))";
    static constexpr auto forward = [](auto x) { return asin(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * asin_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return asin(x); };
        s.unary("np.arcsin(x)", f, {-0.95, -0.3, 0.0, 0.4, 0.9, s.nan});
        s.kinks(f, {{1.0, s.inf}, {-1.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(asin_rule)

/// The inverse of sin, in [-pi/2, pi/2]; NaN outside of [-1, 1]. Shape: that of x. Gradient: g / sqrt(1 - x^2),
/// infinite at -1 and 1. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(asin, asin_rule)

struct acos_rule : elementwise
{
    static constexpr auto name = "acos";
    static constexpr auto latex = R"(\arccos(#1))";
    static constexpr auto forward = [](auto x) { return acos(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return -g * asin_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return acos(x); };
        s.unary("np.arccos(x)", f, {-0.95, -0.3, 0.0, 0.4, 0.9, s.nan});
        s.kinks(f, {{1.0, -s.inf}, {-1.0, -s.inf}});
    }
};
AUTOGRAD_OPERATION(acos_rule)

/// The inverse of cos, in [0, pi]; NaN outside of [-1, 1]. Shape: that of x. Gradient: -g / sqrt(1 - x^2), infinite at
/// -1 and 1. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(acos, acos_rule)

struct atan_rule : elementwise
{
    static constexpr auto name = "atan";
    static constexpr auto latex = R"(\arctan(#1))";
    static constexpr auto forward = [](auto x) { return atan(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * atan_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return atan(x); };
        s.unary("np.arctan(x)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{1e200, 0.0}, {-1e200, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(atan_rule)

/// The inverse of tan, in [-pi/2, pi/2]. Shape: that of x. Gradient: g / (1 + x^2). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(atan, atan_rule)

// With r the distance from the origin, the gradient is (x, -y) / r^2. Dividing by r twice neither overflows nor
// underflows where r^2 would.
struct atan2_rule : elementwise
{
    static constexpr auto name = "atan2";
    static constexpr auto latex = R"(\operatorname{atan2}(#1, #2))";
    static constexpr auto forward = [](auto y, auto x) { return atan2(y, x); };
    static constexpr auto pulls = per_operand{[](auto y, auto x, auto, auto g)
                                              {
                                                  const auto r = hypot(x, y);
                                                  return g * (x / r) / r;
                                              },
                                              [](auto y, auto x, auto, auto g)
                                              {
                                                  const auto r = hypot(x, y);
                                                  return -g * (y / r) / r;
                                              }};
    static void samples(auto& s)
    {
        const auto f = [](auto y, auto x) { return atan2(y, x); };
        s.binary("np.arctan2(x, y)", f,
                 {{1.5, -2.25},
                  {1.0, 2.0},
                  {-1.0, 2.0},
                  {-1.0, -2.0},
                  {0.0, 3.0},
                  {2.0, 0.0},
                  {s.inf, s.inf},
                  {-s.inf, 1.0},
                  {1.0, -s.inf},
                  {s.nan, 1.0}});
        s.call(
            "a number", "np.arctan2(x, 2)", [](auto y) { return atan2(y, 2); }, s.numbers({2, 3}));
        s.call(
            "of a number", "np.arctan2(2, x)", [](auto x) { return atan2(2, x); }, s.numbers({2, 3}));
        s.call("far out", "np.arctan2(x, y)", f, s.array({4}, {1e300, 1e-300, 1e300, 0.0}),
               s.array({4}, {1e300, 1e-300, 1.0, -0.0}))
            .up_to_order(0);
        s.binary_kinks(f, {{1e200, 0.0, 0.0, -1e-200}, {0.0, 1e-200, 1e200, 0.0}, {0.0, 0.0, s.nan, s.nan}});
    }
};
AUTOGRAD_OPERATION(atan2_rule)

/// The angle of the point (x, y), in [-pi, pi]; y comes first. Shape: broadcast. Gradient: g x / r^2 to y, -g y / r^2
/// to x, with r^2 = x^2 + y^2; NaN at the origin. Throws shape_error. As in xtensor.
AUTOGRAD_BINARY_FUNCTION(atan2, atan2_rule, y, x)

} // namespace autograd
