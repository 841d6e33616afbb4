#include "tests/support.hpp"

using namespace support;
namespace error = autograd::error;
using autograd::unconnected;

BOOST_AUTO_TEST_SUITE(differentiate_connections)

namespace
{

std::string reason_of(auto f)
{
    return text_of<error::not_differentiable>(f);
}

constexpr auto leave_out = "; a gradient needs a path from it to y. Leave it out, or ask for unconnected::zero.";
constexpr auto zeros_instead = "; ask for unconnected::zero if zeros are what you want.";

} // namespace

BOOST_AUTO_TEST_CASE(an_input_without_a_path_is_named)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable w = t.variable(array{{3.0, 4.0}}).name("w");
    const variable y = sum(x * x);
    const std::string text = std::string("y does not depend on input 1 (w) of shape (1, 2)") + leave_out;
    BOOST_TEST(reason_of([&] { gradient(y, {x, w}); }) == "autograd: gradient: " + text);
    BOOST_TEST(reason_of([&] { gradient(y, std::vector{x, w}); }) == "autograd: gradient: " + text);
    BOOST_TEST(reason_of([&] { gradient(y, std::pair(x, w)); }) == "autograd: gradient: " + text);
    BOOST_TEST(reason_of([&] { vjp(y, {x, w}, t.constant(1.0)); }) == "autograd: vjp: " + text);
    BOOST_TEST(reason_of([&] { jvp(y, {x, w}, {x, w}); }) == "autograd: jvp: " + text);
    const std::string alone = std::string("y does not depend on input 0 (w) of shape (1, 2)") + leave_out;
    BOOST_TEST(reason_of([&] { jacobian(y, w); }) == "autograd: jacobian: " + alone);
    BOOST_TEST(reason_of([&] { gradient(y, w); }) == "autograd: gradient: " + alone);
    BOOST_CHECK_THROW(hessian(y, w), error::not_differentiable);
    BOOST_CHECK_THROW(hessian_vector_product(y, w, w), error::not_differentiable);
    const variable unnamed = t.variable(1.0);
    BOOST_TEST(reason_of([&] { gradient(y, unnamed); }) ==
               std::string("autograd: gradient: y does not depend on input 0 of shape ()") + leave_out);
}

BOOST_AUTO_TEST_CASE(zeros_on_request)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable w = t.variable(array{{3.0, 4.0}});
    const variable y = sum(x * x);
    const auto [gx, gw] = gradient(y, {x, w}, unconnected::zero);
    BOOST_TEST(list(gx) == (reals{2, 4}), per_element());
    BOOST_TEST(list(gw) == (reals{0, 0}), per_element());
    BOOST_TEST(shape(gw) == (extents{1, 2}), per_element());
    BOOST_TEST(list(vjp(x, w, x, unconnected::zero)) == (reals{0, 0}), per_element());
    BOOST_TEST(list(jvp(x, w, w, unconnected::zero)) == (reals{0, 0}), per_element());
    const variable j = jacobian(x, w, unconnected::zero);
    BOOST_TEST(shape(j) == (extents{2, 1, 2}), per_element());
    BOOST_TEST(list(j) == reals(4, 0), per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_records_nothing)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), w = t.variable(array{3.0, 4.0});
    const variable y = sum(x * x);
    const std::size_t before = t.size();
    BOOST_CHECK_THROW(gradient(y, {x, w}), error::not_differentiable);
    BOOST_CHECK_THROW(vjp(y, {x, w}, y), error::not_differentiable);
    BOOST_CHECK_THROW(jvp(y, {x, w}, {x, x}), error::not_differentiable);
    BOOST_CHECK_THROW(jacobian(x * x, w), error::not_differentiable);
    BOOST_TEST(t.size() == before + 1);
}

BOOST_AUTO_TEST_CASE(the_obstacle_is_named_with_its_reason)
{
    tape t;
    const variable x = t.variable(array{1.5, -2.5}).name("x");
    const std::string begin = "autograd: gradient: y depends on input 0 (x) of shape (2,) only through ";
    const std::string constant = ", which is piecewise constant: its derivative is 0 wherever it has one";
    const auto reason = [&](variable y) { return reason_of([&] { gradient(sum(y), x); }); };
    BOOST_TEST(reason(floor(x)) == begin + "floor" + constant + zeros_instead);
    BOOST_TEST(reason(exp(ceil(x * 2.0))) == begin + "ceil" + constant + zeros_instead);
    BOOST_TEST(reason(round(x)) == begin + "round" + constant + zeros_instead);
    BOOST_TEST(reason(x > 0.0) == begin + "greater" + constant + zeros_instead);
    BOOST_TEST(reason(where(x > 0.0, 1.0, 2.0 + 0.0 * t.constant(1.0))) ==
               begin + "greater" + constant + zeros_instead);
    BOOST_TEST(reason(where(x, 1.0, t.constant(2.0))) == begin + "where" + constant + zeros_instead);
    BOOST_TEST(reason(equal(x, 1.0)) == begin + "equal" + constant + zeros_instead);
    BOOST_TEST(reason(isnan(x)) == begin + "isnan" + constant + zeros_instead);
    BOOST_TEST(reason(stop_gradient(x * x)) ==
               begin + "stop_gradient, which stops derivatives by definition" + zeros_instead);
    BOOST_TEST(reason(gather(t.constant(array{1.0, 2.0, 3.0}), argmax(x, 0))) ==
               begin + "argmax" + constant + zeros_instead);
    BOOST_TEST(list(gradient(sum(floor(x)), x, unconnected::zero)) == (reals{0, 0}), per_element());
}

// sign has a derivative, and it is zero.
BOOST_AUTO_TEST_CASE(sign_gives_zeros)
{
    tape t;
    const variable x = t.variable(array{1.5, 0.0, -2.5});
    BOOST_TEST(list(gradient(sum(sign(x)), x)) == (reals{0, 0, 0}), per_element());
    BOOST_TEST(list(jvp(sign(x), x, x)) == (reals{0, 0, 0}), per_element());
    BOOST_TEST(list(gradient(sum(sign(exp(x)) * x), x)) == (reals{1, 1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(piecewise_constant_operations_beside_another_path)
{
    tape t;
    const variable x = t.variable(array{1.5, -2.5});
    BOOST_TEST(list(gradient(sum(x - floor(x)), x)) == (reals{1, 1}), per_element());
    BOOST_TEST(list(gradient(sum((x > 0.0) * x), x)) == (reals{1, 0}), per_element());
    BOOST_TEST(list(gradient(sum(where(x > 0.0, x * x, -x)), x)) == (reals{3, -1}), per_element());
}

BOOST_AUTO_TEST_CASE(stop_gradient_makes_a_constant)
{
    tape t;
    const variable x = t.variable(array{1.5, -2.5});
    const variable y = stop_gradient(x) * x;
    BOOST_TEST(list(y) == (reals{2.25, 6.25}), per_element());
    BOOST_TEST(list(gradient(sum(y), x)) == (reals{1.5, -2.5}), per_element());
    BOOST_TEST(list(jvp(y, x, t.constant(array{1.0, 1.0}))) == (reals{1.5, -2.5}), per_element());
    const variable g = gradient(sum(y * x), x);
    BOOST_TEST(list(g) == (reals{2 * 2.25, 2 * 6.25}), per_element());
    BOOST_TEST(list(gradient(sum(g), x)) == (reals{2 * 1.5, 2 * -2.5}), per_element());
    // It shares its values.
    BOOST_TEST(stop_gradient(x).data() == x.data());
}

// Two walks: an input is connected though its derivative turns out to be recorded as nothing.
BOOST_AUTO_TEST_CASE(a_derivative_that_is_zero_is_not_an_unconnected_input)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable y = sum(3.0 * x);
    const variable g = gradient(y, x);
    BOOST_TEST(list(hessian(y, x)) == reals(4, 0), per_element());
    BOOST_TEST(list(hessian_vector_product(y, x, x)) == (reals{0, 0}), per_element());
    BOOST_CHECK_THROW(gradient(sum(g), x), error::not_differentiable);
    BOOST_TEST(list(gradient(sum(g), x, unconnected::zero)) == (reals{0, 0}), per_element());
}

// ---------------------------------------------------------------------------------------------------------- shapes

BOOST_AUTO_TEST_CASE(outputs_that_are_no_scalars_are_refused)
{
    tape t;
    const variable x = t.variable(column({1.0, 2.0, 3.0}));
    const std::string text =
        "autograd: gradient: y has shape (3, 1), but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).";
    BOOST_TEST(text_of<error::shape_error>([&] { gradient(x * x, x); }) == text);
    BOOST_TEST(text_of<error::shape_error>([&] { gradient(x * x, {x, x}); }) == text);
    BOOST_TEST(
        text_of<error::shape_error>([&] { hessian(x * x, x); }) ==
        "autograd: hessian: y has shape (3, 1), but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).");
    BOOST_TEST(text_of<error::shape_error>([&] { autograd::grad([](auto z) { return z * z; })(x); }) == text);
    const variable nothing = t.variable(array::from_shape({0}));
    BOOST_CHECK_THROW(gradient(nothing, nothing), error::shape_error);
}

BOOST_AUTO_TEST_CASE(cotangents_and_tangents_have_the_shape_of_what_they_belong_to)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const variable u = t.constant(array{1.0, 2.0}), scalar = t.constant(1.0);
    BOOST_TEST(text_of<error::shape_error>([&] { vjp(x * x, x, u); }) ==
               "autograd: vjp: y has shape (3,) and its cotangent y_bar (2,); they must be equal.");
    // Not even by broadcasting.
    BOOST_CHECK_THROW(vjp(x * x, x, scalar), error::shape_error);
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       jvp(x * x, {x, x}, {x, u});
                   }) == "autograd: jvp: input 1 has shape (3,) and its tangent (2,); they must be equal.");
    BOOST_CHECK_THROW(jvp(x * x, x, scalar), error::shape_error);
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       jvp(x, std::vector{x}, std::vector{x, x});
                   }) == "autograd: jvp: 1 inputs and 2 tangents; each input needs one.");
    BOOST_CHECK_THROW(hessian_vector_product(sum(x * x), x, u), error::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
