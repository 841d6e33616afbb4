#include "conventions/derivatives.hpp"

#include <cmath>
#include <functional>

// Functions that saturate: their derivatives of every order keep their digits at both ends, where the function itself
// has none left. The references are formulas in long double.

using namespace conventions;
using support::list;

BOOST_AUTO_TEST_SUITE(conventions_slopes)

namespace
{

using real = long double;

/// A derivative, and the size of the terms that it is a sum of: near its zeros these set the error.
struct exact
{
    real value;
    real terms;
    exact(real of_value) : value(of_value), terms(std::abs(of_value)) {}
    exact(real of_value, real of_terms) : value(of_value), terms(of_terms) {}
};

real logistic(real x)
{
    const real e = std::exp(-std::abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}
real logistic_slope(real x)
{
    const real e = std::exp(-std::abs(x));
    return e / (1 + e) / (1 + e);
}
real logistic_second(real x)
{
    return -logistic_slope(x) * std::tanh(x / 2);
}
exact logistic_third(real x)
{
    const real t = std::tanh(x / 2);
    return {logistic_slope(x) * (1.5L * t * t - 0.5L), logistic_slope(x)};
}
/// exp(-x^2 / 2) / sqrt(2 pi)
real density(real x)
{
    return 0.398942280401432677939946L * std::exp(-x * x / 2);
}
real distribution(real x)
{
    return std::erfc(-x * 0.70710678118654752440084436210485L) / 2;
}
/// 2 / sqrt(pi) exp(-x^2)
real erf_first(real x)
{
    return 1.12837916709551257389616L * std::exp(-x * x);
}

using of_order = std::vector<std::function<exact(real)>>;

/// What T has between a number and the next; of normal numbers only.
template <class T>
real unit(real x)
{
    using limits = std::numeric_limits<T>;
    return std::ldexp(real(1), std::max(std::ilogb(x), limits::min_exponent - 1) - limits::digits + 1);
}

/// From 0 to far beyond where everything has saturated, of both signs.
template <class T>
std::vector<T> points()
{
    std::vector<T> result{0};
    const T far = std::sqrt(std::numeric_limits<T>::max());
    for (T x = T(1e-3); x < 1200; x *= T(1.0371))
    {
        result.insert(result.end(), {x, -x});
    }
    for (const T x : {far / 4, far * 16, std::numeric_limits<T>::max()})
    {
        result.insert(result.end(), {x, -x});
    }
    return result;
}

/// The derivatives of f, one order after the other, against their formulas: within 4, 16 and 64 units in the last
/// place, and where they are not normal numbers any more within a thousand times the smallest of those.
template <class T, class F>
void check_orders(const char* name, F f, const of_order& references)
{
    const std::vector<T> at = points<T>();
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>(xt::adapt(at, {at.size()})));
    auto y = f(x);
    real bound = 4;
    for (std::size_t order = 0; order < references.size(); ++order, bound *= 4)
    {
        y = gradient(sum(y), x);
        for (std::size_t i = 0; i < at.size(); ++i)
        {
            const exact expected = references[order](at[i]);
            const real error = std::abs(real(y.data()[i]) - expected.value);
            const real allowed =
                bound * unit<T>(expected.terms) +
                (expected.terms < 1024 * std::numeric_limits<T>::min() ? std::numeric_limits<T>::min() / 64 : 0);
            BOOST_TEST(bool(error <= allowed), name << ", order " << order + 1 << " at " << at[i] << ": " << y.data()[i]
                                                    << " instead of " << expected.value << ", off by "
                                                    << error / unit<T>(expected.terms) << " ulp");
        }
    }
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(logistic_functions_keep_their_digits, T, both_precisions)
{
    const of_order of_sigmoid{logistic_slope, logistic_second, logistic_third};
    check_orders<T>(
        "sigmoid", [](auto x) { return sigmoid(x); }, of_sigmoid);
    check_orders<T>("softplus", [](auto x) { return softplus(x); }, {logistic, logistic_slope, logistic_second});
    check_orders<T>("log_sigmoid", [](auto x) { return log_sigmoid(x); },
                    {[](real x) { return logistic(-x); }, [](real x) { return -logistic_slope(x); },
                     [](real x) { return -logistic_second(x); }});
    check_orders<T>("logaddexp", [](auto x) { return logaddexp(x, 0); }, {logistic, logistic_slope, logistic_second});
    check_orders<T>("logaddexp, by the other", [](auto x) { return logaddexp(T(0.7), -x); },
                    {[](real x) { return -logistic(-x - real(T(0.7))); },
                     [](real x) { return logistic_slope(-x - real(T(0.7))); },
                     [](real x) { return -logistic_second(-x - real(T(0.7))); }});
    const auto tangent_slope = [](real x) { return 4 * logistic_slope(2 * x); };
    check_orders<T>("tanh", [](auto x) { return tanh(x); },
                    {tangent_slope, [=](real x) { return -2 * std::tanh(x) * tangent_slope(x); },
                     [=](real x) {
                         return exact(tangent_slope(x) * (6 * std::tanh(x) * std::tanh(x) - 2), 4 * tangent_slope(x));
                     }});
    check_orders<T>("silu", [](auto x) { return silu(x); },
                    {[](real x)
                     {
                         const real e = std::exp(-std::abs(x));
                         return x < 0 ? exact(e * (1 + e + x) / (1 + e) / (1 + e), e * (1 - x) / (1 + e) / (1 + e))
                                      : exact((1 + e + x * e) / (1 + e) / (1 + e));
                     },
                     [](real x) {
                         return exact(2 * logistic_slope(x) + x * logistic_second(x),
                                      2 * logistic_slope(x) - x * logistic_second(x));
                     },
                     [](real x)
                     {
                         const exact third = logistic_third(x);
                         return exact(3 * logistic_second(x) + x * third.value,
                                      std::abs(3 * logistic_second(x)) + std::abs(x) * third.terms);
                     }});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(densities_times_polynomials_keep_their_digits, T, both_precisions)
{
    const auto far = [](real x) { return std::abs(x) > 1e4L; };
    const auto times_density = [=](auto polynomial, auto terms)
    {
        return [=](real x)
        { return far(x) ? exact(0) : exact(polynomial(x) * density(x), terms(std::abs(x)) * density(x)); };
    };
    const auto one = [](real) { return real(1); };
    const auto odd = [](real x) { return -x; };
    const auto second = [](real x) { return x * x - 1; };
    const auto third = [](real x) { return 3 * x - x * x * x; };
    const auto fourth = [](real x) { return x * x * x * x - 6 * x * x + 3; };
    const auto terms = [](int degree)
    { return [=](real x) { return std::pow(x, degree) + degree * (degree + 1) / 2; }; };
    check_orders<T>("normal_cdf", [](auto x) { return normal_cdf(x); },
                    {times_density(one, one), times_density(odd, [](real x) { return x; }),
                     times_density(second, terms(2)), times_density(third, terms(3)), times_density(fourth, terms(4))});
    check_orders<T>("normal_pdf", [](auto x) { return normal_pdf(x); },
                    {times_density(odd, [](real x) { return x; }), times_density(second, terms(2)),
                     times_density(third, terms(3)), times_density(fourth, terms(4))});
    check_orders<T>("gelu", [](auto x) { return gelu(x); },
                    {[=](real x) {
                         return far(x) ? exact(x > 0)
                                       : exact(distribution(x) + x * density(x),
                                               distribution(x) + std::abs(x) * density(x));
                     },
                     times_density([](real x) { return 2 - x * x; }, [](real x) { return 2 + x * x; }),
                     times_density([](real x) { return x * x * x - 4 * x; }, [](real x) { return 4 * x + x * x * x; }),
                     times_density([](real x) { return 7 * x * x - 4 - x * x * x * x; }, terms(4))});
    const auto times_gaussian = [=](auto polynomial, auto size, real sign)
    {
        return [=](real x)
        { return far(x) ? exact(0) : exact(sign * polynomial(x) * erf_first(x), size(std::abs(x)) * erf_first(x)); };
    };
    for (const real sign : {real(1), real(-1)})
    {
        check_orders<T>(
            "erf or erfc", [sign](auto x) { return sign > 0 ? erf(x) : erfc(x); },
            {times_gaussian(one, one, sign),
             times_gaussian([](real x) { return -2 * x; }, [](real x) { return 2 * x; }, sign),
             times_gaussian([](real x) { return 4 * x * x - 2; }, [](real x) { return 4 * x * x + 2; }, sign),
             times_gaussian([](real x) { return 12 * x - 8 * x * x * x; },
                            [](real x) { return 12 * x + 8 * x * x * x; }, sign)});
    }
}

// The rounding error of the difference would be that of the exponential: up to 700 ulp.
BOOST_AUTO_TEST_CASE_TEMPLATE(logaddexp_knows_the_difference_before_it_was_rounded, T, both_precisions)
{
    const T x = sizeof(T) == 8 ? T(345.6789) : T(41.6789), y = -T(333.0001) / 8;
    autograd::tape<T> tape;
    const auto a = tape.variable(x), b = tape.variable(y);
    const auto [da, db] = gradient(logaddexp(a, b), {a, b});
    const real d = real(x) - real(y);
    const auto within = [](T result, real expected, real ulp)
    { BOOST_TEST(bool(std::abs(result - expected) <= ulp * unit<T>(expected)), result << " instead of " << expected); };
    within(da.item(), logistic(d), 4);
    within(db.item(), logistic(-d), 4);
    const auto [daa, dab] = gradient(da, {a, b});
    within(daa.item(), logistic_slope(d), 16);
    within(dab.item(), -logistic_slope(d), 16);
    within(gradient(db, b).item(), logistic_slope(d), 16);
    within(gradient(daa, a).item(), logistic_second(d), 64);
}

// Behind a derivative that is bounded nothing need be put at rest: forward mode takes no more instructions than needed.
BOOST_AUTO_TEST_CASE(bounded_slopes_need_no_rest)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(0.5);
    const auto push = [&](auto f)
    {
        const auto y = f(x);
        const std::size_t before = tape.size();
        (void)jvp(y, x, x);
        return tape.size() - before;
    };
    for (const std::size_t instructions : {push([](auto v) { return sigmoid(v); }),
                                           push([](auto v) { return tanh(v); }), push([](auto v) { return silu(v); }),
                                           push([](auto v) { return erf(v); }), push([](auto v) { return atan(v); })})
    {
        BOOST_TEST(instructions == 1u);
    }
}

// In both modes; the square of 1 - x^2 is 0 there, and so is what it would be multiplied by.
BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_at_the_ends_of_a_domain_are_infinite, T, both_precisions)
{
    const auto expect_second = [](T point, auto f, T expected)
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(point);
        const auto one = tape.constant(T(1));
        const auto first = gradient(f(x), x);
        expect<T>({gradient(first, x).item(), jvp(first, x, one).item(), gradient(jvp(f(x), x, one), x).item(),
                   jvp(jvp(f(x), x, one), x, one).item()},
                  std::vector<T>(4, expected));
    };
    const T inf = infinity<T>;
    expect_second(
        1, [](auto x) { return asin(x); }, inf);
    expect_second(
        -1, [](auto x) { return asin(x); }, -inf);
    expect_second(
        1, [](auto x) { return acos(x); }, -inf);
    expect_second(
        -1, [](auto x) { return acos(x); }, inf);
    expect_second(
        1, [](auto x) { return acosh(x); }, -inf);
    expect_second(
        1, [](auto x) { return atanh(x); }, inf);
    expect_second(
        -1, [](auto x) { return atanh(x); }, -inf);
    // Far out they are 0, not NaN.
    for (const T far : {std::numeric_limits<T>::max(), inf})
    {
        expect_second(
            far, [](auto x) { return acosh(x); }, 0);
        expect_second(
            far, [](auto x) { return atan(x); }, 0);
        expect_second(
            far, [](auto x) { return softsign(x); }, 0);
        expect_second(
            far, [](auto x) { return silu(x); }, 0);
        expect_second(
            far, [](auto x) { return gelu(x); }, 0);
        expect_second(
            far, [](auto x) { return erf(x); }, 0);
        expect_second(
            far, [](auto x) { return normal_cdf(x); }, 0);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(limits_at_infinity, T, both_precisions)
{
    const T inf = infinity<T>;
    for (const local<T>& of : {at(-inf, [](auto x) { return gelu(x); }), at(-inf, [](auto x) { return silu(x); })})
    {
        BOOST_TEST(of.value == 0);
        BOOST_TEST(std::signbit(of.value));
        BOOST_TEST(of.reverse == 0);
        BOOST_TEST(of.forward == 0);
        BOOST_TEST(of.second == 0);
    }
    for (const local<T>& of : {at(inf, [](auto x) { return gelu(x); }), at(inf, [](auto x) { return silu(x); })})
    {
        BOOST_TEST(of.value == inf);
        BOOST_TEST(of.reverse == 1);
        BOOST_TEST(of.forward == 1);
        BOOST_TEST(of.second == 0);
    }
    for (const T sign : {T(1), T(-1)})
    {
        const local<T> of = at(sign * inf, [](auto x) { return softsign(x); });
        BOOST_TEST(of.value == sign);
        BOOST_TEST(of.reverse == 0);
        BOOST_TEST(of.forward == 0);
        for (const local<T>& root :
             {at(sign * inf, [](auto x) { return asinh(x); }), at(sign * inf, [](auto x) { return cbrt(x); })})
        {
            BOOST_TEST(root.value == sign * inf);
            BOOST_TEST(root.reverse == 0);
            BOOST_TEST(root.forward == 0);
            BOOST_TEST(root.second == 0);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
