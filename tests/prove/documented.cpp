// What docs/proof.md shows: formulas certified in one's own tests, a rule of one's own for a function, and operations
// of one's own.

#include "autograd/define_operation.hpp"
#include "autograd/prove/certify.hpp"
#include "autograd/prove/interpretation.hpp"
#include "tests/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace
{

using variable = autograd::variable<double>;

struct cube_rule : autograd::elementwise
{
    static constexpr auto name = "cube";
    static constexpr auto forward = [](auto x) { return x * x * x; };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g) { return g * (3 * x * x); }};
};
AUTOGRAD_PROVES(cube_rule)

variable cube(variable x, autograd::location where = autograd::location::current())
{
    return autograd::record<cube_rule, double>(where, x);
}

/// The same without the line that tells the prover: what it computes is not known.
struct unread_rule : cube_rule
{
    static constexpr auto name = "unread";
};

/// The same of a rule that says of itself that it cannot be read.
struct closed_rule : cube_rule
{
    static constexpr auto name = "closed";
    static constexpr bool opaque = true;
};
AUTOGRAD_PROVES(closed_rule)

template <class Rule>
variable apply(variable x)
{
    return autograd::record<Rule, double>(autograd::location::current(), x);
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_documented)

BOOST_AUTO_TEST_CASE(the_layer_of_the_page)
{
    autograd::tape<double> tape;
    auto x = tape.variable(xt::xarray<double>{{0.5, -1.0}, {2.0, 0.25}, {1.0, 3.0}}).name("x");
    auto w = tape.variable(xt::xarray<double>{{0.3, -0.2}, {0.1, 0.7}}).name("w");
    auto loss = sum(square(tanh(matmul(x, w))));
    auto a = tanh(matmul(x, w));

    BOOST_TEST(certify_gradient(loss, w, matmul(transpose(x), 2 * a * (1 - a * a))));
    certify_gradient(loss, w, matmul(transpose(x), 2 * a * (1 - a * a))).require();

    const auto slip = certify_gradient(loss, w, matmul(transpose(x), 2 * a * (1 - a)));
    BOOST_TEST(!slip);
    BOOST_TEST((slip.outcome == autograd::verdict::different));
    BOOST_CHECK_THROW(slip.require(), autograd::error::certificate_error);
}

BOOST_AUTO_TEST_CASE(several_gradients_and_a_force)
{
    autograd::tape<double> tape;
    const auto x = tape.constant(xt::xarray<double>{0.5, -1.0, 2.0});
    const auto y = tape.constant(xt::xarray<double>{1.0, 0.0, 3.0});
    const auto m = tape.variable(0.7);
    const auto b = tape.variable(-0.2);
    const auto gradients_by_hand = std::tuple(sum(2 * (m * x + b - y) * x), sum(2 * (m * x + b - y)));
    BOOST_TEST(certify_gradient(sum(square(m * x + b - y)), std::tuple(m, b), gradients_by_hand));

    const auto r = tape.variable(xt::xarray<double>{0.9, 1.1, 1.7});
    const auto s = tape.variable(1.0);
    const auto potential = 4 * (pow(s / r, 12) - pow(s / r, 6));
    const auto force = 24 * (2 * pow(s, 12) / pow(r, 13) - pow(s, 6) / pow(r, 7));
    BOOST_TEST(certify_equal(-gradient(sum(potential), r), force));
}

BOOST_AUTO_TEST_CASE(functions_are_compared)
{
    const auto left = [](auto x) { return tanh(x); };
    const auto right = [](auto x) { return 2 * sigmoid(2 * x) - 1; };
    BOOST_TEST(autograd::certify_equal(left, right, xt::xarray<double>{0.5, -1.0}));
}

BOOST_AUTO_TEST_CASE(a_rule_of_ones_own_against_what_it_wraps)
{
    const auto ramp = [](auto x) { return log(1 + exp(x)); };
    const auto rule = [](auto x, auto /* y */, auto g) { return g * sigmoid(x); }; // does not overflow
    const auto stable_ramp = autograd::custom_vjp(ramp, rule);

    BOOST_TEST(autograd::certify_vjp(ramp, rule, xt::xarray<double>{-2.0, 0.5, 3.0}));

    const auto wrong = [](auto x, auto, auto g) { return g * sigmoid(-x); };
    const auto verdict = autograd::certify_vjp(ramp, wrong, xt::xarray<double>{-2.0, 0.5, 3.0}).outcome;
    BOOST_TEST((verdict == autograd::verdict::different));
    autograd::tape<double> tape;
    BOOST_TEST(stable_ramp(tape.variable(0.0)).item() == std::log(2.0));
}

BOOST_AUTO_TEST_CASE(operations_of_ones_own)
{
    autograd::tape<double> tape;
    auto x = tape.variable(xt::xarray<double>{-2.0, 0.5, 3.0});
    BOOST_TEST(certify_equal(cube(x), x * x * x));
    BOOST_TEST(certify_gradient(sum(cube(x)), x, 3 * x * x));
    BOOST_TEST(!certify_gradient(sum(cube(x)), x, 3 * x));

    // An atom is equal to itself, and to nothing else.
    const auto verdict_of_unread = certify_equal(apply<unread_rule>(x), x * x * x).outcome;
    const auto verdict_of_closed = certify_equal(apply<closed_rule>(x), x * x * x).outcome;
    BOOST_TEST((verdict_of_unread == autograd::verdict::not_decided));
    BOOST_TEST((verdict_of_closed == autograd::verdict::not_decided));
    BOOST_TEST(certify_equal(2 * apply<unread_rule>(x), apply<unread_rule>(x) + apply<unread_rule>(x)));
    BOOST_TEST(certify_equal(2 * apply<closed_rule>(x), apply<closed_rule>(x) + apply<closed_rule>(x)));
}

/// What the page says of the limits.
BOOST_AUTO_TEST_CASE(what_is_not_decided)
{
    autograd::tape<double> tape;
    auto x = tape.variable(xt::xarray<double>{0.25, 0.5, 0.625});
    const auto undecided = [](variable a, variable b)
    { return certify_equal(a, b).outcome == autograd::verdict::not_decided; };
    BOOST_TEST(undecided(sin(asin(x)), x));
    BOOST_TEST(undecided(lgamma(x + 1), lgamma(x) + log(x)));
    BOOST_TEST(undecided(0.3 * x, (0.1 + 0.2) * x));
    const auto nested = [](variable y, int depth)
    {
        for (; depth > 0; --depth)
        {
            y = exp(-y);
        }
        return y;
    };
    BOOST_TEST(certify_equal(nested(x, 8), nested(x + 1 - 1, 8)));
    const auto too_deep = certify_equal(nested(x, 9), nested(x + 1 - 1, 9));
    BOOST_TEST((too_deep.outcome == autograd::verdict::not_decided));
    BOOST_TEST(too_deep.reason.starts_with("exponentials nested more than eight deep"), too_deep);
    BOOST_TEST(certify_equal(log(nested(x, 4)), -nested(x, 3)));
    BOOST_TEST(undecided(log(nested(x, 6)), -nested(x, 5)));
}

BOOST_AUTO_TEST_SUITE_END()
