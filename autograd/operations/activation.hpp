#pragma once

#include "autograd/operations/error_function.hpp"
#include "autograd/operations/logistic.hpp"
#include "autograd/operations/rounding.hpp"

/// What neural networks put between their layers, element by element; sigmoid, log_sigmoid and softplus are in
/// logistic.hpp. At kinks the cotangent is selected. Exponentials of the branch that is not taken are evaluated at 0,
/// so values and derivatives are finite for every finite x.
/// \ingroup activation
namespace autograd
{

// By the result, which the next layer keeps anyway: y <= 0 just where x <= 0.
struct relu_rule : elementwise
{
    static constexpr auto name = "relu";
    static constexpr auto latex = R"(\operatorname{relu}(#1))";
    static constexpr auto forward = [](auto x) { return maximum(x, 0); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto g) { return select(y <= 0, 0, g); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return relu(x); };
        s.unary("np.maximum(x, 0)", f, {-1000.0, -20.0, -0.9, 0.4, 3.0, 1000.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {-0.0, 0.0}, {s.inf, 1.0}, {-s.inf, 0.0}, {s.nan, 1.0}});
    }
};
AUTOGRAD_OPERATION(relu_rule)

/// max(x, 0); NaN stays NaN. Shape: that of x. Gradient: exactly 0 where x <= 0, else g: at NaN, too, so
/// that it is not swallowed.
AUTOGRAD_UNARY_FUNCTION(relu, relu_rule)

struct leaky_relu_rule : elementwise
{
    static constexpr auto name = "leaky_relu";
    struct attributes
    {
        double slope;

        bool same(const attributes& other) const { return same_bits(slope, other.slope); }
    };
    template <class T>
    static std::string print(const attributes& a)
    {
        return "slope " + detail::print_number(static_cast<T>(a.slope));
    }
    static constexpr auto forward = [](auto x, const attributes& a) { return select(x > 0, x, x * a.slope); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g, const attributes& a) { return select(x > 0, g, g * a.slope); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return leaky_relu(x, 0.1); };
        s.unary("np.where(x > 0, x, 0.1 * x)", f, {-1000.0, -20.0, -0.9, 0.4, 3.0, 1000.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, 0.1}});
    }
};
AUTOGRAD_OPERATION(leaky_relu_rule)

/// x where it is positive, else slope x. Shape: that of x. Gradient: g where x > 0, else slope g.
template <class T>
variable<T> leaky_relu(variable<T> x, number auto slope, location where = location::current())
{
    return record<leaky_relu_rule, T>(where, x, leaky_relu_rule::attributes{static_cast<double>(slope)});
}

struct elu_rule : elementwise
{
    static constexpr auto name = "elu";
    struct attributes
    {
        double alpha;

        bool same(const attributes& other) const { return same_bits(alpha, other.alpha); }
    };
    template <class T>
    static std::string print(const attributes& a)
    {
        return "alpha " + detail::print_number(static_cast<T>(a.alpha));
    }
    static constexpr auto forward = [](auto x, const attributes& a) { return select(x > 0, x, a.alpha * expm1(x)); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g, const attributes& a)
                                              { return select(x > 0, g, g * (a.alpha * exp(select(x > 0, 0, x)))); }};
    static void samples(auto& s)
    {
        s.unary("np.where(x > 0, x, np.expm1(np.minimum(x, 0)))", [](auto x) { return elu(x); },
                {-9.0, -3.0, -0.9, 0.4, 3.0, 1000.0, s.inf, -s.inf, s.nan});
        s.call(
            "alpha", "np.where(x > 0, x, 1.5 * np.expm1(x))", [](auto x) { return elu(x, 1.5); }, s.numbers({2, 3}));
        s.kinks([](auto x) { return elu(x, 1.5); }, {{0.0, 1.5}, {-1000.0, 0.0}, {1000.0, 1.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(elu_rule)

/// x where it is positive, else alpha (exp(x) - 1). Shape: that of x. Gradient: g where x > 0, else g alpha exp(x).
/// (Clevert, Unterthiner, Hochreiter 2015, Fast and accurate deep network learning by exponential linear units.)
template <class T, number A = double>
variable<T> elu(variable<T> x, A alpha = 1, location where = location::current())
{
    return record<elu_rule, T>(where, x, elu_rule::attributes{static_cast<double>(alpha)});
}

struct selu_rule : elementwise
{
    static constexpr auto name = "selu";
    static constexpr double alpha = 1.6732632423543772848170429916717;
    static constexpr double scale = 1.0507009873554804934193349852946;
    static constexpr auto forward = [](auto x) { return scale * select(x > 0, x, alpha * expm1(x)); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) {
        return select(x > 0, scale * g, g * (scale * (alpha * exp(select(x > 0, 0, x)))));
    }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return selu(x); };
        s.unary("1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))", f,
                {-9.0, -3.0, -0.9, 0.4, 3.0, 1000.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, scale * alpha}, {-1000.0, 0.0}, {1000.0, scale}});
    }
};
AUTOGRAD_OPERATION(selu_rule)

/// The elu that keeps mean 0 and variance 1: scale * elu(x, alpha) with alpha = 1.67326... and scale = 1.05070...
/// Shape: that of x. Gradient: scale g where x > 0, else g scale alpha exp(x). (Klambauer et al. 2017, Self-normalizing
/// neural networks, which gives both constants.)
AUTOGRAD_UNARY_FUNCTION(selu, selu_rule)

struct gelu_rule : elementwise
{
    static constexpr auto name = "gelu";
    static constexpr auto latex = R"(\operatorname{gelu}(#1))";
    static constexpr auto forward = [](auto x)
    {
        const auto p = normal_cdf(x);
        return select(equal(p, 0), -0.0, x * p);
    };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g)
                    {
                        const auto density = normal_pdf(x);
                        return g * (normal_cdf(x) + select(equal(density, 0), 0, x) * density);
                    }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return gelu(x); };
        s.unary("x * sp.ndtr(x)", f, {-0.9, -0.5, 0.0, 0.4, 3.0, 50.0, 1000.0, s.inf, s.nan});
        // SciPy rounds x / sqrt(2), and the tail magnifies that.
        s.call("tail", "x * sp.ndtr(x)", f, s.array({3}, {-3.0, -8.0, -20.0})).value_within_ulp(500);
        s.call("at -inf", "np.full_like(x, -0.0)", f, s.array({1}, {-s.inf})).up_to_order(0);
        s.kinks(f,
                {{0.0, 0.5}, {-1000.0, 0.0}, {1000.0, 1.0}, {-1e200, 0.0}, {1e200, 1.0}, {-s.inf, 0.0}, {s.inf, 1.0}});
    }
};
AUTOGRAD_OPERATION(gelu_rule)

/// x times the normal distribution function of x, exactly (by erfc, not by the approximation with tanh); -0 at -inf.
/// Shape: that of x. Gradient: g (normal_cdf(x) + x normal_pdf(x)). (Hendrycks & Gimpel 2016, Gaussian error linear
/// units.)
AUTOGRAD_UNARY_FUNCTION(gelu, gelu_rule)

struct silu_rule : elementwise
{
    static constexpr auto name = "silu";
    static constexpr auto latex = R"(\operatorname{silu}(#1))";
    static constexpr auto forward = [](auto x)
    {
        const auto s = sigmoid(x);
        return select(equal(s, 0), -0.0, x * s);
    };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * silu_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return silu(x); };
        s.unary("x * sp.expit(x)", f, {-50.0, -3.0, -0.9, 0.0, 0.4, 3.0, 12.0, 1000.0, s.inf, s.nan});
        s.call("far out", "x * sp.expit(x)", f, s.array({1}, {50.0})).up_to_order(1);
        s.call("at -inf", "np.full_like(x, -0.0)", f, s.array({1}, {-s.inf})).up_to_order(0);
        s.kinks(f,
                {{0.0, 0.5}, {-1000.0, 0.0}, {1000.0, 1.0}, {-1e200, 0.0}, {1e200, 1.0}, {-s.inf, 0.0}, {s.inf, 1.0}});
    }
};
AUTOGRAD_OPERATION(silu_rule)

/// x sigmoid(x), also called swish; -0 at -inf. Shape: that of x. Gradient: g silu_slope(x), which is s + y (1 - s)
/// with s = sigmoid(x).
AUTOGRAD_UNARY_FUNCTION(silu, silu_rule)

struct softsign_rule : elementwise
{
    static constexpr auto name = "softsign";
    static constexpr auto latex = R"(\frac{#1}{1 + \lvert #1 \rvert})";
    static constexpr auto forward = [](auto x) { return select(isinf(x), copysign(1, x), x / (1 + abs(x))); };
    // Divided twice: in the next order the square of d^2 would overflow long before the derivative vanishes.
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g)
                                              {
                                                  const auto d = 1 + abs(x);
                                                  return g / d / d;
                                              }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return softsign(x); };
        s.unary("x / (1 + np.abs(x))", f, {-1000.0, -3.0, -0.9, 0.4, 3.0, 50.0, 1000.0, s.nan});
        s.call("at infinity", "np.sign(x)", f, s.array({2}, {s.inf, -s.inf})).up_to_order(0);
        s.kinks(f, {{0.0, 1.0}, {1e200, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(softsign_rule)

/// x / (1 + |x|); 1 and -1 at infinity. Shape: that of x. Gradient: g / (1 + |x|)^2.
AUTOGRAD_UNARY_FUNCTION(softsign, softsign_rule)

struct hardtanh_rule : elementwise
{
    static constexpr auto name = "hardtanh";
    using attributes = detail::bounds;
    template <class T>
    static std::string print(const attributes& a)
    {
        return a.text<T>();
    }
    static constexpr auto forward = clip_rule::forward;
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g, const attributes& a) { return select(x <= a.low || x >= a.high, 0, g); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return hardtanh(x); };
        s.unary("np.clip(x, -1, 1)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.call(
            "bounds", "np.clip(x, -0.5, 2)", [](auto x) { return hardtanh(x, -0.5, 2); }, s.numbers({2, 3}));
        s.kinks(f, {{-1.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {s.inf, 0.0}, {s.nan, 1.0}});
        s.error(
            "bounds in the wrong order", [](auto x) { return hardtanh(x, 1, -1); },
            "autograd: hardtanh: lo is 1 and hi is -1; lo must not be greater than hi.", s.numbers({2}));
    }
};
AUTOGRAD_OPERATION(hardtanh_rule)

/// x, but lo where it is smaller and hi where it is larger; NaN stays NaN. Shape: that of x. Gradient: exactly 0
/// outside of the bounds and (unlike that of clip) at them, else g, also at NaN. Throws value_error when lo > hi.
template <class T, number L = double, number H = double>
variable<T> hardtanh(variable<T> x, L lo = -1, H hi = 1, location where = location::current())
{
    return record<hardtanh_rule, T>(where, x, detail::bounds::checked(hardtanh_rule::name, lo, hi, where));
}

} // namespace autograd
