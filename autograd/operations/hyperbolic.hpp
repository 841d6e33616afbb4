#pragma once

#include "autograd/operations/power.hpp"
#include "autograd/operations/slopes.hpp"

/// Hyperbolic functions and their inverses, element by element.
/// \ingroup elementary
namespace autograd
{

struct sinh_rule : elementwise
{
    static constexpr auto name = "sinh";
    static constexpr auto latex = R"(\sinh(#1))";
    static constexpr auto forward = [](auto x) { return sinh(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * cosh(x); }};
    static void samples(auto& s)
    {
        s.unary("np.sinh(x)", [](auto x) { return sinh(x); }, {-8.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(sinh_rule)

/// The hyperbolic sine. Shape: that of x. Gradient: g cosh(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(sinh, sinh_rule)

struct cosh_rule : elementwise
{
    static constexpr auto name = "cosh";
    static constexpr auto latex = R"(\cosh(#1))";
    static constexpr auto forward = [](auto x) { return cosh(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * sinh(x); }};
    static void samples(auto& s)
    {
        s.unary("np.cosh(x)", [](auto x) { return cosh(x); }, {-8.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(cosh_rule)

/// The hyperbolic cosine. Shape: that of x. Gradient: g sinh(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(cosh, cosh_rule)

struct tanh_rule : elementwise
{
    static constexpr auto name = "tanh";
    static constexpr auto latex = R"(\tanh(#1))";
    static constexpr auto forward = [](auto x) { return tanh(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * tanh_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return tanh(x); };
        s.unary("np.tanh(x)", f, {-6.0, -0.9, 0.0, 0.4, 3.0, 6.0, s.inf, -s.inf, s.nan});
        s.call("far out", "np.tanh(x)", f, s.array({4}, {-50.0, -15.0, 30.0, 1000.0})).up_to_order(0);
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(tanh_rule)

/// The hyperbolic tangent. Shape: that of x. Gradient: g tanh_slope(x), which is 1 - y^2. As in
/// xtensor.
AUTOGRAD_UNARY_FUNCTION(tanh, tanh_rule)

// hypot, since x^2 would overflow long before the derivative vanishes; at infinity it is 0 by selection, in every
// order.
struct asinh_rule : elementwise
{
    static constexpr auto name = "asinh";
    static constexpr auto latex = R"(\operatorname{arsinh}(#1))";
    static constexpr auto forward = [](auto x) { return asinh(x); };
    static constexpr auto pulls = per_operand{
        [](auto x, auto, auto g) { return select(isinf(x), 0, g / hypot(detail::zero_if_infinite(x), 1)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return asinh(x); };
        s.unary("np.arcsinh(x)", f, {-300.0, -20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.call("far out", "np.arcsinh(x)", f, s.array({4}, {1e-300, -1e-9, 1e300, -1e30})).up_to_order(0);
        s.kinks(f, {{1e200, 1e-200}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(asinh_rule)

/// The inverse of sinh. Shape: that of x. Gradient: g / sqrt(x^2 + 1). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(asinh, asinh_rule)

struct acosh_rule : elementwise
{
    static constexpr auto name = "acosh";
    static constexpr auto latex = R"(\operatorname{arcosh}(#1))";
    static constexpr auto forward = [](auto x) { return acosh(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * acosh_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return acosh(x); };
        s.unary("np.arccosh(x)", f, {1.1, 1.5, 3.0, 20.0, 300.0, s.inf, s.nan});
        s.call("far out", "np.arccosh(x)", f, s.array({4}, {1.0, 1e30, 1e300, 0.5})).up_to_order(0);
        s.kinks(f, {{1.0, s.inf}, {1e200, 1e-200}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(acosh_rule)

/// The inverse of cosh; NaN below 1. Shape: that of x. Gradient: g / sqrt(x^2 - 1), infinite at 1. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(acosh, acosh_rule)

struct atanh_rule : elementwise
{
    static constexpr auto name = "atanh";
    static constexpr auto latex = R"(\operatorname{artanh}(#1))";
    static constexpr auto forward = [](auto x) { return atanh(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * atanh_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return atanh(x); };
        s.unary("np.arctanh(x)", f, {-0.95, -0.3, 0.0, 0.4, 0.9, s.nan});
        s.kinks(f, {{1.0, s.inf}, {-1.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(atanh_rule)

/// The inverse of tanh; NaN outside of [-1, 1]. Shape: that of x. Gradient: g / (1 - x^2), infinite at -1 and 1. As in
/// xtensor.
AUTOGRAD_UNARY_FUNCTION(atanh, atanh_rule)

} // namespace autograd
