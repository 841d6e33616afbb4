#pragma once

#include "autograd/prove/residues.hpp"

#include <string>

/// The smooth functions of the vocabulary of rules, made of arithmetic, exp, log and roots: for residues, and for dual
/// numbers over them. What cannot be made of these is an atom: erf, the gamma function and its kin, pi.
namespace autograd::prove
{

/// x + e dx with e^2 = 0. The derivatives of arithmetic are those of arithmetic; exp has its own; log, roots and atoms
/// have theirs from what they are the inverse of, or by definition.
template <class X>
struct dual
{
    X primal;
    X tangent;

    dual(const X& x, const X& dx) : primal(x), tangent(dx) {}
    dual(const X& constant) : primal(constant), tangent() {}
    dual(const fraction& constant) : dual(X(constant)) {}

    friend dual operator+(const dual& x, const dual& y) { return {x.primal + y.primal, x.tangent + y.tangent}; }
    friend dual operator-(const dual& x, const dual& y) { return {x.primal - y.primal, x.tangent - y.tangent}; }
    friend dual operator-(const dual& x) { return {-x.primal, -x.tangent}; }
    friend dual operator*(const dual& x, const dual& y)
    {
        return {x.primal * y.primal, x.primal * y.tangent + x.tangent * y.primal};
    }
    friend dual operator*(const fraction& c, const dual& x) { return {c * x.primal, c * x.tangent}; }
    friend dual operator/(const dual& x, const dual& y)
    {
        const X z = x.primal / y.primal;
        return {z, (x.tangent - z * y.tangent) / y.primal};
    }
    friend dual exp(const dual& x)
    {
        const X y = exp(x.primal);
        return {y, y * x.tangent};
    }
    /// exp(log(x)) = x
    friend dual log(const dual& x) { return {log(x.primal), x.tangent / x.primal}; }
    /// sqrt(x)^2 = x
    friend dual sqrt(const dual& x)
    {
        const X y = sqrt(x.primal);
        return {y, x.tangent / (fraction{2, 1} * y)};
    }
    friend dual odd_root(const dual& x, std::uint64_t of_degree)
    {
        const X y = odd_root(x.primal, of_degree);
        return {y, y * x.tangent / (fraction{static_cast<std::int64_t>(of_degree), 1} * x.primal)};
    }
};

namespace functions
{

template <class X>
X number(std::int64_t numerator, std::int64_t denominator = 1)
{
    return X(fraction{numerator, denominator});
}
inline constexpr fraction half{1, 2};

template <class X>
X square(const X& x)
{
    return x * x;
}
template <class X>
X reciprocal(const X& x)
{
    return number<X>(1) / x;
}
template <class X>
X rsqrt(const X& x)
{
    return reciprocal(sqrt(x));
}
template <class X>
X cbrt(const X& x)
{
    return odd_root(x, 3);
}

/// x^n by repeated squaring
template <class X>
X integer_power(const X& x, std::int64_t n)
{
    if (n < 0)
    {
        return reciprocal(integer_power(x, -n));
    }
    X result = number<X>(1);
    X factor = x;
    for (; n > 0; n >>= 1)
    {
        if (n & 1)
        {
            result = result * factor;
        }
        factor = n > 1 ? factor * factor : factor;
    }
    return result;
}
/// x^(p / q): roots where q is a product of a power of 2 and a small odd number, else exp(p / q log(x)).
template <class X>
X power(const X& x, const fraction& exponent)
{
    std::int64_t odd = exponent.denominator;
    X root = x;
    while (odd % 2 == 0)
    {
        odd /= 2;
        root = sqrt(root);
    }
    constexpr std::int64_t largest = 32;
    if (odd > largest || exponent.denominator / odd > largest || std::abs(exponent.numerator) > largest * largest)
    {
        return exp(exponent * log(x));
    }
    return integer_power(odd == 1 ? root : odd_root(root, static_cast<std::uint64_t>(odd)), exponent.numerator);
}

template <class X>
X expm1(const X& x)
{
    return exp(x) - number<X>(1);
}
template <class X>
X log1p(const X& x)
{
    return log(number<X>(1) + x);
}
template <class X>
X ln(std::int64_t n)
{
    return log(number<X>(n));
}
/// 2^x is the power of what of 2 is an exponential.
template <class X>
X exp2(const X& x)
{
    return exp(X(without_torsion(ln<residues>(2))) * x);
}
template <class X>
X log2(const X& x)
{
    return log(x) / ln<X>(2);
}
template <class X>
X log10(const X& x)
{
    return log(x) / ln<X>(10);
}
/// ln(1 - e^-x)
template <class X>
X log1mexp(const X& x)
{
    return log(number<X>(1) - exp(-x));
}

template <class X>
X sinh(const X& x)
{
    const X e = exp(x);
    return half * (e - reciprocal(e));
}
template <class X>
X cosh(const X& x)
{
    const X e = exp(x);
    return half * (e + reciprocal(e));
}
template <class X>
X tanh(const X& x)
{
    const X e = exp(fraction{2, 1} * x);
    return (e - number<X>(1)) / (e + number<X>(1));
}
template <class X>
X asinh(const X& x)
{
    return log(x + sqrt(x * x + number<X>(1)));
}
template <class X>
X acosh(const X& x)
{
    return log(x + sqrt(x * x - number<X>(1)));
}
template <class X>
X atanh(const X& x)
{
    return half * log((number<X>(1) + x) / (number<X>(1) - x));
}

/// Sines are exponentials of imaginary numbers, and their inverses logarithms.
template <class X>
X imaginary()
{
    return X(imaginary_unit());
}
template <class X>
X sin(const X& x)
{
    const X e = exp(imaginary<X>() * x);
    return half * (e - reciprocal(e)) / imaginary<X>();
}
template <class X>
X cos(const X& x)
{
    const X e = exp(imaginary<X>() * x);
    return half * (e + reciprocal(e));
}
template <class X>
X tan(const X& x)
{
    const X e = exp(fraction{2, 1} * (imaginary<X>() * x));
    return (e - number<X>(1)) / (e + number<X>(1)) / imaginary<X>();
}
/// The angle of x + i y.
template <class X>
X atan2(const X& y, const X& x)
{
    const X i = imaginary<X>();
    return half * log((x + i * y) / (x - i * y)) / i;
}
template <class X>
X atan(const X& x)
{
    return atan2(x, number<X>(1));
}
template <class X>
X asin(const X& x)
{
    return atan2(x, sqrt(number<X>(1) - x * x));
}
template <class X>
X acos(const X& x)
{
    const X root_of_pi = X(named_constant("sqrt(pi)"));
    return half * (root_of_pi * root_of_pi) - asin(x);
}

template <class X>
X sigmoid(const X& x)
{
    return reciprocal(number<X>(1) + exp(-x));
}
template <class X>
X softplus(const X& x)
{
    return log(number<X>(1) + exp(x));
}
template <class X>
X log_sigmoid(const X& x)
{
    return -softplus(-x);
}

/// 2 / sqrt(pi) e^(-x^2)
template <class X>
X erf_slope(const X& x)
{
    return number<X>(2) / X(named_constant("sqrt(pi)")) * exp(-(x * x));
}
inline residues erf(const residues& x)
{
    return odd_atom("erf", x);
}
template <class X>
dual<X> erf(const dual<X>& x)
{
    assumptions::note("erf'(x) = 2 / sqrt(pi) exp(-x^2)");
    return {erf(x.primal), erf_slope(x.primal) * x.tangent};
}
template <class X>
X erfc(const X& x)
{
    return number<X>(1) - erf(x);
}
template <class X>
X normal_cdf(const X& x)
{
    return half * (number<X>(1) + erf(x / sqrt(number<X>(2))));
}
/// e^(-x^2 / 2) / sqrt(2 pi)
template <class X>
X normal_pdf(const X& x)
{
    return exp(-(half * (x * x))) / (sqrt(number<X>(2)) * X(named_constant("sqrt(pi)")));
}

inline residues polygamma(int order, const residues& x)
{
    return order == 0 ? atom("digamma", x) : atom("polygamma " + std::to_string(order), x);
}
template <class X>
dual<X> polygamma(int order, const dual<X>& x)
{
    assumptions::note("the derivative of polygamma of order n is that of order n + 1");
    return {polygamma(order, x.primal), polygamma(order + 1, x.primal) * x.tangent};
}
template <class X>
X digamma(const X& x)
{
    return polygamma(0, x);
}
inline residues lgamma(const residues& x)
{
    return atom("lgamma", x);
}
template <class X>
dual<X> lgamma(const dual<X>& x)
{
    assumptions::note("lgamma' = digamma");
    return {lgamma(x.primal), digamma(x.primal) * x.tangent};
}

// The slopes, by what they are the slopes of.
template <class X>
X sigmoid_slope(const X& x)
{
    const X s = sigmoid(x);
    return s * (number<X>(1) - s);
}
template <class X>
X tanh_slope(const X& x)
{
    const X t = tanh(x);
    return number<X>(1) - t * t;
}
/// of x s(x)
template <class X>
X silu_slope(const X& x)
{
    const X s = sigmoid(x);
    return s + x * (s * (number<X>(1) - s));
}
template <class X>
X asin_slope(const X& x)
{
    return rsqrt(number<X>(1) - x * x);
}
template <class X>
X atan_slope(const X& x)
{
    return reciprocal(number<X>(1) + x * x);
}
template <class X>
X acosh_slope(const X& x)
{
    return rsqrt(x * x - number<X>(1));
}
template <class X>
X atanh_slope(const X& x)
{
    return reciprocal(number<X>(1) - x * x);
}

} // namespace functions

} // namespace autograd::prove

/// The smooth functions of one argument in the vocabulary of rules that are made of others.
#define AUTOGRAD_SMOOTH_FUNCTIONS(each)                                                                                \
    each(exp2) each(expm1) each(log2) each(log10) each(log1p) each(log1mexp) each(sin) each(cos) each(tan) each(asin)  \
        each(acos) each(atan) each(sinh) each(cosh) each(tanh) each(asinh) each(acosh) each(atanh) each(cbrt)          \
            each(reciprocal) each(erf) each(erfc) each(lgamma) each(digamma) each(normal_pdf) each(normal_cdf)         \
                each(sigmoid) each(log_sigmoid) each(softplus) each(sigmoid_slope) each(tanh_slope) each(silu_slope)   \
                    each(erf_slope) each(asin_slope) each(atan_slope) each(acosh_slope) each(atanh_slope)
