#include "nn/optimizer/adam.hpp"
#include "nn/optimizer/clipping.hpp"
#include "nn/optimizer/gradient_descent.hpp"
#include "nn/optimizer/lbfgs.hpp"
#include "nn/optimizer/sgd.hpp"
#include "tests/nn/optimizer/models.hpp"

using namespace models;

namespace
{

/// A layer that keeps an average of what it met.
template <class Leaf>
struct counting
{
    Leaf weight;
    nn::buffer<Leaf> seen;
    NN_MEMBERS(weight, seen)
};

template <class E>
std::string refused(const std::function<void(arrays&, nn::sgd_state<arrays>&)>& step)
{
    arrays model = start();
    const nn::sgd sgd{.momentum = 0.5};
    auto state = sgd.start(model);
    const std::string text = text_of<E>([&] { step(model, state); });
    BOOST_TEST(numbers_of(model) == numbers_of(start()), per_element());
    BOOST_TEST(list(state.velocity->bias) == (reals{0, 0}), per_element());
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_step)

BOOST_AUTO_TEST_CASE(memory_is_flat_over_ten_thousand_steps)
{
    tape t;
    const array data = evenly({5, 3}, -1, 1);
    const variable kept = t.constant(data);
    const auto loss_of_data = [&](const variables& m)
    { return sum(square(tanh(matmul(kept, m.weight) + m.bias) - 0.5)); };
    arrays model = start();
    const nn::adam adam{.learning_rate = 0.01};
    auto state = adam.start(model);
    const auto step = [&]
    {
        return nn::take_step(t, adam, model, state, loss_of_data, 0.01,
                             [](const auto& g) { return nn::clip_by_norm(g, 1.0); });
    };
    const double first = step();
    step();
    const std::size_t memory = t.memory();
    const std::size_t size = t.size();
    const double* place = model.weight.data();
    double last = 0;
    for (int k = 0; k < 10000; ++k)
    {
        last = step();
    }
    BOOST_TEST(t.memory() == memory);
    BOOST_TEST(t.size() == size);
    BOOST_TEST(model.weight.data() == place, "arrays are written in place");
    BOOST_TEST(last < first);
    BOOST_TEST(state.step() == 10002.0);
}

BOOST_AUTO_TEST_CASE(a_model_may_be_a_leaf_or_a_tuple)
{
    tape t;
    const nn::sgd sgd{.learning_rate = 0.5, .momentum = 0.5};
    array w{4.0};
    auto state = sgd.start(w);
    BOOST_TEST(nn::take_step(t, sgd, w, state, [](variable v) { return sum(square(v)); }) == 16.0);
    BOOST_TEST(w(0) == 0.0);
    nn::take_step(t, sgd, w, state, [](variable v) { return sum(square(v)); });
    BOOST_TEST(w(0) == -2.0);

    std::tuple<array, std::vector<array>> many{array{1.0}, {array{2.0}, array{3.0}}};
    const nn::gradient_descent descent{1};
    auto none = descent.start(many);
    nn::take_step(t, descent, many, none,
                  [](const auto& m) { return sum(std::get<0>(m)) + sum(std::get<1>(m)[0] * std::get<1>(m)[1]); });
    BOOST_TEST(std::get<0>(many)(0) == 0.0);
    BOOST_TEST(std::get<1>(many)[0](0) == -1.0);
    BOOST_TEST(std::get<1>(many)[1](0) == 1.0);
}

BOOST_AUTO_TEST_CASE(a_loss_may_give_back_new_buffers)
{
    tape t;
    counting<array> model{array{1.0}, {array{5.0}}};
    const nn::sgd sgd{.learning_rate = 0.5, .momentum = 0.5};
    auto state = sgd.start(model);
    nn::take_step(t, sgd, model, state,
                  [](const counting<variable>& m)
                  {
                      auto next = m;
                      next.seen.value = m.seen.value + m.weight;
                      next.weight = m.weight * 100.0; // a parameter is the optimizer's alone
                      return std::pair(sum(square(m.weight)), next);
                  });
    BOOST_TEST(model.weight(0) == 0.0);
    BOOST_TEST(model.seen.value(0) == 6.0);
    BOOST_TEST(state.velocity->weight(0) == 2.0);
}

BOOST_AUTO_TEST_CASE(a_failed_step_changes_nothing)
{
    tape t;
    const nn::sgd sgd{.momentum = 0.5};
    BOOST_TEST(
        refused<autograd::error::value_error>(
            [&](auto& model, auto& state)
            { nn::take_step(t, sgd, model, state, [](const auto& m) { return loss(m) / 0.0; }); }) ==
        "autograd: take_step: the loss is inf; a step needs a finite one. The parameters stay as they were: take "
        "a smaller learning rate, clip the gradients, or ask find_non_finite(loss).");
    BOOST_TEST(refused<autograd::error::value_error>(
                   [&](auto& model, auto& state) {
                       nn::take_step(t, sgd, model, state,
                                     [](const auto& m) { return sum(m.weight) + sum(sqrt(m.bias - 0.25)); });
                   }) ==
               "autograd: sgd: bias would become -inf; parameters and state must be finite. They stay as they were: "
               "take a smaller learning rate, or clip the gradients.");
    BOOST_TEST(refused<autograd::error::not_differentiable>(
                   [&](auto& model, auto& state)
                   { nn::take_step(t, sgd, model, state, [](const auto& m) { return sum(m.weight); }); })
                   .find("bias") != std::string::npos);
    BOOST_TEST(t.size() == 0u);
}

BOOST_AUTO_TEST_CASE(errors_show_the_users_line)
{
    tape t;
    arrays model = start();
    const nn::sgd sgd;
    const nn::lbfgs lbfgs;
    auto none = sgd.start(model);
    auto state = lbfgs.start(model);
    const auto without_bias = [](const auto& m) { return sum(m.weight); };
    const auto several = [](const auto& m) { return m.weight + sum(m.bias); };
    const auto infinite = [](const auto& m) { return loss(m) / 0.0; };
    for (const auto& call :
         std::vector<std::function<void()>>{[&] { nn::take_step(t, sgd, model, none, without_bias); },
                                            [&] { nn::take_step(t, sgd, model, none, several); },
                                            [&] { nn::take_step(t, sgd, model, none, infinite); },
                                            [&] { nn::take_step(t, lbfgs, model, state, without_bias); },
                                            [&] { nn::take_step(t, lbfgs, model, state, infinite); },
                                            [&] { nn::minimize(t, lbfgs, model, several); }})
    {
        const std::string text = whole_text_of(call);
        BOOST_TEST(text.find("tests/nn/optimizer/step.cpp:") != std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(gradients_are_clipped_by_their_norm)
{
    tape t;
    const variables g{t.variable(array{3.0, 0.0}), t.variable(array{4.0})};
    BOOST_TEST(nn::global_norm(g).item() == 5.0);
    const variables shortened = nn::clip_by_norm(g, 2.5);
    BOOST_TEST(list(shortened.weight) == (reals{1.5, 0}), per_element());
    BOOST_TEST(list(shortened.bias) == (reals{2}), per_element());
    BOOST_TEST(list(nn::clip_by_norm(g, 5.0).weight) == (reals{3, 0}), per_element());
    for (const double size : {1e200, 1e-200}) // whose squares overflow, and underflow
    {
        const variables extreme{t.variable(size * array{3.0, 0.0}), t.variable(size * array{4.0})};
        BOOST_TEST(nn::global_norm(extreme).item() == 5 * size, tolerance(1e-15));
        BOOST_TEST(list(nn::clip_by_norm(extreme, size).weight) == (reals{0.6 * size, 0}), tolerance(1e-15)
                                                                                               << per_element());
    }
    const double highest = std::numeric_limits<double>::max();
    const variables top{t.variable(array{highest, 1.0}), t.variable(array{0.0})};
    BOOST_TEST(nn::global_norm(top).item() == highest);
    BOOST_TEST(list(nn::clip_by_norm(top, 1.0).weight) == (reals{1.0, 1.0 / highest}), per_element());
    autograd::tape<float> narrow;
    const std::vector high{narrow.variable(xt::xarray<float>{std::numeric_limits<float>::max(), 0.0F})};
    BOOST_TEST(nn::global_norm(high).item() == std::numeric_limits<float>::max());
    BOOST_TEST(nn::clip_by_norm(high, 2.0).front().value()(0) == 2.0F);
    const double inf = std::numeric_limits<double>::infinity();
    const variables endless{t.variable(array{-inf, 1.0}), t.variable(array{2.0})};
    BOOST_TEST(nn::global_norm(endless).item() == inf);
    BOOST_TEST(list(nn::clip_by_norm(endless, 1.0).bias) == (reals{0}), per_element());
    BOOST_TEST(std::isnan(list(nn::clip_by_norm(endless, 1.0).weight)[0]));
    const variables zero{t.variable(array{0.0, 0.0}), t.variable(array{0.0})};
    BOOST_TEST(list(nn::clip_by_norm(zero, 1.0).weight) == (reals{0, 0}), per_element());
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::clip_by_norm(g, 0.0); }) ==
               "autograd: clip_by_norm: the greatest norm is 0; it must be finite and greater than 0.");
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::global_norm(std::vector<variable>()); }) ==
               "autograd: global_norm: the model has 0 parameters; it must have one at least.");
}

BOOST_AUTO_TEST_CASE(clipping_is_differentiable_where_nothing_is_clipped)
{
    const auto check = []<class T>(xt::xarray<T> at, double greatest)
    {
        autograd::tape<T> t;
        const auto g = t.variable(at);
        const auto weights = t.constant(xt::xarray<T>{2, -3});
        const auto clipped = nn::clip_by_norm(std::vector{g}, greatest).front();
        BOOST_TEST(list(gradient(sum(weights * clipped), g)) == (std::vector<T>{2, -3}), per_element());
        BOOST_TEST(list(jvp(clipped, g, weights)) == (std::vector<T>{2, -3}), per_element());
        BOOST_TEST(list(hessian(sum(square(clipped)), g)) == (std::vector<T>{2, 0, 0, 2}), per_element());
        BOOST_TEST(list(hessian_vector_product(sum(square(clipped)), g, weights)) == (std::vector<T>{4, -6}),
                   per_element());
        const auto by_value = nn::clip_by_value(std::vector{g}, greatest).front();
        BOOST_TEST(list(gradient(sum(weights * by_value), g)) == (std::vector<T>{2, -3}), per_element());
    };
    check(xt::xarray<double>{0, 0}, 1);
    check(xt::xarray<double>{0, 0}, 1e-300);
    check(xt::xarray<double>{3, 4}, 5);
    check(xt::xarray<double>{0, 1e-300}, 1);
    check(xt::xarray<float>{0, 0}, 1);
    check(xt::xarray<float>{0, 0}, 1e300);
    check(xt::xarray<float>{0, 0.5F}, 1e300);
    tape t;
    const variable nothing = t.variable(array{0, 0});
    BOOST_TEST(list(gradient(nn::global_norm(std::vector{nothing}), nothing)) == (reals{0, 0}), per_element());
}

// A parameter that is 0 is no kink of the norm of all, unless all are.
BOOST_AUTO_TEST_CASE(norms_are_smooth_where_one_parameter_is_0)
{
    const auto report = autograd::check_gradient(
        [](variable x, variable y)
        {
            const std::vector g{x, y};
            const std::vector shortened = nn::clip_by_norm(g, 2.0);
            return concatenate(std::vector{reshape(nn::global_norm(g), {1}), shortened[0], shortened[1]}, 0);
        },
        {array{0, 0}, array{3, -4}});
    BOOST_TEST(report.passed, to_text(report));
    tape t;
    const std::vector g{t.variable(array{0, 0}), t.constant(array{3, -4})};
    BOOST_TEST(list(hessian(nn::global_norm(g), g[0])) == (reals{0.2, 0, 0, 0.2}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(gradients_are_clipped_by_their_values)
{
    tape t;
    const variables g{t.variable(array{3.0, -0.25}), t.variable(array{-4.0})};
    const variables clipped = nn::clip_by_value(g, 0.5);
    BOOST_TEST(list(clipped.weight) == (reals{0.5, -0.25}), per_element());
    BOOST_TEST(list(clipped.bias) == (reals{-0.5}), per_element());
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::clip_by_value(g, -1.0); }) ==
               "autograd: clip_by_value: the greatest value is -1; it must be finite and greater than 0.");
}

BOOST_AUTO_TEST_CASE(buffers_keep_their_shapes)
{
    tape t;
    counting<array> model{array{1.0, 2.0}, {array{0.0, 0.0}}};
    const nn::gradient_descent descent{.learning_rate = 0.1};
    auto state = descent.start(model);
    const auto loss = [](const counting<variable>& m)
    {
        counting<variable> next = m;
        next.seen.value = m.weight.tape().constant(array{1.0, 1.0, 1.0});
        return std::pair(sum(square(m.weight)), next);
    };
    BOOST_TEST(text_of<autograd::error::shape_error>([&] { nn::take_step(t, descent, model, state, loss); }) ==
               "autograd: take_step: the loss gave the buffer seen the shape (3,); it has (2,), and keeps it.");
    BOOST_TEST(list(model.weight) == (reals{1, 2}), per_element());
}

// Once the tape could not be rewound in the end, and the program did.
BOOST_AUTO_TEST_CASE(a_loss_that_clears_the_tape_is_an_error)
{
    const auto clears = [](const variables& m)
    {
        tape& t = m.weight.tape();
        t.clear();
        return t.variable(1.0);
    };
    BOOST_TEST(refused<autograd::error::tape_error>(
                   [&](arrays& model, nn::sgd_state<arrays>& state)
                   {
                       tape t;
                       nn::take_step(t, nn::sgd{.momentum = 0.5}, model, state, clears);
                   })
                   .substr(0, 10) == "autograd: ");
}

BOOST_AUTO_TEST_SUITE_END()
