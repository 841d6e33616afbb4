// Accuracy of derivatives: the pull of each rule on packs, as the kernels use it, with a cotangent of 1, beside its
// formula in long double. The largest error found is printed; docs/trust.md publishes it. Second orders are tested in
// conventions/slopes.cpp.

#include "packs/accuracy.hpp"

#include "autograd/autograd.hpp"
#include "autograd/define_operation.hpp"

namespace
{

using namespace accuracy;
using real = long double;

/// What flows to the operand of a rule when 1 flows into its result.
template <class Rule>
constexpr auto slope_of = []<class T>(pack<T> x) -> pack<T>
{
    const pack<T> y = Rule::forward(x);
    return autograd::detail::pull_type<Rule, 0>()(x, y, pack<T>(1));
};

/// The same of a rule of two operands, to the K-th.
template <class Rule, std::size_t K>
constexpr auto slope_of_two = []<class T>(pack<T> x, pack<T> y) -> pack<T>
{
    const pack<T> z = Rule::forward(x, y);
    return autograd::detail::pull_type<Rule, K>()(x, y, z, pack<T>(1));
};

constexpr double promised = 4;

template <class Rule, class T, class Reference>
void check_slope(std::initializer_list<interval<T>> ranges, Reference reference)
{
    check<T>(std::string(Rule::name) + "'", promised, ranges, slope_of<Rule>, reference, ulp_error_of_slope<T>);
}

/// In the neighbourhood of a root, where the error is that of the terms of the sum: in units of 1/4.
template <class Rule, class T, class Reference>
void check_slope_next_to_root(interval<T> range, Reference reference)
{
    check<T>(std::string(Rule::name) + "' at 0", promised, {range}, slope_of<Rule>, reference,
             [](T result, real exact)
             { return static_cast<double>(std::abs(result - exact) * 4 / std::numeric_limits<T>::epsilon()); });
}

real logistic_slope(real x)
{
    const real e = std::exp(-std::abs(x));
    return e / (1 + e) / (1 + e);
}
real logistic(real x)
{
    const real e = std::exp(-std::abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}
/// exp(-x^2) with the rounding error of x^2
real gaussian(real x)
{
    const real square = x * x;
    return std::abs(x) > 1e4L ? 0.0L : std::exp(-square) * (1 - std::fma(x, x, -square));
}
real density(real x)
{
    const real half = -x * x / 2;
    return std::abs(x) > 1e4L ? 0.0L
                              : 0.398942280401432677939946L * std::exp(half) * (1 - std::fma(x, x, 2 * half) / 2);
}
real distribution(real x)
{
    return std::abs(x) > 1e4L ? real(x > 0) : std::erfc(-x * 0.70710678118654752440084436210485L) / 2;
}

} // namespace

BOOST_AUTO_TEST_SUITE(packs_slopes)

using namespace autograd;

BOOST_AUTO_TEST_CASE_TEMPLATE(logistic_functions, T, element_types)
{
    const T log_smallest = std::log(smallest<T>);
    const interval<T> left{log_smallest - 1, log_smallest + 40}, right{-log_smallest - 40, -log_smallest + 1};
    const interval<T> moderate{-50, 50}, at_largest{largest<T> / 8, largest<T>};
    check_slope<sigmoid_rule, T>({everything<T>, unit<T>, moderate, left, right}, logistic_slope);
    check_slope<softplus_rule, T>({everything<T>, unit<T>, moderate, left}, logistic);
    check_slope<log_sigmoid_rule, T>({everything<T>, unit<T>, moderate, right}, [](real x) { return logistic(-x); });
    check_slope<tanh_rule, T>({everything<T>, unit<T>, {-25, 25}, {log_smallest / 2 - 1, -log_smallest / 2 + 1}},
                              [](real x) { return 4 * logistic_slope(2 * x); });
    const auto of_silu = [](real x)
    {
        const real e = std::exp(-std::abs(x));
        return (x < 0 ? e * (1 + e + x) : 1 + e + x * e) / (1 + e) / (1 + e);
    };
    check_slope<silu_rule, T>({{-largest<T>, -2}, {-50, -2}, left, {T(-1.1), largest<T>}, {T(-1.1), 50}}, of_silu);
    check_slope_next_to_root<silu_rule, T>({-2, T(-1.1)}, of_silu);
    for (const bool of_second : {false, true})
    {
        check2<T>(
            of_second ? "logaddexp' by y" : "logaddexp' by x", promised,
            {{moderate, moderate},
             {{-20, 20}, left},
             {left, {-20, 20}},
             {everything<T>, everything<T>},
             {at_largest, at_largest}},
            [of_second](pack<T> x, pack<T> y)
            { return of_second ? slope_of_two<logaddexp_rule, 1>(x, y) : slope_of_two<logaddexp_rule, 0>(x, y); },
            [of_second](real x, real y) { return logistic(of_second ? y - x : x - y); }, ulp_error_of_slope<T>);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(error_functions, T, element_types)
{
    const interval<T> moderate{-6, 6};
    const auto of_erf = [](real x) { return 1.12837916709551257389616L * gaussian(x); };
    check_slope<erf_rule, T>({everything<T>, unit<T>, moderate, {-28, 28}}, of_erf);
    check_slope<erfc_rule, T>({everything<T>, unit<T>, moderate, {-28, 28}}, [=](real x) { return -of_erf(x); });
    check_slope<normal_cdf_rule, T>({everything<T>, unit<T>, moderate, {-40, 40}}, density);
    check_slope<normal_pdf_rule, T>({everything<T>, unit<T>, moderate, {-40, 40}},
                                    [](real x) { return std::abs(x) > 1e4L ? 0.0L : -x * density(x); });
    const auto of_gelu = [](real x) { return distribution(x) + (std::abs(x) > 1e4L ? 0.0L : x * density(x)); };
    check_slope<gelu_rule, T>({{-largest<T>, T(-1.5)}, {-40, T(-1.5)}, {T(-0.3), largest<T>}, {T(-0.3), 40}}, of_gelu);
    check_slope_next_to_root<gelu_rule, T>({T(-1.5), T(-0.3)}, of_gelu);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(exponentials_and_logarithms, T, element_types)
{
    constexpr real log_2 = 0.69314718055994530941723212145818L, log_10 = 2.3025850929940456840179914546844L;
    const T log_largest = std::log(largest<T>);
    const T log_smallest = std::log(smallest<T>);
    const interval<T> finite{log_smallest - 1, log_largest}, moderate{-50, 50};
    const auto exp_l = [](real x) { return std::exp(x); };
    check_slope<exp_rule, T>({everything<T>, unit<T>, finite}, exp_l);
    const T end = std::nextafter(T(std::numeric_limits<T>::max_exponent), T(0)); // of the range of the value
    check_slope<exp2_rule, T>({{-largest<T>, end}, unit<T>, moderate}, [](real x) { return log_2 * std::exp2(x); });
    check_slope<expm1_rule, T>({everything<T>, unit<T>, finite}, exp_l);
    check_slope<log_rule, T>({positive<T>, {0, 2}}, [](real x) { return 1 / x; });
    check_slope<log2_rule, T>({positive<T>, {0, 2}}, [](real x) { return 1 / (x * log_2); });
    check_slope<log10_rule, T>({positive<T>, {0, 2}}, [](real x) { return 1 / (x * log_10); });
    check_slope<log1p_rule, T>({{-1, largest<T>}, unit<T>, {-1, T(-0.99)}}, [](real x) { return 1 / (1 + x); });
    check_slope<log1mexp_rule, T>({positive<T>, {0, 1}, {0, 50}, {-log_smallest - 40, -log_smallest}},
                                  [](real x) { return -std::exp(-x) / std::expm1(-x); });
    const interval<T> negative{-largest<T>, 0};
    check_slope<selu_rule, T>({positive<T>, negative, {-100, 0}, {log_smallest, 0}},
                              [](real x)
                              {
                                  constexpr real scale = 1.0507009873554804934193349852946L;
                                  constexpr real alpha = 1.6732632423543772848170429916717L;
                                  return x > 0 ? scale : scale * alpha * std::exp(x);
                              });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(circular_and_hyperbolic_functions, T, element_types)
{
    const interval<T> moderate{-100, 100};
    check_slope<sin_rule, T>({everything<T>, unit<T>, moderate}, [](real x) { return std::cos(x); });
    check_slope<cos_rule, T>({everything<T>, unit<T>, moderate}, [](real x) { return -std::sin(x); });
    check_slope<tan_rule, T>({everything<T>, unit<T>, moderate}, [](real x) { return 1 + std::tan(x) * std::tan(x); });
    const interval<T> next_to_end{T(0.9), 1};
    const auto circle = [](real x) { return std::sqrt((1 - x) * (1 + x)); };
    check_slope<asin_rule, T>({unit<T>, next_to_end}, [=](real x) { return 1 / circle(x); });
    check_slope<acos_rule, T>({unit<T>, next_to_end}, [=](real x) { return -1 / circle(x); });
    check_slope<atan_rule, T>({everything<T>, unit<T>, moderate}, [](real x) { return 1 / (1 + x * x); });
    check_slope<sinh_rule, T>({everything<T>, unit<T>, {-30, 30}}, [](real x) { return std::cosh(x); });
    check_slope<cosh_rule, T>({everything<T>, unit<T>, {-30, 30}}, [](real x) { return std::sinh(x); });
    check_slope<asinh_rule, T>({everything<T>, unit<T>, moderate}, [](real x) { return 1 / std::hypot(x, 1.0L); });
    check_slope<acosh_rule, T>({{1, largest<T>}, {1, 2}, {1, 10}},
                               [](real x) { return 1 / (std::sqrt(x - 1) * std::sqrt(x + 1)); });
    check_slope<atanh_rule, T>({unit<T>, next_to_end}, [](real x) { return 1 / ((1 - x) * (1 + x)); });
    // Its square is divided by, which has the error of hypot twice.
    check2<T>(
        "atan2' by y", 8, {{{-10, 10}, {-10, 10}}, {unit<T>, unit<T>}}, slope_of_two<atan2_rule, 0>,
        [](real y, real x) { return x / (x * x + y * y); }, ulp_error_of_slope<T>);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(powers, T, element_types)
{
    const T large = std::sqrt(largest<T>);
    // Next to 0 the length itself has few digits.
    const interval<T> moderate{1024 * std::numeric_limits<T>::min(), largest<T> / 2};
    check_slope<sqrt_rule, T>({positive<T>, {0, 2}}, [](real x) { return 1 / (2 * std::sqrt(x)); });
    check_slope<cbrt_rule, T>({everything<T>, {-8, 8}}, [](real x) { return 1 / (3 * std::cbrt(x) * std::cbrt(x)); });
    check_slope<rsqrt_rule, T>({positive<T>, {0, 4}}, [](real x) { return -1 / (2 * x * std::sqrt(x)); });
    check_slope<reciprocal_rule, T>({{1 / large, large}, {-2, 2}}, [](real x) { return -1 / x / x; });
    check_slope<softsign_rule, T>({everything<T>, unit<T>, {-100, 100}},
                                  [](real x) { return 1 / (1 + std::abs(x)) / (1 + std::abs(x)); });
    check2<T>(
        "hypot' by x", promised, {{moderate, moderate}, {{1, 10}, {-10, 10}}}, slope_of_two<hypot_rule, 0>,
        [](real x, real y) { return x / std::hypot(x, y); }, ulp_error_of_slope<T>);
}

// Infinities and NaN, and the ends where nothing is left.
BOOST_AUTO_TEST_CASE_TEMPLATE(edges, T, element_types)
{
    const auto value = [](auto f, T x) { return f(pack<T>(x)).get(0); };
    for (const T x : {infinity<T>, -infinity<T>, largest<T>, -largest<T>, T(1000), T(-1000)})
    {
        BOOST_TEST(value([](auto v) { return sigmoid_slope(v); }, x) == 0);
        BOOST_TEST(value([](auto v) { return tanh_slope(v); }, x) == 0);
        BOOST_TEST(value([](auto v) { return erf_slope(v); }, x) == 0);
        BOOST_TEST(value([](auto v) { return silu_slope(v); }, x) == (x > 0 ? 1 : 0));
    }
    BOOST_TEST(value([](auto v) { return atan_slope(v); }, infinity<T>) == 0);
    BOOST_TEST(value([](auto v) { return acosh_slope(v); }, infinity<T>) == 0);
    const auto stays_nan = [&](auto f) { BOOST_TEST(std::isnan(value(f, not_a_number<T>))); };
    stays_nan([](auto v) { return sigmoid_slope(v); });
    stays_nan([](auto v) { return tanh_slope(v); });
    stays_nan([](auto v) { return silu_slope(v); });
    stays_nan([](auto v) { return erf_slope(v); });
    stays_nan([](auto v) { return sigmoid_of_difference(v, v); });
    stays_nan([](auto v) { return sigmoid_slope_of_difference(v, v - 1); });
    const auto slope = [](T g, T x, T z) { return norm_slope<T>(pack<T>(g), pack<T>(x), pack<T>(z)).get(0); };
    BOOST_TEST(slope(2, 3, 4) == T(1.5));
    BOOST_TEST(slope(infinity<T>, 0, 0) == 0);
    BOOST_TEST(slope(largest<T>, 0, T(-0.0)) == 0);
    BOOST_TEST(std::isnan(slope(not_a_number<T>, 0, 0)));
    BOOST_TEST(slope(1, 3 * smallest<T>, 3 * smallest<T>) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
