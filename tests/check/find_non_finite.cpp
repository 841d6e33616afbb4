#include "tests/support.hpp"

#include <cmath>

using namespace support;
using autograd::find_non_finite;

BOOST_AUTO_TEST_SUITE(check_find_non_finite)

namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

} // namespace

BOOST_AUTO_TEST_CASE(nothing_when_all_is_finite)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST(!find_non_finite(sum(exp(x) * x)));
    BOOST_TEST(!find_non_finite(x));
    BOOST_TEST(!find_non_finite(exp(t.variable(array::from_shape({0})))));
}

BOOST_AUTO_TEST_CASE(it_names_operation_position_and_line)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {0.0, 4.0}, {0.0, 6.0}});
    const int line = __LINE__ + 1;
    const variable y = log(x);
    const auto found = find_non_finite(sum(y * 2.0));
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->operation == "log");
    BOOST_TEST(found->name == "");
    BOOST_TEST(found->index == y.index());
    BOOST_TEST(found->position == (extents{1, 0}), per_element());
    BOOST_TEST(found->value == -inf);
    BOOST_TEST((found->shape == autograd::shape_vector{3, 2}));
    BOOST_TEST(found->where.file == std::string(__FILE__));
    BOOST_TEST(found->where.line == line);
    BOOST_TEST(to_text(*found) == std::string("log made -inf at position (1, 0) of (3, 2)  [") + __FILE__ + ":" +
                                      std::to_string(line) + "]");
}

// The second derivative of a norm at 0 is none, and what to take instead is said.
BOOST_AUTO_TEST_CASE(the_remedy_is_named_where_there_is_one)
{
    tape t;
    const variable x = t.variable(array{0.0, 0.0});
    const variable y = t.variable(0.0);
    for (const variable& f : {square(norm_l2(x)), square(stddev(x)), square(hypot(y, y * 2.0)) + sum(x)})
    {
        const variable slope = gradient(f, x);
        BOOST_TEST(!find_non_finite(slope));
    }
    const auto remedy_of = [](variable h) { return to_text(find_non_finite(h).value()); };
    const std::string remedy =
        ": a norm has no second derivative at 0; norm_sq(x), variance(x), square(x) + square(y) have";
    const variable of_norm = gradient(square(norm_l2(x)), x);
    for (const std::string& text :
         {remedy_of(hessian(square(norm_l2(x)), x)), remedy_of(jvp(of_norm, x, x)),
          remedy_of(hessian(square(stddev(x)), x)), remedy_of(gradient(gradient(square(hypot(y, 2.0 * y)), y), y))})
    {
        BOOST_TEST(text.find(remedy) != std::string::npos, text);
    }
    // NaN of another kind has none.
    BOOST_TEST(find_non_finite(sqrt(y - 1.0))->remedy == "");
}

BOOST_AUTO_TEST_CASE(infinities_that_are_meant_are_passed_over)
{
    tape t;
    const variable scores = t.variable(array{1.0, 2.0, 3.0});
    const variable mask = t.constant(array{0.0, -inf, 0.0}).name("mask");
    const variable masked = scores + mask;
    const variable p = softmax(masked, 0);
    BOOST_TEST(find_non_finite(sum(p))->operation == "constant");
    BOOST_TEST(!find_non_finite(sum(p), {mask}));
    // Behind them, what makes a NaN of an infinity, and what makes another infinity, are found.
    BOOST_TEST(find_non_finite(sum(masked - masked), {mask})->operation == "subtract");
    BOOST_TEST(find_non_finite(sum(p + 1.0 / (scores - 2.0)), {mask})->operation == "divide");
    tape other;
    BOOST_CHECK_THROW(find_non_finite(p, {other.variable(1.0)}), autograd::error::tape_error);
}

BOOST_AUTO_TEST_CASE(the_first_one_is_found)
{
    tape t;
    const variable x = t.variable(array{1.0, -1.0, 800.0});
    const variable root = sqrt(x).name("root");
    const variable power = exp(x);
    const auto found = find_non_finite(sum(power + root));
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->operation == "sqrt");
    BOOST_TEST(found->name == "root");
    BOOST_TEST(found->position == extents{1}, per_element());
    BOOST_TEST(std::isnan(found->value));
    // In what that one does not depend on, it is not looked for.
    const auto other = find_non_finite(sum(power));
    BOOST_REQUIRE(bool(other));
    BOOST_TEST(other->operation == "exp");
    BOOST_TEST(other->position == extents{2}, per_element());
    BOOST_TEST(other->value == inf);
}

BOOST_AUTO_TEST_CASE(what_where_hid_is_found)
{
    tape t;
    const variable x = t.variable(array{1.0, -1.0});
    const variable y = sum(where(x > 0.0, log(x), 0.0));
    BOOST_TEST(y.item() == 0.0);
    const auto found = find_non_finite(y);
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->operation == "log");
    BOOST_TEST(found->position == extents{1}, per_element());
    // safe_where evaluates nothing there.
    BOOST_TEST(!find_non_finite(sum(safe_where(
        x > 0.0, [](auto z) { return log(z); }, x, 0.0))));
}

BOOST_AUTO_TEST_CASE(it_is_found_in_gradients_at_the_line_of_the_primal)
{
    tape t;
    const variable x = t.variable(array{4.0, 0.0});
    const int line = __LINE__ + 1;
    const variable y = sum(sqrt(x));
    BOOST_TEST(!find_non_finite(y));
    const variable g = gradient(y, x);
    const auto found = find_non_finite(g);
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->operation == "sqrt");
    BOOST_TEST(found->derivative == 1);
    BOOST_TEST(found->position == extents{1}, per_element());
    BOOST_TEST(found->value == inf);
    BOOST_TEST(found->where.file == std::string(__FILE__));
    BOOST_TEST(found->where.line == line);
    BOOST_TEST(to_text(*found) == std::string("the derivative of sqrt made inf at position (1) of (2,)  [") + __FILE__ +
                                      ":" + std::to_string(line) + "]");
}

// What differentiation records is told as the derivative of the function that the user called, not by the name of what
// its rule is made of.
BOOST_AUTO_TEST_CASE(derivatives_are_told_as_such)
{
    tape t;
    const auto made = [](const variable& y)
    {
        const std::string text = to_text(find_non_finite(y).value());
        return text.substr(0, text.find(" at position"));
    };
    const variable zero = t.variable(array{1.0, 0.0});
    const variable none = t.variable(array{0.0, 0.0});
    const variable seed = t.constant(array{1.0, 1.0});
    BOOST_TEST(made(gradient(sum(sqrt(zero)), zero)) == "the derivative of sqrt made inf");
    BOOST_TEST(made(jvp(sqrt(zero), zero, seed)) == "the derivative of sqrt made inf");
    BOOST_TEST(made(gradient(sum(cbrt(zero)), zero)) == "the derivative of cbrt made inf");
    BOOST_TEST(made(gradient(sum(asin(zero)), zero)) == "the derivative of asin made inf");
    BOOST_TEST(made(gradient(sum(pow(zero, 0.5)), zero)) == "the derivative of power made inf");
    BOOST_TEST(made(vjp(zero * 2.0, zero, seed / none)) == "divide made inf");
    BOOST_TEST(made(vjp(sqrt(zero), zero, seed / none)) == "divide made inf");
    // Of the second order, in each mixture of modes.
    const variable first = gradient(square(norm_l2(none)), none);
    for (const variable& second : {hessian(square(norm_l2(none)), none), jvp(first, none, seed), vjp(first, none, seed),
                                   gradient(sum(jvp(square(norm_l2(none)), none, seed)), none)})
    {
        BOOST_TEST(made(second) == "the second derivative of norm_l2 made nan");
    }
    BOOST_TEST(made(hessian(square(hypot(sum(none), 2.0 * sum(none))), none)) ==
               "the second derivative of hypot made nan");
    // By expansion, and by a rule of the user's that differentiates itself.
    const auto smooth =
        autograd::custom_vjp([](auto x) { return x * 2.0; }, [](auto x, auto, auto g) { return vjp(sqrt(x), x, g); });
    BOOST_TEST(made(gradient(sum(smooth(zero)), zero)) == "the derivative of custom_vjp made inf");
    const variable y = exp(zero * 1e3).name("power");
    BOOST_TEST(made(y) == "exp power made inf");
    BOOST_TEST(find_non_finite(y)->derivative == 0);
}

// Marks, rewinds and what is recorded beside derivatives leave the names as they are.
BOOST_AUTO_TEST_CASE(derivatives_are_told_as_such_after_a_rewind)
{
    tape t;
    const variable x = t.variable(array{4.0, 0.0});
    const auto start = t.mark();
    for (int step = 0; step < 3; ++step)
    {
        const variable of_sum = gradient(sum(x * x), x);
        const variable g = gradient(sum(sqrt(x)), x);
        const variable behind = log(x);
        const auto found = find_non_finite(g);
        BOOST_REQUIRE(bool(found));
        BOOST_TEST(found->operation == "sqrt");
        BOOST_TEST(found->derivative == 1);
        BOOST_TEST(find_non_finite(behind)->operation == "log");
        BOOST_TEST(find_non_finite(behind)->derivative == 0);
        BOOST_TEST(find_non_finite(of_sum + log(x))->operation == "log");
        t.rewind(start);
    }
}

BOOST_AUTO_TEST_CASE(leaves_are_named)
{
    tape t;
    const variable x = t.variable(array{1.0, nan}).name("weights");
    const auto of_variable = find_non_finite(sum(x));
    BOOST_REQUIRE(bool(of_variable));
    BOOST_TEST(of_variable->operation == "variable");
    BOOST_TEST(of_variable->name == "weights");
    BOOST_TEST(of_variable->position == extents{1}, per_element());

    const variable c = t.constant(array{{1.0, inf}});
    const auto of_constant = find_non_finite(c * 2.0);
    BOOST_REQUIRE(bool(of_constant));
    BOOST_TEST(of_constant->operation == "constant");
    BOOST_TEST(of_constant->position == (extents{0, 1}), per_element());

    const variable f = t.variable(array{1.0, 2.0}) * inf;
    const auto of_full = find_non_finite(f);
    BOOST_REQUIRE(bool(of_full));
    BOOST_TEST(of_full->operation == "full");
    BOOST_TEST(of_full->position == extents{0}, per_element());

    // In a scope
    const auto scope = t.scope("encoder");
    const auto scoped = find_non_finite(exp(t.variable(nan).name("w")));
    BOOST_REQUIRE(bool(scoped));
    BOOST_TEST(scoped->name == "encoder.w");
    BOOST_TEST(scoped->position.empty());
}

BOOST_AUTO_TEST_CASE(borrowed_memory_and_broadcasts_are_looked_through)
{
    tape t;
    const array lent{1.0, 2.0, nan};
    const auto found = find_non_finite(sum(broadcast(t.constant(autograd::borrow(lent)), {4, 3}), 0));
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->operation == "constant");
    BOOST_TEST(found->position == extents{2}, per_element());
}

BOOST_AUTO_TEST_CASE(integers_are_never_looked_at)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    // As doubles, these would be NaN.
    const auto i = t.index(xt::xarray<std::int64_t>{0, 1});
    BOOST_TEST(!find_non_finite(gather(x, i)));
}

BOOST_AUTO_TEST_CASE(floats_overflow_earlier)
{
    autograd::tape<float> t;
    const auto found = find_non_finite(exp(t.variable(xt::xarray<float>{1.0f, 100.0f})));
    BOOST_REQUIRE(bool(found));
    BOOST_TEST(found->position == extents{1}, per_element());
    BOOST_TEST(found->value == inf);
}

BOOST_AUTO_TEST_CASE(without_values_there_is_nothing_to_find)
{
    tape t(autograd::recording::shapes);
    BOOST_TEST(text_of<autograd::error::tape_error>([&] { find_non_finite(exp(t.variable(1.0))); }) ==
               "autograd: find_non_finite: the tape records shapes only; there are no values. Record on a tape<T> made "
               "with recording::values.");
    BOOST_CHECK_THROW(find_non_finite(variable()), autograd::error::tape_error);
}

BOOST_AUTO_TEST_SUITE_END()
