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

// No exceptions, no errno: Boost.Math returns NaN, infinity or zero. Arithmetic stays in double, for which the rational
// approximations are made.
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
    return boost::math::digamma(x, quiet());
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
    return boost::math::polygamma(n, x, quiet());
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
