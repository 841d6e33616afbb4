#include "autograd/define_operation.hpp"
#include "autograd/tape/verify.hpp"
#include "tests/support.hpp"

#include <cmath>
#include <limits>
#include <map>

// Many directions at once. That each operation's batched form is right is checked with its samples
// (operations/every_operation.cpp); here is what the walks make of them.

using namespace support;
using autograd::batched;
using autograd::custom_vjp;
using autograd::unconnected;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(differentiate_batching)

namespace
{

/// Directions of a shape, so many of them behind one another: numbers without a pattern.
template <class T = double>
autograd::variable<T> directions(autograd::tape<T>& t, std::size_t count, const extents& of)
{
    extents shape{count};
    shape.insert(shape.end(), of.begin(), of.end());
    xt::xarray<T> values = xt::xarray<T>::from_shape(shape);
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        values.data()[i] = static_cast<T>(std::sin(1.0 + 1.7 * static_cast<double>(i)));
    }
    return t.constant(values);
}

/// The direction that stands at one place.
template <class T>
autograd::variable<T> at(autograd::variable<T> batch, std::size_t direction)
{
    return view(batch, direction);
}

/// Those of each direction, behind one another.
template <class F>
variable one_by_one(std::size_t count, F f)
{
    std::vector<variable> all;
    for (std::size_t direction = 0; direction < count; ++direction)
    {
        all.push_back(f(direction));
    }
    return autograd::stack(all, 0);
}

/// How many instructions f appends.
template <class F>
std::size_t recorded_by(tape& t, F f)
{
    const std::size_t before = t.size();
    f();
    return t.size() - before;
}

/// A function with most of what derivatives are made of: products, reductions, parts, kinks.
variable mixture(variable x, variable w)
{
    const variable h = tanh(matmul(x, w) + view(w, 0));
    const variable p = softmax(h, 1) * cumsum(h, 0);
    return autograd::concatenate({sum(p, 0), view(h, 1), amax(transpose(p), 1), view(h, 0) * norm_l2(x)}, 0);
}

/// Twice x, known by its own rule, which says nothing of many directions.
struct doubled_rule : autograd::linear
{
    static constexpr auto name = "doubled";
    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const autograd::evaluation<T>& call)
    {
        std::transform(call.in(0), call.in(0) + call.size, call.out(), [](T x) { return 2 * x; });
    }
    template <class T>
    static autograd::variable<T> transpose(const autograd::recorded<T>&, autograd::variable<T> g)
    {
        return autograd::record<doubled_rule, T>({}, g);
    }
    static void samples(auto&) {}
};

struct fixture
{
    tape t;
    variable x = t.variable(array{{0.3, -0.7, 1.1}, {0.9, 0.2, -0.4}});
    variable w = t.variable(array{{0.5, -0.2}, {0.1, 0.8}, {-0.6, 0.3}});
    variable y = mixture(x, w);
};

} // namespace

// ------------------------------------------------------------------------------------------------ the same numbers

BOOST_AUTO_TEST_CASE(cotangents_are_those_of_separate_calls)
{
    for (std::size_t count : {1u, 5u})
    {
        fixture f;
        const variable y_bars = directions(f.t, count, shape(f.y));
        const variable by_x = vjp(f.y, f.x, y_bars, batched);
        BOOST_TEST(shape(by_x) == (extents{count, 2, 3}), per_element());
        const variable expected =
            one_by_one(count, [&](std::size_t direction) { return vjp(f.y, f.x, at(y_bars, direction)); });
        BOOST_TEST(list(by_x) == list(expected), tolerance(1e-13) << per_element());
        verify(f.t);
    }
}

BOOST_AUTO_TEST_CASE(tangents_are_those_of_separate_calls)
{
    for (std::size_t count : {1u, 5u})
    {
        fixture f;
        const variable x_dots = directions(f.t, count, {2, 3});
        const variable y_dots = jvp(f.y, f.x, x_dots, batched);
        BOOST_TEST(shape(y_dots) == (extents{count, f.y.size()}), per_element());
        const variable expected =
            one_by_one(count, [&](std::size_t direction) { return jvp(f.y, f.x, at(x_dots, direction)); });
        BOOST_TEST(list(y_dots) == list(expected), tolerance(1e-13) << per_element());
        verify(f.t);
    }
}

BOOST_AUTO_TEST_CASE(along_no_direction)
{
    fixture f;
    const variable by_x = vjp(f.y, f.x, directions(f.t, 0, shape(f.y)), batched);
    BOOST_TEST(shape(by_x) == (extents{0, 2, 3}), per_element());
    const variable y_dots = jvp(f.y, {f.x, f.w}, {directions(f.t, 0, {2, 3}), directions(f.t, 0, {3, 2})}, batched);
    BOOST_TEST(shape(y_dots) == (extents{0, f.y.size()}), per_element());
    BOOST_TEST(list(gradient(sum(by_x), f.x)) == reals(6, 0.0), per_element());
    verify(f.t);
}

BOOST_AUTO_TEST_CASE(of_float)
{
    autograd::tape<float> t;
    const auto x = t.variable(xt::xarray<float>{0.5F, -1.0F, 2.0F});
    const auto y = x * sum(exp(x));
    const auto y_bars = directions(t, 4, {3});
    const auto by_x = vjp(y, x, y_bars, batched);
    for (std::size_t direction = 0; direction < 4; ++direction)
    {
        BOOST_TEST(list(at(by_x, direction)) == list(vjp(y, x, at(y_bars, direction))), tolerance(1e-5F)
                                                                                            << per_element());
    }
}

BOOST_AUTO_TEST_CASE(of_scalars_and_of_arrays_without_elements)
{
    tape t;
    const variable s = t.variable(3.0);
    BOOST_TEST(list(vjp(s * s, s, t.constant(array{1.0, 2.0}), batched)) == (reals{6, 12}), per_element());
    BOOST_TEST(list(jvp(s * s, s, t.constant(array{1.0, -2.0}), batched)) == (reals{6, -12}), per_element());
    BOOST_TEST(list(vjp(s, s, t.constant(array{1.0, 2.0}), batched)) == (reals{1, 2}), per_element());
    const variable nothing = t.variable(array::from_shape({0, 3}));
    const variable y = sum(exp(nothing), 0);
    BOOST_TEST(shape(vjp(y, nothing, directions(t, 2, {3}), batched)) == (extents{2, 0, 3}), per_element());
    BOOST_TEST(list(jvp(y, nothing, directions(t, 2, {0, 3}), batched)) == reals(6, 0.0), per_element());
}

BOOST_AUTO_TEST_CASE(without_values)
{
    tape t(autograd::recording::shapes);
    const variable x = t.variable(array{{0.3, -0.7, 1.1}, {0.9, 0.2, -0.4}});
    const variable w = t.variable(array{{0.5, -0.2}, {0.1, 0.8}, {-0.6, 0.3}});
    const variable y = mixture(x, w);
    BOOST_TEST(shape(vjp(y, x, directions(t, 5, shape(y)), batched)) == (extents{5, 2, 3}), per_element());
    BOOST_TEST(shape(jacobian(y, w)) == (extents{y.size(), 3, 2}), per_element());
    verify(t);
}

// ---------------------------------------------------------------------------------------------- lists and structures

BOOST_AUTO_TEST_CASE(lists_of_inputs)
{
    fixture f;
    const variable y_bars = directions(f.t, 3, shape(f.y));
    const auto [by_x, by_w] = vjp(f.y, {f.x, f.w}, y_bars, batched);
    BOOST_TEST(list(by_x) == list(vjp(f.y, f.x, y_bars, batched)), tolerance(1e-14) << per_element());
    BOOST_TEST(list(by_w) == list(vjp(f.y, f.w, y_bars, batched)), tolerance(1e-14) << per_element());
    const variable x_dots = directions(f.t, 3, {2, 3}), w_dots = directions(f.t, 3, {3, 2});
    BOOST_TEST(list(jvp(f.y, {f.x, f.w}, {x_dots, w_dots}, batched)) ==
                   list(jvp(f.y, f.x, x_dots, batched) + jvp(f.y, f.w, w_dots, batched)),
               tolerance(1e-13) << per_element());
    // The same input twice moves as both say.
    BOOST_TEST(list(jvp(f.y, {f.x, f.x}, {x_dots, x_dots}, batched)) == list(2.0 * jvp(f.y, f.x, x_dots, batched)),
               tolerance(1e-13) << per_element());
}

BOOST_AUTO_TEST_CASE(structures_of_inputs)
{
    fixture f;
    std::map<std::string, variable> inputs{{"w", f.w}, {"x", f.x}};
    const variable y_bars = directions(f.t, 3, shape(f.y));
    const std::map<std::string, variable> cotangents = vjp(f.y, inputs, y_bars, batched);
    BOOST_TEST(list(cotangents.at("x")) == list(vjp(f.y, f.x, y_bars, batched)), tolerance(1e-14) << per_element());
    const std::map<std::string, variable> tangents{{"w", directions(f.t, 3, {3, 2})},
                                                   {"x", directions(f.t, 3, {2, 3})}};
    BOOST_TEST(list(jvp(f.y, inputs, tangents, batched)) ==
                   list(jvp(f.y, {f.w, f.x}, {tangents.at("w"), tangents.at("x")}, batched)),
               per_element());
}

BOOST_AUTO_TEST_CASE(inputs_that_y_does_not_depend_on)
{
    fixture f;
    const variable aside = f.t.variable(array{1.0, 2.0});
    const variable y_bars = directions(f.t, 3, shape(f.y));
    const auto [by_x, by_aside] = vjp(f.y, {f.x, aside}, y_bars, batched, unconnected::zero);
    BOOST_TEST(list(by_aside) == reals(6, 0.0), per_element());
    BOOST_TEST(list(by_x) == list(vjp(f.y, f.x, y_bars, batched)), per_element());
    BOOST_TEST(list(jvp(f.y, aside, directions(f.t, 3, {2}), batched, unconnected::zero)) == reals(3 * f.y.size(), 0.0),
               per_element());
    const variable one = at(y_bars, 0);
    BOOST_TEST(list(vjp(f.y, f.x, one, {})) == list(vjp(f.y, f.x, one)), per_element());
    BOOST_TEST(text_of<error::not_differentiable>([&] { vjp(f.y, aside, y_bars, batched); }) ==
               text_of<error::not_differentiable>([&] { vjp(f.y, aside, at(y_bars, 0)); }));
}

// ------------------------------------------------------------------------------------------------- further derivatives

BOOST_AUTO_TEST_CASE(they_are_differentiated_further)
{
    fixture f;
    const variable y_bars = directions(f.t, 3, shape(f.y)), x_dots = directions(f.t, 3, {2, 3});
    const variable cotangents = vjp(f.y, f.x, y_bars, batched);
    const variable separate =
        one_by_one(3, [&](std::size_t direction) { return vjp(f.y, f.x, at(y_bars, direction)); });
    const variable tangents = jvp(f.y, f.x, x_dots, batched);
    const variable separate_tangents =
        one_by_one(3, [&](std::size_t direction) { return jvp(f.y, f.x, at(x_dots, direction)); });
    const auto both = [&](variable a, variable b)
    {
        BOOST_TEST(list(gradient(sum(square(a)), f.w)) == list(gradient(sum(square(b)), f.w)), tolerance(1e-11)
                                                                                                   << per_element());
        const variable w_dot = f.t.constant(array{{0.5, -0.2}, {1.1, 0.8}, {-0.6, 0.3}});
        BOOST_TEST(list(jvp(a, f.w, w_dot)) == list(jvp(b, f.w, w_dot)), tolerance(1e-11) << per_element());
        BOOST_TEST(list(hessian(sum(square(a)), f.w)) == list(hessian(sum(square(b)), f.w)), tolerance(1e-10)
                                                                                                 << per_element());
    };
    both(cotangents, separate);
    both(tangents, separate_tangents);
    verify(f.t);
}

BOOST_AUTO_TEST_CASE(of_what_was_batched_before)
{
    fixture f;
    const variable y_bars = directions(f.t, 2, shape(f.y));
    const variable cotangents = vjp(f.y, f.x, y_bars, batched);
    const variable by_w = directions(f.t, 3, {2, 2, 3});
    const variable twice = vjp(cotangents, f.w, by_w, batched);
    const variable expected =
        one_by_one(3, [&](std::size_t direction) { return vjp(cotangents, f.w, at(by_w, direction)); });
    BOOST_TEST(list(twice) == list(expected), tolerance(1e-12) << per_element());
    // Linear in the cotangents, so they have a derivative by them, too.
    BOOST_TEST(list(vjp(cotangents, y_bars, directions(f.t, 2, {2, 2, 3}), batched)).size() == 4 * f.y.size());
}

BOOST_AUTO_TEST_CASE(a_hessian_out_of_gradients_along_all_directions)
{
    fixture f;
    const variable loss = sum(square(f.y));
    const variable units = f.t.constant(xt::eye<double>(6));
    const variable rows = jvp(gradient(loss, f.x), f.x, reshape(units, {6, 2, 3}), batched);
    BOOST_TEST(list(rows) == list(hessian(loss, f.x)), tolerance(1e-12) << per_element());
}

// ------------------------------------------------------------------------------------------------------ rules of users

BOOST_AUTO_TEST_CASE(a_rule_without_a_batched_form)
{
    fixture f;
    const variable y = autograd::record<doubled_rule>({}, f.x) * f.x;
    const variable y_bars = directions(f.t, 3, {2, 3});
    BOOST_TEST(list(vjp(y, f.x, y_bars, batched)) == list(4.0 * f.x * y_bars), tolerance(1e-14) << per_element());
    BOOST_TEST(list(jvp(y, f.x, y_bars, batched)) == list(4.0 * f.x * y_bars), tolerance(1e-14) << per_element());
    BOOST_TEST(shape(vjp(y, f.x, directions(f.t, 0, {2, 3}), batched)) == (extents{0, 2, 3}), per_element());
    BOOST_TEST(list(jacobian(y, f.x)) == list(autograd::diag(flatten(4.0 * f.x))), per_element());
}

BOOST_AUTO_TEST_CASE(custom_rules)
{
    tape t;
    const variable x = t.variable(array{1.0, -2.0, 0.5});
    const variable y_bars = directions(t, 4, {3});
    const auto check = [&](auto rule)
    {
        const variable y = custom_vjp([](auto z) { return z * z; }, rule, autograd::first_order)(x);
        const variable expected =
            one_by_one(4, [&](std::size_t direction) { return vjp(y, x, at(y_bars, direction)); });
        BOOST_TEST(list(vjp(y, x, y_bars, batched)) == list(expected), tolerance(1e-14) << per_element());
        BOOST_TEST(shape(vjp(y, x, directions(t, 0, {3}), batched)) == (extents{0, 3}), per_element());
    };
    check([](auto z, auto, auto g) { return 2.0 * z * g; });
    // of values of the input
    check([](auto z, auto, auto g) { return g * z.tape().constant(array(2.0 * z.value())); });
    // of values of the cotangent: one after the other
    check([](auto z, auto, auto g) { return 2.0 * z * z.tape().constant(array(g.value())); });
    // of integers that are made of it
    check([](auto z, auto, auto g) { return z * take_along_axis(g, argsort(g), 0); });
    // not linear
    check([](auto, auto, auto g) { return clip(g, -0.5, 0.5) / norm_l2(g); });
    // without it
    check([](auto z, auto, auto) { return z; });
    check([](auto z, auto, auto) { return decltype(z)(); });
}

// A rule that asks for values and goes on without them is asked along each direction.
BOOST_AUTO_TEST_CASE(a_rule_that_catches_what_a_reading_throws)
{
    const auto f = autograd::custom_vjp([](auto z) { return z; },
                                        [](auto, auto, auto g)
                                        {
                                            try
                                            {
                                                return g * (g.data()[0] > 0 ? 1.0 : 2.0);
                                            }
                                            catch (const std::exception&)
                                            {
                                                return g * -1.0;
                                            }
                                        });
    tape t;
    const variable x = t.variable(array{1, 2});
    const auto rows = vjp(f(x), x, t.constant(array{{1, 1}, {-1, 1}}), autograd::batched);
    BOOST_TEST(list(rows) == (reals{1, 1, -2, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(what_was_read_is_known_in_the_next_order)
{
    tape t;
    const variable x = t.variable(array{1.0, -2.0, 0.5});
    const auto rule = [](auto z, auto, auto g) { return g * z.tape().constant(array(2.0 * z.value())); };
    const variable y = custom_vjp([](auto z) { return z * z; }, rule)(x);
    const variable j = jacobian(y, x);
    BOOST_TEST(list(j) == (reals{2, 0, 0, 0, -4, 0, 0, 0, 1}), per_element());
    BOOST_CHECK_THROW(gradient(sum(j), x), error::not_differentiable);
    const variable y_dots = jvp(y, x, directions(t, 2, {3}), batched);
    BOOST_CHECK_THROW(gradient(sum(y_dots), x), error::not_differentiable);
}

BOOST_AUTO_TEST_CASE(rules_that_are_not_linear_have_no_jvp)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable y = custom_vjp([](auto z) { return z; }, [](auto, auto, auto g) { return clip(g, -1, 1); })(x);
    BOOST_TEST(text_of<error::not_differentiable>([&] { jvp(y, x, directions(t, 3, {2}), batched); }) ==
               text_of<error::not_differentiable>(
                   [&] {
                       jvp(y, x, t.constant(array{1.0, 2.0}));
                   }));
}

// --------------------------------------------------------------------------------------------------------------- kinks

BOOST_AUTO_TEST_CASE(what_does_not_move_moves_nothing)
{
    tape t;
    const variable x = t.variable(array{-1.0, 4.0, 0.0});
    const variable y = sqrt(autograd::relu(x));
    // 0 where relu selects nothing, though the derivative of sqrt behind it is infinite
    const array units = xt::eye<double>(3);
    for (const variable& j : {jvp(y, x, t.constant(units), batched), transpose(vjp(y, x, t.constant(units), batched))})
    {
        BOOST_TEST(list(j) == (reals{0, 0, 0, 0, 0.25, 0, 0, 0, 0}), per_element());
    }
    const variable slope = sqrt(view(x, xt::range(2, 3)));
    BOOST_TEST(list(jvp(slope, x, t.constant(units), batched)) ==
                   (reals{0, 0, std::numeric_limits<double>::infinity()}),
               per_element());
}

// -------------------------------------------------------------------------------------------------------------- errors

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    fixture f;
    const std::size_t before = f.t.size();
    const variable few = f.t.constant(array{1.0, 2.0}), none = f.t.constant(1.0);
    const variable flat = directions(f.t, 4, {3}), five = directions(f.t, 5, {3, 2}), four = directions(f.t, 4, {2, 3});
    const std::size_t given = f.t.size();
    BOOST_TEST(text_of<error::shape_error>([&] { vjp(f.y, f.x, few, batched); }) ==
               "autograd: vjp: y has shape (8,) and its cotangents y_bars (2,); batched, they must have that shape "
               "behind a first axis, that of the directions.");
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       vjp(f.y, {f.x, f.w}, none, batched);
                   }) ==
               "autograd: vjp: y has shape (8,) and its cotangents y_bars (); batched, they must have that shape "
               "behind a first axis, that of the directions.");
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       jvp(f.y, {f.w, f.x}, {five, flat}, batched);
                   }) ==
               "autograd: jvp: input 1 has shape (2, 3) and its tangents (4, 3); batched, they must have that shape "
               "behind a first axis, that of the directions.");
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       jvp(f.y, {f.w, f.x}, {five, four}, batched);
                   }) ==
               "autograd: jvp: input 0 has 5 tangents and input 1 has 4; there must be as many directions for each.");
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       jvp(f.y, std::vector{f.x}, std::vector{four, four}, batched);
                   }) == "autograd: jvp: 1 inputs and 2 tangents; each input needs one.");
    BOOST_TEST(
        text_of<error::shape_error>([&] { jvp(f.y, std::vector<variable>(), std::vector<variable>(), batched); }) ==
        "autograd: jvp: there are no inputs; batched, their tangents tell the number of directions.");
    tape other;
    BOOST_TEST(text_of<error::tape_error>([&] { vjp(f.y, f.x, directions(other, 2, {8}), batched); }) ==
               "autograd: vjp: y and its cotangents y_bars live on different tapes. Record both through one tape, or "
               "pass the value: tape.constant(x.value()).");
    BOOST_TEST(text_of<error::tape_error>([&] { vjp(f.y, f.x, variable(), batched); }) ==
               "autograd: vjp: an operand is empty: a default-constructed variable names nothing.");
    BOOST_TEST(f.t.size() == given);
    BOOST_TEST(given > before);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_what_was_refused)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto refuses = custom_vjp([](auto z) { return z * z; },
                                    [](auto z, auto, auto g) {
                                        return matmul(g, z) * matmul(g, exp(reshape(z, {1, 2})));
                                    });
    const variable y = refuses(exp(x));
    const variable y_bars = directions(t, 2, {2});
    const std::size_t before = t.size();
    BOOST_CHECK_THROW(vjp(y, x, y_bars, batched), error::shape_error);
    BOOST_TEST(t.size() == before);
    BOOST_CHECK_THROW(jacobian(y, x), error::shape_error);
    BOOST_TEST(t.size() == before);
}

// ---------------------------------------------------------------------------------------------------------------- cost

BOOST_AUTO_TEST_CASE(the_number_of_instructions_does_not_depend_on_that_of_directions)
{
    fixture f;
    const auto reverse = [&](std::size_t count)
    {
        const variable y_bars = directions(f.t, count, shape(f.y));
        return recorded_by(f.t, [&] { vjp(f.y, {f.x, f.w}, y_bars, batched); });
    };
    const auto forward = [&](std::size_t count)
    {
        const variable x_dots = directions(f.t, count, {2, 3});
        return recorded_by(f.t, [&] { jvp(f.y, f.x, x_dots, batched); });
    };
    BOOST_TEST(reverse(2) == reverse(50));
    BOOST_TEST(forward(2) == forward(50));
}

BOOST_AUTO_TEST_CASE(that_of_a_jacobian_neither)
{
    tape t;
    const auto by_rows = [&](std::size_t rows)
    {
        const variable x = t.variable(array(xt::ones<double>({rows})));
        const variable y = tanh(cumsum(x, 0) * x);
        return recorded_by(t, [&] { jacobian(y, x); });
    };
    const auto by_columns = [&](std::size_t columns)
    {
        const variable x = t.variable(array(xt::ones<double>({columns})));
        const variable y = outer(tanh(x), x);
        return recorded_by(t, [&] { jacobian(y, x); });
    };
    BOOST_TEST(by_rows(3) == by_rows(40));
    BOOST_TEST(by_columns(3) == by_columns(20));
}

BOOST_AUTO_TEST_CASE(the_outline_computes_nothing)
{
    tape t;
    const variable x = t.variable(array(xt::ones<double>({100})));
    const variable y = exp(sin(x));
    const auto first = static_cast<std::uint32_t>(t.size());
    const variable y_bars = directions(t, 2, {100});
    vjp(y, x, y_bars, batched);
    std::size_t stored = 0;
    for (std::uint32_t index = first; index < t.size(); ++index)
    {
        const bool own = t[index].op->storage == autograd::storage_kind::own && t[index].strides() == nullptr;
        stored += own && t[index].data != nullptr ? t[index].size() : 0;
    }
    // the directions, what flows through exp, cos(x), and what flows through sin
    BOOST_TEST(stored <= 4u * 200u);
    verify(t);
}

BOOST_AUTO_TEST_CASE(a_large_jacobian_comes_in_blocks)
{
    tape t;
    array values = array::from_shape({1200});
    std::iota(values.begin(), values.end(), 0.0);
    const variable x = t.variable(values);
    const variable j = jacobian(x * x, x);
    bool right = true;
    for (std::size_t i = 0; i < 1200; ++i)
    {
        for (std::size_t k = 0; k < 1200; ++k)
        {
            right = right && j.data()[1200 * i + k] == (i == k ? 2 * values.data()[i] : 0.0);
        }
    }
    BOOST_TEST(right);
}

BOOST_AUTO_TEST_CASE(parts_are_assembled_for_all_directions)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
    std::vector<variable> rows;
    for (int i = 2; i >= 0; --i)
    {
        rows.push_back(view(x, i) * static_cast<double>(i + 1));
    }
    const auto down = t.index(integers{{0, 2}, {2, 2}});
    rows.push_back(flatten(view(take_along_axis(x, down, 0), 0)));
    rows.push_back(flatten(view(gather(x, t.index(integers{1, 1})), 1)));
    const variable y = autograd::stack(rows, 0);
    const variable y_bars = directions(t, 4, {5, 2});
    const variable by_x = vjp(y, x, y_bars, batched);
    const variable expected = one_by_one(4, [&](std::size_t direction) { return vjp(y, x, at(y_bars, direction)); });
    BOOST_TEST(list(by_x) == list(expected), tolerance(1e-15) << per_element());
    // and of the assembled once more
    const variable again = vjp(by_x, y_bars, directions(t, 3, {4, 3, 2}), batched);
    BOOST_TEST(shape(again) == (extents{3, 4, 5, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(arrays_with_as_many_axes_as_there_may_be)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    extents many(autograd::max_dimension, 1);
    many.back() = 3;
    const variable y = flatten(exp(reshape(x, many)));
    BOOST_TEST(list(jacobian(y, x)) == (reals{std::exp(1.0), 0, 0, 0, std::exp(2.0), 0, 0, 0, std::exp(3.0)}),
               tolerance(1e-15) << per_element());
    const variable all = reshape(x, many), total = sum(x);
    BOOST_TEST(list(jacobian(broadcast(total, many), total)) == reals(3, 1.0), per_element());
    BOOST_TEST(list(jacobian(sum(square(all)), all)) == (reals{2, 4, 6}), per_element());
    BOOST_TEST(text_of<error::shape_error>([&] { vjp(sum(all), all, directions(t, 2, {}), batched); }) ==
               "autograd: vjp: 33 axes; an array has at most 32.");
    BOOST_TEST(text_of<error::shape_error>([&] { jvp(all, x, directions(t, 2, {3}), batched); }) ==
               "autograd: jvp: 33 axes; an array has at most 32.");
}

BOOST_AUTO_TEST_SUITE_END()
