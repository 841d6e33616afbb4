#pragma once

#include "autograd/operations/exponential.hpp"

#include <utility>

/// The error function, the normal distribution, the gamma function's logarithm and its derivatives, element by element.
/// \ingroup special
namespace autograd
{

// ------------------------------------------------------------------------------- error function, normal distribution

struct erf_rule : elementwise
{
    static constexpr auto name = "erf";
    static constexpr auto latex = R"(\operatorname{erf}(#1))";
    static constexpr auto forward = [](auto x) { return erf(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * erf_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return erf(x); };
        s.unary("sp.erf(x)", f, {-3.0, -0.9, 0.0, 1e-5, 0.4, 2.5, s.inf, -s.inf, s.nan});
        s.kinks(f, {{1e200, 0.0}, {-50.0, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(erf_rule)

/// The error function. Shape: that of x. Gradient: g 2 / sqrt(pi) exp(-x^2). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(erf, erf_rule)

struct erfc_rule : elementwise
{
    static constexpr auto name = "erfc";
    static constexpr auto latex = R"(\operatorname{erfc}(#1))";
    static constexpr auto forward = [](auto x) { return erfc(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return -g * erf_slope(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return erfc(x); };
        s.unary("sp.erfc(x)", f, {-3.0, -0.9, 0.0, 1e-5, 0.4, s.inf, -s.inf, s.nan});
        // SciPy's own values are within some units in the last place.
        s.call("tail", "sp.erfc(x)", f, s.array({5}, {0.9, 2.5, 5.7, 8.0, 26.0})).value_within_ulp(64);
        s.kinks(f, {{1e200, 0.0}, {-50.0, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(erfc_rule)

/// 1 - erf(x), accurate where that is small. Shape: that of x. Gradient: -g 2 / sqrt(pi) exp(-x^2). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(erfc, erfc_rule)

// Where the density is 0 the factor x is left out: higher orders multiply it by powers of x, which overflow.
struct normal_pdf_rule : elementwise
{
    static constexpr auto name = "normal_pdf";
    static constexpr auto latex = R"(\varphi(#1))";
    static constexpr auto forward = [](auto x) { return normal_pdf(x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto g) { return -g * (select(equal(y, 0), 0, x) * y); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return normal_pdf(x); };
        s.unary("np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)", f, {-2.0, -0.9, 0.0, 0.4, 2.5, s.inf, -s.inf, s.nan});
        // NumPy rounds x * x, and the tail magnifies that.
        s.call("tail", "np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)", f, s.array({3}, {-5.3, 8.1, 20.7}))
            .value_within_ulp(500);
        s.kinks(f, {{1e200, 0.0}, {-50.0, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(normal_pdf_rule)

/// The density of the standard normal distribution, exp(-x^2 / 2) / sqrt(2 pi). Shape: that of x. Gradient: -g x y.
/// \ingroup probability
AUTOGRAD_UNARY_FUNCTION(normal_pdf, normal_pdf_rule)

struct normal_cdf_rule : elementwise
{
    static constexpr auto name = "normal_cdf";
    static constexpr auto latex = R"(\Phi(#1))";
    static constexpr auto forward = [](auto x) { return normal_cdf(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * normal_pdf(x); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return normal_cdf(x); };
        s.unary("sp.ndtr(x)", f, {-0.9, -0.5, 0.0, 0.4, 2.5, s.inf, -s.inf, s.nan});
        // SciPy rounds x / sqrt(2), and the tail magnifies that.
        s.call("tail", "sp.ndtr(x)", f, s.array({3}, {-3.0, -8.0, -20.0})).value_within_ulp(500);
        s.kinks(f, {{1e200, 0.0}, {-50.0, 0.0}, {s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(normal_cdf_rule)

/// The distribution function of the standard normal distribution, erfc(-x / sqrt(2)) / 2. Shape: that of x. Gradient:
/// g normal_pdf(x).
/// \ingroup probability
AUTOGRAD_UNARY_FUNCTION(normal_cdf, normal_cdf_rule)

// ---------------------------------------------------------------------------------------------------- gamma function

struct lgamma_rule : elementwise
{
    static constexpr auto name = "lgamma";
    static constexpr auto latex = R"(\ln\lvert\Gamma(#1)\rvert)";
    static constexpr auto forward = [](auto x) { return lgamma(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * digamma(x); }};
    static void samples(auto& s)
    {
        s.unary("sp.gammaln(x)", [](auto x) { return lgamma(x); }, {0.1, 0.7, 1.3, 2.5, 20.0, 1e6, s.inf, s.nan});
        s.call(
            "negative", "sp.gammaln(x)", [](auto x) { return lgamma(x); }, s.array({3}, {-0.5, -1.3, -5.7}));
    }
};
AUTOGRAD_OPERATION(lgamma_rule)

/// The logarithm of |Gamma(x)|; +inf at 0, -1, -2, ... Shape: that of x. Gradient: g digamma(x). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(lgamma, lgamma_rule)

struct digamma_rule : elementwise
{
    static constexpr auto name = "digamma";
    static constexpr auto latex = R"(\psi(#1))";
    static constexpr auto forward = [](auto x) { return digamma(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * polygamma(1, x); }};
    static void samples(auto& s)
    {
        s.unary("sp.digamma(x)", [](auto x) { return digamma(x); }, {0.1, 0.7, 2.5, 20.0, 1e6, s.inf, s.nan});
        s.call(
             "negative", "sp.digamma(x)", [](auto x) { return digamma(x); }, s.array({3}, {-0.3, -1.3, -5.7}))
            .value_within_ulp(64);
    }
};
AUTOGRAD_OPERATION(digamma_rule)

/// The derivative of lgamma; NaN at -1, -2, ..., -inf at 0 (as SciPy's). Shape: that of x. Gradient: g polygamma(1, x).
AUTOGRAD_UNARY_FUNCTION(digamma, digamma_rule)

struct polygamma_rule : elementwise
{
    static constexpr auto name = "polygamma";
    static constexpr auto latex = R"(\psi^{(#0)}(#1))";
    static constexpr int largest_order = 1000;
    struct attributes
    {
        int order;
    };
    static std::string print(const attributes& a) { return "order " + std::to_string(a.order); }
    static constexpr auto forward = [](auto x, const attributes& a) { return polygamma(a.order, x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g, const attributes& a) { return g * polygamma(a.order + 1, x); }};
    static void samples(auto& s)
    {
        const auto trigamma = [](auto x) { return polygamma(1, x); };
        const auto fifth = [](auto x) { return polygamma(5, x); };
        s.call(
            "order 0", "sp.digamma(x)", [](auto x) { return polygamma(0, x); }, s.positive({2, 3}));
        // SciPy's own values are within a few units in the last place of the exact ones.
        s.call("order 1", "sp.polygamma(1, x)", trigamma, s.positive({2, 3})).value_within_ulp(16);
        s.call("order 5", "sp.polygamma(5, x)", fifth, s.array({4}, {0.3, 1.0, 2.5, 20.0})).value_within_ulp(16);
        s.call("special values", "sp.polygamma(1, x)", trigamma, s.array({3}, {0.0, s.inf, s.nan})).up_to_order(0);
        s.error(
            "a negative order", [](auto x) { return polygamma(-1, x); },
            "autograd: polygamma: the order is -1; it must be from 0 to 1000.", s.positive({2}));
        s.error(
            "an order that is no int", [](auto x) { return polygamma(4294967297, x); },
            "autograd: polygamma: the order is 4294967297; it must be from 0 to 1000.", s.positive({2}));
    }
};
AUTOGRAD_OPERATION(polygamma_rule)

/// The n-th derivative of digamma. Shape: that of x. Gradient: g polygamma(n + 1, x). Throws value_error for n < 0 and
/// n > 1000, whose values are beyond every double next to the poles and 0 far out. As SciPy's.
template <class T>
variable<T> polygamma(std::integral auto n, variable<T> x, location where = location::current())
{
    if (std::cmp_less(n, 0) || std::cmp_greater(n, polygamma_rule::largest_order))
    {
        throw error::value_error(where, polygamma_rule::name, "the order is ", n, "; it must be from 0 to ",
                                 polygamma_rule::largest_order, ".");
    }
    return record<polygamma_rule, T>(where, x, polygamma_rule::attributes{static_cast<int>(n)});
}

} // namespace autograd
