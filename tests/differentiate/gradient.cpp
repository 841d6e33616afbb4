#include "tests/support.hpp"

#include <cmath>
#include <tuple>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(differentiate_gradient)

namespace
{

struct layer
{
    variable w, b;
    auto members() { return std::tie(w, b); }
    auto members() const { return std::tie(w, b); }
};

struct model
{
    layer hidden;
    std::vector<layer> rest;
    std::tuple<variable, int> scale;
    autograd::indices<double> labels;
    double rate = 0.5;

    auto members() { return std::tie(hidden, rest, scale, labels, rate); }
};

} // namespace

// ---------------------------------------------------------------------------------------------------- spellings

BOOST_AUTO_TEST_CASE(by_one_input)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const variable g = gradient(sum(x * x * x), x);
    BOOST_TEST(shape(g) == (extents{2, 2}), per_element());
    BOOST_TEST(list(g) == (reals{3, 12, 27, 48}), per_element());
}

BOOST_AUTO_TEST_CASE(by_several_inputs_at_once)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), w = t.variable(3.0), b = t.variable(column({5.0, 7.0}));
    const auto [gx, gw, gb] = gradient(sum(x * w + b), {x, w, b});
    BOOST_TEST(list(gx) == (reals{6, 6}), per_element());
    BOOST_TEST(gw.item() == 6.0);
    BOOST_TEST(list(gb) == (reals{2, 2}), per_element());
    BOOST_TEST(shape(gb) == (extents{2, 1}), per_element());
    BOOST_TEST(gw.dimension() == 0u);
}

BOOST_AUTO_TEST_CASE(by_a_vector)
{
    tape t;
    std::vector<variable> xs;
    variable y = t.constant(1.0);
    for (int i = 1; i <= 4; ++i)
    {
        xs.push_back(t.variable(static_cast<double>(i)));
        y = y * xs.back();
    }
    const std::vector<variable> gs = gradient(y, xs);
    BOOST_REQUIRE(gs.size() == 4u);
    for (std::size_t i = 0; i < 4; ++i)
    {
        BOOST_TEST(gs[i].item() == 24.0 / static_cast<double>(i + 1));
    }
    BOOST_TEST(gradient(y, std::vector<variable>()).empty());
}

BOOST_AUTO_TEST_CASE(by_tuples_and_pairs)
{
    tape t;
    const variable x = t.variable(2.0), w = t.variable(array{3.0, 4.0});
    const variable y = sum(x * w * w);
    const auto [gx, rest] = gradient(y, std::pair(x, std::array{w, w}));
    BOOST_TEST(gx.item() == 25.0);
    BOOST_TEST(list(rest[0]) == (reals{12, 16}), per_element());
    BOOST_TEST(list(rest[1]) == (reals{12, 16}), per_element());
}

// What refers to variables of the caller leaves them as they are.
BOOST_AUTO_TEST_CASE(by_references_and_spans)
{
    tape t;
    variable x = t.variable(3.0), w = t.variable(5.0);
    const variable y = x * x * w;
    const auto [gx, gw] = gradient(y, std::tie(x, w));
    BOOST_TEST(gx.item() == 30.0);
    BOOST_TEST(gw.item() == 9.0);
    BOOST_TEST(x.item() == 3.0);
    BOOST_TEST(gradient(gx, x).item() == 10.0);
    const auto nested = gradient(y, std::pair(std::tie(x), std::make_tuple(w)));
    BOOST_TEST(std::get<0>(nested.first).item() == 30.0);
    std::vector<variable> both{x, w};
    for (const auto& slopes : {gradient(y, std::span(both)), gradient(y, std::span<const variable>(both)),
                               gradient(y, std::span<variable, 2>(both))})
    {
        BOOST_TEST(slopes[0].item() == 30.0);
        BOOST_TEST(slopes[1].item() == 9.0);
    }
    BOOST_TEST(both[0].item() == 3.0);
}

BOOST_AUTO_TEST_CASE(by_an_array_among_members)
{
    struct pair_of_weights
    {
        variable w[2];
        auto members() { return std::tie(w); }
    };
    tape t;
    const pair_of_weights m{{t.variable(3.0), t.variable(5.0)}};
    const pair_of_weights slope = gradient(m.w[0] * m.w[0] * m.w[1], m);
    BOOST_TEST(slope.w[0].item() == 30.0);
    BOOST_TEST(slope.w[1].item() == 9.0);
}

BOOST_AUTO_TEST_CASE(by_a_structure_with_members)
{
    tape t;
    const auto v = [&](double number) { return t.variable(array{number, number}); };
    model m{{v(1), v(2)}, {{v(3), v(4)}, {v(5), v(6)}}, {v(7), 9}, t.index(integers{1, 0}), 0.25};
    variable y = m.hidden.w * m.hidden.b;
    for (const layer& each : m.rest)
    {
        y = y * each.w + each.b;
    }
    y = sum(gather(y * std::get<0>(m.scale), m.labels));

    const model g = gradient(y, m);
    BOOST_TEST(list(g.hidden.w) == (reals{210, 210}), per_element());
    BOOST_TEST(list(g.hidden.b) == (reals{105, 105}), per_element());
    BOOST_REQUIRE(g.rest.size() == 2u);
    BOOST_TEST(list(g.rest[0].w) == (reals{70, 70}), per_element());
    BOOST_TEST(list(g.rest[0].b) == (reals{35, 35}), per_element());
    BOOST_TEST(list(g.rest[1].w) == (reals{70, 70}), per_element());
    BOOST_TEST(list(g.rest[1].b) == (reals{7, 7}), per_element());
    BOOST_TEST(list(std::get<0>(g.scale)) == (reals{56, 56}), per_element());
    // What is not differentiated stays what it was.
    BOOST_TEST(std::get<1>(g.scale) == 9);
    BOOST_TEST(g.rate == 0.25);
    BOOST_TEST(list(g.labels) == (std::vector<std::int64_t>{1, 0}), per_element());
}

// Integers have no derivative.
template <class X>
concept differentiable_by = requires(variable y, X x)
{
    gradient(y, x);
};
static_assert(differentiable_by<variable>);
static_assert(!differentiable_by<autograd::indices<double>>);
static_assert(!differentiable_by<autograd::variable<float>>);
static_assert(!differentiable_by<double>);
static_assert(!differentiable_by<array>);
// Nor is anything known of the members of a class that does not tell them.
struct silent
{
    variable w;
};
static_assert(!differentiable_by<silent>);

// ------------------------------------------------------------------------------------------------------ the graph

BOOST_AUTO_TEST_CASE(every_use_contributes)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    BOOST_TEST(list(gradient(sum(x * x), x)) == (reals{2, 4, 6, 8}), per_element());
    BOOST_TEST(list(gradient(sum(x - x), x)) == (reals{0, 0, 0, 0}), per_element());
    BOOST_TEST(list(gradient(sum(x / x), x)) == (reals{0, 0, 0, 0}), tolerance(1e-15) << per_element());
    // d sum(x x) = (row sums of x)_j + (column sums of x)_i
    BOOST_TEST(list(gradient(sum(matmul(x, x)), x)) == (reals{3 + 4, 7 + 4, 3 + 6, 7 + 6}), per_element());
    BOOST_TEST(list(gradient(sum(autograd::concatenate({x, x, x}, 0)), x)) == (reals{3, 3, 3, 3}), per_element());
    BOOST_TEST(list(gradient(sum(where(x > 2.0, x, x)), x)) == (reals{1, 1, 1, 1}), per_element());
    BOOST_TEST(list(gradient(sum(maximum(x, x)), x)) == (reals{1, 1, 1, 1}), per_element());
    BOOST_TEST(list(gradient(sum(pow(x, x)), x))[0] == 1.0, tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(the_output_by_itself)
{
    tape t;
    const variable y = t.variable(3.0);
    BOOST_TEST(gradient(y, y).item() == 1.0);
    const variable z = exp(y);
    BOOST_TEST(gradient(z, z).item() == 1.0);
    const auto [gz, gy] = gradient(z, {z, y});
    BOOST_TEST(gz.item() == 1.0);
    BOOST_TEST(gy.item() == std::exp(3.0), tolerance(1e-15));
    const variable u = t.constant(array{2.0, 5.0}), v = t.variable(array{1.0, 1.0});
    BOOST_TEST(list(vjp(v, v, u)) == (reals{2, 5}), per_element());
    BOOST_TEST(list(jvp(v, v, u)) == (reals{2, 5}), per_element());
    BOOST_TEST(list(jacobian(v, v)) == (reals{1, 0, 0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(by_intermediate_variables)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable h = x * x;
    const variable y = h * h + x;
    BOOST_TEST(gradient(y, h).item() == 8.0);
    // As torch.autograd.grad: each derivative lets the other inputs vary with it.
    const auto [gx, gh] = gradient(y, {x, h});
    BOOST_TEST(gx.item() == 8.0 * 4.0 + 1.0);
    BOOST_TEST(gh.item() == 8.0);
    const auto [again_h, again_x] = gradient(y, {h, x});
    BOOST_TEST(again_h.item() == 8.0);
    BOOST_TEST(again_x.item() == 33.0);
    // The tangent of h is what x carries to it and its own.
    BOOST_TEST(jvp(y, {x, h}, {t.constant(1.0), t.constant(0.0)}).item() == 33.0);
    BOOST_TEST(jvp(y, {x, h}, {t.constant(0.0), t.constant(1.0)}).item() == 8.0);
}

BOOST_AUTO_TEST_CASE(the_same_input_twice)
{
    tape t;
    const variable x = t.variable(3.0);
    const auto [first, second] = gradient(x * x, {x, x});
    BOOST_TEST(first.item() == 6.0);
    BOOST_TEST(second.item() == 6.0);
}

BOOST_AUTO_TEST_CASE(constants_can_be_inputs)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), c = t.constant(array{3.0, 4.0}), two = t.full(x.shape(), 2.0);
    const variable y = sum(x * c * two);
    const auto [gx, gc, g_two] = gradient(y, {x, c, two});
    BOOST_TEST(list(gx) == (reals{6, 8}), per_element());
    BOOST_TEST(list(gc) == (reals{2, 4}), per_element());
    BOOST_TEST(list(g_two) == (reals{3, 8}), per_element());
    BOOST_TEST(jvp(y, c, x).item() == 2.0 * (1 + 4));
}

BOOST_AUTO_TEST_CASE(without_inputs_there_is_nothing_to_do)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable y = sum(x * x);
    const std::vector<variable> none;
    const std::size_t before = t.size();
    BOOST_TEST(gradient(y, none).empty());
    BOOST_TEST(vjp(x, none, x).empty());
    BOOST_TEST(t.size() == before + 1); // a seed
    BOOST_TEST(list(jvp(x, none, none)) == (reals{0, 0}), per_element());
    // It is checked all the same.
    BOOST_CHECK_THROW(gradient(x, none), error::shape_error);
    BOOST_CHECK_THROW(gradient(variable(), none), error::tape_error);
}

BOOST_AUTO_TEST_CASE(inputs_recorded_after_the_output_are_unconnected)
{
    tape t;
    const variable x = t.variable(3.0);
    const variable y = x * x;
    const variable late = exp(x);
    BOOST_CHECK_THROW(gradient(y, late), error::not_differentiable);
    BOOST_TEST(gradient(y, late, autograd::unconnected::zero).item() == 0.0);
    BOOST_CHECK_THROW(jvp(y, late, x), error::not_differentiable);
    BOOST_TEST(jvp(y, late, x, autograd::unconnected::zero).item() == 0.0);
}

BOOST_AUTO_TEST_CASE(gradients_of_scalars_in_any_shape)
{
    tape t;
    const variable x = t.variable(column({2.0}));
    BOOST_TEST(shape(gradient(x * x, x)) == (extents{1, 1}), per_element());
    BOOST_TEST(gradient(x * x, x).item() == 4.0);
    const variable nothing = t.variable(array::from_shape({0, 3}));
    const variable g = gradient(sum(nothing * nothing), nothing);
    BOOST_TEST(shape(g) == (extents{0, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(a_gradient_can_be_taken_twice)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable y = sum(exp(x) * x);
    const variable first = gradient(y, x);
    const variable second = gradient(y, x);
    BOOST_TEST(list(first) == list(second), per_element());
}

BOOST_AUTO_TEST_CASE(floats_are_differentiated_in_float)
{
    autograd::tape<float> t;
    const auto x = t.variable(xt::xarray<float>{1.0f, 2.0f});
    const auto g = gradient(sum(x * x * 0.1f), x);
    static_assert(std::is_same_v<decltype(g), const autograd::variable<float>>);
    BOOST_TEST(list(g) == (std::vector<float>{2.0f * 0.1f, 4.0f * 0.1f}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
