#include "tests/support.hpp"

#include <cmath>

using namespace support;
namespace error = autograd::error;
using autograd::custom_vjp;

BOOST_AUTO_TEST_SUITE(differentiate_custom_vjp)

namespace
{

const auto cube = custom_vjp([](auto x) { return x * x * x; }, [](auto x, auto, auto g) { return 3.0 * x * x * g; });

// x y with the rule given, in which both gradients flow.
const auto product = custom_vjp([](auto x, auto y) { return sum(x * y); },
                                [](auto x, auto y, auto, auto g) {
                                    return std::array{g * y, g * x};
                                });

} // namespace

namespace
{

// x^3 with a rule that computes 3 x^2 from the numbers.
const auto by_numbers = [](auto x, auto, auto g) { return g * (3.0 * x.value() * x.value()); };
const auto cube_of = [](auto x) { return x * x * x; };

} // namespace

BOOST_AUTO_TEST_CASE(what_a_rule_computed_from_values_is_not_differentiated)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable g = gradient(sum(custom_vjp(cube_of, by_numbers)(x)), x);
    BOOST_TEST(list(g) == (reals{3, 12}), per_element());
    const std::string message = text_of<error::not_differentiable>([&] { gradient(sum(g), x); });
    BOOST_TEST(message.find("custom_vjp: the rule read values at custom_vjp.cpp:") != std::string::npos, message);
    BOOST_CHECK_THROW(hessian(sum(custom_vjp(cube_of, by_numbers)(x)), x), error::not_differentiable);
    BOOST_CHECK_THROW(hessian_vector_product(sum(custom_vjp(cube_of, by_numbers)(x)), x, x), error::not_differentiable);
    // The first derivative in forward mode is right.
    BOOST_TEST(list(jvp(custom_vjp(cube_of, by_numbers)(x), x, t.constant(array{1.0, 10.0}))) == (reals{3, 120}),
               per_element());
    // By what was not read it can be differentiated.
    const variable w = t.variable(2.0);
    const variable scaled = gradient(sum(w * custom_vjp(cube_of, by_numbers)(x)), x);
    BOOST_TEST(gradient(sum(scaled), w).item() == 15.0);
}

BOOST_AUTO_TEST_CASE(every_way_to_read_values_is_noticed)
{
    tape t;
    const variable x = t.variable(2.0);
    const auto refused = [&](auto rule)
    {
        const variable g = gradient(custom_vjp(cube_of, rule)(x), x);
        BOOST_TEST(g.item() == 12.0);
        BOOST_CHECK_THROW(gradient(g, x), error::not_differentiable);
    };
    refused([](auto z, auto, auto c) { return c * (3 * z.item() * z.item()); });
    refused([](auto z, auto, auto c) { return c * (3 * z.data()[0] * z.data()[0]); });
    refused([](auto z, auto, auto c) { return c * (3 * square(z).item()); });
    refused([](auto z, auto y, auto c) { return c * 3.0 * y.item() / z; });
    refused([](auto z, auto, auto c) { return z.tape().constant(c.item() * 3 * z.item() * z.item()); });
    // In a rule within a rule, too.
    refused(
        [](auto z, auto, auto c)
        {
            const auto inner = custom_vjp([](auto u) { return u * u * u; },
                                          [](auto u, auto, auto cu) { return cu * (3 * u.item() * u.item()); });
            return c * gradient(inner(z), z);
        });
}

BOOST_AUTO_TEST_CASE(a_rule_may_call_a_function_that_has_a_rule_of_its_own)
{
    // The reciprocal, computed beside the tape; its rule uses it again.
    struct reciprocal
    {
        static variable of(variable x)
        {
            return custom_vjp([](auto z) { return z.tape().constant(1 / z.item()); },
                              [](auto z, auto, auto g) { return -g * of(z) * of(z); })(x);
        }
    };
    tape t;
    const variable x = t.variable(2.0);
    const variable y = reciprocal::of(x);
    const variable slope = gradient(y, x);
    BOOST_TEST(slope.item() == -0.25);
    BOOST_TEST(gradient(slope, x).item() == 0.25);
    BOOST_TEST(gradient(gradient(slope, x), x).item() == -0.375);
    BOOST_TEST(jvp(y, x, t.constant(1.0)).item() == -0.25);
    BOOST_TEST(hessian_vector_product(y, x, t.constant(1.0)).item() == 0.25);
}

// Forward mode transposes the rule, and its result is of the values that were read, too.
BOOST_AUTO_TEST_CASE(what_a_rule_read_is_not_differentiated_in_forward_mode_either)
{
    const auto rule = [](auto x, auto, auto g) { return g * (3 * x.item() * x.item()); };
    const auto by_values = custom_vjp([](auto x) { return x * x * x; }, rule);
    tape t;
    const variable x = t.variable(2.0), one = t.constant(1.0);
    const variable slope = jvp(by_values(x) * x, x, one);
    BOOST_TEST(slope.item() == 32.0);
    BOOST_CHECK_THROW(gradient(slope, x), error::not_differentiable);
    BOOST_CHECK_THROW(jvp(slope, x, one), error::not_differentiable);
    const variable tall = jacobian(autograd::stack({by_values(x), x * by_values(x)}, 0), x);
    BOOST_TEST(list(tall) == (reals{12, 32}), per_element());
    BOOST_CHECK_THROW(gradient(sum(tall), x), error::not_differentiable);
    BOOST_CHECK_THROW(hessian_vector_product(by_values(x), x, one), error::not_differentiable);
}

// What is differentiated where nothing is noted must not touch the notes of the rule around it.
BOOST_AUTO_TEST_CASE(readings_outlive_derivatives_within_a_rule)
{
    const auto halves =
        custom_vjp([](auto u) { return 0.5 * gradient(u * u, u); }, [](auto, auto, auto g) { return g; });
    const auto rule = [&](auto z, auto, auto g)
    {
        const double slope = 3 * z.item() * z.item();
        return slope * halves(g);
    };
    tape t;
    const variable x = t.variable(2.0);
    const variable slope = gradient(custom_vjp([](auto z) { return z * z * z; }, rule)(x) * x, x);
    BOOST_TEST(slope.item() == 32.0);
    BOOST_CHECK_THROW(gradient(slope, x), error::not_differentiable);

    const auto square_of =
        custom_vjp([](auto u) { return u * u; }, [](auto u, auto, auto g) { return g * gradient(u * u, u); },
                   autograd::first_order);
    const auto of_first_order = [&](auto z, auto, auto g)
    {
        const double s = z.item();
        return g * (0.75 * s) * gradient(square_of(z), z);
    };
    const variable once = gradient(custom_vjp([](auto z) { return z * z * z; }, of_first_order)(x), x);
    BOOST_TEST(once.item() == 6.0);
    BOOST_CHECK_THROW(gradient(once, x), error::not_differentiable);
}

BOOST_AUTO_TEST_CASE(what_a_rule_forgot_again_it_meant_to_hide)
{
    tape t;
    const variable x = t.variable(2.0);
    const auto rule = [](auto z, auto, auto g)
    { return g * z.tape().no_history([&] { return z.tape().constant(3.0 * square(z).item()); }); };
    const variable slope = gradient(custom_vjp(cube_of, rule)(x) * x, x);
    BOOST_TEST(slope.item() == 32.0);
    BOOST_TEST(gradient(slope, x).item() == 24.0); // of x^3 + 12 x, 12 being constant
}

BOOST_AUTO_TEST_CASE(a_rule_for_the_first_order_may_read_values)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto f = custom_vjp(cube_of, by_numbers, autograd::first_order);
    const variable g = gradient(sum(f(x) * x), x); // x^3 + x 3 x^2, and 3 x^2 counts as constant
    BOOST_TEST(list(g) == (reals{4, 32}), per_element());
    BOOST_TEST(list(gradient(sum(g), x)) == (reals{6, 24}), per_element());
}

BOOST_AUTO_TEST_CASE(the_value_is_that_of_the_function)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST(list(cube(x)) == (reals{1, 8}), per_element());
    BOOST_TEST(product(x, x).item() == 5.0);
}

BOOST_AUTO_TEST_CASE(the_derivative_is_that_of_the_rule)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST(list(gradient(sum(cube(x)), x)) == (reals{3, 12}), per_element());
    // What the function would have given is not looked at.
    const auto wrong = custom_vjp([](auto z) { return exp(z); }, [](auto, auto, auto g) { return 7.0 * g; });
    BOOST_TEST(list(gradient(sum(2.0 * wrong(x)), x)) == (reals{14, 14}), per_element());
    BOOST_TEST(list(vjp(cube(x), x, t.constant(array{10.0, 1.0}))) == (reals{30, 12}), per_element());
}

BOOST_AUTO_TEST_CASE(the_rule_may_use_the_output)
{
    tape t;
    const variable x = t.variable(array{0.3, -0.4});
    const auto own_exp = custom_vjp([](auto z) { return exp(z); }, [](auto, auto y, auto g) { return y * g; });
    const variable y = sum(own_exp(x));
    BOOST_TEST(list(gradient(y, x)) == (reals{std::exp(0.3), std::exp(-0.4)}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(hessian(y, x)) == (reals{std::exp(0.3), 0, 0, std::exp(-0.4)}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(higher_orders_differentiate_the_rule)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable g = gradient(cube(x), x);
    const variable gg = gradient(g, x);
    BOOST_TEST(g.item() == 12.0);
    BOOST_TEST(gg.item() == 12.0);
    BOOST_TEST(gradient(gg, x).item() == 6.0);
}

BOOST_AUTO_TEST_CASE(forward_mode_is_the_transpose_of_the_rule)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), v = t.constant(array{0.5, -1.0});
    BOOST_TEST(list(jvp(cube(x), x, v)) == (reals{1.5, -12}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(jvp(jvp(cube(x), x, v), x, v)) == (reals{6 * 0.25, 12 * 1}), tolerance(1e-15) << per_element());
    const variable w = t.variable(array{3.0, 4.0});
    BOOST_TEST(jvp(product(x, w), {x, w}, {v, v}).item() == 0.5 * (3 + 1) - (4 + 2), tolerance(1e-15));
    BOOST_TEST(list(hessian_vector_product(sum(cube(x)), x, v)) == (reals{3, -12}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(of_several_inputs)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), y = t.variable(array{3.0, 4.0});
    const auto [gx, gy] = gradient(product(x, y), {x, y});
    BOOST_TEST(list(gx) == (reals{3, 4}), per_element());
    BOOST_TEST(list(gy) == (reals{1, 2}), per_element());
    BOOST_TEST(list(gradient(product(x, x), x)) == (reals{2, 4}), per_element());
    BOOST_TEST(list(gradient(product(x, t.constant(array{5.0, 6.0})), x)) == (reals{5, 6}), per_element());
    // <x, y> + <x, y>^2, differentiated once more by y
    const variable p = product(x, y);
    const variable g = gradient(p + p * p, x);
    BOOST_TEST(list(gradient(sum(g), y)) == (reals{1 + 2 * 11 + 2 * 7 * 1, 1 + 2 * 11 + 2 * 7 * 2}),
               tolerance(1e-14) << per_element());
}

BOOST_AUTO_TEST_CASE(tuples_and_empty_cotangents)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), y = t.variable(array{3.0, 4.0});
    const auto straight_through = custom_vjp([](auto a, auto) { return round(a); },
                                             [](auto, auto b, auto, auto g) { return std::tuple(g, decltype(b)()); });
    const auto [gx, gy] = gradient(sum(straight_through(x, y)), {x, y}, autograd::unconnected::zero);
    BOOST_TEST(list(gx) == (reals{1, 1}), per_element());
    BOOST_TEST(list(gy) == (reals{0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(gradients_can_be_clipped_on_their_way)
{
    tape t;
    const variable x = t.variable(array{1.0, 200.0});
    const auto clipped = custom_vjp([](auto z) { return z; }, [](auto, auto, auto g) { return clip(g, -1, 1); });
    BOOST_TEST(list(gradient(sum(square(clipped(x))), x)) == (reals{1, 1}), per_element());
    BOOST_TEST(list(clipped(x)) == (reals{1, 200}), per_element());
}

// The forward mode transposes the rule, which must be linear in g for that.
BOOST_AUTO_TEST_CASE(rules_that_are_not_linear_have_no_jvp)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable x_dot = t.constant(array{1.0, 0.5});
    const auto same = [](auto z) { return z; };
    const auto refused = [&](auto rule)
    {
        const variable y = custom_vjp(same, rule)(x);
        return text_of<error::not_differentiable>([&] { jvp(y, x, x_dot); });
    };
    const std::string text = "autograd: jvp: the vjp of custom_vjp is not linear in the cotangent that it is given, so "
                             "it has no transpose; only the reverse mode (gradient, vjp) can follow it.";
    BOOST_TEST(refused([](auto, auto, auto g) { return clip(g, -0.5, 0.5); }) == text);
    BOOST_TEST(refused([](auto, auto, auto g) { return sign(g); }) == text);
    BOOST_TEST(refused([](auto, auto, auto g) { return g / norm_l2(g); }) == text);
    BOOST_TEST(refused([](auto z, auto, auto g) { return z * square(g); }) == text);
    BOOST_TEST(refused([](auto, auto, auto g) { return 2.0 * stop_gradient(g); }) == text);
    BOOST_TEST(refused([](auto, auto, auto g) { return where(g > 0.0, g, 0.0); }) == text);
    const auto linear =
        custom_vjp(same, [](auto z, auto y, auto g) { return where(z > 1.5, g / y, 3.0 * g * exp(z)); });
    BOOST_TEST(list(jvp(linear(x), x, x_dot)) == (reals{3.0 * std::exp(1.0), 0.25}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(a_function_that_throws_leaves_nothing_behind)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const std::size_t before = t.size();
    const auto throws =
        custom_vjp([](auto z) { return exp(z) + reshape(z, {3}); }, [](auto, auto, auto g) { return g; });
    BOOST_CHECK_THROW(throws(x), error::shape_error);
    BOOST_TEST(t.size() == before);
}

BOOST_AUTO_TEST_CASE(cotangents_of_another_shape_are_refused)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const auto wrong = custom_vjp([](auto z) { return sum(z); }, [](auto, auto, auto g) { return g; });
    BOOST_TEST(text_of<error::shape_error>([&] { gradient(wrong(x), x); }) ==
               "autograd: custom_vjp: the rule gave a cotangent of shape () for input 0 of shape (3,); they must be "
               "equal.");
    const auto second = custom_vjp([](auto a, auto b) { return sum(a) * sum(b); },
                                   [](auto a, auto, auto, auto g) {
                                       return std::array{g * a, g * a};
                                   });
    const variable w = t.variable(array{1.0, 2.0});
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       gradient(second(x, w), {x, w});
                   }) ==
               "autograd: custom_vjp: the rule gave a cotangent of shape (3,) for input 1 of shape (2,); they must be "
               "equal.");
    BOOST_TEST(text_of<error::shape_error>([&] { jvp(second(x, w), w, w); }) ==
               "autograd: custom_vjp: the rule gave a cotangent of shape (3,) for input 1 of shape (2,); they must be "
               "equal.");
    // Nobody asked for that one.
    BOOST_TEST(list(gradient(second(x, w), x)) == (reals{1, 2, 3}), per_element());
    BOOST_TEST(jvp(second(x, w), x, x).item() == 14.0);
}

BOOST_AUTO_TEST_CASE(cotangents_of_another_tape_are_refused)
{
    tape t, other;
    const variable x = t.variable(2.0), elsewhere = other.constant(3.0);
    const auto wrong = custom_vjp([](auto z) { return 3.0 * z; }, [=](auto, auto, auto) { return elsewhere; });
    BOOST_TEST(
        text_of<error::tape_error>([&] { gradient(wrong(x), x); }) ==
        "autograd: custom_vjp: the rule gave a cotangent for input 0 that lives on another tape. Pass the value: "
        "tape.constant(x.value()).");
}

BOOST_AUTO_TEST_CASE(captured_variables_are_noticed)
{
    tape t;
    const variable x = t.variable(2.0), w = t.variable(3.0);
    const auto scaled = custom_vjp([w](auto z) { return w * z; }, [w](auto, auto, auto g) { return w * g; });
    const variable y = scaled(x);
    BOOST_TEST(y.item() == 6.0);
    // As a constant it is fine.
    BOOST_TEST(gradient(y, x).item() == 3.0);
    const std::string text =
        "autograd: custom_vjp: the function uses a variable that is differentiated but is not among "
        "its arguments; the rule cannot know of it. Pass it as an argument.";
    BOOST_TEST(text_of<error::not_differentiable>([&] { gradient(y, {x, w}); }) == text);
    BOOST_TEST(text_of<error::not_differentiable>([&] { gradient(y, w); }) == text);
}

BOOST_AUTO_TEST_CASE(on_floats_too)
{
    autograd::tape<float> t;
    const auto x = t.variable(2.0f);
    BOOST_TEST(gradient(cube(x), x).item() == 12.0f);
}

BOOST_AUTO_TEST_CASE(it_passes_the_check_of_derivatives)
{
    const auto report = autograd::check_gradient([](variable x, variable y) { return tanh(product(cube(x), y)); },
                                                 {array{0.3, -0.4}, array{0.5, 0.7}});
    BOOST_TEST(report.passed, to_text(report));
}

BOOST_AUTO_TEST_SUITE_END()
