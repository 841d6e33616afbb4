#pragma once

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/logistic.hpp"
#include "autograd/operations/selection.hpp"
#include "autograd/operations/slopes.hpp"

/// Exponentials and logarithms, element by element. Values at the edges are IEEE 754's and NumPy's.
/// \ingroup elementary
namespace autograd
{

struct exp_rule : elementwise
{
    static constexpr auto name = "exp";
    static constexpr auto latex = "e^{#1}";
    static constexpr auto forward = [](auto x) { return exp(x); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return g * y; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return exp(x); };
        s.unary("np.exp(x)", f, {-80.0, -1.5, 0.0, 0.4, 8.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{-1000.0, 0.0}, {1000.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(exp_rule)

/// e to the power x. Shape: that of x. Gradient: g y. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(exp, exp_rule)

struct exp2_rule : elementwise
{
    static constexpr auto name = "exp2";
    static constexpr auto latex = "2^{#1}";
    static constexpr auto forward = [](auto x) { return exp2(x); };
    static constexpr auto pulls =
        per_operand{[](auto, auto y, auto g) { return g * (0.693147180559945309417232 * y); }};
    static void samples(auto& s)
    {
        s.unary("np.exp2(x)", [](auto x) { return exp2(x); }, {-100.0, -1.5, 0.0, 0.4, 12.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(exp2_rule)

/// 2 to the power x. Shape: that of x. Gradient: g y ln(2). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(exp2, exp2_rule)

// The derivative is not y + 1, which has lost its digits where y is near -1.
struct expm1_rule : elementwise
{
    static constexpr auto name = "expm1";
    static constexpr auto latex = "e^{#1} - 1";
    static constexpr auto forward = [](auto x) { return expm1(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * exp(x); }};
    static void samples(auto& s)
    {
        s.unary("np.expm1(x)", [](auto x) { return expm1(x); },
                {-8.0, -1.5, -1e-9, 0.0, 1e-5, 8.0, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(expm1_rule)

/// exp(x) - 1 without cancellation near 0. Shape: that of x. Gradient: g exp(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(expm1, expm1_rule)

struct log_rule : elementwise
{
    static constexpr auto name = "log";
    static constexpr auto latex = R"(\ln(#1))";
    static constexpr auto forward = [](auto x) { return log(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g / x; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log(x); };
        s.unary("np.log(x)", f, {0.01, 0.1, 1.0, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "np.log(x)", f, s.array({5}, {5e-324, 1e-300, 0.0, 1e300, -1.0})).up_to_order(0);
        s.kinks(f, {{0.0, s.inf}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(log_rule)

/// The natural logarithm: -inf at 0, NaN below. Shape: that of x. Gradient: g / x. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(log, log_rule)

struct log2_rule : elementwise
{
    static constexpr auto name = "log2";
    static constexpr auto latex = R"(\log_2(#1))";
    static constexpr auto forward = [](auto x) { return log2(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * 1.442695040888963407359925 / x; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log2(x); };
        s.unary("np.log2(x)", f, {0.01, 0.1, 1.0, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "np.log2(x)", f, s.array({5}, {5e-324, 1e-300, 0.0, 1e300, -1.0})).up_to_order(0);
        s.kinks(f, {{0.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(log2_rule)

/// The logarithm to base 2. Shape: that of x. Gradient: g / (x ln(2)). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(log2, log2_rule)

struct log10_rule : elementwise
{
    static constexpr auto name = "log10";
    static constexpr auto latex = R"(\log_{10}(#1))";
    static constexpr auto forward = [](auto x) { return log10(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * 0.434294481903251827651129 / x; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log10(x); };
        s.unary("np.log10(x)", f, {0.01, 0.1, 1.0, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "np.log10(x)", f, s.array({5}, {5e-324, 1e-300, 0.0, 1e300, -1.0})).up_to_order(0);
        s.kinks(f, {{0.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(log10_rule)

/// The logarithm to base 10. Shape: that of x. Gradient: g / (x ln(10)). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(log10, log10_rule)

struct log1p_rule : elementwise
{
    static constexpr auto name = "log1p";
    static constexpr auto latex = R"(\ln(1 + #1))";
    static constexpr auto forward = [](auto x) { return log1p(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g / (1 + x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log1p(x); };
        s.unary("np.log1p(x)", f, {-0.9, -1e-9, 0.0, 1e-5, 2.5, 300.0, s.inf, s.nan});
        s.call("far out", "np.log1p(x)", f, s.array({5}, {5e-324, -1e-300, 1e-22, 1e300, -2.0})).up_to_order(0);
        s.kinks(f, {{-1.0, s.inf}});
    }
};
AUTOGRAD_OPERATION(log1p_rule)

/// log(1 + x) without cancellation near 0. Shape: that of x. Gradient: g / (1 + x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(log1p, log1p_rule)

// exp(-x) / (1 - exp(-x)) rather than 1 / (exp(x) - 1), whose own derivative would be inf / inf for large x.
struct log1mexp_rule : elementwise
{
    static constexpr auto name = "log1mexp";
    static constexpr auto latex = R"(\ln(1 - e^{-#1}))";
    static constexpr auto forward = [](auto x) { return log1mexp(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * (exp(-x) / -expm1(-x)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return log1mexp(x); };
        s.unary("np.where(x < 0.5, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))", f,
                {0.01, 0.1, 0.6931, 0.6932, 2.5, 12.0, s.inf, s.nan});
        s.call("far out", "np.where(x < 0.5, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))", f,
               s.array({4}, {1e-300, 1e-9, 40.0, 800.0}))
            .up_to_order(0);
        s.kinks(f, {{0.0, s.inf}, {1000.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(log1mexp_rule)

/// log(1 - exp(-x)) for x > 0, without cancellation (Maechler, Accurately computing log(1 - exp(-|a|)), 2012).
/// Shape: that of x. Gradient: g exp(-x) / (1 - exp(-x)).
AUTOGRAD_UNARY_FUNCTION(log1mexp, log1mexp_rule)

// With m the larger and d the distance: log(exp(m) + exp(m - d)) = m + log(1 + exp(-d)).
struct logaddexp_rule : elementwise
{
    static constexpr auto name = "logaddexp";
    static constexpr auto latex = R"(\ln(e^{#1} + e^{#2}))";
    static constexpr auto forward = [](auto x, auto y)
    { return maximum(x, y) + log1p(exp(-abs(detail::difference_of_exponents(x, y)))); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto, auto g) { return g * sigmoid_of_difference(x, y); },
                    [](auto x, auto y, auto, auto g) { return g * sigmoid_of_difference(y, x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return logaddexp(x, y); };
        s.binary("np.logaddexp(x, y)", f,
                 {{1.5, -2.25},
                  {0.0, 0.0},
                  {1000.0, 1000.5},
                  {-1000.0, -1003.0},
                  {3.0, -3.0},
                  {s.inf, s.inf},
                  {-s.inf, -s.inf},
                  {s.inf, -s.inf},
                  {-s.inf, 3.0},
                  {3.0, s.inf},
                  {s.nan, 1.0},
                  {1.0, s.nan}});
        s.call("far apart", "np.logaddexp(x, y)", f, s.array({2}, {40.0, -700.0}), s.array({2}, {-40.0, 50.0}))
            .up_to_order(0);
        s.call(
            "a number", "np.logaddexp(x, 0.5)", [](auto x) { return logaddexp(x, 0.5); }, s.numbers({2, 3}));
        s.binary_kinks(f, {{s.inf, 1.0, 1.0, 0.0},
                           {-s.inf, 1.0, 0.0, 1.0},
                           {s.inf, -s.inf, 1.0, 0.0},
                           {s.inf, s.inf, 0.5, 0.5},
                           {-s.inf, -s.inf, 0.5, 0.5},
                           {1000.0, -1000.0, 1.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(logaddexp_rule)

/// log(exp(x) + exp(y)) without overflow. Shape: broadcast. Gradient: g sigmoid(x - y) to x, g sigmoid(y - x) to y;
/// half to each where both are the same infinity. Throws shape_error. As NumPy's.
AUTOGRAD_BINARY_FUNCTION(logaddexp, logaddexp_rule, x, y)

} // namespace autograd
