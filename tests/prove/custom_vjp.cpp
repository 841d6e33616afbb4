#include "autograd/autograd.hpp"
#include "autograd/prove/certify.hpp"

#include <boost/test/unit_test.hpp>

using namespace autograd;

BOOST_AUTO_TEST_SUITE(prove_custom_vjp)

BOOST_AUTO_TEST_CASE(a_rule_of_one_input)
{
    const auto f = [](auto x) { return log(1 + exp(x)); };
    const xt::xarray<double> x{0.5, -1.0};
    BOOST_TEST(certify_vjp(
        f, [](auto z, auto, auto g) { return g * sigmoid(z); }, x));
    BOOST_TEST(certify_vjp(
        f, [](auto, auto y, auto g) { return g * (1 - exp(-y)); }, x));
    const certificate wrong = certify_vjp(
        f, [](auto, auto y, auto g) { return g * sigmoid(y); }, x);
    BOOST_TEST((wrong.outcome == verdict::different), wrong);
}

BOOST_AUTO_TEST_CASE(a_rule_of_two_inputs)
{
    const auto f = [](auto x, auto w) { return matmul(x, tanh(w)); };
    const xt::xarray<double> x{{0.5, -1.0}, {2.0, 0.25}, {1.0, 3.0}};
    const xt::xarray<double> w{{0.75, 1.5}, {-0.5, 0.1}};
    const auto by_x = [](auto u, auto g) { return matmul(g, transpose(tanh(u))); };
    BOOST_TEST(certify_vjp(
        f,
        [&](auto z, auto u, auto, auto g)
        { return std::tuple(by_x(u, g), matmul(transpose(z), g) * (1 - square(tanh(u)))); },
        x, w));
    const certificate wrong = certify_vjp(
        f,
        [&](auto z, auto u, auto, auto g) { return std::tuple(by_x(u, g), matmul(transpose(z), g) * (1 - tanh(u))); },
        x, w);
    BOOST_TEST((wrong.outcome == verdict::different), wrong);
    BOOST_TEST((wrong.arrays[0].outcome == verdict::equal), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
