#pragma once

// How far functions on packs are from references in long double (64 bits of mantissa on x86-64, 11 more than a double,
// so that an error is known to about a thousandth of an ulp): the largest error over samples of intervals, printed and
// compared with a bound. Compiled once for each instruction set.

#include "autograd/kernels/pack.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace accuracy
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
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
inline std::size_t sample_count()
{
    const char* factor = std::getenv("AUTOGRAD_TEST_SAMPLES");
    return 20'000 * (factor == nullptr ? 1U : static_cast<std::size_t>(std::max(1, std::atoi(factor))));
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
        return result == 0 && std::signbit(result) == std::signbit(exact)
                   ? 0.0
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

// The same for slopes: next to 0, where they are products with what has lost digits already, in units of numbers a
// thousand times the smallest normal one; and where they are no normal numbers any more, in units of that one.
template <class T>
double ulp_error_of_slope(T result, long double exact)
{
    using limits = std::numeric_limits<T>;
    if (!std::isfinite(result) || !(std::abs(exact) < 1024 * limits::min()))
    {
        return ulp_error(result, exact);
    }
    const long double unit =
        std::abs(exact) < limits::min() ? limits::min() : 1024 * static_cast<long double>(smallest<T>);
    return static_cast<double>(std::abs(result - exact) / unit);
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
    const auto rank = [](T x)
    {
        const bits b = std::bit_cast<bits>(x);
        return static_cast<std::int64_t>(b < 0 ? std::numeric_limits<bits>::min() - b : b);
    };
    const auto unrank = [](std::int64_t r)
    {
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

inline std::string to_text(long double x)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.17Lg", x);
    return text;
}

// The largest error of a function of one argument over the intervals.
template <class T, class Function, class Reference>
void check(const std::string& name, double bound, std::initializer_list<interval<T>> ranges, Function function,
           Reference reference, double (*error_of)(T, long double) = ulp_error<T>)
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
            const double error = error_of(results[j], reference(static_cast<long double>(x)));
            if (error > worst)
            {
                worst = error;
                worst_argument = x;
                worst_result = results[j];
            }
        }
    }
    print<T>(name, worst, bound, to_text(worst_argument));
    BOOST_TEST(worst <= bound, name << "<" << type_name<T> << ">(" << to_text(worst_argument)
                                    << ") = " << to_text(worst_result) << " instead of "
                                    << to_text(reference(static_cast<long double>(worst_argument))) << ", " << worst
                                    << " ulp");
}

template <class T, class Function, class Reference>
void check2(const std::string& name, double bound, std::initializer_list<std::pair<interval<T>, interval<T>>> ranges,
            Function function, Reference reference, double (*error_of)(T, long double) = ulp_error<T>)
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
                const double error = error_of(
                    results[j], reference(static_cast<long double>(xs[i + j]), static_cast<long double>(ys[i + j])));
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
    BOOST_TEST(worst <= bound,
               name << "<" << type_name<T> << ">(" << to_text(worst_x) << ", " << to_text(worst_y)
                    << ") = " << to_text(worst_result) << " instead of "
                    << to_text(reference(static_cast<long double>(worst_x), static_cast<long double>(worst_y))) << ", "
                    << worst << " ulp");
}

// Where the functions are ours and products can be fused the errors are smaller than the 2 ulp that hold everywhere.
constexpr double within(double bound)
{
    return AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA ? bound : std::max(bound, 2.0);
}

template <class T>
constexpr interval<T> everything{-largest<T>, largest<T>};
template <class T>
constexpr interval<T> positive{smallest<T>, largest<T>};
template <class T>
constexpr interval<T> unit{-1, 1};

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace accuracy
