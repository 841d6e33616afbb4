#include "tests/support.hpp"

#include "nn/linear.hpp"

#include <span>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(differentiate_several_variables)

namespace
{

/// A model of two layers, and a flag, which is no variable.
template <class Leaf>
struct network
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    bool deep = false;
    NN_MEMBERS(hidden, output, deep)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

network<variable> record_network(tape& t)
{
    return {{t.variable(array{{0.5, -0.25, 0.75}, {1.0, 0.5, -1.5}}), t.variable(array{0.1, -0.2, 0.3})},
            {t.variable(array{{1.0, 0.5}, {-0.5, 2.0}, {0.25, -1.0}}), t.variable(array{0.5, -0.75})}};
}

variable loss_of(const network<variable>& m, tape& t)
{
    return sum(square(m(t.constant(array{{1.0, 2.0}, {-0.5, 0.25}}))));
}

} // namespace

BOOST_AUTO_TEST_CASE(jacobians_by_several_variables_are_those_by_each)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0}), w = t.variable(array{{0.5, -1.0}, {2.0, 0.25}, {1.5, -0.5}});
    const variable unused = t.variable(array{1.0, 2.0});
    const variable y = tanh(matmul(x, w)); // 2 elements, fewer than those of the inputs: by rows
    const auto [by_x, by_w] = jacobian(y, {x, w});
    BOOST_TEST(list(by_x) == list(jacobian(y, x)), per_element());
    BOOST_TEST(list(by_w) == list(jacobian(y, w)), per_element());
    BOOST_TEST(shape(by_w) == (extents{2, 3, 2}));
    const variable long_y = autograd::concatenate({y, y, y, x, x, x}, 0); // 15 elements, by columns
    const auto [long_by_x, long_by_w] = jacobian(long_y, {x, w});
    BOOST_TEST(list(long_by_x) == list(jacobian(long_y, x)), tolerance(1e-15) << per_element());
    BOOST_TEST(list(long_by_w) == list(jacobian(long_y, w)), tolerance(1e-15) << per_element());
    const auto [again, nothing] = jacobian(y, {x, unused}, autograd::unconnected::zero);
    BOOST_TEST(list(again) == list(by_x), per_element());
    BOOST_TEST(list(nothing) == reals(4, 0.0), per_element());
    BOOST_CHECK_THROW(jacobian(y, {x, unused}), error::not_differentiable);
}

BOOST_AUTO_TEST_CASE(every_derivative_is_taken_by_a_structure)
{
    tape t;
    const network<variable> m = record_network(t);
    const variable loss = loss_of(m, t);
    const network<variable> g = gradient(loss, m);
    const network<variable> j = jacobian(loss, m);
    BOOST_TEST(list(j.hidden.weight) == list(g.hidden.weight), per_element());
    BOOST_TEST(shape(j.hidden.weight) == (extents{2, 3}));
    const network<variable> pulled = vjp(loss, m, t.constant(2.0));
    BOOST_TEST(list(pulled.output.weight) == list(2.0 * g.output.weight), per_element());

    // Along the gradient itself: the tangent is the square of its norm.
    const variable along = jvp(loss, m, g);
    const variable norm = sum(square(g.hidden.weight)) + sum(square(*g.hidden.bias)) + sum(square(g.output.weight)) +
                          sum(square(*g.output.bias));
    BOOST_TEST(along.item() == norm.item(), tolerance(1e-14));

    const network<variable> product = hessian_vector_product(loss, m, g);
    const auto h = hessian(loss, m);
    variable expected = matmul(reshape(h("hidden.bias", "hidden.weight"), {3, 6}), flatten(g.hidden.weight));
    expected = expected + matmul(h("hidden.bias", "hidden.bias"), *g.hidden.bias);
    expected = expected + matmul(reshape(h("hidden.bias", "output.weight"), {3, 6}), flatten(g.output.weight));
    expected = expected + matmul(h("hidden.bias", "output.bias"), *g.output.bias);
    BOOST_TEST(list(*product.hidden.bias) == list(expected), tolerance(1e-13) << per_element());
}

BOOST_AUTO_TEST_CASE(blocks_of_a_hessian_have_the_names_of_the_members)
{
    tape t;
    const network<variable> m = record_network(t);
    const variable loss = loss_of(m, t);
    const auto h = hessian(loss, m);
    BOOST_TEST(h.names() == (std::vector<std::string>{"hidden.weight", "hidden.bias", "output.weight", "output.bias"}),
               per_element());
    BOOST_TEST(h.size() == 4u);
    BOOST_TEST(list(h("hidden.weight", "hidden.weight")) == list(hessian(loss, m.hidden.weight)), per_element());
    BOOST_TEST(shape(h("hidden.weight", "output.bias")) == (extents{2, 3, 2}));
    BOOST_TEST(list(h(0, 3)) == list(h("hidden.weight", "output.bias")), per_element());
    BOOST_TEST(list(h(m.hidden.weight, *m.output.bias)) == list(h(0, 3)), per_element());
    BOOST_TEST(list(transpose(reshape(h(3, 0), {2, 6}))) == list(h(0, 3)), tolerance(1e-13) << per_element());

    const variable matrix = h.matrix();
    BOOST_TEST(shape(matrix) == (extents{17, 17}));
    BOOST_TEST(list(matrix) == list(transpose(matrix)), tolerance(1e-13) << per_element());
    BOOST_TEST(matrix.value()(1, 16) == h(0, 3).value()(0, 1, 1));
    BOOST_TEST(matrix.value()(6, 5) == h("hidden.bias", "hidden.weight").value()(0, 1, 2));
}

BOOST_AUTO_TEST_CASE(a_hessian_by_a_list)
{
    tape t;
    const variable x = t.variable(2.0), y = t.variable(array{3.0, 4.0});
    const variable z = sum(x * x * y * y);
    const auto h = hessian(z, {x, y});
    BOOST_TEST(h(0, 0).item() == 50.0);
    BOOST_TEST(list(h(0, 1)) == (reals{24, 32}), per_element());
    BOOST_TEST(list(h(y, x)) == (reals{24, 32}), per_element());
    BOOST_TEST(list(h(1, 1)) == (reals{8, 0, 0, 8}), per_element());
    BOOST_TEST(list(h.matrix()) == (reals{50, 24, 32, 24, 8, 0, 32, 0, 8}), per_element());
    BOOST_TEST(h.names() == (std::vector<std::string>{"0", "1"}), per_element());
    const auto [by_x, by_y] = hessian_vector_product(z, {x, y}, {t.constant(1.0), t.constant(array{0.0, 1.0})});
    BOOST_TEST(by_x.item() == 82.0);
    BOOST_TEST(list(by_y) == (reals{24, 40}), per_element());
    const auto of_tuple = hessian(z, std::tie(x, y));
    BOOST_TEST(list(of_tuple("0", "1")) == (reals{24, 32}), per_element());
    const std::vector<variable> both{x, y};
    BOOST_TEST(list(hessian(z, both)(1, 0)) == (reals{24, 32}), per_element());
    BOOST_TEST(list(jacobian(z, std::span(both))[1]) == (reals{24, 32}), per_element());
}

namespace
{

/// members() is not const.
struct pair_of_weights
{
    variable w[2];
    auto members() { return std::tie(w); }
};

} // namespace

BOOST_AUTO_TEST_CASE(members_need_not_be_const)
{
    tape t;
    const pair_of_weights m{{t.variable(3.0), t.variable(5.0)}};
    const variable y = m.w[0] * m.w[0] * m.w[1];
    BOOST_TEST(jacobian(y, m).w[0].item() == 30.0);
    BOOST_TEST(vjp(y, m, t.constant(2.0)).w[1].item() == 18.0);
    BOOST_TEST(jvp(y, m, m).item() == 135.0);
    BOOST_TEST(hessian(y, m)(0, 1).item() == 6.0);
    BOOST_TEST(hessian(y, m).names() == (std::vector<std::string>{"0.0", "0.1"}), per_element());
    BOOST_TEST(hessian_vector_product(y, m, m).w[0].item() == 60.0);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_refused)
{
    tape t;
    const variable x = t.variable(2.0), y = t.variable(array{3.0, 4.0}), other = t.variable(1.0);
    const auto h = hessian(sum(x * x * y * y), {x, y});
    BOOST_TEST(text_of<error::index_error>([&] { h(0, 2); }) ==
               "autograd: hessian: there is no variable 2; y was differentiated by 2, and they are numbered from 0.");
    BOOST_TEST(text_of<error::value_error>([&] { h("0", "z"); }) ==
               "autograd: hessian: no variable is called z; there are 0, 1.");
    BOOST_TEST(text_of<error::value_error>([&] { h(x, other); }) ==
               "autograd: hessian: the variable is none of those that y was differentiated by.");
    BOOST_CHECK_THROW(hessian(y, {x, y}), error::shape_error);
    BOOST_CHECK_THROW(jvp(sum(x * y), std::vector{x, y}, std::vector{x}), error::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
