// Accuracy and edge values of the functions on packs. The references are computed in long double (64 bits of mantissa
// on x86-64, 11 more than a double), so an error is known to about a thousandth of an ulp. The largest error found is
// printed for each function and type; the bounds are those that the documentation promises.

#include "packs/accuracy.hpp"

namespace
{

using namespace accuracy;

template <class T>
bool same(T a, T b)
{
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

// The value of a function at one argument, the same in every lane.
template <class T, class Function>
void check_value(const std::string& name, Function function, std::type_identity_t<T> x,
                 std::type_identity_t<T> expected)
{
    const pack<T> result = function(pack<T>(x));
    for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
    {
        BOOST_TEST(same(result.get(lane), expected), name << "<" << type_name<T> << ">(" << to_text(x)
                                                          << ") = " << to_text(result.get(lane)) << " instead of "
                                                          << to_text(expected));
    }
}

template <class T, class Function>
void check_value2(const std::string& name, Function function, std::type_identity_t<T> x, std::type_identity_t<T> y,
                  std::type_identity_t<T> expected)
{
    const T result = pack<T>(function(pack<T>(x), pack<T>(y))).get(0);
    BOOST_TEST(same(result, expected), name << "<" << type_name<T> << ">(" << to_text(x) << ", " << to_text(y)
                                            << ") = " << to_text(result) << " instead of " << to_text(expected));
}

// The function under test and its reference in long double have the same name in different namespaces.
#define PACK_FUNCTION(function) [](auto x) { return function(x); }
#define LONG_FUNCTION(function) [](long double x) { return static_cast<long double>(std::function(x)); }
#define CHECK(function, bound, ...)                                                                                    \
    check<T>(#function, within(bound), __VA_ARGS__, PACK_FUNCTION(function), LONG_FUNCTION(function))

} // namespace

BOOST_AUTO_TEST_SUITE(packs_vector_math)

// Accuracy. The bounds, in ulp, are a little above the errors given in vector_math.hpp.

BOOST_AUTO_TEST_CASE_TEMPLATE(exponentials, T, element_types)
{
    const T log_largest = std::log(largest<T>);
    const T log_smallest = std::log(smallest<T>);
    const interval<T> finite{log_smallest - 1, log_largest + 1};
    const interval<T> next_to_zero{log_smallest - 1, log_smallest + 40};
    const interval<T> next_to_infinity{log_largest - 1, log_largest + 1};
    const interval<T> at_infinity{log_largest * (1 - 8192 * std::numeric_limits<T>::epsilon()), log_largest};
    const T last = log_largest + std::log(T(2));
    const interval<T> at_last_infinity{last * (1 - 8192 * std::numeric_limits<T>::epsilon()), last};
    CHECK(exp, 1.1, {everything<T>, unit<T>, finite, next_to_zero, next_to_infinity, at_infinity});
    CHECK(exp2, 1.1,
          {everything<T>,
           unit<T>,
           {T(std::numeric_limits<T>::min_exponent - 60), T(std::numeric_limits<T>::max_exponent + 1)}});
    CHECK(expm1, 1.5, {everything<T>, unit<T>, {-50, 50}, {-1, log_largest + 1}, {T(-0.5), T(-0.3)}, {T(0.3), T(0.5)}});
    CHECK(sinh, 1.5, {everything<T>, unit<T>, {-30, 30}, next_to_infinity, at_last_infinity});
    CHECK(cosh, 1.5, {everything<T>, unit<T>, {-30, 30}, next_to_infinity, at_last_infinity});
    CHECK(tanh, 1.5, {everything<T>, unit<T>, {T(0.15), T(0.25)}, {T(-0.7), T(0.7)}, {-25, 25}, {0, 3}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logarithms, T, element_types)
{
    const interval<T> around_one{T(0.5), 2};
    const interval<T> next_to_one{T(0.99), T(1.01)};
    const interval<T> subnormal{smallest<T>, std::numeric_limits<T>::min()};
    CHECK(log, 1.0, {everything<T>, positive<T>, around_one, next_to_one, subnormal});
    CHECK(log2, 1.0, {everything<T>, positive<T>, around_one, next_to_one, subnormal});
    CHECK(log10, 1.0, {everything<T>, positive<T>, around_one, next_to_one, subnormal});
    CHECK(log1p, 1.1,
          {everything<T>, {-1, largest<T>}, unit<T>, {T(-0.01), T(0.01)}, {-1, T(-0.99)}, {0, 10}, {T(0.4), T(0.6)}});
    CHECK(asinh, 2.0, {everything<T>, unit<T>, {-10, 10}, {T(0.005), T(0.01)}});
    CHECK(acosh, 2.0, {everything<T>, {1, largest<T>}, {1, 2}, {1, 10}, {1, T(1.001)}});
    CHECK(atanh, 2.0, {everything<T>, unit<T>, {T(0.9), 1}, {T(-0.1), T(0.1)}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(trigonometry, T, element_types)
{
    CHECK(sin, 1.1, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(cos, 1.1, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(tan, 1.1, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(asin, 1.1, {unit<T>, {T(0.9), 1}, {-1, T(-0.9)}, {T(0.4), T(0.6)}});
    CHECK(acos, 1.1, {unit<T>, {T(0.9), 1}, {-1, T(-0.9)}, {T(0.4), T(0.6)}});
    CHECK(atan, 1.1, {everything<T>, unit<T>, {-10, 10}});
    check2<T>(
        "atan2", within(1.1),
        {{everything<T>, everything<T>}, {unit<T>, unit<T>}, {{-10, 10}, {-10, 10}}, {{-1, 1}, everything<T>}},
        [](auto y, auto x) { return atan2(y, x); }, [](long double y, long double x) { return std::atan2(y, x); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(roots_and_powers, T, element_types)
{
    CHECK(sqrt, 0.501, {everything<T>, positive<T>});
    CHECK(cbrt, 1.0, {everything<T>, {-8, 8}});
    check<T>("rsqrt", 1.5, {positive<T>, {0, 4}}, PACK_FUNCTION(rsqrt), [](long double x) { return 1 / std::sqrt(x); });
    check<T>("reciprocal", 0.501, {everything<T>}, PACK_FUNCTION(reciprocal), [](long double x) { return 1 / x; });
    check2<T>(
        "hypot", within(1.0), {{everything<T>, everything<T>}, {unit<T>, unit<T>}, {{-10, 10}, {-10, 10}}},
        [](auto x, auto y) { return hypot(x, y); }, [](long double x, long double y) { return std::hypot(x, y); });
    check2<T>(
        "pow", within(1.0),
        {{positive<T>, everything<T>},
         {everything<T>, {-10, 10}},
         {{T(0.5), 2}, {-1000, 1000}},
         {{0, 100}, {-30, 30}},
         {{T(0.99), T(1.01)}, {-30000, 30000}}},
        [](auto x, auto y) { return pow(x, y); }, [](long double x, long double y) { return std::pow(x, y); });
    for (const int n :
         {-70000, -1001, -100, -17, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 13, 64, 499, 1001, 70001})
    {
        // Arguments for which the power is neither too large nor too small, by exponent.
        const T high = n == 0 ? largest<T> : std::pow(largest<T>, 1 / std::abs(T(n)));
        const T low = n == 0 ? smallest<T> : std::pow(smallest<T>, 1 / std::abs(T(n)));
        check<T>(
            "power_integer " + std::to_string(n), 2.0, {{-high, high}, {-2, 2}, {low, high}},
            [n](auto x) { return power_integer(x, n); }, [n](long double x) { return std::pow(x, n); });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(error_function_and_gamma, T, element_types)
{
    CHECK(erf, 1.2, {everything<T>, unit<T>, {-6, 6}, {T(0.8), T(0.9)}});
    CHECK(erfc, 2.0, {everything<T>, unit<T>, {-6, 6}, {0, 30}});
    CHECK(lgamma, 1.5,
          {positive<T>,
           {largest<T> * T(1e-5), largest<T> * T(0.02)},
           {0, 3},
           {T(0.9), T(1.1)},
           {T(1.9), T(2.1)},
           {3, 100}});
    check<T>("normal_pdf", 2.0, {everything<T>, unit<T>, {-40, 40}, {-6, 6}}, PACK_FUNCTION(normal_pdf),
             [](long double x)
             {
                 // with the rounding error of x^2
                 const long double square = x * x;
                 const long double rest = std::fma(x, x, -square);
                 return std::abs(x) > 1e4L ? 0.0L
                                           : 0.398942280401432677939946L * std::exp(-square / 2) * (1 - rest / 2);
             });
    check<T>("normal_cdf", std::is_same_v<T, float> ? 2.1 : 2.0, {everything<T>, unit<T>, {-40, 10}, {-6, 6}},
             PACK_FUNCTION(normal_cdf),
             [](long double x)
             {
                 // erfc(-x / sqrt(2)) / 2 to first order in the rounding error of the argument
                 if (std::abs(x) > 1000)
                 {
                     return x < 0 ? 0.0L : 1.0L;
                 }
                 const long double root = 1.41421356237309504880168872L;
                 const long double rest = std::fma(-root, root, 2.0L) / (2 * root);
                 const long double z = -x / root;
                 const long double error = (std::fma(-z, root, -x) - z * rest) / root;
                 return 0.5L * (std::erfc(z) - 1.12837916709551257389616L * std::exp(-z * z) * error);
             });
}

// On the negative axis lgamma and digamma have roots that no float is near enough to: the error is measured against 1.
BOOST_AUTO_TEST_CASE_TEMPLATE(negative_gamma, T, element_types)
{
    std::mt19937_64 generator(7);
    std::vector<T> arguments;
    sample<T>(arguments, {-30, 0}, 20'000, generator);
    double worst = 0;
    for (const T x : arguments)
    {
        const T result = lgamma(pack<T>(x)).get(0);
        const long double exact = std::lgamma(static_cast<long double>(x));
        if (std::isfinite(static_cast<T>(exact)))
        {
            worst = std::max(worst, static_cast<double>(std::abs(result - exact) / std::max(1.0L, std::abs(exact))));
        }
        else
        {
            BOOST_TEST(result == infinity<T>, "lgamma<" << type_name<T> << ">(" << to_text(x) << ")");
        }
    }
    worst /= static_cast<double>(std::numeric_limits<T>::epsilon());
    std::printf("%-16s %-6s %6.3f epsilon\n", "lgamma, x < 0", type_name<T>, worst);
    BOOST_TEST(worst < 4);
}

// polygamma(n, x), digamma for n = 0, by the recurrence to a far point and the asymptotic series there (Abramowitz &
// Stegun 6.3.18 and 6.4.11): another way than the library's.
long double polygamma_by_series(int n, long double x)
{
    const long double factorial = std::tgamma(n + 1.0L);
    long double sum = 0; // without the sign (-1)^(n + 1)
    for (; x < 60 + n; ++x)
    {
        sum += factorial / std::pow(x, n + 1.0L);
    }
    constexpr long double bernoulli[] = {1 / 6.0L,       -1 / 30.0L, 1 / 42.0L,      -1 / 30.0L,     5 / 66.0L,
                                         -691 / 2730.0L, 7 / 6.0L,   -3617 / 510.0L, 43867 / 798.0L, -174611 / 330.0L};
    sum += n == 0 ? -std::log(x) : factorial / n / std::pow(x, static_cast<long double>(n));
    sum += factorial / (2 * std::pow(x, n + 1.0L));
    for (int k = 1; k <= 10; ++k)
    {
        // (2 k + n - 1)! / (2 k)!
        long double quotient = n == 0 ? 1 / (2.0L * k) : 1;
        for (int i = 2 * k + 1; i < 2 * k + n; ++i)
        {
            quotient *= i;
        }
        sum += bernoulli[k - 1] * quotient / std::pow(x, 2.0L * k + n);
    }
    return n % 2 == 1 ? sum : -sum;
}

// Next to roots the error is measured in units of the last place that n! / 16 has.
BOOST_AUTO_TEST_CASE_TEMPLATE(digamma_and_polygamma, T, element_types)
{
    std::mt19937_64 generator(11);
    for (const int n : {0, 1, 2, 3, 4, 7, 20, 40})
    {
        std::vector<T> arguments;
        sample<T>(arguments, {T(1e-5), T(1e5)}, 500, generator);
        sample<T>(arguments, {T(-5.1), T(5)}, 500, generator);
        sample<T>(arguments, {-90, 0}, 500, generator);
        double worst = 0;
        T worst_argument = 0;
        for (const T x : arguments)
        {
            const long double exact = polygamma_by_series(n, x);
            if ((x <= 0 && x == std::floor(x)) || std::abs(exact) < std::numeric_limits<T>::min())
            {
                continue;
            }
            const T result = n == 0 ? digamma(pack<T>(x)).get(0) : polygamma(n, pack<T>(x)).get(0);
            const long double least = std::tgamma(n + 1.0L) / 16;
            const double near_root = static_cast<double>(std::abs(result - exact) / least) /
                                     static_cast<double>(std::numeric_limits<T>::epsilon());
            const double error =
                std::abs(exact) < least && std::isfinite(result) ? near_root : ulp_error(result, exact);
            if (!(error <= worst))
            {
                worst = error;
                worst_argument = x;
            }
        }
        print<T>(n == 0 ? "digamma" : "polygamma " + std::to_string(n), worst, 2, to_text(worst_argument));
        BOOST_TEST(worst <= 2);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(activations, T, element_types)
{
    const T log_smallest = std::log(smallest<T>);
    check<T>("sigmoid", within(1.1), {everything<T>, unit<T>, {-50, 50}, {log_smallest - 1, log_smallest + 40}},
             PACK_FUNCTION(sigmoid), [](long double x) { return 1 / (1 + std::exp(-x)); });
    const auto softplus_reference = [](long double x)
    { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); };
    check<T>("softplus", 2.0, {everything<T>, unit<T>, {-50, 50}, {log_smallest - 1, log_smallest + 40}},
             PACK_FUNCTION(softplus), softplus_reference);
    check<T>("log_sigmoid", 2.0, {everything<T>, unit<T>, {-50, 50}, {-log_smallest - 40, -log_smallest + 1}},
             PACK_FUNCTION(log_sigmoid), [=](long double x) { return -softplus_reference(-x); });
    check<T>("log1mexp", 2.0, {positive<T>, {0, 1}, {0, 50}, {T(0.4), T(0.8)}, {T(0.9), T(1.1)}},
             PACK_FUNCTION(log1mexp),
             [](long double x) { return x < 0.7L ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x)); });
}

// Edges: infinities, NaN, signed zeros, poles, and the ends of the ranges. Wherever the C functions define the value:
// the results agree with those of the standard library on every special argument, zeros by sign, up to 2 ulp where they
// are ordinary numbers.
BOOST_AUTO_TEST_CASE_TEMPLATE(edges_as_in_the_standard_library, T, element_types)
{
    const T specials[] = {0,
                          -T(0),
                          1,
                          -1,
                          infinity<T>,
                          -infinity<T>,
                          not_a_number<T>,
                          smallest<T>,
                          -smallest<T>,
                          std::numeric_limits<T>::min(),
                          -std::numeric_limits<T>::min(),
                          largest<T>,
                          -largest<T>,
                          T(0.5),
                          T(-0.5),
                          T(1.5),
                          T(-1.5),
                          2,
                          -2,
                          3,
                          -3,
                          10,
                          -10,
                          T(1e10),
                          T(-1e10),
                          T(1e30),
                          T(-1e30),
                          std::nextafter(T(1), T(0)),
                          std::nextafter(T(1), T(2)),
                          std::nextafter(T(-1), T(0)),
                          std::nextafter(T(-1), T(-2)),
                          std::numeric_limits<T>::epsilon()};
    const auto compare = [](const std::string& call, T result, long double exact)
    {
        const T expected = static_cast<T>(exact);
        const bool right = same(result, expected) || (std::isfinite(result) && std::isfinite(expected) &&
                                                      expected != 0 && ulp_error(result, exact) <= 2);
        BOOST_TEST(right, call << " = " << to_text(result) << " instead of " << to_text(expected));
    };
    for (const T x : specials)
    {
        const std::string argument = "<" + std::string(type_name<T>) + ">(" + to_text(x);
#define COMPARE(function)                                                                                              \
    compare(#function + argument + ")", function(pack<T>(x)).get(0), std::function((long double)(x)));
        COMPARE(exp)
        COMPARE(exp2)
        COMPARE(expm1)
        COMPARE(log)
        COMPARE(log2)
        COMPARE(log10)
        COMPARE(log1p)
        COMPARE(sin)
        COMPARE(cos)
        COMPARE(tan)
        COMPARE(asin)
        COMPARE(acos)
        COMPARE(atan)
        COMPARE(sinh)
        COMPARE(cosh)
        COMPARE(tanh)
        COMPARE(asinh)
        COMPARE(acosh)
        COMPARE(atanh)
        COMPARE(sqrt)
        COMPARE(cbrt)
        COMPARE(erf)
        COMPARE(erfc)
        COMPARE(lgamma)
        COMPARE(floor)
        COMPARE(ceil)
        COMPARE(trunc)
        COMPARE(abs)
        compare("round" + argument + ")", round(pack<T>(x)).get(0), std::nearbyint(static_cast<long double>(x)));
        for (const T y : specials)
        {
            const std::string arguments = argument + ", " + to_text(y) + ")";
            compare("pow" + arguments, pow(pack<T>(x), y).get(0),
                    std::pow(static_cast<long double>(x), static_cast<long double>(y)));
            compare("atan2" + arguments, atan2(pack<T>(x), y).get(0),
                    std::atan2(static_cast<long double>(x), static_cast<long double>(y)));
            compare("hypot" + arguments, hypot(x, pack<T>(y)).get(0),
                    std::hypot(static_cast<long double>(x), static_cast<long double>(y)));
            compare("copysign" + arguments, copysign(x, pack<T>(y)).get(0), std::copysign(x, y));
        }
        for (const int n : {-7, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 100, 2000, -2000})
        {
            compare("power_integer" + argument + ", " + std::to_string(n) + ")", power_integer(pack<T>(x), n).get(0),
                    std::pow(static_cast<long double>(x), n));
        }
    }
}

BOOST_AUTO_TEST_CASE(edges_beyond_the_standard_library)
{
    constexpr double inf = infinity<double>;
    constexpr double nan = not_a_number<double>;
    check_value<double>("exp", PACK_FUNCTION(exp), 710, inf);
    check_value<double>("exp", PACK_FUNCTION(exp), -746, 0);
    check_value<double>("exp", PACK_FUNCTION(exp), -744, 1e-323);
    check_value<float>("exp", PACK_FUNCTION(exp), 89, infinity<float>);
    check_value<float>("exp", PACK_FUNCTION(exp), -104, 0);
    check_value<double>("log", PACK_FUNCTION(log), 0, -inf);
    check_value<double>("log", PACK_FUNCTION(log), -0.0, -inf);
    check_value<double>("log", PACK_FUNCTION(log), -1, nan);
    check_value<double>("log", PACK_FUNCTION(log), smallest<double>, -744.44007192138126);
    check_value<double>("sqrt", PACK_FUNCTION(sqrt), -0.0, -0.0);
    check_value<double>("rsqrt", PACK_FUNCTION(rsqrt), 0, inf);
    check_value<double>("sinh", PACK_FUNCTION(sinh), 711, inf);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), -1000, 0);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), 1000, 1);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), -inf, 0);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), inf, 1);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), nan, nan);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), 0, 0.5);
    check_value<double>("sigmoid", PACK_FUNCTION(sigmoid), -50, 1.9287498479639178e-22);
    check_value<double>("softplus", PACK_FUNCTION(softplus), 1000, 1000);
    check_value<double>("softplus", PACK_FUNCTION(softplus), -1000, 0);
    check_value<double>("softplus", PACK_FUNCTION(softplus), inf, inf);
    check_value<double>("softplus", PACK_FUNCTION(softplus), -inf, 0);
    check_value<double>("softplus", PACK_FUNCTION(softplus), nan, nan);
    check_value<double>("log_sigmoid", PACK_FUNCTION(log_sigmoid), -1000, -1000);
    check_value<double>("log_sigmoid", PACK_FUNCTION(log_sigmoid), 1000, 0);
    check_value<double>("log_sigmoid", PACK_FUNCTION(log_sigmoid), -inf, -inf);
    check_value<double>("log_sigmoid", PACK_FUNCTION(log_sigmoid), nan, nan);
    check_value<double>("normal_cdf", PACK_FUNCTION(normal_cdf), -inf, 0);
    check_value<double>("normal_cdf", PACK_FUNCTION(normal_cdf), inf, 1);
    check_value<double>("normal_cdf", PACK_FUNCTION(normal_cdf), 0, 0.5);
    check_value<double>("normal_cdf", PACK_FUNCTION(normal_cdf), nan, nan);
    check_value<double>("normal_pdf", PACK_FUNCTION(normal_pdf), -inf, 0);
    check_value<double>("normal_pdf", PACK_FUNCTION(normal_pdf), nan, nan);
    // scipy.special
    check_value<double>("digamma", PACK_FUNCTION(digamma), 0, -inf);
    check_value<double>("digamma", PACK_FUNCTION(digamma), -0.0, inf);
    check_value<double>("digamma", PACK_FUNCTION(digamma), -1, nan);
    check_value<double>("digamma", PACK_FUNCTION(digamma), -inf, nan);
    check_value<double>("digamma", PACK_FUNCTION(digamma), inf, inf);
    check_value<double>("digamma", PACK_FUNCTION(digamma), smallest<double>, -inf);
    check_value<double>("digamma", PACK_FUNCTION(digamma), 1e300, 690.7755278982137);
    const auto trigamma = [](auto x) { return polygamma(1, x); };
    const auto tetragamma = [](auto x) { return polygamma(2, x); };
    for (const double pole : {0.0, -0.0, -1.0, -2.0, -inf})
    {
        check_value<double>("polygamma 1", trigamma, pole, inf);
        check_value<double>("polygamma 2", tetragamma, pole, -inf);
    }
    check_value<double>("polygamma 1", trigamma, inf, 0);
    check_value<double>("polygamma 2", tetragamma, inf, -0.0);
    check_value<double>("polygamma 1", trigamma, 1e-160, inf);
    check_value<double>("polygamma 2", tetragamma, 1e-160, -inf);
    check_value<double>("polygamma 1", trigamma, nan, nan);
    check_value<double>(
        "polygamma -1", [](auto x) { return polygamma(-1, x); }, 2, nan);
    check_value<double>(
        "polygamma 200", [](auto x) { return polygamma(200, x); }, 1, -inf);
    check_value<float>("digamma", PACK_FUNCTION(digamma), 0, -infinity<float>);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bad_lanes_do_not_spread, T, element_types)
{
    // One special argument among ordinary ones changes no other lane.
    for (const T bad : {not_a_number<T>, infinity<T>, -infinity<T>, smallest<T>, largest<T>, -largest<T>, T(0), T(-3)})
    {
        for (std::size_t position = 0; position < pack<T>::size; ++position)
        {
            std::array<T, pack<T>::size> lanes;
            lanes.fill(T(0.75));
            lanes[position] = bad;
            const pack<T> mixed = pack<T>::load(lanes.data());
            const auto unchanged = [&](const char* name, auto function)
            {
                const pack<T> result = function(mixed);
                const pack<T> ordinary = function(pack<T>(T(0.75)));
                const pack<T> special = function(pack<T>(bad));
                for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
                {
                    BOOST_TEST(same(result.get(lane), (lane == position ? special : ordinary).get(lane)),
                               name << "<" << type_name<T> << "> with " << to_text(bad));
                }
            };
#define UNCHANGED(function) unchanged(#function, PACK_FUNCTION(function));
            UNCHANGED(exp)
            UNCHANGED(expm1)
            UNCHANGED(log)
            UNCHANGED(log1p)
            UNCHANGED(tanh)
            UNCHANGED(sinh)
            UNCHANGED(cosh)
            UNCHANGED(asinh)
            UNCHANGED(sigmoid)
            UNCHANGED(softplus)
            UNCHANGED(lgamma)
            UNCHANGED(normal_cdf)
            UNCHANGED(sin)
        }
    }
}

// The bits of an element do not depend on what else is in its register: so they do not on strides, alignment or the
// length of an array either. Magnitudes are mixed: short and long reductions, series, poles and overflow side by side.
template <class T>
std::vector<T> mixed_magnitudes()
{
    std::mt19937_64 generator(5);
    std::vector<T> mixed{0, infinity<T>, -infinity<T>, not_a_number<T>, smallest<T>, largest<T>, T(-0.0), T(-3)};
    sample<T>(mixed, everything<T>, 3000, generator);
    sample<T>(mixed, {T(1e-6), T(1e16)}, 3000, generator);
    sample<T>(mixed, {-200, 200}, 3000, generator);
    sample<T>(mixed, {-750, -650}, 3000, generator); // where exp of a double ends
    sample<T>(mixed, {-110, -80}, 3000, generator);  // and of a float
    sample<T>(mixed, {-20, 20}, 3000, generator);
    sample<T>(mixed, {-1, 1}, 3000, generator);
    std::shuffle(mixed.begin(), mixed.end(), generator);
    mixed.resize(mixed.size() / (2 * pack<T>::size) * (2 * pack<T>::size));
    return mixed;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(elements_do_not_depend_on_their_neighbours, T, element_types)
{
    const std::vector<T> mixed = mixed_magnitudes<T>();
    const auto alone = [&](const char* name, auto function)
    {
        std::size_t wrong = 0;
        T argument = 0;
        for (std::size_t i = 0; i < mixed.size(); i += pack<T>::size)
        {
            // The other operand of binary functions comes from the far end.
            const T* x = &mixed[i];
            const T* y = &mixed[mixed.size() - pack<T>::size - i];
            const pack<T> together = function(pack<T>::load(x), pack<T>::load(y));
            for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
            {
                if (!same(together.get(lane), pack<T>(function(pack<T>(x[lane]), pack<T>(y[lane]))).get(lane)))
                {
                    ++wrong;
                    argument = x[lane];
                }
            }
        }
        BOOST_TEST(wrong == 0u, name << "<" << type_name<T> << "> of " << wrong << " elements, such as "
                                     << to_text(argument) << ", depends on their neighbours");
    };
#define ALONE(function) alone(#function, [](auto x, auto) { return function(x); });
#define ALONE2(function) alone(#function, [](auto x, auto y) { return function(x, y); });
    ALONE(exp)
    ALONE(exp2)
    ALONE(expm1)
    ALONE(log)
    ALONE(log2)
    ALONE(log10)
    ALONE(log1p)
    ALONE(sin)
    ALONE(cos)
    ALONE(tan)
    ALONE(asin)
    ALONE(acos)
    ALONE(atan)
    ALONE(sinh)
    ALONE(cosh)
    ALONE(tanh)
    ALONE(asinh)
    ALONE(acosh)
    ALONE(atanh)
    ALONE(sqrt)
    ALONE(rsqrt)
    ALONE(cbrt)
    ALONE(reciprocal)
    ALONE(erf)
    ALONE(erfc)
    ALONE(lgamma)
    ALONE(sigmoid)
    ALONE(softplus)
    ALONE(log_sigmoid)
    ALONE(log1mexp)
    ALONE(normal_pdf)
    ALONE(normal_cdf)
    ALONE2(pow)
    ALONE2(atan2)
    ALONE2(hypot)
    for (const int n : {-1001, -3, 3, 7, 70001})
    {
        alone("power_integer", [n](auto x, auto) { return power_integer(x, n); });
    }
}

// The vocabulary. What a rule looks like: constants of any type on either side.
BOOST_AUTO_TEST_CASE_TEMPLATE(arithmetic_of_rules, T, element_types)
{
    const auto rule = [](auto x, auto y, auto g) { return g * (1 - y * y) + 2.0 * x - 0.5F / (x + 3L) * 1U; };
    const T x = T(0.25);
    const T y = T(-1.5);
    const T g = T(3);
    BOOST_TEST(rule(pack<T>(x), pack<T>(y), pack<T>(g)).get(0) == g * (1 - y * y) + T(2) * x - T(0.5) / (x + T(3)));
    pack<T> sum = 1;
    sum += 2;
    sum *= pack<T>(3);
    sum -= 0.5;
    sum /= 2;
    BOOST_TEST(sum.get(0) == T(4.25));
    BOOST_TEST((-pack<T>(T(0))).get(0) == 0);
    BOOST_TEST(std::signbit((-pack<T>(T(0))).get(0)));
    BOOST_TEST((+sum).get(0) == T(4.25));
    BOOST_TEST(square(pack<T>(T(-3))).get(0) == 9);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masks_and_selection, T, element_types)
{
    std::array<T, pack<T>::size> lanes{};
    lanes.fill(-1);
    lanes[0] = 1;
    lanes[1] = not_a_number<T>;
    const pack<T> x = pack<T>::load(lanes.data());
    static_assert(std::is_same_v<decltype(select(x > 0, 1, 0)), pack<T>>);
    const auto lane = [](pack<T> p, std::size_t i) { return p.get(i); };
    BOOST_TEST(lane(select(x > 0, 1, 0), 0) == 1);
    BOOST_TEST(lane(select(x > 0, 1, 0), 1) == 0);
    BOOST_TEST(lane(select(x > 0, 1, 0), pack<T>::size - 1) == 0);
    BOOST_TEST(lane(select(!(x > 0), x, 7.5), 0) == T(7.5));
    BOOST_TEST(std::isnan(lane(select(!(x > 0), x, 7.5), 1)));
    // Every comparison with NaN is false, except that it is unequal.
    const pack<T> nan = not_a_number<T>;
    BOOST_TEST(none(nan < 1));
    BOOST_TEST(none(nan <= 1));
    BOOST_TEST(none(nan > 1));
    BOOST_TEST(none(nan >= 1));
    BOOST_TEST(none(1 < nan));
    BOOST_TEST(none(equal(nan, nan)));
    BOOST_TEST(all(not_equal(nan, nan)));
    BOOST_TEST(all(isnan(nan)));
    BOOST_TEST(any(isnan(x)));
    BOOST_TEST(!all(isnan(x)));
    BOOST_TEST(all(x > 0 || !(x > 0)));
    BOOST_TEST(none(x > 0 && !(x > 0)));
    BOOST_TEST((x > 0).get(0));
    BOOST_TEST(!(x > 0).get(1));
    BOOST_TEST(all(equal(pack<T>(T(0)), T(-0.0))));
    BOOST_TEST(all(isinf(pack<T>(-infinity<T>))));
    BOOST_TEST(none(isinf(pack<T>(largest<T>))));
    BOOST_TEST(none(isinf(nan)));
    BOOST_TEST(all(isfinite(pack<T>(largest<T>))));
    BOOST_TEST(none(isfinite(nan)));
    BOOST_TEST(none(isfinite(pack<T>(infinity<T>))));
    BOOST_TEST(all(signbit(pack<T>(T(-0.0)))));
    BOOST_TEST(none(signbit(pack<T>(T(0)))));
    BOOST_TEST(all(kernels::mask<T>(true)));
    BOOST_TEST(none(kernels::mask<T>(false)));
    // Every single lane counts for any and all.
    for (std::size_t i = 0; i < pack<T>::size; ++i)
    {
        lanes.fill(0);
        lanes[i] = 1;
        const pack<T> one = pack<T>::load(lanes.data());
        BOOST_TEST(any(one > 0));
        BOOST_TEST(!none(one > 0));
        BOOST_TEST(!all(one > 0));
        BOOST_TEST(!all(!(one > 0)));
        BOOST_TEST(any(!(one > 0)));
        BOOST_TEST((one > 0).get(i));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(elementary_functions, T, element_types)
{
    const T nan = not_a_number<T>;
    const auto binary = [](auto function)
    { return [function](T x, T y) { return pack<T>(function(pack<T>(x), pack<T>(y))).get(0); }; };
    const auto max = binary([](auto x, auto y) { return maximum(x, y); });
    const auto min = binary([](auto x, auto y) { return minimum(x, y); });
    BOOST_TEST(max(1, 2) == 2);
    BOOST_TEST(min(1, 2) == 1);
    BOOST_TEST(std::isnan(max(nan, 1)));
    BOOST_TEST(std::isnan(max(1, nan)));
    BOOST_TEST(std::isnan(min(nan, 1)));
    BOOST_TEST(std::isnan(min(1, nan)));
    BOOST_TEST(maximum(pack<T>(T(-2)), 0).get(0) == 0);
    BOOST_TEST(minimum(3, pack<T>(T(5))).get(0) == 3);

    BOOST_TEST(sign(pack<T>(T(-2.5))).get(0) == -1);
    BOOST_TEST(sign(pack<T>(infinity<T>)).get(0) == 1);
    BOOST_TEST(same(sign(pack<T>(T(-0.0))).get(0), T(0)));
    BOOST_TEST(std::isnan(sign(pack<T>(nan)).get(0)));

    for (const T x : {T(0.5), T(1.5), T(2.5), T(-0.5), T(-1.5), T(0.49999997), T(-0.3), T(0.3), T(0.7), T(-0.7),
                      T(1e30), T(-1e30), T(8388607.5), T(-8388607.5), T(0), T(-0.0), infinity<T>, nan})
    {
        BOOST_TEST(same(round(pack<T>(x)).get(0), std::nearbyint(x)), "round " << to_text(x));
        BOOST_TEST(same(floor(pack<T>(x)).get(0), std::floor(x)), "floor " << to_text(x));
        BOOST_TEST(same(ceil(pack<T>(x)).get(0), std::ceil(x)), "ceil " << to_text(x));
        BOOST_TEST(same(trunc(pack<T>(x)).get(0), std::trunc(x)), "trunc " << to_text(x));
    }
    // Fused: the square of 1 + epsilon has a last term that one rounding loses.
    const T e = std::numeric_limits<T>::epsilon();
    BOOST_TEST(fma(pack<T>(1 + e), 1 + e, -(1 + 2 * e)).get(0) == e * e);

    BOOST_TEST(nan_to_num(pack<T>(nan)).get(0) == 0);
    BOOST_TEST(nan_to_num(pack<T>(infinity<T>)).get(0) == largest<T>);
    BOOST_TEST(nan_to_num(pack<T>(-infinity<T>)).get(0) == -largest<T>);
    BOOST_TEST(nan_to_num(pack<T>(T(3))).get(0) == 3);
    BOOST_TEST(nan_to_num(pack<T>(nan), -1, 2, 3).get(0) == -1);
    BOOST_TEST(nan_to_num(pack<T>(infinity<T>), -1, 2, 3).get(0) == 2);
    BOOST_TEST(nan_to_num(pack<T>(-infinity<T>), -1, 2, 3).get(0) == 3);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reductions, T, element_types)
{
    constexpr std::size_t size = pack<T>::size;
    std::array<T, size> lanes{};
    T sum = 0;
    T product = 1;
    for (std::size_t i = 0; i < size; ++i)
    {
        lanes[i] = i % 2 == 0 ? T(2) : T(0.5);
        sum += lanes[i];
        product *= lanes[i];
    }
    BOOST_TEST(reduce_sum(pack<T>::load(lanes.data())) == sum);
    BOOST_TEST(reduce_product(pack<T>::load(lanes.data())) == product);
    for (std::size_t i = 0; i < size; ++i)
    {
        std::array<T, size> x{};
        x[i] = 5;
        BOOST_TEST(reduce_maximum(pack<T>::load(x.data())) == 5);
        BOOST_TEST(reduce_sum(pack<T>::load(x.data())) == 5);
        x[i] = -5;
        BOOST_TEST(reduce_minimum(pack<T>::load(x.data())) == -5);
        x[i] = not_a_number<T>;
        BOOST_TEST(std::isnan(reduce_maximum(pack<T>::load(x.data()))));
        BOOST_TEST(std::isnan(reduce_minimum(pack<T>::load(x.data()))));
        BOOST_TEST(std::isnan(reduce_sum(pack<T>::load(x.data()))));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(partial_loads_and_stores, T, element_types)
{
    constexpr std::size_t size = pack<T>::size;
    for (std::size_t count = 1; count <= size; ++count)
    {
        // On the heap and exactly as long, so that memory checkers see what is read and written.
        std::vector<T> from(count);
        for (std::size_t i = 0; i < count; ++i)
        {
            from[i] = static_cast<T>(i + 1);
        }
        const pack<T> x = pack<T>::load_partial(from.data(), count);
        for (std::size_t i = 0; i < size; ++i)
        {
            BOOST_TEST(x.get(i) == (i < count ? static_cast<T>(i + 1) : T(1)));
        }
        std::vector<T> to(size + 1, T(-1));
        x.store_partial(to.data(), count);
        for (std::size_t i = 0; i <= size; ++i)
        {
            BOOST_TEST(to[i] == (i < count ? static_cast<T>(i + 1) : T(-1)));
        }
        std::vector<T> exactly(count);
        x.store_partial(exactly.data(), count);
        BOOST_TEST(exactly == from, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
