#pragma once

#include "autograd/operations/slopes.hpp"

/// The logistic function and its integral, in forms that neither overflow nor cancel: they are exp(-|x|) at their
/// heart, so values and derivatives of every order are finite for every finite x.
/// \ingroup activation
namespace autograd
{

struct sigmoid_rule : elementwise
{
    static constexpr auto name = "sigmoid";
    static constexpr auto latex = R"(\sigma(#1))";
    static constexpr auto forward = [](auto x) { return sigmoid(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * sigmoid_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return sigmoid(x); };
        s.unary("sp.expit(x)", f, {-50.0, -3.0, 0.0, 0.4, 12.0, 1000.0, s.inf, -s.inf, s.nan});
        s.call("far out", "sp.expit(x)", f, s.array({3}, {-700.0, -1000.0, 50.0})).up_to_order(0);
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(sigmoid_rule)

/// 1 / (1 + exp(-x)), element by element. Shape: that of x. Gradient: g sigmoid_slope(x), which is y (1 - y).
AUTOGRAD_UNARY_FUNCTION(sigmoid, sigmoid_rule)

struct log_sigmoid_rule : elementwise
{
    static constexpr auto name = "log_sigmoid";
    static constexpr auto latex = R"(\ln\sigma(#1))";
    static constexpr auto forward = [](auto x) { return log_sigmoid(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * sigmoid(-x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log_sigmoid(x); };
        s.unary("sp.log_expit(x)", f, {-1000.0, -12.0, -3.0, 0.0, 0.4, 12.0, 50.0, 1000.0, s.inf, -s.inf, s.nan});
        s.call("far out", "sp.log_expit(x)", f, s.array({1}, {-50.0})).up_to_order(1);
        s.kinks(f, {{1000.0, 0.0}, {-1000.0, 1.0}});
    }
};
AUTOGRAD_OPERATION(log_sigmoid_rule)

/// log(sigmoid(x)), element by element. Shape: that of x. Gradient: g sigmoid(-x).
/// \ingroup activation probability
AUTOGRAD_UNARY_FUNCTION(log_sigmoid, log_sigmoid_rule)

struct softplus_rule : elementwise
{
    static constexpr auto name = "softplus";
    static constexpr auto latex = R"(\ln(1 + e^{#1}))";
    static constexpr auto forward = [](auto x) { return softplus(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * sigmoid(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return softplus(x); };
        s.unary("np.logaddexp(x, 0)", f, {-50.0, -3.0, 0.0, 0.4, 12.0, 1000.0, s.inf, -s.inf, s.nan});
        s.call("far out", "np.logaddexp(x, 0)", f, s.array({2}, {-700.0, -1000.0})).up_to_order(0);
        s.call("far out to the right", "np.logaddexp(x, 0)", f, s.array({1}, {50.0})).up_to_order(1);
        s.kinks(f, {{1000.0, 1.0}, {-1000.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(softplus_rule)

/// log(1 + exp(x)), element by element: a smooth relu. Shape: that of x. Gradient: g sigmoid(x).
AUTOGRAD_UNARY_FUNCTION(softplus, softplus_rule)

} // namespace autograd
