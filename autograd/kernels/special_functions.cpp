#include "autograd/kernels/special_functions.hpp"

#include <cmath>
#include <limits>

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>

namespace autograd::kernels::scalar
{

namespace
{

// No exceptions, no errno: Boost.Math returns NaN, infinity or zero. Arithmetic is in long double where that is longer
// than double (x86-64, AArch64 under Linux), so that a result is rounded once and well within 1 ulp, roots excepted.
using quiet =
    boost::math::policies::policy<boost::math::policies::domain_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::pole_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::denorm_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::rounding_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::promote_double<false>,
                                  boost::math::policies::promote_float<false>>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr long double pi = 3.14159265358979323846264338327950288L;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

} // namespace

double digamma(double x) noexcept
{
    if (x == 0)
    {
        return std::copysign(infinity, -x);
    }
    if (std::isnan(x) || x == infinity)
    {
        return x;
    }
    if (x < 0 && x == std::floor(x))
    {
        return not_a_number;
    }
    if (x < 0)
    {
        // Reflection, with the distance to the next pole taken from x itself: 1 - x has lost digits of it.
        const long double distance = x - std::round(x);
        return static_cast<double>(boost::math::digamma(1 - static_cast<long double>(x), quiet()) -
                                   pi / std::tan(pi * distance));
    }
    return static_cast<double>(boost::math::digamma(static_cast<long double>(x), quiet()));
}

double polygamma(int n, double x) noexcept
{
    if (n == 0)
    {
        return digamma(x);
    }
    if (n < 0 || std::isnan(x))
    {
        return not_a_number;
    }
    const double sign = n % 2 == 1 ? 1.0 : -1.0;
    if (x <= 0 && x == std::floor(x))
    {
        return sign * infinity;
    }
    if (x == infinity)
    {
        return sign * 0.0;
    }
    // Between the poles by the recurrence, whose terms all have the same sign for odd n and lose little to cancellation
    // for even n: polygamma(n, x) = polygamma(n, x + 1) + (-1)^(n + 1) n! / x^(n + 1). Reflection, which Boost.Math
    // does, is left with few digits near the roots.
    constexpr double furthest = -100;
    constexpr int largest_order = 1000; // whose factorial a long double can hold
    if (x < 0 && x > furthest && n <= largest_order)
    {
        const long double factorial = std::tgamma(static_cast<long double>(n) + 1);
        long double sum = 0;
        long double shifted = x;
        for (int k = 0; shifted < 0; ++k, shifted = static_cast<long double>(x) + k)
        {
            sum += factorial / std::pow(shifted, static_cast<long double>(n) + 1);
        }
        return static_cast<double>(sign * (sum + std::abs(boost::math::polygamma(n, shifted, quiet()))));
    }
    const auto result = static_cast<double>(boost::math::polygamma(n, static_cast<long double>(x), quiet()));
    // For positive x the sign is known; the infinity that Boost.Math returns for small x lacks it.
    return x > 0 ? std::copysign(result, sign) : result;
}

// The double functions rounded: a float result within half an ulp is worth the few extra nanoseconds.
float digamma(float x) noexcept
{
    return static_cast<float>(digamma(static_cast<double>(x)));
}

float polygamma(int n, float x) noexcept
{
    return static_cast<float>(polygamma(n, static_cast<double>(x)));
}

} // namespace autograd::kernels::scalar
