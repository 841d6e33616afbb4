// Accuracy and edge values of the functions on packs. The references are computed in long double (64 bits of mantissa
// on x86-64, 11 more than a double), so an error is known to about a thousandth of an ulp. The largest error found is
// printed for each function and type; the bounds are those that the documentation promises.

#ifndef BOOST_TEST_DYN_LINK
#define BOOST_TEST_DYN_LINK
#endif
#define BOOST_TEST_MODULE vector_math
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>

#include "autograd/kernels/pack.hpp"

namespace
{

namespace kernels = autograd::kernels;
using kernels::pack;

using element_types = std::tuple<float, double>;

template <class T>
constexpr const char* type_name = std::is_same_v<T, float> ? "float" : "double";

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T>
constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

template <class T>
constexpr T smallest = std::numeric_limits<T>::denorm_min();

template <class T>
constexpr T largest = std::numeric_limits<T>::max();

// A multiple of the usual number of samples, for longer runs by hand.
std::size_t sample_count()
{
    const char* factor = std::getenv("AUTOGRAD_TEST_SAMPLES");
    return 40'000 * (factor == nullptr ? 1U : static_cast<std::size_t>(std::max(1, std::atoi(factor))));
}

// |result - exact| in units of the last place that T has at the exact value (of the smallest subnormal below the normal
// range). An infinite result counts as the first power of two that is out of range, so that the rounding of values next
// to the overflow threshold is judged by the same measure.
template <class T>
double ulp_error(T result, long double exact)
{
    using limits = std::numeric_limits<T>;
    if (std::isnan(exact) || std::isnan(result))
    {
        return std::isnan(exact) && std::isnan(result) ? 0.0 : std::numeric_limits<double>::infinity();
    }
    if (exact == 0)
    {
        return result == 0 && std::signbit(result) == std::signbit(exact) ? 0.0
                                                                          : std::abs(double(result)) / double(smallest<T>);
    }
    const long double beyond = std::ldexp(1.0L, limits::max_exponent);
    if (std::abs(exact) > beyond && std::isinf(result) && std::signbit(result) == std::signbit(exact))
    {
        return 0.0;
    }
    const int exponent = std::clamp(std::ilogb(exact), limits::min_exponent - 1, limits::max_exponent - 1);
    const long double unit = std::ldexp(1.0L, exponent - limits::digits + 1);
    const long double value = std::isinf(result) ? std::copysign(beyond, static_cast<long double>(result)) : result;
    return static_cast<double>(std::abs(value - exact) / unit);
}

template <class T>
struct interval
{
    T low;
    T high;
};

// Arguments from an interval: half of them evenly spread, half with all exponents equally likely, and the ends.
template <class T>
void sample(std::vector<T>& arguments, interval<T> range, std::size_t count, std::mt19937_64& generator)
{
    const long double low = range.low;
    const long double high = range.high;
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    // Numbers in the order of their values: bit patterns, reflected for negative numbers.
    using bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    const auto rank = [](T x) {
        const bits b = std::bit_cast<bits>(x);
        return static_cast<std::int64_t>(b < 0 ? std::numeric_limits<bits>::min() - b : b);
    };
    const auto unrank = [](std::int64_t r) {
        const bits b = static_cast<bits>(r);
        return std::bit_cast<T>(b < 0 ? static_cast<bits>(std::numeric_limits<bits>::min() - b) : b);
    };
    std::uniform_int_distribution<std::int64_t> ranks(rank(range.low), rank(range.high));
    for (std::size_t i = 0; i < count / 2; ++i)
    {
        arguments.push_back(std::clamp(static_cast<T>(low + (high - low) * unit(generator)), range.low, range.high));
        arguments.push_back(unrank(ranks(generator)));
    }
    for (std::int64_t i = 0; i < 50; ++i)
    {
        arguments.push_back(unrank(std::min(rank(range.low) + i, rank(range.high))));
        arguments.push_back(unrank(std::max(rank(range.high) - i, rank(range.low))));
    }
}

template <class T>
void print(const std::string& name, double error, double bound, const std::string& where)
{
    std::printf("%-16s %-6s %6.3f ulp (bound %.2f) at %s\n", name.c_str(), type_name<T>, error, bound, where.c_str());
}

std::string to_text(long double x)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.17Lg", x);
    return text;
}

// The largest error of a function of one argument over the intervals.
template <class T, class Function, class Reference>
void check(const std::string& name, double bound, std::initializer_list<interval<T>> ranges, Function function,
           Reference reference)
{
    std::mt19937_64 generator(20240229);
    std::vector<T> arguments;
    for (const interval<T>& range : ranges)
    {
        sample(arguments, range, sample_count(), generator);
    }
    arguments.resize((arguments.size() + pack<T>::size - 1) / pack<T>::size * pack<T>::size, arguments.front());
    double worst = 0;
    T worst_argument = arguments.front();
    T worst_result = 0;
    for (std::size_t i = 0; i < arguments.size(); i += pack<T>::size)
    {
        T results[pack<T>::size];
        const pack<T> result = function(pack<T>::load(&arguments[i]));
        result.store(results);
        for (std::size_t j = 0; j < pack<T>::size; ++j)
        {
            const T x = arguments[i + j];
            const double error = ulp_error(results[j], reference(static_cast<long double>(x)));
            if (error > worst)
            {
                worst = error;
                worst_argument = x;
                worst_result = results[j];
            }
        }
    }
    print<T>(name, worst, bound, to_text(worst_argument));
    BOOST_TEST(worst <= bound, name << "<" << type_name<T> << ">(" << to_text(worst_argument) << ") = "
                                    << to_text(worst_result) << " instead of "
                                    << to_text(reference(static_cast<long double>(worst_argument))) << ", " << worst
                                    << " ulp");
}

template <class T, class Function, class Reference>
void check2(const std::string& name, double bound, std::initializer_list<std::pair<interval<T>, interval<T>>> ranges,
            Function function, Reference reference)
{
    std::mt19937_64 generator(20240229);
    double worst = 0;
    T worst_x = 0;
    T worst_y = 0;
    T worst_result = 0;
    for (const auto& [x_range, y_range] : ranges)
    {
        std::vector<T> xs;
        std::vector<T> ys;
        sample(xs, x_range, sample_count(), generator);
        sample(ys, y_range, sample_count(), generator);
        // All combinations of ways to sample.
        std::shuffle(ys.begin(), ys.end(), generator);
        const std::size_t count = xs.size() / pack<T>::size * pack<T>::size;
        for (std::size_t i = 0; i < count; i += pack<T>::size)
        {
            T results[pack<T>::size];
            const pack<T> result = function(pack<T>::load(&xs[i]), pack<T>::load(&ys[i]));
            result.store(results);
            for (std::size_t j = 0; j < pack<T>::size; ++j)
            {
                const double error = ulp_error(results[j], reference(static_cast<long double>(xs[i + j]),
                                                                     static_cast<long double>(ys[i + j])));
                if (error > worst)
                {
                    worst = error;
                    worst_x = xs[i + j];
                    worst_y = ys[i + j];
                    worst_result = results[j];
                }
            }
        }
    }
    print<T>(name, worst, bound, to_text(worst_x) + ", " + to_text(worst_y));
    BOOST_TEST(worst <= bound, name << "<" << type_name<T> << ">(" << to_text(worst_x) << ", " << to_text(worst_y)
                                    << ") = " << to_text(worst_result) << " instead of "
                                    << to_text(reference(static_cast<long double>(worst_x),
                                                         static_cast<long double>(worst_y)))
                                    << ", " << worst << " ulp");
}

template <class T>
bool same(T a, T b)
{
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

// The value of a function at one argument, the same in every lane.
template <class T, class Function>
void check_value(const std::string& name, Function function, std::type_identity_t<T> x, std::type_identity_t<T> expected)
{
    const pack<T> result = function(pack<T>(x));
    for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
    {
        BOOST_TEST(same(result.get(lane), expected), name << "<" << type_name<T> << ">(" << to_text(x) << ") = "
                                                          << to_text(result.get(lane)) << " instead of "
                                                          << to_text(expected));
    }
}

template <class T, class Function>
void check_value2(const std::string& name, Function function, std::type_identity_t<T> x, std::type_identity_t<T> y,
                  std::type_identity_t<T> expected)
{
    const T result = pack<T>(function(pack<T>(x), pack<T>(y))).get(0);
    BOOST_TEST(same(result, expected), name << "<" << type_name<T> << ">(" << to_text(x) << ", " << to_text(y) << ") = "
                                            << to_text(result) << " instead of " << to_text(expected));
}

// The function under test and its reference in long double have the same name in different namespaces.
#define PACK_FUNCTION(function) [](auto x) { return function(x); }
#define LONG_FUNCTION(function) [](long double x) { return static_cast<long double>(std::function(x)); }
#define CHECK(function, bound, ...)                                                                                    \
    check<T>(#function, bound, __VA_ARGS__, PACK_FUNCTION(function), LONG_FUNCTION(function))

template <class T>
constexpr interval<T> everything{-largest<T>, largest<T>};
template <class T>
constexpr interval<T> positive{smallest<T>, largest<T>};
template <class T>
constexpr interval<T> unit{-1, 1};

} // namespace

BOOST_AUTO_TEST_SUITE(accuracy)

BOOST_AUTO_TEST_CASE_TEMPLATE(exponentials, T, element_types)
{
    const T log_largest = std::log(largest<T>);
    const T log_smallest = std::log(smallest<T>);
    const interval<T> finite{log_smallest - 1, log_largest + 1};
    CHECK(exp, 1.0, {everything<T>, unit<T>, finite, {log_smallest - 1, log_smallest + 40}});
    CHECK(exp2, 1.0,
          {everything<T>,
           unit<T>,
           {T(std::numeric_limits<T>::min_exponent - 60), T(std::numeric_limits<T>::max_exponent + 1)}});
    CHECK(expm1, 1.0, {everything<T>, unit<T>, {-50, 50}, {-1, log_largest + 1}});
    CHECK(sinh, 1.5, {everything<T>, unit<T>, {-30, 30}, {log_largest - 1, log_largest + 1}});
    CHECK(cosh, 1.5, {everything<T>, unit<T>, {-30, 30}, {log_largest - 1, log_largest + 1}});
    CHECK(tanh, 1.5, {everything<T>, unit<T>, {T(-0.7), T(0.7)}, {-25, 25}, {0, 3}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logarithms, T, element_types)
{
    const interval<T> around_one{T(0.5), 2};
    const interval<T> subnormal{smallest<T>, std::numeric_limits<T>::min()};
    CHECK(log, 1.0, {everything<T>, positive<T>, around_one, {T(0.99), T(1.01)}, subnormal});
    CHECK(log2, 1.0, {everything<T>, positive<T>, around_one, {T(0.99), T(1.01)}, subnormal});
    CHECK(log10, 1.0, {everything<T>, positive<T>, around_one, {T(0.99), T(1.01)}, subnormal});
    CHECK(log1p, 1.0, {everything<T>, {-1, largest<T>}, unit<T>, {T(-0.01), T(0.01)}, {-1, T(-0.99)}});
    CHECK(asinh, 1.5, {everything<T>, unit<T>, {-10, 10}});
    CHECK(acosh, 1.5, {everything<T>, {1, largest<T>}, {1, 2}, {1, 10}});
    CHECK(atanh, 1.5, {everything<T>, unit<T>, {T(0.9), 1}, {T(-0.1), T(0.1)}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(trigonometry, T, element_types)
{
    CHECK(sin, 1.0, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(cos, 1.0, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(tan, 1.0, {everything<T>, unit<T>, {-100, 100}, {T(-1e6), T(1e6)}, {T(-1e15), T(1e15)}});
    CHECK(asin, 1.0, {unit<T>, {T(0.9), 1}, {-1, T(-0.9)}, {T(0.4), T(0.6)}});
    CHECK(acos, 1.0, {unit<T>, {T(0.9), 1}, {-1, T(-0.9)}, {T(0.4), T(0.6)}});
    CHECK(atan, 1.0, {everything<T>, unit<T>, {-10, 10}});
    check2<T>(
        "atan2", 1.0,
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
        "hypot", 1.0, {{everything<T>, everything<T>}, {unit<T>, unit<T>}, {{-10, 10}, {-10, 10}}},
        [](auto x, auto y) { return hypot(x, y); }, [](long double x, long double y) { return std::hypot(x, y); });
    check2<T>(
        "pow", 1.0,
        {{positive<T>, everything<T>},
         {everything<T>, {-10, 10}},
         {{T(0.5), 2}, {-1000, 1000}},
         {{0, 100}, {-30, 30}},
         {{T(0.99), T(1.01)}, {-30000, 30000}}},
        [](auto x, auto y) { return pow(x, y); }, [](long double x, long double y) { return std::pow(x, y); });
    for (const int n : {-100, -17, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 13, 64, 1001})
    {
        // Arguments for which the power is neither too large nor too small, by exponent.
        const T high = n == 0 ? largest<T> : std::pow(largest<T>, 1 / std::abs(T(n)));
        const T low = n == 0 ? smallest<T> : std::pow(smallest<T>, 1 / std::abs(T(n)));
        check<T>(
            "power_integer " + std::to_string(n), 1.5, {{-high, high}, {-2, 2}, {low, high}},
            [n](auto x) { return power_integer(x, n); }, [n](long double x) { return std::pow(x, n); });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(error_function_and_gamma, T, element_types)
{
    CHECK(erf, 1.0, {everything<T>, unit<T>, {-6, 6}});
    CHECK(erfc, 1.5, {everything<T>, unit<T>, {-6, 6}, {0, 30}});
    CHECK(lgamma, 1.5, {positive<T>, {0, 3}, {T(0.9), T(1.1)}, {T(1.9), T(2.1)}, {3, 100}});
    const T inverse_root_two_pi = T(0.398942280401432677939946L);
    (void)inverse_root_two_pi;
    check<T>(
        "normal_pdf", 2.0, {everything<T>, unit<T>, {-40, 40}, {-6, 6}}, PACK_FUNCTION(normal_pdf),
        [](long double x) {
            // exp(-x^2 / 2) with the rounding error of x^2
            const long double square = x * x;
            const long double rest = std::fma(x, x, -square);
            return std::abs(x) > 1e4L ? 0.0L : 0.398942280401432677939946L * std::exp(-square / 2) * (1 - rest / 2);
        });
    check<T>(
        "normal_cdf", 2.0, {everything<T>, unit<T>, {-40, 10}, {-6, 6}}, PACK_FUNCTION(normal_cdf),
        [](long double x) {
            // erfc(-x / sqrt(2)) / 2 to first order in the rounding error of the argument
            const long double root_two = 1.41421356237309504880168872L;
            const long double root_two_rest = -3.0L * 0 + (2.0L - root_two * root_two) / (2 * root_two);
            if (std::abs(x) > 1000)
            {
                return x < 0 ? 0.0L : 1.0L;
            }
            const long double z = -x / root_two;
            const long double dz = (std::fma(-z, root_two, -x) - z * root_two_rest) / root_two;
            return 0.5L * (std::erfc(z) - 1.12837916709551257389616L * std::exp(-z * z) * dz);
        });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(activations, T, element_types)
{
    const T log_smallest = std::log(smallest<T>);
    check<T>("sigmoid", 1.5, {everything<T>, unit<T>, {-50, 50}, {log_smallest - 1, log_smallest + 40}},
             PACK_FUNCTION(sigmoid), [](long double x) { return 1 / (1 + std::exp(-x)); });
    const auto softplus_reference = [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); };
    check<T>("softplus", 2.0, {everything<T>, unit<T>, {-50, 50}, {log_smallest - 1, log_smallest + 40}},
             PACK_FUNCTION(softplus), softplus_reference);
    check<T>("log_sigmoid", 2.0, {everything<T>, unit<T>, {-50, 50}, {-log_smallest - 40, -log_smallest + 1}},
             PACK_FUNCTION(log_sigmoid), [=](long double x) { return -softplus_reference(-x); });
    check<T>("log1mexp", 2.0, {positive<T>, {0, 1}, {0, 50}, {T(0.6), T(0.8)}}, PACK_FUNCTION(log1mexp),
             [](long double x) { return x < 0.7L ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x)); });
}

BOOST_AUTO_TEST_SUITE_END()
