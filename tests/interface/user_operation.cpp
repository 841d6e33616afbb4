#include "autograd/autograd.hpp"
#include "autograd/check/check_samples.hpp"
#include "autograd/define_operation.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

// An operation that a user adds in own code: docs/adding_an_operation.md shows this file.

namespace
{

// [operation]
struct swish_squared_rule : autograd::elementwise
{
    static constexpr auto name = "swish_squared";
    static constexpr auto forward = [](auto x) { return x * x * sigmoid(x); };
    static constexpr auto pulls =
        autograd::per_operand{[](auto x, auto y, auto g) { return g * (2 * x * sigmoid(x) + y * (1 - sigmoid(x))); }};
    static void samples(auto& s)
    {
        const auto call = [](auto x) { return autograd::record<swish_squared_rule>(autograd::location{}, x); };
        s.unary("x * x * sp.expit(x)", call, {-20.0, -0.9, 0.0, 0.4, 3.0});
    }
};

/// x^2 sigmoid(x), element by element. Shape: that of x. Gradient: 2 x sigmoid(x) + y (1 - sigmoid(x)).
template <class T>
autograd::variable<T> swish_squared(autograd::variable<T> x, autograd::location where = autograd::location::current())
{
    return autograd::record<swish_squared_rule, T>(where, x);
}
// [operation]

struct wrong_rule : swish_squared_rule
{
    static constexpr auto pulls = std::tuple{[](auto x, auto, auto g) { return g * (2 * x * sigmoid(x)); }};
    static void samples(auto& s)
    {
        s.unary("", [](auto x) { return autograd::record<wrong_rule>(autograd::location{}, x); }, {-0.9, 0.4, 3.0});
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(interface_user_operation)

BOOST_AUTO_TEST_CASE(an_operation_of_the_user_has_all_orders_and_passes_its_check)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{0.5, -1.0, 2.0});
    const auto y = swish_squared(x);
    BOOST_TEST(y.value()(0) == 0.25 / (1 + std::exp(-0.5)), boost::test_tools::tolerance(1e-15));
    BOOST_TEST(hessian(sum(y), x).dimension() == 2u);
    // [check]
    BOOST_TEST(autograd::check::check_operation<swish_squared_rule>().derivative_checks > 50u);
    // [check]
}

BOOST_AUTO_TEST_CASE(a_wrong_rule_of_the_user_is_caught)
{
    BOOST_CHECK_THROW(autograd::check::check_operation<wrong_rule>(), autograd::error::gradient_check_error);
}

BOOST_AUTO_TEST_SUITE_END()
