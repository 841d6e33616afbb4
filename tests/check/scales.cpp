#include "tests/support.hpp"

#include <fmt/format.h>

#include <cmath>

// Functions that change on a scale of their own, from 1e-8 to 1e8 of |x|: right rules must never fail, wrong ones never
// pass. What is printed stands in docs/trust.md.

using namespace support;
using autograd::check_gradient;
using autograd::check_options;
using autograd::check_outcome;
using autograd::custom_vjp;

namespace
{

struct tally
{
    std::size_t right = 0, resolved = 0, wrong = 0, caught = 0;
};

/// f((x - center) / scale) with a derivative that is `factor` times the right one.
template <class F, class Derivative>
check_outcome outcome(F f, Derivative derivative, double x, double center, double scale, double factor)
{
    check_options options;
    options.order = 1;
    const auto of_scale = custom_vjp([=](auto v) { return f((v - center) / scale); }, [=](auto v, auto, auto g)
                                     { return g * derivative((v - center) / scale) * (factor / scale); });
    const auto report = check_gradient(of_scale, array{x}, options);
    return report.outcome;
}

template <class F, class Derivative>
void try_at(const char* name, F f, Derivative derivative, double x, double center, double scale, tally& of)
{
    const auto where = fmt::format("{} at {} about {} on the scale of {}", name, x, center, scale);
    const check_outcome right = outcome(f, derivative, x, center, scale, 1);
    BOOST_TEST((right != check_outcome::failed), where);
    ++of.right;
    of.resolved += right == check_outcome::passed ? 1 : 0;
    for (const double factor : {0.0, 2.0, -1.0, 1.01})
    {
        const check_outcome wrong = outcome(f, derivative, x, center, scale, factor);
        BOOST_TEST((wrong != check_outcome::passed), where << ", wrong by a factor of " << factor);
        ++of.wrong;
        of.caught += wrong == check_outcome::failed ? 1 : 0;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(check_scales)

BOOST_AUTO_TEST_CASE(right_rules_never_fail_and_wrong_ones_never_pass)
{
    for (int power = -8; power <= 8; ++power)
    {
        tally of;
        for (const double x : {1.0, 1.7, -3e4, 4.6e6, 7e-4, 3e-7})
        {
            const double scale = std::abs(x) * std::pow(10, power);
            const double beside = x - 0.3 * scale;
            const auto both = [&](const char* name, auto f, auto derivative)
            {
                try_at(name, f, derivative, x, 0, scale, of);
                try_at(name, f, derivative, x, beside, scale, of);
            };
            both(
                "sin", [](auto q) { return sin(q); }, [](auto q) { return cos(q); });
            both(
                "cos", [](auto q) { return cos(q); }, [](auto q) { return -sin(q); });
            both(
                "exp", [](auto q) { return 1 / (2 + sin(q)); }, [](auto q) { return -cos(q) / square(2 + sin(q)); });
            const auto about = [&](const char* name, auto f, auto derivative)
            { try_at(name, f, derivative, x, beside, scale, of); };
            about(
                "a bump", [](auto q) { return exp(-q * q); }, [](auto q) { return -2 * q * exp(-q * q); });
            about(
                "tanh", [](auto q) { return tanh(q); }, [](auto q) { return 1 - square(tanh(q)); });
            about(
                "log", [](auto q) { return log(q); }, [](auto q) { return 1 / q; });
            about(
                "a cubic", [](auto q) { return 1 + q * q * q - q; }, [](auto q) { return 3 * q * q - 1; });
        }
        fmt::print("scale 1e{:+d} of |x|: {} of {} right rules resolved and passed, {} of {} wrong ones caught\n",
                   power, of.resolved, of.right, of.caught, of.wrong);
        BOOST_TEST(of.resolved == of.right, power);
        BOOST_TEST(of.caught == of.wrong, power);
    }
}

BOOST_AUTO_TEST_SUITE_END()
