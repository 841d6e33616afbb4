// What certify_equal and certify_gradient say, and what they refuse.

#include "autograd/prove/certify.hpp"
#include "tests/support.hpp"

#include <nlohmann/json.hpp>

#include <numbers>

using namespace support;
using autograd::certificate;
using autograd::certify_equal;
using autograd::certify_gradient;
using autograd::verdict;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(prove_verdicts)

namespace
{

struct vectors
{
    support::tape on;
    variable x = on.variable(array{0.5, -1.25, 2.0}).name("x");
    variable y = on.variable(array{1.5, 0.75, -0.5}).name("y");
};

/// "verdicts.cpp:12"
std::string here(int line)
{
    return "verdicts.cpp:" + std::to_string(line);
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

// Lines are counted here.
// clang-format off

// ----------------------------------------------------------------------------------------------------------- reports

BOOST_FIXTURE_TEST_CASE(a_report_of_equality, vectors)
{
    const certificate found = certify_equal(square(x + y), x * x + 2 * x * y + y * y);
    BOOST_TEST((found.outcome == verdict::equal));
    BOOST_TEST(bool(found));
    BOOST_TEST(!found.by_conjecture);
    BOOST_TEST(found.bits >= 80);
    BOOST_TEST(to_text(found) == "CERTIFIED EQUAL\n"
                               "  at 11 random points; wrong with a probability of at most 2^-311\n"
                               "  random: x, y\n");
    BOOST_TEST(to_latex(found) == "\\begin{array}{lll}\n"
                                "  (x + y)^2 & x \\odot x + 2 \\cdot x \\odot y + y \\odot y & \\text{CERTIFIED EQUAL} \\\\\n"
                                "\\end{array}\n");
    const auto json = nlohmann::json::parse(to_json(found));
    BOOST_TEST(json.at("verdict") == "CERTIFIED EQUAL");
    BOOST_TEST(json.at("points") == 11);
    BOOST_TEST(json.at("by_conjecture") == false);
    BOOST_TEST(json.at("random_inputs") == (std::vector<std::string>{"x", "y"}));
    BOOST_TEST(json.at("arrays").at(0).at("left") == "(x + y)^2");
    BOOST_TEST(!json.contains("counterexample"));
    BOOST_TEST(!json.contains("reason"));
    BOOST_CHECK_NO_THROW(found.require());
}

BOOST_FIXTURE_TEST_CASE(a_report_of_equality_with_exponentials_names_the_conjecture, vectors)
{
    const certificate found = certify_equal(exp(x + y), exp(x) * exp(y));
    BOOST_TEST((found.outcome == verdict::equal));
    BOOST_TEST(found.by_conjecture);
    BOOST_TEST(contains(to_text(found), ", if exponentials of different exponents behave like independent variables\n"), to_text(found));
}

BOOST_FIXTURE_TEST_CASE(a_report_of_a_factor, vectors)
{
    const certificate found = certify_equal(std::tuple(x * y, (x + y) / 300), std::tuple(x * y, (x + y).name("sum")));
    BOOST_TEST((found.outcome == verdict::equal_up_to_factor));
    BOOST_TEST(!bool(found));
    BOOST_TEST((found.arrays[0].outcome == verdict::equal));
    BOOST_TEST((found.arrays[1].outcome == verdict::equal_up_to_factor));
    BOOST_TEST(found.arrays[1].factor == "1/300");
    BOOST_TEST(to_text(found) == "CERTIFIED EQUAL UP TO A FACTOR\n"
                               "  #1: CERTIFIED EQUAL\n"
                               "  sum: CERTIFIED EQUAL UP TO THE FACTOR 1/300: left = 1/300 right\n"
                               "  at 11 random points; wrong with a probability of at most 2^-311\n"
                               "  random: x, y\n");
    BOOST_TEST(contains(to_latex(found), "\\text{CERTIFIED EQUAL UP TO THE FACTOR 1/300}"), to_latex(found));
    const auto json = nlohmann::json::parse(to_json(found));
    BOOST_TEST(json.at("verdict") == "CERTIFIED EQUAL UP TO A FACTOR");
    BOOST_TEST(json.at("arrays").at(1).at("factor") == "1/300");
}

BOOST_FIXTURE_TEST_CASE(a_report_of_a_factor_for_each_term, vectors)
{
    const variable left = x * y + x / 4;
    const variable right = x * y + x * 1; const int line = __LINE__;
    const certificate found = certify_equal(left, right);
    BOOST_TEST((found.outcome == verdict::equal_up_to_factor));
    BOOST_TEST(found.arrays[0].factor == "1 for the term of multiply at " + here(line) + ", 1/4 for the term of multiply at " + here(line));
}

BOOST_FIXTURE_TEST_CASE(a_report_of_a_difference, vectors)
{
    const variable left = exp(x) * y;
    const variable factor = exp(2 * x); const int line = __LINE__;
    const certificate found = certify_equal(left, factor * y, {.suggest = false});
    BOOST_TEST((found.outcome == verdict::different));
    BOOST_TEST(found.first_difference == "exp at " + here(line), to_text(found));
    BOOST_TEST(found.line.line == line);
    BOOST_TEST(found.did_you_mean == "");
    BOOST_REQUIRE(bool(found.differs_at));
    const auto& at = *found.differs_at;
    BOOST_REQUIRE(at.entry.size() == 1U);
    const std::string expected = "DIFFERENT\n  #1(" + std::to_string(at.entry[0]) + ") is ";
    BOOST_TEST(to_text(found).substr(0, expected.size()) == expected);
    BOOST_TEST(contains(to_text(found), "  the first step in question: exp at " + here(line) + "\n"), to_text(found));
    BOOST_TEST(contains(to_latex(found), "\\text{DIFFERENT}"), to_latex(found));
    const auto json = nlohmann::json::parse(to_json(found));
    BOOST_TEST(json.at("verdict") == "DIFFERENT");
    BOOST_TEST(json.at("counterexample").at("inputs").at(0).at("name") == "x");
    BOOST_TEST(json.at("counterexample").at("inputs").at(0).at("values").get<reals>() == at.inputs[0].values, per_element());
    BOOST_TEST(json.at("counterexample").at("left") == at.left);
    BOOST_TEST(json.at("first_difference") == found.first_difference);
    const std::string thrown = text_of<error::certificate_error>([&] { found.require(); });
    BOOST_TEST((contains(thrown, "DIFFERENT") && contains(thrown, here(line))), thrown);
}

BOOST_FIXTURE_TEST_CASE(a_report_says_what_was_meant, vectors)
{
    const variable a = tanh(x);
    const variable by_hand = 1 - a; const int line = __LINE__;
    const certificate found = certify_gradient(sum(a), x, by_hand);
    BOOST_TEST((found.outcome == verdict::different));
    BOOST_TEST(found.line.line == line, to_text(found));
    BOOST_TEST(contains(found.did_you_mean, "1 - a^2"), to_text(found));
    BOOST_TEST(contains(to_text(found), "  did you mean: " + found.did_you_mean + "\n"));
}

BOOST_FIXTURE_TEST_CASE(a_report_of_no_decision, vectors)
{
    // sin(asin(x)) = x for small x: the residues do not know it.
    const variable z = on.variable(array{0.25, -0.5}).name("z");
    const certificate found = certify_equal(sin(asin(z)), z);
    BOOST_TEST((found.outcome == verdict::not_decided));
    BOOST_TEST(!bool(found));
    BOOST_TEST(found.reason == "residues differ, but no numbers do");
    BOOST_TEST(found.common_digits >= 14);
    BOOST_TEST(contains(to_text(found), "NOT DECIDED\n  residues differ, but no numbers do; the numbers agree to 1"), to_text(found));
    BOOST_TEST(nlohmann::json::parse(to_json(found)).at("reason") == found.reason);
    BOOST_CHECK_THROW(found.require(), error::certificate_error);
}

BOOST_AUTO_TEST_CASE(a_division_by_what_is_0_everywhere_is_not_decided)
{
    tape t;
    const variable x = t.variable(array{0.5, 2.0});
    const variable zero = square(x + 1) - x * x - 2 * x - 1;
    const variable quotient = 1 / zero; const int line = __LINE__;
    const certificate found = certify_equal(quotient, 2 / zero);
    BOOST_TEST((found.outcome == verdict::not_decided));
    BOOST_TEST(contains(found.reason, here(line)), found.reason);
}

/// Each array has a verdict of its own.
BOOST_FIXTURE_TEST_CASE(what_is_right_beside_a_difference_is_certified, vectors)
{
    const std::tuple left(tanh(x) * y, x * x, exp(x + y));
    const variable wrong = exp(x) + exp(y); const int line = __LINE__;
    const certificate found = certify_equal(left, std::tuple(y * tanh(x), square(x) / 3, wrong));
    BOOST_TEST((found.outcome == verdict::different));
    BOOST_TEST((found.arrays[0].outcome == verdict::equal));
    BOOST_TEST((found.arrays[1].outcome == verdict::equal_up_to_factor));
    BOOST_TEST(found.arrays[1].factor == "3");
    BOOST_TEST((found.arrays[2].outcome == verdict::different));
    BOOST_TEST(found.differs_at->array == 2U);
    BOOST_TEST(found.line.line == line);
}

/// What other arrays are made of, which are right, is not blamed, nor what stands in the loss.
BOOST_FIXTURE_TEST_CASE(right_arrays_and_the_loss_are_in_no_question, vectors)
{
    const variable a = sigmoid(x * y);
    const variable loss = sum(a * a);
    const variable g = 2 * a * a * (1 - a);
    const variable dx = g * y;
    const variable dy = g * x * x; const int line = __LINE__;
    const certificate found = certify_gradient(loss, std::tuple(x, y), std::tuple(dx, dy));
    BOOST_TEST((found.outcome == verdict::different));
    BOOST_TEST((found.arrays[0].outcome == verdict::equal));
    BOOST_TEST(found.line.line == line, to_text(found));
    const variable slope = sigmoid(a) * (1 - sigmoid(a)); const int of_slope = __LINE__;
    const certificate at_value = certify_gradient(loss, x, 2 * a * slope * y);
    BOOST_TEST((at_value.outcome == verdict::different));
    BOOST_TEST(at_value.line.line == of_slope, to_text(at_value));
}

/// Near the recorded values both sides are 0, which is any multiple of 0.
BOOST_FIXTURE_TEST_CASE(a_factor_is_found_where_the_first_points_do_not_show_it, vectors)
{
    const variable z = on.variable(array{-1.0, -2.0});
    const certificate found = certify_equal(3 * relu(z), relu(z));
    BOOST_TEST((found.outcome == verdict::equal_up_to_factor));
    BOOST_TEST(found.arrays[0].factor == "3");
    BOOST_TEST((certify_equal(relu(z), square(relu(z))).outcome == verdict::different));
}

/// Rounding takes all digits of 1 - tanh^2, and its square is 0: that is no counterexample.
BOOST_AUTO_TEST_CASE(numbers_without_digits_refute_nothing)
{
    tape t;
    const variable x = t.variable(array{40.0, -25.0, 3.0});
    const variable slope = 1 - square(tanh(x));
    BOOST_TEST((certify_equal(slope * slope, pow(cosh(x), -4)).outcome == verdict::equal));
    BOOST_TEST((certify_equal(slope / (slope * slope), square(cosh(x))).outcome != verdict::different));
    BOOST_TEST((certify_equal(slope * slope, 2 * pow(cosh(x), -4)).outcome == verdict::equal_up_to_factor));
    BOOST_TEST((certify_equal(exp(-x) * exp(-20 * x), exp(-21 * x)).outcome == verdict::equal));
}

// ------------------------------------------------------------------------------------------------------------ depth

namespace
{

/// exp(-exp(-exp(...))), so many times: numbers stay small.
variable nested(variable x, int times)
{
    variable y = x;
    for (int n = 0; n < times; ++n)
    {
        y = exp(-y);
    }
    return y;
}

} // namespace

BOOST_AUTO_TEST_CASE(eight_nested_exponentials_are_decided)
{
    tape t;
    const variable x = t.variable(array{0.5, -0.25});
    const variable y = t.variable(array{0.125, 0.75});
    for (int times = 1; times <= 8; ++times)
    {
        BOOST_TEST_CONTEXT(times << " exponentials")
        {
            const variable left = nested(x * (y + 1), times);
            BOOST_TEST((certify_equal(left, nested(x * y + x, times)).outcome == verdict::equal));
            BOOST_TEST((certify_equal(left, nested(x * y + 1.0625 * x, times)).outcome == verdict::different));
        }
    }
}

BOOST_AUTO_TEST_CASE(nine_nested_exponentials_are_not_decided)
{
    tape t;
    const variable x = t.variable(array{0.5, -0.25});
    const variable eight = nested(2 * x, 8);
    const variable nine = exp(-eight); const int line = __LINE__;
    const certificate found = certify_equal(nine, nested(x + x, 9));
    BOOST_TEST((found.outcome == verdict::not_decided));
    BOOST_TEST(found.reason == "exponentials nested more than eight deep, in exp at " + here(line));
}

// ---------------------------------------------------------------------------------------------------- what is random

BOOST_AUTO_TEST_CASE(constants_of_a_float_tape_are_what_they_are_meant_to_be)
{
    autograd::tape<float> t;
    const auto x = t.variable(xt::xarray<float>{0.5f, 2.0f});
    BOOST_TEST((certify_equal(0.1f * x * 10, x).outcome == verdict::equal));
    BOOST_TEST((certify_equal(x / 3, x * (1.0f / 3)).outcome == verdict::equal));
    BOOST_TEST((certify_gradient(sum(square(x)) * 0.1f, x, x / 5).outcome == verdict::equal));
    BOOST_TEST((certify_equal(0.1f * x, 0.11f * x).outcome == verdict::equal_up_to_factor));
    BOOST_TEST((certify_equal(tanh(x), 2 * sigmoid(2 * x) - 1).outcome == verdict::equal));
    BOOST_TEST((certify_equal(exp(x * std::numbers::ln2_v<float>), exp2(x)).outcome == verdict::equal));
    BOOST_TEST((certify_gradient(sum(pow(x, 0.3f)), x, 0.3f * pow(x, 0.3f) / x).outcome == verdict::equal));
    BOOST_TEST((certify_gradient(sum(pow(x, 0.3)), x, 0.3f * pow(x, -0.7f)).outcome == verdict::equal));
}

BOOST_AUTO_TEST_CASE(constants_are_as_recorded_or_free)
{
    tape t;
    const variable x = t.variable(array{0.5, 2.0}).name("x");
    const variable c = t.constant(array{2.0, 2.0});
    BOOST_TEST((certify_equal(c * x, x + x).outcome == verdict::equal));
    BOOST_TEST((certify_equal(c * x, x + x, {.free_constants = true}).outcome != verdict::equal));
    BOOST_TEST((certify_equal(c * x + x, x * (c + 1), {.free_constants = true}).outcome == verdict::equal));
    BOOST_TEST((certify_equal(c * c, square(c), {.free_constants = true}).outcome == verdict::equal));
}

BOOST_FIXTURE_TEST_CASE(branches_that_no_point_met_are_listed, vectors)
{
    const variable p = exp(x); // never below 0
    const variable r = relu(p); const int line = __LINE__;
    const certificate found = certify_equal(r, p);
    BOOST_TEST((found.outcome == verdict::equal));
    BOOST_REQUIRE(found.branches_not_met.size() == 1U);
    BOOST_TEST(contains(found.branches_not_met[0], "relu at " + here(line)), found.branches_not_met[0]);
    BOOST_TEST(contains(to_text(found), "  nothing is said beyond " + found.branches_not_met[0] + "\n"), to_text(found));
    BOOST_TEST(certify_equal(relu(x) - relu(-x), x).branches_not_met.empty());
}

BOOST_FIXTURE_TEST_CASE(a_difference_on_one_branch_only_is_found, vectors)
{
    const variable p = on.variable(array{0.5, 1.5, 3.0}); // near these values it is the identity
    BOOST_TEST((certify_equal(relu(p), p).outcome == verdict::different));
    BOOST_TEST((certify_equal(abs(p), p).outcome == verdict::different));
    BOOST_TEST((certify_equal(maximum(p, 0.25), p).outcome == verdict::different));
}

BOOST_FIXTURE_TEST_CASE(fewer_bits_take_fewer_points, vectors)
{
    const variable left = (x + y) * (x - y);
    const variable right = x * x - y * y;
    const certificate few = certify_equal(left, right, {.bits = 20});
    const certificate many = certify_equal(left, right, {.bits = 200});
    BOOST_TEST(few.points == 9U); // 1 near the recorded values, and 8 anywhere
    BOOST_TEST(few.bits >= 20);
    BOOST_TEST(many.points > 11U);
    BOOST_TEST(many.bits >= 200);
}

// ---------------------------------------------------------------------------------------------------- counterexamples

/// What the report says of a point is what the library computes there.
BOOST_AUTO_TEST_CASE(a_counterexample_reproduces)
{
    const auto left = [](variable x, variable w) { return matmul(tanh(x), w) + sum(x); };
    const auto right = [](variable x, variable w) { return matmul(tanh(x), w) + sum(sin(x)); };
    tape t;
    const variable x = t.variable(array{{0.5, -1.0, 0.25}, {2.0, 0.125, -0.75}}).name("x");
    const variable w = t.variable(array{{1.0, -0.5}, {0.25, 2.0}, {-1.5, 0.5}}).name("w");
    const certificate found = certify_equal(std::tuple(x * 2, left(x, w)), std::tuple(x + x, right(x, w)));
    BOOST_REQUIRE((found.outcome == verdict::different));
    const auto& at = *found.differs_at;
    BOOST_TEST(at.array == 1U);
    BOOST_REQUIRE(at.inputs.size() == 2U);
    BOOST_REQUIRE(at.entry.size() == 2U);
    BOOST_TEST(at.inputs[0].name == "x");
    BOOST_TEST(at.inputs[1].name == "w");

    tape again;
    const auto input = [&](const autograd::counterexample::input& of) { return again.variable(array(xt::adapt(of.values, of.shape))); };
    const variable x2 = input(at.inputs[0]);
    const variable w2 = input(at.inputs[1]);
    BOOST_TEST(left(x2, w2).value()(at.entry[0], at.entry[1]) == at.left, tolerance(1e-13));
    BOOST_TEST(right(x2, w2).value()(at.entry[0], at.entry[1]) == at.right, tolerance(1e-13));
    BOOST_TEST(std::abs(at.left - at.right) > 1e-10);
}

// ------------------------------------------------------------------------------------------------------------- sides

BOOST_FIXTURE_TEST_CASE(structures_are_compared_part_by_part, vectors)
{
    const std::vector<variable> left{x + y, x * y};
    const std::vector<variable> right{y + x, y * x};
    BOOST_TEST((certify_equal(left, right).outcome == verdict::equal));
    BOOST_TEST((certify_equal(std::pair(x + y, x * y), right).outcome == verdict::equal));
    BOOST_TEST((certify_equal(left, std::vector{y + x, y * y}).outcome == verdict::different));
    BOOST_TEST((certify_gradient(sum(x * y), std::tuple(x, y), std::tuple(1 * y, 1 * x)).outcome == verdict::equal));
    BOOST_TEST((certify_gradient(sum(x * y), std::tuple(x, y), std::tuple(1 * x, 1 * y)).outcome == verdict::different));
}

BOOST_AUTO_TEST_CASE(functions_are_recorded_and_compared)
{
    const array a{0.5, -1.5};
    const array b{2.0, 0.25};
    const auto left = [](auto x, auto y) { return (x + y) * (x - y); };
    const auto right = [](auto x, auto y) { return square(x) - square(y); };
    const auto wrong = [](auto x, auto y) { return square(x) - x * y; };
    BOOST_TEST((certify_equal(left, right, a, b).outcome == verdict::equal));
    BOOST_TEST((certify_equal(left, wrong, a, b).outcome == verdict::different));
}

BOOST_AUTO_TEST_CASE(empty_arrays_are_equal)
{
    tape t;
    const variable x = t.variable(array::from_shape({0, 3}));
    BOOST_TEST((certify_equal(exp(x), log(x)).outcome == verdict::equal));
}

// ------------------------------------------------------------------------------------------------------------ bad use

BOOST_FIXTURE_TEST_CASE(sides_of_other_shapes_are_refused, vectors)
{
    BOOST_TEST(text_of<error::shape_error>([&] { (void)certify_equal(x, sum(x)); }) ==
               "autograd: certify_equal: array 1 has shape (3,) on the left and () on the right; equal functions have equal shapes.");
    BOOST_TEST(text_of<error::shape_error>([&] { (void)certify_equal(std::tuple(x, y), std::tuple(x, expand_dims(y, 0))); }) ==
               "autograd: certify_equal: array 2 has shape (3,) on the left and (1, 3) on the right; equal functions have equal shapes.");
    BOOST_TEST(text_of<error::shape_error>([&] { (void)certify_equal(std::tuple(x, y), std::tuple(x)); }) ==
               "autograd: certify_equal: the left side has 2 arrays and the right side 1; they are compared one by one.");
    BOOST_TEST(text_of<error::shape_error>([&] { (void)certify_gradient(sum(x * y), x, std::tuple(y, x)); }) ==
               "autograd: certify_gradient: the left side has 1 arrays and the right side 2; they are compared one by one.");
}

BOOST_FIXTURE_TEST_CASE(sides_of_other_tapes_are_refused, vectors)
{
    tape other;
    const variable z = other.variable(array{1.0, 2.0, 3.0});
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_equal(x, z); }), "autograd: certify_equal: "));
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_equal(std::tuple(x, z), std::tuple(x, z)); }), "autograd: certify_equal: "));
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_gradient(sum(x), x, z); }), "autograd: certify_gradient: "));
}

BOOST_FIXTURE_TEST_CASE(variables_that_name_nothing_are_refused, vectors)
{
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_equal(x, variable()); }), "autograd: certify_equal: "));
    const auto mark = on.mark();
    const variable stale = x + 1;
    on.rewind(mark);
    (void)(x * 2);
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_equal(stale, x); }), "autograd: certify_equal: "));
    BOOST_TEST(contains(text_of<error::tape_error>([&] { (void)certify_equal(x, stale); }), "autograd: certify_equal: "));
}

BOOST_FIXTURE_TEST_CASE(bits_that_are_no_number_of_bits_are_refused, vectors)
{
    BOOST_TEST(text_of<error::value_error>([&] { (void)certify_equal(x, x * 1, {.bits = 0}); }) ==
               "autograd: certify_equal: bits is 0; equality is certified to a number of bits that is positive and finite.");
    BOOST_CHECK_THROW((void)certify_equal(x, x * 1, {.bits = std::nan("")}), error::value_error);
    BOOST_CHECK_THROW((void)certify_equal(x, x * 1, {.bits = std::numeric_limits<double>::infinity()}), error::value_error);
}

BOOST_AUTO_TEST_CASE(sides_without_arrays_are_refused)
{
    BOOST_TEST(text_of<error::value_error>([] { (void)certify_equal(std::vector<variable>(), std::vector<variable>()); }) ==
               "autograd: certify_equal: both sides are structures without arrays, so that there is nothing to compare.");
}

BOOST_AUTO_TEST_CASE(sides_without_anything_random_are_refused)
{
    tape t;
    const variable c = t.constant(array{1.0, 2.0});
    BOOST_TEST(text_of<error::value_error>([&] { (void)certify_equal(c + c, 2 * c); }) ==
               "autograd: certify_equal: neither side depends on a variable, so that there is nothing to draw; make the inputs variables, or let constants be free.");
}

BOOST_AUTO_TEST_CASE(a_tape_of_shapes_will_do_where_no_values_are_needed)
{
    tape t(autograd::recording::shapes);
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST((certify_equal(x * (x + 1), square(x) + x).outcome == verdict::equal));
    BOOST_TEST((certify_gradient(sum(tanh(x)), x, 1 - square(tanh(x))).outcome == verdict::equal));
    const variable c = t.constant(array{1.0, 2.0});
    const auto i = t.index(integers{1, 0});
    BOOST_TEST(text_of<error::tape_error>([&] { (void)certify_equal(c * x, x * c); }) ==
               "autograd: certify_equal: a constant of shape (2,) has no values on a tape that records shapes; record values to prove something about it.");
    BOOST_TEST(text_of<error::tape_error>([&] { (void)certify_equal(gather(x, i), x); }) ==
               "autograd: certify_equal: an index of shape (2,) has no values on a tape that records shapes; record values to prove something about it.");
}

// clang-format on

BOOST_AUTO_TEST_SUITE_END()
