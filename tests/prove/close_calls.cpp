#include "autograd/autograd.hpp"
#include "autograd/prove/certify.hpp"

#include <boost/test/unit_test.hpp>

// Functions that are nearly the same: on one side of 0, within one period, but for a sliver between two thresholds, or
// in residues alone. None may be certified. And such that look different and are the same.

using namespace autograd;

namespace
{

struct inputs
{
    tape<double> t;
    variable<double> x = t.variable(xt::xarray<double>{0.3, 1.2, 0.9});
    variable<double> y = t.variable(xt::xarray<double>{0.7, -0.2, 1.9});
};

} // namespace

BOOST_AUTO_TEST_SUITE(prove_close_calls)

BOOST_FIXTURE_TEST_CASE(equal_where_it_was_recorded_only, inputs)
{
    const auto differ = [](variable<double> left, variable<double> right)
    {
        const certificate found = certify_equal(left, right);
        BOOST_TEST((found.outcome == verdict::different), found);
    };
    differ(exp(0.5 * log(x * x)), x);
    differ(sqrt(x * x), x);
    differ(pow(x * x, 0.5), x);
    differ(abs(x), x);
    differ(sqrt(x * x + 2 * x * y + y * y), x + y);
    differ(sqrt(square(sin(x))), sin(x));
    differ(pow(x, 2.0), x * abs(x));
    differ(acosh(cosh(x)), x);
    differ(atan(tan(x)), x);
    differ(asin(sin(x)), x);
    differ(acos(cos(x)), x);
    differ(atan2(x, y), atan(x / y));
    differ(maximum(x, y), maximum(x, y + 1e-10));
    differ(clip(x, -1, 1), tanh(x));
}

// No random point comes between 0 and 1e-12.
BOOST_FIXTURE_TEST_CASE(thresholds_that_are_close, inputs)
{
    const auto are_not_certified = [](variable<double> left, variable<double> right)
    {
        const certificate found = certify_equal(left, right);
        BOOST_TEST((found.outcome == verdict::not_decided || found.outcome == verdict::different), found);
    };
    are_not_certified(floor(x), floor(x + 1e-9));
    are_not_certified(where(x > 0, x, y), where(x > 1e-9, x, y));
    are_not_certified(relu(x), where(x > 1e-12, x, 0));
    are_not_certified(relu(x - 1), where(x > 1.000000001, x - 1, 0));
    are_not_certified(abs(x), where(x > 1e-12, x, -x));
    are_not_certified(round(x), floor(x + 0.5));
    are_not_certified(x + 1e-16 * x, x);
    are_not_certified(x + 0 * y, x + 1e-300 * y);
}

BOOST_FIXTURE_TEST_CASE(the_same_by_other_comparisons, inputs)
{
    BOOST_TEST(certify_equal(abs(x), maximum(x, -x)));
    BOOST_TEST(certify_equal(relu(x), 0.5 * (x + abs(x))));
    BOOST_TEST(certify_equal(maximum(x, y), 0.5 * (x + y + abs(x - y))));
    BOOST_TEST(certify_equal(sign(x), x / abs(x)));
    BOOST_TEST(certify_equal(clip(x, -1, 1), minimum(maximum(x, -1), 1)));
    BOOST_TEST(certify_equal(gradient(sum(relu(x) * y), x), where(x > 0, y, 0)));
    BOOST_TEST(certify_equal(amax(x, 0), maximum(maximum(view(x, 0), view(x, 1)), view(x, 2))));
    BOOST_TEST(certify_equal(take_along_axis(x, argsort(x, 0), 0), sort(x, 0)));
    BOOST_TEST(certify_equal(sum(sort(x, 0)), sum(x)));
    BOOST_TEST(certify_equal(logsumexp(x), amax(x) + log(sum(exp(x - amax(x))))));
    BOOST_TEST(certify_equal(softmax(x, 0), exp(x) / sum(exp(x))));
}

BOOST_FIXTURE_TEST_CASE(the_same_by_identities, inputs)
{
    BOOST_TEST(certify_equal(hypot(x, y), sqrt(x * x + y * y)));
    BOOST_TEST(certify_equal(stddev(x), sqrt(mean(square(x - mean(x))))));
    BOOST_TEST(certify_equal(gradient(sum(norm_l2(x) * y), x), x / norm_l2(x) * sum(y)));
    BOOST_TEST(certify_equal(sin(x + y), sin(x) * cos(y) + cos(x) * sin(y)));
    BOOST_TEST(certify_equal(tanh(x + y), (tanh(x) + tanh(y)) / (1 + tanh(x) * tanh(y))));
    BOOST_TEST(certify_equal(logaddexp(x, y), log(exp(x) + exp(y))));
    BOOST_TEST(certify_equal(log_sigmoid(x), -softplus(-x)));
    BOOST_TEST(certify_equal(gelu(x), 0.5 * x * (1 + erf(x / std::sqrt(2.0)))));
    BOOST_TEST(certify_equal(erf(x) + erfc(x), 1 + 0 * x));
    BOOST_TEST(certify_equal(cbrt(x * x * x), x));
    BOOST_TEST(certify_equal(log(exp(x)), x));
}

BOOST_AUTO_TEST_SUITE_END()
