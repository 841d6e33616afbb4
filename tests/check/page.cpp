// The programs of docs/checking.md.

#include "autograd/linalg.hpp"
#include "tests/support.hpp"

#include <cstdio>
#include <tuple>

using namespace support;
namespace error = autograd::error;

namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();

const array points{{0.3, -0.7}, {0.9, 0.2}, {-0.4, 0.5}};
const array weights{{0.5, -0.25, 1.0}, {0.75, 0.5, -1.0}};
const array bias{0.1, 0.2, -0.3};
const array chances{0.5, 1.5, 1.0};
const array odds{0.25, 2.0, 3.0};

} // namespace

BOOST_AUTO_TEST_SUITE(check_page)

BOOST_AUTO_TEST_CASE(its_checks_pass)
{
    const auto loss = [](auto x, auto w, auto b) { return norm_sq(tanh(matmul(x, w) + b)); };
    autograd::check_gradient(loss, {points, weights, bias}).require();

    const autograd::check_report report =
        autograd::check_gradient(loss, {points, weights, bias}, {.order = 1, .coordinates = 50});
    std::puts(to_text(report).c_str());

    BOOST_TEST(report.passed);
}

BOOST_AUTO_TEST_CASE(its_rule_is_right)
{
    const auto f = [](auto x, auto y) { return where(equal(x, 0.0), 0.0, x * log(y)); };
    const auto rule = [](auto x, auto y, auto /* z */, auto g) { return std::tuple(g * log(y), g * x / y); };
    const auto xlogy = autograd::custom_vjp(f, rule); // x log(y), and 0 where x is 0
    autograd::check_gradient(xlogy, {chances, odds}).require();
}

// What the page says of a wrong one.
BOOST_AUTO_TEST_CASE(a_wrong_rule_is_reported_with_its_line)
{
    const auto f = [](auto x, auto y) { return x * log(y); };
    const auto rule = [](auto x, auto y, auto, auto g) { return std::tuple(g * log(y), g * y / x); };
    const int line = __LINE__ + 1;
    const auto wrong = autograd::custom_vjp(f, rule);
    const auto report = autograd::check_gradient(wrong, {chances, odds});
    const std::string text = to_text(report);
    const std::string begin =
        "check_gradient: failed, 8 comparisons, largest relative error 8.89e-01; order 1, gradient of "
        "input 1 at (2): derived -1.94026";
    BOOST_TEST(text.substr(0, begin.size()) == begin);
    const std::string end =
        "; the rule in question is that of custom_vjp  [" + std::string(__FILE__) + ":" + std::to_string(line) + "]";
    BOOST_TEST(text.substr(text.size() - end.size()) == end);
}

BOOST_AUTO_TEST_CASE(its_infinity_is_found)
{
    tape tape;
    const auto x = tape.variable(array{4.0, 0.0, 1.0});
    const auto w = tape.constant(array{1.0, 2.0, 3.0});
    const int line = __LINE__ + 1;
    const auto y = mean(sqrt(x) * w);
    const auto slope = gradient(y, x);
    if (const auto found = autograd::find_non_finite(slope))
    {
        std::puts(to_text(*found).c_str());
    }
    BOOST_TEST(!autograd::find_non_finite(y));
    BOOST_TEST(to_text(autograd::find_non_finite(slope).value()) ==
               "the derivative of sqrt made inf at position (1) of (3,)  [" + std::string(__FILE__) + ":" +
                   std::to_string(line) + "]");
}

BOOST_AUTO_TEST_CASE(its_mask_is_passed_over)
{
    tape tape;
    const auto scores = tape.variable(array{1.0, 2.0, 3.0});
    const auto mask = tape.constant(array{0.0, -inf, 0.0});
    const auto found = autograd::find_non_finite(softmax(scores + mask), {mask});
    BOOST_TEST(!found);
}

BOOST_AUTO_TEST_CASE(its_equal_eigenvalues_have_a_first_derivative)
{
    const auto squares = [](auto a) { return sum(square(eigenvalues(a))); };
    const xt::xarray<double> equal{{2.0, 0.0}, {0.0, 2.0}}; // both eigenvalues are 2
    autograd::check_gradient(squares, equal, {.order = 1}).require();
    BOOST_CHECK_THROW(static_cast<void>(autograd::check_gradient(squares, equal)), error::value_error);
}

BOOST_AUTO_TEST_SUITE_END()
