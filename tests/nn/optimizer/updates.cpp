#include "nn/optimizer/adagrad.hpp"
#include "nn/optimizer/adam.hpp"
#include "nn/optimizer/gradient_descent.hpp"
#include "nn/optimizer/lazy_adam.hpp"
#include "nn/optimizer/rmsprop.hpp"
#include "nn/optimizer/sgd.hpp"
#include "tests/nn/optimizer/models.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace models;

namespace
{

const nlohmann::json& expectations()
{
    static const nlohmann::json all = nlohmann::json::parse(std::ifstream(TEST_DATA "/optimizers.json"));
    return all;
}

/// Ten steps are PyTorch's.
template <class Optimizer>
void check(const Optimizer& optimizer, const char* name)
{
    const auto expected = expectations().at(name).get<std::vector<reals>>();
    BOOST_REQUIRE_EQUAL(expected.size(), 10u);
    tape t;
    arrays model = start();
    auto state = optimizer.start(model);
    for (const reals& each : expected)
    {
        nn::take_step(t, optimizer, model, state, loss);
        BOOST_TEST(distance(numbers_of(model), each) <= 1e-12, name);
    }
    BOOST_TEST(t.size() == 0u);
}

/// The text of the error that an optimizer with a bad hyperparameter gives at its start.
template <class Optimizer>
std::string complaint(const Optimizer& optimizer)
{
    return text_of<autograd::error::value_error>([&] { static_cast<void>(optimizer.start(start())); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_updates)

BOOST_AUTO_TEST_CASE(they_are_those_of_pytorch)
{
    check(nn::gradient_descent{0.05}, "sgd");
    check(nn::sgd{.learning_rate = 0.05}, "sgd");
    check(nn::sgd{.learning_rate = 0.02, .momentum = 0.9}, "sgd with momentum");
    check(nn::sgd{.learning_rate = 0.02, .momentum = 0.8, .nesterov = true, .weight_decay = 0.1},
          "sgd with nesterov and decay");
    check(nn::adagrad{.learning_rate = 0.1}, "adagrad");
    check(nn::adagrad{.learning_rate = 0.1, .epsilon = 1e-6, .weight_decay = 0.1}, "adagrad with decay");
    check(nn::rmsprop{.learning_rate = 0.01}, "rmsprop");
    check(nn::rmsprop{.learning_rate = 0.01, .decay = 0.9, .momentum = 0.7, .centered = true, .weight_decay = 0.1},
          "rmsprop centered with momentum and decay");
    check(nn::adam{.learning_rate = 0.05}, "adam");
    check(nn::adam{.learning_rate = 0.05, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.1},
          "adam with decay");
    check(nn::lazy_adam{.learning_rate = 0.05}, "adam");
    check(nn::adamw{.learning_rate = 0.05}, "adamw");
    check(nn::adamw{.learning_rate = 0.05, .beta1 = 0.8, .beta2 = 0.95, .weight_decay = 0.2}, "adamw with decay");
}

BOOST_AUTO_TEST_CASE(the_first_step_of_adam_has_the_length_of_the_rate)
{
    // m / (1 - beta1) = g and sqrt(v / (1 - beta2)) = |g|, for float too, where beta2 is near 1.
    autograd::tape<float> t;
    using model = layer<xt::xarray<float>>;
    model m{xt::xarray<float>{3.0F, -3.0F}, xt::xarray<float>{1.0F}};
    const nn::adam adam{.learning_rate = 0.5};
    auto state = adam.start(m);
    nn::take_step(t, adam, m, state, [](const auto& v) { return sum(square(v.weight)) + sum(v.bias); });
    BOOST_TEST(m.weight(0) == 2.5F, tolerance(1e-6F));
    BOOST_TEST(m.weight(1) == -2.5F, tolerance(1e-6F));
    BOOST_TEST(m.bias(0) == 0.5F, tolerance(1e-6F));
    BOOST_TEST(state.step() == 1.0F);
}

BOOST_AUTO_TEST_CASE(decay_spares_parameters_by_name)
{
    tape t;
    const auto still = [](const variables& m) { return 0.0 * (sum(m.weight) + sum(m.bias)); };
    const auto train = [&](const auto& optimizer)
    {
        arrays model = start();
        auto state = optimizer.start(model);
        nn::take_step(t, optimizer, model, state, still);
        BOOST_TEST(list(model.bias) == list(start().bias), per_element());
        BOOST_TEST(model.weight(2, 1) != start().weight(2, 1));
    };
    train(nn::sgd{.weight_decay = 0.5, .not_decayed = {"bias"}});
    train(nn::adagrad{.weight_decay = 0.5, .not_decayed = {"bias"}});
    train(nn::rmsprop{.weight_decay = 0.5, .not_decayed = {"bias"}});
    train(nn::adam{.weight_decay = 0.5, .not_decayed = {"bias"}});
    train(nn::adamw{.weight_decay = 0.5, .not_decayed = {"bias"}});
    BOOST_TEST(nn::detail::is_among("layers.2.bias", {"weight", "2.bias"}));
    BOOST_TEST(!nn::detail::is_among("unbias", {"bias"}));
}

BOOST_AUTO_TEST_CASE(a_name_that_no_parameter_has_is_refused)
{
    BOOST_TEST(
        complaint(nn::adamw{.not_decayed = {"weight", "bais"}}) ==
        "autograd: adamw: not_decayed has \"bais\"; it must be the name of a parameter, or the end of one behind "
        "a dot. There are weight, bias.");
    for (const std::string& text :
         {complaint(nn::sgd{.not_decayed = {"b"}}), complaint(nn::adagrad{.not_decayed = {"b"}}),
          complaint(nn::rmsprop{.not_decayed = {"b"}}), complaint(nn::adam{.not_decayed = {"b"}})})
    {
        BOOST_TEST(text.find("not_decayed has \"b\"") != std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(gradients_that_do_not_change_have_no_spread)
{
    tape t;
    const nn::rmsprop method{.decay = 0.5, .centered = true};
    array w{0.0};
    auto state = method.start(w);
    bool was_negative = false;
    for (int k = 0; k < 100; ++k)
    {
        nn::take_step(t, method, w, state, [](variable v) { return sum(0.7 * v); });
        BOOST_REQUIRE(std::isfinite(w(0)));
        was_negative = was_negative || state.mean_square(0) < (*state.mean)(0) * (*state.mean)(0);
    }
    BOOST_TEST(was_negative, "rounding makes the difference less than 0");
}

BOOST_AUTO_TEST_CASE(a_step_can_be_recorded_whole_with_its_rate)
{
    tape t;
    const nn::adamw adamw;
    const variables m = nn::on_tape(t, start());
    const auto state = nn::on_tape(t, adamw.start(start()));
    const variable rate = t.variable(0.1);
    const auto [next, next_state] = adamw(m, gradient(loss(m), m), state, rate);
    // dw/drate = -m/sqrt(v) - decay w: the update is differentiable itself.
    const variable slope = gradient(sum(next.bias), rate);
    BOOST_TEST(slope.item() == -2 - 0.01 * (0.25 + 0.75), tolerance(1e-6));
    BOOST_TEST(next_state.step.item() == 1.0);
    BOOST_TEST(state.step.item() == 0.0, "what was given stays");
}

BOOST_AUTO_TEST_CASE(bad_hyperparameters_are_refused)
{
    BOOST_TEST(complaint(nn::gradient_descent{-1}) ==
               "autograd: gradient_descent: learning_rate is -1; it must be finite and not negative.");
    BOOST_TEST(complaint(nn::sgd{.momentum = 1}) ==
               "autograd: sgd: momentum is 1; it must be at least 0 and less than 1.");
    BOOST_TEST(complaint(nn::sgd{.nesterov = true}) ==
               "autograd: sgd: nesterov is set and momentum is 0; there is nothing to look ahead with. Set a momentum, "
               "0.9 for example.");
    BOOST_TEST(complaint(nn::adagrad{.epsilon = 0}) ==
               "autograd: adagrad: epsilon is 0; it must be finite and greater than 0.");
    BOOST_TEST(complaint(nn::rmsprop{.decay = -0.5}) ==
               "autograd: rmsprop: decay is -0.5; it must be at least 0 and less than 1.");
    BOOST_TEST(complaint(nn::adam{.beta1 = std::nan("")}) ==
               "autograd: adam: beta1 is nan; it must be at least 0 and less than 1.");
    BOOST_TEST(complaint(nn::adamw{.weight_decay = -1e-3}) ==
               "autograd: adamw: weight_decay is -0.001; it must be finite and not negative.");
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_told_with_all_its_digits)
{
    BOOST_TEST(complaint(nn::adam{.beta1 = 1 + 1e-9}) ==
               "autograd: adam: beta1 is 1.000000001; it must be at least 0 and less than 1.");
    autograd::tape<float> t;
    const auto w = t.variable(xt::xarray<float>{1, 2});
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::gradient_descent()(w, w, {}, -0.1F); }) ==
               "autograd: gradient_descent: the rate is -0.1; it must be finite and not negative.");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused)
{
    tape t;
    const nn::sgd sgd{.momentum = 0.9};
    const variables m = nn::on_tape(t, start());
    const auto state = nn::on_tape(t, sgd.start(start()));
    const variables slope = gradient(loss(m), m);
    variables wrong = slope;
    wrong.bias = sum(wrong.bias);
    BOOST_TEST(text_of<autograd::error::shape_error>([&] { sgd(m, wrong, state, 0.1); }) ==
               "autograd: sgd: the gradient of bias is (), the parameter is (2,); they must have the same shape.");
    auto small = state;
    small.velocity->weight = sum(slope.weight, 0);
    BOOST_TEST(
        text_of<autograd::error::shape_error>([&] { sgd(m, slope, small, 0.1); }) ==
        "autograd: sgd: the velocity of weight is (2,), the parameter is (3, 2); they must have the same shape.");
    BOOST_TEST(
        text_of<autograd::error::value_error>([&] { sgd(m, slope, {}, 0.1); }) ==
        "autograd: sgd: the state has no velocity, which the hyperparameters ask for; make it by start(model) of "
        "the same optimizer.");
    BOOST_TEST(text_of<autograd::error::value_error>([&] { sgd(m, slope, state, -0.5); }) ==
               "autograd: sgd: the rate is -0.5; it must be finite and not negative.");
    BOOST_TEST(text_of<autograd::error::shape_error>([&] { sgd(m, slope, state, m.bias); }) ==
               "autograd: sgd: the rate is (2,); it must be a number, or of shape ().");
}

BOOST_AUTO_TEST_SUITE_END()
