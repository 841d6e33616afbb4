#include "tests/support.hpp"

#include <fmt/format.h>

#include <cmath>

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;
using autograd::check_options;
using autograd::check_outcome;
using autograd::check_report;
using autograd::custom_vjp;

BOOST_AUTO_TEST_SUITE(check_check_gradient)

namespace
{

const array points{{0.3, -0.7, 1.1}, {0.9, 0.2, -0.4}};

check_options first_order()
{
    check_options options;
    options.order = 1;
    return options;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

// --------------------------------------------------------------------------------------------------- right gradients

BOOST_AUTO_TEST_CASE(right_gradients_pass)
{
    const check_report report = check_gradient([](variable x) { return sum(tanh(x) * exp(x)); }, points);
    BOOST_TEST(report.passed, to_text(report));
    BOOST_TEST(bool(report));
    BOOST_TEST(report.worst_of_order[0] < 1e-8);
    BOOST_TEST(report.worst_of_order[1] < 1e-7);
    // Six coordinates, a direction, a jvp: for both orders.
    BOOST_TEST(report.comparisons == 2u * 8u);
    BOOST_TEST(to_text(report) == "check_gradient: passed, 16 comparisons, largest relative error " +
                                      to_text(report).substr(to_text(report).rfind(' ') + 1));
    BOOST_CHECK_NO_THROW(report.require());
}

BOOST_AUTO_TEST_CASE(functions_may_have_several_inputs_and_any_shape)
{
    const check_report matrices = check_gradient([](variable x, variable w) { return softmax(matmul(x, w), 1); },
                                                 {points, array(xt::transpose(points))});
    BOOST_TEST(matrices.passed, to_text(matrices));
    const check_report unbraced =
        check_gradient([](variable x, variable w) { return softmax(matmul(x, w), 1); }, points, xt::transpose(points));
    BOOST_TEST(to_text(unbraced) == to_text(matrices));
    const check_report scalars = check_gradient([](variable x) { return sin(x) / x; }, array(0.5));
    BOOST_TEST(scalars.passed, to_text(scalars));
    const check_report nothing = check_gradient([](variable x) { return exp(x); }, array::from_shape({0, 2}));
    BOOST_TEST(nothing.passed, to_text(nothing));
}

// There nothing is left of the differences but their own error.
BOOST_AUTO_TEST_CASE(derivatives_that_are_0_pass)
{
    const auto passes = [](auto f, const array& at)
    {
        const check_report report = check_gradient(f, at);
        BOOST_TEST(report.passed, to_text(report));
    };
    passes([](auto x) { return tanh(x) - x; }, array{0.0});
    passes([](auto x) { return sin(x) - x; }, array{0.0, 1e-3});
    passes([](auto x) { return pow(x, 5); }, array{0.0, 1.0});
    passes([](auto x) { return square(x * x - 1); }, array{1.0, 0.0, -1.0});
    passes([](auto x) { return sum(square(x * x - 1)); }, array{1.0, -1.0});
    passes([](auto x) { return square(sin(x) - 1); }, array{std::acos(0.0)});
    passes([](auto x) { return prod(x); }, array{0.0, 0.0, 0.0, 2.0, 3.0});
    passes([](auto x) { return square(tanh(x) - std::tanh(0.5)) * (1 + x); }, array{0.5});

    // A derivative that is not 0 is another thing, however small.
    const auto wrong = [](double slope)
    {
        return custom_vjp([slope](auto x) { return square(x) + slope * x; },
                          [slope](auto x, auto, auto g) { return g * (2 * x + 1.001 * slope); });
    };
    for (const double slope : {1e-3, 1e-6})
    {
        BOOST_TEST(!check_gradient(wrong(slope), array{0.0}, first_order()).passed, slope);
    }
}

BOOST_AUTO_TEST_CASE(functions_may_be_generic)
{
    BOOST_TEST(check_gradient([](auto x) { return sum(exp(x) * x); }, points).passed);
    BOOST_TEST(check_gradient([](auto x, auto y) { return x * y; }, {points, points}).passed);
}

BOOST_AUTO_TEST_CASE(inputs_may_be_a_list)
{
    const auto product = [](std::span<const variable> xs)
    {
        variable y = xs[0];
        for (const variable& x : xs.subspan(1))
        {
            y = y * x;
        }
        return y;
    };
    const std::vector<array> inputs{points, points + 0.5, array(1.5)};
    const check_report report = check_gradient(product, inputs);
    BOOST_TEST(report.passed, to_text(report));
    BOOST_TEST(report.comparisons == 2u * (6u + 6u + 1u + 2u));
}

BOOST_AUTO_TEST_CASE(inputs_may_be_a_tuple)
{
    const auto f = [](auto x, auto w) { return matmul(x, w); };
    const xt::xarray<float> w = xt::transpose(points);
    const check_report report = check_gradient(f, std::tuple(points, w), first_order());
    BOOST_TEST(report.passed, to_text(report));
    BOOST_TEST(report.comparisons == 6u + 6u + 2u);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused)
{
    const auto with = [](auto change)
    {
        check_options options;
        change(options);
        return text_of<error::value_error>(
            [&] { (void)check_gradient([](variable x) { return exp(x); }, points, options); });
    };
    BOOST_TEST(with([](auto& o) { o.order = 3; }) == "autograd: check_gradient: the order is 3; it must be 1 or 2.");
    BOOST_TEST(with([](auto& o) { o.tolerance = 0; }) ==
               "autograd: check_gradient: the tolerances are 0 and 1e-05; they must be positive.");
    BOOST_TEST(with([](auto& o) { o.reverse = o.forward = false; }) ==
               "autograd: check_gradient: nothing is compared; ask for a mode and for some coordinates.");
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       (void)check_gradient([](std::span<const variable> x) { return x[0]; }, std::vector<array>());
                   }) == "autograd: check_gradient: there are no inputs; it needs one at least.");
}

BOOST_AUTO_TEST_CASE(modes_and_orders_are_options)
{
    const auto f = [](variable x) { return sum(exp(x)); };
    check_options options = first_order();
    BOOST_TEST(check_gradient(f, points, options).comparisons == 8u);
    options.forward = false;
    BOOST_TEST(check_gradient(f, points, options).comparisons == 7u);
    options.coordinates = 3;
    BOOST_TEST(check_gradient(f, points, options).comparisons == 4u);
    options.forward = true;
    options.reverse = false;
    BOOST_TEST(check_gradient(f, points, options).comparisons == 1u);
}

BOOST_AUTO_TEST_CASE(large_and_small_numbers_are_judged_relatively)
{
    const auto f = [](variable x) { return sum(x * x * x); };
    BOOST_TEST(check_gradient(f, array(points * 1e6)).passed);
    BOOST_TEST(check_gradient([](variable x) { return sum(1e-8 * exp(x)); }, points).passed);
    BOOST_TEST(check_gradient([](variable x) { return sum(1e8 * exp(x)); }, points).passed);
    // Linear: the second derivative is exactly zero.
    BOOST_TEST(check_gradient([](variable x) { return 3.0 * x; }, points).passed);
}

BOOST_AUTO_TEST_CASE(checks_are_repeatable)
{
    const auto f = [](variable x) { return sum(sigmoid(x) * x); };
    const check_report a = check_gradient(f, points), b = check_gradient(f, points);
    BOOST_TEST(a.worst == b.worst);
    BOOST_TEST(to_text(a) == to_text(b));
}

BOOST_AUTO_TEST_CASE(what_the_function_throws_passes_through)
{
    BOOST_CHECK_THROW(check_gradient([](variable x) { return matmul(x, x); }, points).require(), error::shape_error);
}

// ----------------------------------------------------------------------------------------------------------- kinks

BOOST_AUTO_TEST_CASE(kinks_are_suspected)
{
    const array at_the_kink{0.5, 0.0, -0.5};
    const check_report r = check_gradient([](variable x) { return sum(relu(x)); }, at_the_kink, first_order());
    BOOST_TEST(!r.passed);
    BOOST_TEST(r.kink_suspected);
    BOOST_TEST(r.mode == "gradient");
    BOOST_TEST(r.coordinate == extents{1}, per_element());
    BOOST_TEST(r.derived == 0.0);
    // Half the random cotangent, which lies between 0.5 and 1.5.
    BOOST_TEST(std::abs(r.expected) > 0.24);
    BOOST_TEST(std::abs(r.expected) < 0.76);
    BOOST_TEST(contains(to_text(r), "; a kink is suspected: the one-sided differences disagree"));
    // At 0 the central difference of abs is 0 as its convention; one side of x |-> abs(x) + x is not.
    const check_report a =
        check_gradient([](variable x) { return sum(abs(x) * 2.0 + maximum(x, 3.0 * x)); }, at_the_kink, first_order());
    BOOST_TEST(a.passed);
    BOOST_TEST(a.kink_suspected);
    BOOST_TEST(contains(to_text(a), "passed"));
    BOOST_TEST(contains(to_text(a), "; a kink is suspected"));
    // The gradient jumps where the function has a kink: its differences say so, too.
    const auto kinks = [](auto f, const array& x, int order)
    {
        check_options options;
        options.order = order;
        return check_gradient(f, x, options);
    };
    for (const int order : {1, 2})
    {
        const check_report of_abs = kinks([](variable x) { return abs(x) * exp(x); }, at_the_kink, order);
        BOOST_TEST(of_abs.kink_suspected, to_text(of_abs));
        const check_report of_maximum = kinks([](variable x) { return maximum(x, 0.5); }, at_the_kink, order);
        BOOST_TEST(of_maximum.kink_suspected, to_text(of_maximum));
        const check_report of_none =
            kinks([](variable x) { return x * x * exp(x) + sin(30.0 * x); }, at_the_kink, order);
        BOOST_TEST(of_none.passed, to_text(of_none));
        BOOST_TEST(!of_none.kink_suspected, to_text(of_none));
    }
    const check_report jumping = kinks([](variable x) { return sum(abs(x)); }, at_the_kink, 2);
    BOOST_TEST(jumping.kink_suspected, to_text(jumping));
    const check_report smooth = check_gradient([](variable x) { return sum(relu(x)); }, array{0.5, -0.5, 1e-1});
    BOOST_TEST(smooth.passed, to_text(smooth));
}

// ------------------------------------------------------------------------------------ where differences are difficult

namespace
{

const auto bump = [](auto x) { return exp(-norm_sq((x - 4.6e6) / 10)); };

/// A function that changes on its own scale, or is defined on one side of a point closely beside.
template <class F>
void expect_passed(F f, const array& at, const check_options& options = {})
{
    const check_report report = check_gradient(f, at, options);
    BOOST_TEST(report.passed, to_text(report));
    BOOST_TEST(!report.kink_suspected, to_text(report));
}

} // namespace

BOOST_AUTO_TEST_CASE(functions_that_change_on_a_scale_of_their_own_pass)
{
    expect_passed(bump, array{4.6e6 + 3, 4.6e6 - 5});
    expect_passed([](auto x) { return sin(x); }, array{1e4});
    expect_passed([](auto x) { return acos(x); }, array{0.9999, -0.9999});
    expect_passed([](auto x) { return log(x - 1); }, array{1.0001});
    expect_passed([](auto x) { return tanh(x - 1e4); }, array{1e4 + 0.3});
    expect_passed([](auto x) { return log(x - 1); }, array{1.00001});
    expect_passed([](auto x) { return log(x); }, array{1e-9});
    expect_passed([](auto x) { return cos(x / 1e6); }, array{3.0}); // f' is 3e-12
}

BOOST_AUTO_TEST_CASE(wrong_rules_on_a_scale_of_their_own_are_caught)
{
    const auto caught = [](auto f, auto rule, const array& at)
    {
        const check_report report = check_gradient(custom_vjp(f, rule), at, first_order());
        BOOST_TEST((report.outcome == check_outcome::failed), to_text(report));
    };
    caught(
        bump, [](auto x, auto, auto g) { return g * 0.0 * x; }, array{4.6e6 + 3});
    caught(
        bump, [](auto x, auto y, auto g) { return g * y * (x - 4.6e6) / -100.0; }, array{4.6e6 + 3});
    caught([](auto x) { return sin(x); }, [](auto x, auto, auto g) { return g * 0.0 * x; }, array{1e4});
    caught([](auto x) { return tanh(x - 1e4); }, [](auto, auto y, auto g) { return g * y * 0.0; }, array{1e4 + 0.3});
    caught([](auto x) { return cos(x / 1e6); }, [](auto x, auto, auto g) { return g * 0.0 * x; }, array{3.0});
    caught([](auto x) { return log(x - 1); }, [](auto x, auto, auto g) { return 1.001 * g / (x - 1); }, array{1.00001});
    caught([](auto x) { return 1 + relu(x); }, [](auto, auto, auto g) { return 0.01 * g; }, array{-1.0});
    // It is flat at short steps, since 1 has few digits left for it: neither 0 nor 1e-10 may pass by that.
    const auto few_digits = [](auto x) { return (1 + 1e-10 * x) - 1; };
    BOOST_TEST(check_gradient(few_digits, array{1.0}, first_order()).passed);
    const auto zero = custom_vjp(few_digits, [](auto x, auto, auto g) { return g * 0.0 * x; });
    BOOST_TEST(!check_gradient(zero, array{1.0}, first_order()).passed);
}

// The derivative is continuous, and differences come near to it in proportion to the step only.
BOOST_AUTO_TEST_CASE(kinks_of_the_derivative_pass_in_the_first_order)
{
    expect_passed([](auto x) { return square(relu(x)); }, array{0.0, 1.0, -1.0}, first_order());
    expect_passed([](auto x) { return sum(square(relu(x))); }, array{0.0, 2.0}, first_order());
    expect_passed([](auto x) { return x * abs(x); }, array{0.0}, first_order());
    const auto huber = [](auto x) { return where(abs(x) < 1.35, 0.5 * square(x), 1.35 * (abs(x) - 0.675)); };
    expect_passed(huber, array{1.35, -1.35, 0.2}, first_order());
    const auto wrong = custom_vjp([](auto x) { return x * abs(x); }, [](auto, auto, auto g) { return 1e-3 * g; });
    BOOST_TEST((check_gradient(wrong, array{0.0}, first_order()).outcome == check_outcome::failed));
}

BOOST_AUTO_TEST_CASE(plateaus_pass)
{
    expect_passed([](auto x) { return relu(x); }, array{-1.0, -1e-6, -1e6});
    expect_passed([](auto x) { return 1 + relu(x); }, array{-1.0});
    expect_passed([](auto x) { return clip(x, -1, 1); }, array{3.0, -70.0, 0.25});
    expect_passed([](auto x) { return 0.0 * x + 3; }, array{1.0, 0.0});
    expect_passed(bump, array{1e6});
}

BOOST_AUTO_TEST_CASE(steps_stay_inside_the_domain)
{
    // At 0 there is no left side; of both at once the direction leads inward.
    expect_passed([](auto x) { return pow(x, 2.5) + 3.0 * x; }, array{0.0, 0.0, 2.0}, first_order());
    expect_passed([](auto x) { return pow(1 - x, 2.5); }, array{1.0, 0.5}, first_order());
    // A function that refuses what is beyond.
    const auto refuses = [](auto x)
    {
        if (amax(x).item() > 1)
        {
            throw error::value_error("f", "x is above 1.");
        }
        return x * x;
    };
    expect_passed(refuses, array{1.0, 0.98});
    expect_passed(refuses, array{1.0 - 1e-7});
    BOOST_CHECK_THROW((void)check_gradient(refuses, array{1.5}), error::value_error);
}

BOOST_AUTO_TEST_CASE(what_no_step_resolves_does_not_pass)
{
    const check_report saturated = check_gradient([](auto x) { return exp(x) - 1; }, array{-50.0}, first_order());
    BOOST_TEST((saturated.outcome == check_outcome::not_resolved), to_text(saturated));
    BOOST_TEST(!saturated.passed);
    BOOST_TEST(!saturated);
    BOOST_TEST(!saturated.kink_suspected);
    BOOST_REQUIRE(!saturated.not_resolved.empty());
    BOOST_TEST(contains(saturated.not_resolved.front(), "order 1, gradient of input 0 at (0): derived "));
    BOOST_TEST(contains(saturated.not_resolved.front(), "but no step resolves f here, because "));
    BOOST_TEST(contains(to_text(saturated), "check_gradient: not resolved, 3 comparisons, "));
    BOOST_TEST(contains(to_text(saturated), "check at another point, or a part of f for itself"));
    BOOST_CHECK_THROW(saturated.require(), error::gradient_check_error);

    const check_report jump = check_gradient([](auto x) { return relu(x); }, array{0.0, 1.0});
    BOOST_TEST((jump.outcome == check_outcome::failed), to_text(jump));
    BOOST_TEST(jump.kink_suspected);
    const check_report step =
        check_gradient([](auto x) { return where(x < 1.0, 0.0 * x, 1.0 + 0.0 * x); }, array{1.0}, first_order());
    BOOST_TEST((step.outcome == check_outcome::not_resolved), to_text(step));
    BOOST_TEST(step.kink_suspected);
    const check_report infinite = check_gradient([](auto x) { return sqrt(x); }, array{0.0}, first_order());
    BOOST_TEST((infinite.outcome == check_outcome::not_resolved), to_text(infinite));
    const check_report subnormal = check_gradient([](auto x) { return exp(x); }, array{-740.0}, first_order());
    BOOST_TEST((subnormal.outcome == check_outcome::not_resolved), to_text(subnormal));
    expect_passed([](auto x) { return exp(-x); }, array{std::numeric_limits<double>::infinity(), 1.0}, first_order());
    const check_report not_finite = check_gradient([](auto x) { return log(x); }, array{0.0}, first_order());
    BOOST_TEST(!not_finite.passed);
}

// The reverse mode of a rule that clips its cotangent can be checked; there is no forward mode.
BOOST_AUTO_TEST_CASE(a_rule_that_is_not_linear_is_a_finding)
{
    const auto twice = [](auto x) { return 2.0 * x; };
    const auto rule = [](auto, auto, auto g) { return clip(2.0 * g, -9, 9); };
    const int line = __LINE__ + 1;
    const auto clipped = custom_vjp(twice, rule);
    const check_report report = check_gradient(clipped, points);
    BOOST_TEST((report.outcome == check_outcome::failed), to_text(report));
    BOOST_TEST(report.disagreements == 0u);
    BOOST_TEST(report.comparisons == 7u);
    BOOST_TEST(contains(report.forward_refused, "is not linear in the cotangent"));
    BOOST_TEST(contains(to_text(report), fmt::format("check_gradient.cpp:{}]", line)), to_text(report));
    BOOST_TEST(contains(to_text(report), "; with forward = false among the options that mode is left out"));
    BOOST_CHECK_THROW(report.require(), error::gradient_check_error);
    check_options reverse_only;
    reverse_only.forward = false;
    const check_report without = check_gradient(clipped, points, reverse_only);
    BOOST_TEST(without.passed, to_text(without));
}

// --------------------------------------------------------------------------------------------------- wrong gradients

namespace
{

/// The reports on functions whose rules are wrong.
template <class F>
check_report report_on(F f, const array& x, const check_options& options = first_order())
{
    return check_gradient([f](variable v) { return f(v); }, x, options);
}
template <class F>
check_report report_on(F f, const array& x, const array& y)
{
    return check_gradient([f](variable v, variable w) { return f(v, w); }, {x, y}, first_order());
}

} // namespace

BOOST_AUTO_TEST_CASE(a_flipped_sign_is_caught)
{
    const auto f = custom_vjp([](auto x) { return cos(x); }, [](auto x, auto, auto g) { return g * sin(x); });
    const check_report report = report_on(f, points);
    BOOST_TEST(!report);
    BOOST_TEST(report.derived == -report.expected, tolerance(1e-6));
    BOOST_TEST(report.order == 1);
    BOOST_TEST(!report.kink_suspected);
}

// The report and its error name the line of custom_vjp: of the rules that the input which disagrees goes through.
BOOST_AUTO_TEST_CASE(the_line_of_a_wrong_rule_is_told)
{
    const auto wrong_rule = [](auto, auto, auto g) { return 3.0 * g; };
    const auto twice = [](auto x) { return 2.0 * x; };
    const int line = __LINE__ + 1;
    const auto wrong = custom_vjp(twice, wrong_rule);
    const auto right = custom_vjp(twice, [](auto, auto, auto g) { return 2.0 * g; });
    const auto of = [](int n) { return "  [" + std::string(__FILE__) + ":" + std::to_string(n) + "]"; };
    const auto ends_with = [](const std::string& text, const std::string& end)
    { return text.size() >= end.size() && text.substr(text.size() - end.size()) == end; };
    const std::string rule = "; the rule in question is that of custom_vjp";

    const check_report one = check_gradient(wrong, points);
    BOOST_TEST(ends_with(to_text(one), rule + of(line)), to_text(one));
    try
    {
        one.require();
        BOOST_ERROR("a wrong rule passes");
    }
    catch (const error::gradient_check_error& e)
    {
        BOOST_TEST(ends_with(e.what(), rule + "." + of(line)), e.what());
        BOOST_TEST(e.where().line == line);
    }
    // What the other input goes through has no part in it; what was called twice in a line is named once.
    const check_report first =
        check_gradient([&](variable x, variable y) { return wrong(wrong(x)) * right(y); }, {points, points});
    BOOST_TEST(ends_with(to_text(first), rule + of(line)), to_text(first));
    const check_report both = check_gradient([&](variable x) { return wrong(right(x)); }, points);
    BOOST_TEST(ends_with(to_text(both), "; the rules in question are those of custom_vjp" + of(line + 1) + of(line)),
               to_text(both));
    BOOST_TEST(ends_with(whole_text_of([&] { both.require(); }), "custom_vjp." + of(line + 1) + of(line)));
    // One that is wrong in the second order only, and one that passes.
    const auto frozen_rule = [](auto x, auto, auto g) { return 2.0 * g * stop_gradient(x); };
    const int of_frozen = __LINE__ + 1;
    const auto frozen = custom_vjp([](auto x) { return x * x; }, frozen_rule);
    BOOST_TEST(contains(to_text(check_gradient(frozen, points)), "order 2"));
    BOOST_TEST(contains(to_text(check_gradient(frozen, points)), rule + of(of_frozen)));
    BOOST_TEST(check_gradient(right, points).custom_rules.empty());
    BOOST_TEST(!contains(to_text(check_gradient([](variable x) { return abs(x); }, array(0.0))), "custom_vjp"));
}

BOOST_AUTO_TEST_CASE(a_dropped_factor_is_caught)
{
    const auto f = custom_vjp([](auto x) { return x * x; }, [](auto x, auto, auto g) { return g * x; });
    const check_report report = report_on(f, points);
    BOOST_TEST(!report);
    BOOST_TEST(2 * report.derived == report.expected, tolerance(1e-6));
    // It is smooth: no excuse.
    BOOST_TEST(!report.kink_suspected);
}

BOOST_AUTO_TEST_CASE(swapped_operands_are_caught)
{
    const auto f = custom_vjp([](auto x, auto y) { return x / y; },
                              [](auto x, auto y, auto, auto g) {
                                  return std::array{-g * x / (y * y), g / y};
                              });
    BOOST_TEST(!report_on(f, points, points + 3.0));
    const auto product = custom_vjp([](auto x, auto y) { return x * y; },
                                    [](auto x, auto y, auto, auto g) {
                                        return std::array{g * x, g * y};
                                    });
    BOOST_TEST(!report_on(product, points, points + 3.0));
}

BOOST_AUTO_TEST_CASE(a_forgotten_operand_is_caught)
{
    const auto f = custom_vjp([](auto x, auto y) { return x * y; },
                              [](auto, auto y, auto, auto g) {
                                  return std::array{g * y, variable()};
                              });
    const check_report report = report_on(f, points, points + 3.0);
    BOOST_TEST(!report);
    BOOST_TEST(report.input == 1u);
    BOOST_TEST(report.derived == 0.0);
}

BOOST_AUTO_TEST_CASE(a_missing_sum_over_a_broadcast_axis_is_caught)
{
    // Of the wrong shape: an error before anything is compared.
    const auto f = custom_vjp([](auto x, auto y) { return x * y; },
                              [](auto x, auto y, auto, auto g) {
                                  return std::array{g * y, g * x};
                              });
    BOOST_CHECK_THROW((void)report_on(f, points, array{0.5, 1.5, 2.5}), error::shape_error);
    // Of the right shape, but one row instead of the sum of the rows.
    const auto row_only = custom_vjp([](auto x, auto y) { return x * y; },
                                     [](auto x, auto y, auto, auto g) {
                                         return std::array{g * y, view(g * x, 0)};
                                     });
    const check_report report = report_on(row_only, points, array{0.5, 1.5, 2.5});
    BOOST_TEST(!report);
    BOOST_TEST(report.input == 1u);
}

// Absolute tolerances would let it pass.
BOOST_AUTO_TEST_CASE(a_small_gradient_that_is_twice_too_large_is_caught)
{
    const auto f = custom_vjp([](auto x) { return 0.005 * x; }, [](auto, auto, auto g) { return 0.01 * g; });
    const check_report report = report_on(f, points);
    BOOST_TEST(!report);
    // One of many, among large ones.
    const auto one = custom_vjp(
        [](auto x) {
            return sum(exp(x) * array{1.0, 0.0, 1.0} + 0.005 * x);
        },
        [](auto x, auto, auto g) {
            return g * (exp(x) * array{1.0, 0.0, 1.0} + array{0.005, 0.01, 0.005});
        });
    const check_report hidden = report_on(one, array{1.0, 2.0, 3.0});
    BOOST_TEST(!hidden);
    BOOST_TEST(hidden.coordinate == extents{1}, per_element());
    BOOST_TEST(hidden.derived == 2 * hidden.expected, tolerance(1e-5));
}

// What rounding does to a large element excuses nothing at the others.
BOOST_AUTO_TEST_CASE(an_error_beside_huge_numbers_is_caught)
{
    const auto f = custom_vjp([](auto x) { return x * x; },
                              [](auto x, auto, auto g) { return g * where(x > 10, 2.0 * x, 2.001 * x); });
    const check_report report = report_on(f, array{1e150, 1.5, 1e100});
    BOOST_TEST(!report);
    BOOST_TEST(report.coordinate == extents{1}, per_element());
}

BOOST_AUTO_TEST_CASE(an_error_that_cancels_under_a_cotangent_of_ones_is_caught)
{
    // Rows reversed: under ones, nothing changes.
    const auto f = custom_vjp([](auto x) { return x * 2.0; }, [](auto, auto, auto g) { return flip(g, 0) * 2.0; });
    BOOST_TEST(!report_on(f, points));
    // Transposed Jacobian of a rotation by a quarter.
    const auto turned = custom_vjp(
        [](auto x) {
            return autograd::concatenate({-view(x, 1), view(x, 0)}, 0);
        },
        [](auto, auto, auto g) { return g; });
    BOOST_CHECK_THROW((void)report_on(turned, points), error::exception);
    // The mean instead of each: sum of the gradient is right.
    const auto smeared = custom_vjp([](auto x) { return x * 3.0; },
                                    [](auto, auto, auto g) { return broadcast(mean(g), g.shape()) * 3.0; });
    BOOST_TEST(!report_on(smeared, points));
}

BOOST_AUTO_TEST_CASE(a_wrong_second_derivative_is_caught)
{
    // The first derivative is right, but as a constant: it cannot be differentiated again.
    const auto f = custom_vjp([](auto x) { return x * x * x; },
                              [](auto x, auto, auto g) { return g * stop_gradient(3.0 * x * x); });
    BOOST_TEST(report_on(f, points).passed);
    check_options second;
    const check_report report = report_on(f, points, second);
    BOOST_TEST(!report);
    BOOST_TEST(report.order == 2);
    BOOST_TEST(report.worst_of_order[0] < 1e-8);
    BOOST_TEST(report.worst_of_order[1] > 0.1);
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_finite_is_caught)
{
    const auto f =
        custom_vjp([](auto x) { return x * 2.0; }, [](auto x, auto, auto g) { return g * 2.0 + 0.0 / (x - x); });
    const check_report report = report_on(f, points);
    BOOST_TEST(!report);
    BOOST_TEST(std::isinf(report.worst));
}

BOOST_AUTO_TEST_CASE(the_second_derivative_of_a_norm_at_zero_names_its_remedy)
{
    const check_report report =
        check_gradient([](auto x) { return autograd::square(norm_l2(x)); }, array{0.0, 0.0}, check_options());
    BOOST_TEST(!report);
    BOOST_TEST(contains(to_text(report), "; a norm has no second derivative at 0: norm_sq, variance, "));
}

BOOST_AUTO_TEST_CASE(require_throws_what_was_found)
{
    const auto f = custom_vjp([](auto x) { return x * x; }, [](auto x, auto, auto g) { return g * x; });
    const check_report report = report_on(f, array{1.5, 0.25});
    const std::string message = to_text(report).substr(0, to_text(report).find("  ["));
    BOOST_TEST(contains(message, "check_gradient: failed, 4 comparisons, largest relative error "));
    BOOST_TEST(contains(message, "; order 1, "));
    BOOST_TEST(contains(message, ": derived "));
    BOOST_TEST(contains(message, ", expected "));
    BOOST_TEST(text_of<error::gradient_check_error>([&] { report.require(); }) == "autograd: " + message + ".");
}

// There the derivative, and what the operations have for it, are nothing but rounding.
BOOST_AUTO_TEST_CASE(a_minimum_is_resolved)
{
    for (int seed = 0; seed < 20; ++seed)
    {
        tape t;
        const array x = random_normal(t.index(seed), {30, 2}).value();
        const array y = where(random_uniform(t.index(seed), {30}, 1) < 0.4, 1.0, 0.0).value();
        const auto logistic = [&](auto w)
        {
            const auto z = matmul(x, w);
            return sum(softplus(z) - y * z);
        };
        array w{0.0, 0.0};
        for (int i = 0; i < 15; ++i)
        {
            const variable v = t.variable(w);
            const variable loss = logistic(v);
            const array h = hessian(loss, v).value(), g = gradient(loss, v).value();
            const double determinant = h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
            w(0) -= (h(1, 1) * g(0) - h(0, 1) * g(1)) / determinant;
            w(1) -= (h(0, 0) * g(1) - h(1, 0) * g(0)) / determinant;
        }
        const check_report report = check_gradient(logistic, w);
        BOOST_TEST(report.passed, seed << ": " << to_text(report));
    }
    const array x{-1.0, 0.5, 2.0, 1.0}, y{0.0, 1.0, 1.0, 0.0};
    const check_report report = check_gradient([&](auto w) { return sum(square(x * w - y)); }, array(2.5 / 6.25));
    BOOST_TEST(report.passed, to_text(report));
}

BOOST_AUTO_TEST_SUITE_END()
