#include "tests/support.hpp"

#include "autograd/define_operation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>

// Functions of which a part is rounded coarsely: 1 - p beside p = 1, (x + c) - c, 1 - cos(x). Over short steps that
// part does not change at all, and differences agree on a derivative that is wrong. Right rules must never fail, wrong
// ones never pass.

using namespace support;
using autograd::check_gradient;
using autograd::check_options;
using autograd::check_outcome;
using autograd::check_report;
using autograd::custom_vjp;

namespace
{

using function = std::function<variable(variable)>;

check_report report_of(const function& f, const array& at, int order = 1)
{
    check_options options;
    options.order = order;
    return check_gradient(f, at, options);
}

/// f with g * derivative(x) as its rule.
function with_rule(const function& f, const function& derivative)
{
    return [=](variable x)
    { return custom_vjp([=](auto z) { return f(z); }, [=](auto z, auto, auto g) { return g * derivative(z); })(x); };
}

function constant_slope(double slope)
{
    return [slope](variable x) { return 0.0 * x + slope; };
}

void expect_not_failed(const std::string& name, const function& f, const array& at, int order = 1)
{
    const check_report report = report_of(f, at, order);
    BOOST_TEST((report.outcome != check_outcome::failed), name << ": " << to_text(report));
}

void expect_not_passed(const std::string& name, const function& f, const array& at)
{
    const check_report report = report_of(f, at);
    BOOST_TEST((report.outcome != check_outcome::passed), name << ": " << to_text(report));
}

void expect_passed(const std::string& name, const function& f, const array& at, int order = 1)
{
    const check_report report = report_of(f, at, order);
    BOOST_TEST(report.passed, name << ": " << to_text(report));
}

/// The right derivative, by the operations or by a rule, must not fail; 0 instead of it must not pass.
void expect_right_and_zero(const std::string& name, const function& f, const array& at)
{
    expect_not_failed(name, f, at);
    expect_not_passed(name + ", rule 0", with_rule(f, constant_slope(0)), at);
}

} // namespace

BOOST_AUTO_TEST_SUITE(check_rounding)

BOOST_AUTO_TEST_CASE(a_part_that_stops_changing_is_not_left_out)
{
    for (int power = 3; power <= 14; ++power)
    {
        const double c = std::pow(10, power);
        const function f = [c](variable x) { return sin(x) + ((x + c) - c); };
        const std::string name = fmt::format("sin(x) + ((x + 1e{}) - 1e{})", power, power);
        expect_not_failed(name, f, array{0.7});
        expect_not_passed(name + ", rule cos(x)", with_rule(f, [](variable x) { return cos(x); }), array{0.7});
    }
    // Where there are steps that know it, it is known.
    expect_passed(
        "c = 1e7", [](variable x) { return sin(x) + ((x + 1e7) - 1e7); }, array{0.7});
    for (const double b : {15.0, 18.0, 20.0, 22.0, 25.0, 28.0, 30.0, 33.0})
    {
        const function f = [b](variable x) { return sin(x) - log(1 - sigmoid(x + b)); };
        const std::string name = fmt::format("sin(x) - log(1 - sigmoid(x + {}))", b);
        expect_not_failed(name, f, array{0.3});
        expect_not_passed(name + ", rule cos(x)", with_rule(f, [](variable x) { return cos(x); }), array{0.3});
    }
}

BOOST_AUTO_TEST_CASE(saturated_functions_are_not_flat)
{
    for (const double x : {30.0, 33.0, 36.0})
    {
        expect_right_and_zero(
            fmt::format("1 - sigmoid({})", x), [](variable v) { return 1 - sigmoid(v); }, array{x});
        expect_right_and_zero(
            fmt::format("log(1 + exp(-{}))", x), [](variable v) { return log(1 + exp(-v)); }, array{x});
        expect_right_and_zero(
            fmt::format("-log(sigmoid({}))", x), [](variable v) { return -log(sigmoid(v)); }, array{x});
    }
    for (const double x : {15.0, 17.0, 40.0})
    {
        expect_right_and_zero(
            fmt::format("tanh({}) - 1", x), [](variable v) { return tanh(v) - 1; }, array{x});
    }
}

BOOST_AUTO_TEST_CASE(functions_that_cancel_near_0_are_not_flat)
{
    for (const double x : {1e-6, 1e-7, 1e-8, 1e-9})
    {
        const auto both = [&](const char* name, const function& f)
        { expect_right_and_zero(fmt::format("{} at {}", name, x), f, array{x}); };
        both("1 - cos(x)", [](variable v) { return 1 - cos(v); });
        both("log(cosh(x))", [](variable v) { return log(cosh(v)); });
        both("sqrt(1 + x x) - 1", [](variable v) { return sqrt(1 + v * v) - 1; });
        both("cosh(x) - 1", [](variable v) { return cosh(v) - 1; });
        both("log(1 + x x)", [](variable v) { return log(1 + v * v); });
    }
    expect_not_failed(
        "exp(x) - 1 - x", [](variable x) { return exp(x) - 1 - x; }, array{1e-4});
    for (const double x : {1e-3, 1e-4})
    {
        expect_not_failed(
            "(1 - cos(x)) / x^2", [](variable v) { return (1 - cos(v)) / square(v); }, array{x});
        expect_not_failed(
            "(x - sin(x)) / x^3", [](variable v) { return (v - sin(v)) / (v * v * v); }, array{x});
        expect_not_failed(
            "(exp(x) - 1) / x", [](variable v) { return (exp(v) - 1) / v; }, array{x});
    }
    expect_not_failed(
        "sqrt(x x + 1) - x", [](variable x) { return sqrt(x * x + 1) - x; }, array{1e6});
}

namespace
{

/// Rules whose derivative is `factor` times the right one. What cancels is inside of one kernel, where no tape sees it.
template <int factor>
struct one_minus_logistic : autograd::elementwise
{
    static constexpr auto name = "one_minus_logistic";
    static constexpr auto forward = [](auto x) { return 1 - 1 / (1 + exp(-x)); };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g)
                                                        {
                                                            const auto e = exp(-x);
                                                            return -factor * (g * e / ((1 + e) * (1 + e)));
                                                        }};
};

template <int factor>
struct log_cosh : autograd::elementwise
{
    static constexpr auto name = "log_cosh";
    static constexpr auto forward = [](auto x) { return log(cosh(x)); };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g) { return factor * (g * tanh(x)); }};
};

template <class Rule>
function recorded_by()
{
    return [](variable x) { return autograd::record<Rule, double>(autograd::location{}, x); };
}

} // namespace

BOOST_AUTO_TEST_CASE(what_cancels_inside_of_a_kernel_does_not_pass)
{
    expect_not_failed("1 - 1 / (1 + exp(-x))", recorded_by<one_minus_logistic<1>>(), array{30.0});
    expect_not_passed("the same, rule 0", recorded_by<one_minus_logistic<0>>(), array{30.0});
    expect_not_failed("log(cosh(x))", recorded_by<log_cosh<1>>(), array{1e-8});
    expect_not_passed("the same, rule 0", recorded_by<log_cosh<0>>(), array{1e-8});
    expect_not_passed("the same, twice", recorded_by<log_cosh<2>>(), array{1e-8});
}

// Two scales at once: which one is rounding, and which is the function, differences alone cannot know.
BOOST_AUTO_TEST_CASE(runs_that_contradict_each_other_are_not_resolved)
{
    const function f = [](variable x) { return x + tanh(1e8 * (x - 1)) / 1e8; };
    const check_report report = report_of(f, array{1.0});
    BOOST_TEST((report.outcome == check_outcome::not_resolved), to_text(report));
    BOOST_TEST(to_text(report).find("over shorter ones") != std::string::npos, to_text(report));
    expect_not_passed("without the detail", with_rule(f, constant_slope(1)), array{1.0});
    // A detail that no step sees: the operations know of it.
    const function finer = [](variable x) { return sin(x) + sin(1e13 * x) / 1e13; };
    expect_not_passed("without a fine detail", with_rule(finer, [](variable x) { return cos(x); }), array{1.0});
}

BOOST_AUTO_TEST_CASE(second_derivatives_of_confident_classifiers_do_not_fail)
{
    const function loss = [](variable x) { return -view(log_softmax(x), 0); };
    expect_passed("12", loss, array{12.0, 0.0, 1.0}, 2);
    for (const double score : {14.0, 18.0, 20.0, 25.0, 30.0, 34.0, 36.0, 40.0, 60.0})
    {
        expect_not_failed(fmt::format("a loss at {}", score), loss, array{score, 0.0, 1.0}, 2);
        expect_not_failed(
            fmt::format("softmax at {}", score), [](variable x) { return softmax(x); }, array{score, 0.0, 1.0}, 2);
    }
}

BOOST_AUTO_TEST_CASE(derivatives_that_cancel_to_0_pass)
{
    const array x{1.0, 2.0, -0.5, 0.3};
    expect_passed(
        "sum(x - mean(x))", [](variable v) { return sum(v - mean(v)); }, x, 2);
    // In one kernel it is exactly 0, from terms of which the tape does not know the size: differences of 1e-14 are no
    // proof.
    expect_not_failed(
        "sum(softmax(x))", [](variable v) { return sum(softmax(v)); }, x, 2);
    expect_passed(
        "softmax by hand",
        [](variable v)
        {
            const variable e = exp(v);
            return sum(e / sum(e));
        },
        x, 2);
    expect_passed(
        "norm_l2(x / norm_l2(x))", [](variable v) { return norm_l2(v / norm_l2(v)); }, x);
    expect_passed(
        "x (1 / x)", [](variable v) { return v * (1 / v); }, array{3.3, 0.7});
    expect_passed(
        "sin^2 + cos^2", [](variable v) { return square(sin(v)) + square(cos(v)); }, array{0.7});
    // Not by a rule that gives something else.
    const function one = [](variable v) { return square(sin(v)) + square(cos(v)); };
    BOOST_TEST((report_of(with_rule(one, constant_slope(1e-6)), array{0.7}).outcome == check_outcome::failed));
}

BOOST_AUTO_TEST_CASE(slopes_beside_a_large_offset_do_not_pass_as_0)
{
    const auto rule_0_fails = [](const char* name, const function& f)
    {
        expect_not_failed(name, f, array{1.7});
        const check_report report = report_of(with_rule(f, constant_slope(0)), array{1.7});
        BOOST_TEST((report.outcome == check_outcome::failed), name << ": " << to_text(report));
    };
    rule_0_fails("1000 + 1e-14 x", [](variable x) { return 1000 + 1e-14 * x; });
    rule_0_fails("1e9 + 1e-8 x", [](variable x) { return 1e9 + 1e-8 * x; });
    const function curved = [](variable x) { return 1e9 + exp(x / 1e8); };
    expect_not_failed("1e9 + exp(x / 1e8)", curved, array{1.7});
    expect_not_passed("1e9 + exp(x / 1e8), rule 0", with_rule(curved, constant_slope(0)), array{1.7});
}

BOOST_AUTO_TEST_CASE(far_steps_do_not_speak_for_near_ones)
{
    const function jump = [](variable x) { return where(x > 1, x + 1, 3 * x); };
    for (const double beside : {1e-11, 1e-12, 1e-13})
    {
        expect_not_failed(fmt::format("a jump {} before", beside), jump, array{1 + beside});
        expect_not_passed("its mean slope", with_rule(jump, constant_slope(2)), array{1 + beside});
    }
}

// Beside a kink, where a large element hides the short steps, the slope is that of one of the sides: not their mean.
BOOST_AUTO_TEST_CASE(a_kink_that_rounding_hides_does_not_fail_the_right_side)
{
    for (const double x : {1e-9, 1e-10, 9.2e-13, 1e-12, 1e-15})
    {
        expect_not_failed(
            fmt::format("5 + relu({})", x), [](variable v) { return 5 + relu(v); }, array{x});
        expect_not_failed(
            fmt::format("5 + abs({})", x), [](variable v) { return 5 + abs(v); }, array{x});
        expect_not_failed(
            fmt::format("sum(relu({}, 5))", x), [](variable v) { return sum(relu(v)); }, array{x, 5.0});
        expect_not_failed(
            fmt::format("a loss at {}", x), [](variable v) { return 5 - log(1 - maximum(v, 0)); }, array{x});
        const function of_three = [](variable v) { return mean(-log(1 - maximum(v, 0))); };
        expect_not_failed(fmt::format("a mean loss at {}", x), of_three, array{0.9, 1 - 1e-9, x});
        expect_not_passed("the mean of the sides",
                          with_rule([](variable v) { return 5 + relu(v); }, constant_slope(0.5)), array{x});
    }
}

BOOST_AUTO_TEST_CASE(underflow_is_not_resolved)
{
    const auto unresolved = [](const char* name, const function& f, double at)
    {
        const check_report report = report_of(f, array{at});
        BOOST_TEST((report.outcome == check_outcome::not_resolved), name << ": " << to_text(report));
    };
    unresolved(
        "x x", [](variable x) { return x * x; }, 1e-200);
    unresolved(
        "x^3", [](variable x) { return x * x * x; }, 1e-120);
}

// Rounding hides the derivative at all steps that are near, and far ones are so steep that a millionth of their slopes
// would excuse anything.
BOOST_AUTO_TEST_CASE(wrong_rules_beside_large_numbers_do_not_pass)
{
    for (const double factor : {0.0, -1.0, 2.0, 100.0})
    {
        const auto with_factor = [factor](const function& f, const function& derivative)
        { return with_rule(f, [=](variable x) { return factor * derivative(x); }); };
        const auto of_first = [factor](const function& f, double slope) {
            return with_rule(f, [=](variable x) { return slope * x * x.tape().constant(array{factor, 1.0}); });
        };
        const function squares = [](variable x) { return sum(square(x)); };
        const function mean_of_squares = [](variable x) { return mean(square(x)); };
        for (const double large : {1e4, 1e6, 1e8})
        {
            expect_not_passed("sum of squares", of_first(squares, 2), array{1e-8, large});
            expect_not_passed("mean of squares", of_first(mean_of_squares, 1), array{1e-10, large});
        }
        for (const double shift : {1e6, 1e12})
        {
            const function cube = [shift](variable x) { return x * x * x + shift; };
            const function slope_of_cube = [](variable x) { return 3 * x * x; };
            for (const double at : {1e-4, 1e-6, 1e-8})
            {
                expect_not_passed("x^3 + c", with_factor(cube, slope_of_cube), array{at});
            }
        }
        const function parabola = [](variable x) { return square(x - 1e8) + 1; };
        const function slope_of_parabola = [](variable x) { return 2 * (x - 1e8); };
        expect_not_passed("(x - c)^2 + 1", with_factor(parabola, slope_of_parabola), array{std::nextafter(1e8, 2e8)});
    }
}

// Steps that are as long as the point is large pass over the function, and say 0; shorter ones do not.
BOOST_AUTO_TEST_CASE(right_rules_beside_large_constants_do_not_fail)
{
    for (const double shift : {1e8, 1e10, 1e11, 1e12})
    {
        for (const double at : {1e3, 1.2345e4, 1e5, 1e6, 3.3e6, 1e7})
        {
            const auto beside = [=](const char* name, const function& f)
            {
                expect_not_failed(
                    name, [=](variable x) { return f(x) + shift; }, array{at});
            };
            beside("cos", [](variable x) { return cos(x); });
            beside("sin", [](variable x) { return sin(x); });
            beside("cos of x / 7", [](variable x) { return cos(x / 7); });
            beside("two sines", [](variable x) { return sin(x) + sin(3 * x); });
            beside("tanh", [at](variable x) { return tanh(x - at + 0.3); });
            beside("bump", [at](variable x) { return exp(-square((x - at - 3) / 10)); });
            beside("steep cos", [](variable x) { return 1e6 * cos(x); });
        }
    }
}

BOOST_AUTO_TEST_CASE(an_infinite_rule_is_wrong_where_differences_do_not_grow)
{
    const double inf = std::numeric_limits<double>::infinity();
    const auto fails = [&](const char* name, const function& f, double at)
    {
        const check_report report = report_of(with_rule(f, constant_slope(inf)), array{at});
        BOOST_TEST((report.outcome == check_outcome::failed), name << ": " << to_text(report));
    };
    fails(
        "x x at 0", [](variable x) { return x * x; }, 0.0);
    fails(
        "a constant", [](variable x) { return 0.0 * x + 1; }, 2.0);
    fails(
        "x x at 1", [](variable x) { return x * x; }, 1.0);
    // A root's slope is infinite at 0.
    const check_report root = report_of([](variable x) { return sqrt(x); }, array{0.0});
    BOOST_TEST((root.outcome == check_outcome::not_resolved), to_text(root));
}

BOOST_AUTO_TEST_CASE(a_function_that_is_not_finite_there_is_told)
{
    const check_report report = report_of([](variable x) { return sqrt(x); }, array{-1.0});
    BOOST_TEST((report.outcome == check_outcome::not_resolved), to_text(report));
    BOOST_TEST(to_text(report).find("the function is not finite there") != std::string::npos, to_text(report));
}

BOOST_AUTO_TEST_SUITE_END()
