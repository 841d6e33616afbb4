// Steps as functions: derivatives of what comes out of them by the parameters, the rate and the state.

#include "autograd/check/check_samples.hpp"
#include "nn/optimizer/adagrad.hpp"
#include "nn/optimizer/adam.hpp"
#include "nn/optimizer/clipping.hpp"
#include "nn/optimizer/gradient_descent.hpp"
#include "nn/optimizer/lazy_adam.hpp"
#include "nn/optimizer/rmsprop.hpp"
#include "nn/optimizer/root.hpp"
#include "nn/optimizer/sgd.hpp"
#include "tests/nn/optimizer/models.hpp"

using namespace models;

namespace
{

template <class T>
using parts = layer<autograd::variable<T>>;

/// Of the gradient, those elements are 0 whose parameters are.
arrays at_zeros()
{
    return {array{{0.0, 2.0}, {-1.5, 0.5}}, array{-0.75, 0.0}};
}
template <class T>
autograd::variable<T> loss_of(const parts<T>& m)
{
    const auto slant = m.weight.tape().constant(xt::xarray<T>{{1, T(0.5)}, {T(0.75), 2}});
    const auto all = sum(square(m.weight)) + sum(square(m.bias));
    return sum(slant * square(m.weight)) + sum(square(square(m.bias))) + 0.1 * square(all);
}

/// What a meta-learner looks at: the loss after some steps, and the parameters themselves.
template <class T, class Optimizer, class State>
autograd::variable<T> outcome(const Optimizer& optimizer, parts<T> m, State state, autograd::variable<T> rate,
                              int steps, double greatest_norm)
{
    for (int k = 0; k < steps; ++k)
    {
        const auto g = nn::clip_by_norm(gradient(loss_of(m), m), greatest_norm);
        std::tie(m, state) = optimizer(m, g, state, rate);
    }
    const auto weights = rate.tape().constant(xt::xarray<T>{{1, -2}, {T(0.5), 3}});
    return loss_of(m) + sum(weights * m.weight) - sum(m.bias);
}

/// A step with all that it depends on, as arrays.
template <class Optimizer>
struct setting
{
    Optimizer optimizer;
    arrays model;
    nn::state_of<Optimizer, arrays> state;
    double rate;
    int steps;
    double greatest_norm;
};

template <class Optimizer>
double value_of(const setting<Optimizer>& s)
{
    tape t;
    return outcome(s.optimizer, nn::on_tape(t, s.model), nn::on_tape(t, s.state), t.variable(s.rate), s.steps,
                   s.greatest_norm)
        .item();
}

/// A difference quotient by one number of a setting. The average of squares, which is never less than 0 and has a root
/// that bends much, is only made larger near 0.
template <class Optimizer>
double quotient(const setting<Optimizer>& s, double& number, bool is_square)
{
    const double h = is_square ? 1e-8 : 1e-7;
    const double at = number;
    const auto value_at = [&](double x)
    {
        number = x;
        const double value = value_of(s);
        number = at;
        return value;
    };
    if (is_square && at < h)
    {
        return (4 * value_at(at + h) - value_at(at + 2 * h) - 3 * value_at(at)) / (2 * h);
    }
    return (value_at(at + h) - value_at(at - h)) / (2 * h);
}

template <class Optimizer, class Structure, class Gradient>
void compare(setting<Optimizer>& s, Structure& numbers, const Gradient& found)
{
    nn::zip_parameters(
        [&](const std::string& name, auto& array, const auto& slope)
        {
            const bool is_square = name.find("second_moment") != name.npos || name.find("square") != name.npos;
            for (std::size_t i = 0; i < array.size(); ++i)
            {
                const double expected = quotient(s, array.data()[i], is_square);
                BOOST_TEST(std::abs(slope.data()[i] - expected) <= 2e-4 * (1 + std::abs(expected)),
                           s.optimizer.name() << ", by " << name << " " << i << ": " << slope.data()[i] << " for "
                                              << expected << " over " << s.steps << " steps");
            }
        },
        numbers, found);
}

/// The same in float, where it must not be far off.
template <class Optimizer>
void compare_with_float(const setting<Optimizer>& s, double by_rate)
{
    autograd::tape<float> t;
    const auto narrow = [&](const auto& structure)
    {
        return nn::map_leaves([&](const std::string&, nn::role, const array& leaf)
                              { return t.variable(xt::xarray<float>(xt::cast<float>(leaf))); },
                              structure);
    };
    const auto rate = t.variable(static_cast<float>(s.rate));
    const auto m = narrow(s.model);
    const auto y = outcome(s.optimizer, m, narrow(s.state), rate, s.steps, s.greatest_norm);
    BOOST_TEST(std::abs(gradient(y, rate).item() - by_rate) <= 1e-3 * (1 + std::abs(by_rate)), s.optimizer.name());
    const auto by_model = gradient(y, m);
    BOOST_TEST(static_cast<double>(amin(isfinite(by_model.weight)).item()) == 1);
}

/// The derivatives of a setting are those that differences find.
template <class Optimizer>
void check(setting<Optimizer> s)
{
    tape t;
    const auto m = nn::on_tape(t, s.model);
    const auto state = nn::on_tape(t, s.state);
    const variable rate = t.variable(s.rate);
    const variable y = outcome(s.optimizer, m, state, rate, s.steps, s.greatest_norm);
    compare(s, s.model, nn::values(gradient(y, m)));
    if constexpr (!std::is_same_v<decltype(s.state), nn::no_state<arrays>>)
    {
        compare(s, s.state, nn::values(gradient(y, state, autograd::unconnected::zero)));
    }
    const double by_rate = gradient(y, rate).item();
    BOOST_TEST(std::abs(by_rate - quotient(s, s.rate, false)) <= 2e-4 * (1 + std::abs(by_rate)), s.optimizer.name());
    BOOST_TEST(jvp(y, rate, t.constant(1.0)).item() == by_rate, tolerance(1e-12));
    compare_with_float(s, by_rate);
}

/// From the beginning, and from the state after a step, with one that is clipped and one that is not.
template <class Optimizer>
void check(const Optimizer& optimizer)
{
    tape t;
    arrays model = at_zeros();
    auto state = optimizer.start(model);
    for (const double greatest_norm : {100.0, 1.0})
    {
        for (const int steps : {1, 2})
        {
            check(setting<Optimizer>{optimizer, at_zeros(), optimizer.start(at_zeros()), 0.05, steps, greatest_norm});
            check(setting<Optimizer>{optimizer, at_zeros(), state, 0.05, steps, greatest_norm});
        }
        nn::take_step(t, optimizer, model, state, [](const auto& m) { return loss_of(m); });
    }
}

/// The derivative of one step by w at w = (0, 2), for the loss sum of squares.
template <class T, class Optimizer>
std::vector<T> slopes_of_a_step(const Optimizer& optimizer)
{
    autograd::tape<T> t;
    const xt::xarray<T> at{0, 2};
    const auto w = t.variable(at);
    const auto state = nn::on_tape(t, optimizer.start(at));
    const auto [next, next_state] = optimizer(w, gradient(sum(square(w)), w), state, T(optimizer.learning_rate));
    BOOST_TEST(list(isfinite(hessian(sum(next), w))) == (std::vector<T>{1, 1, 1, 1}), per_element());
    const auto slope = list(gradient(sum(next), w));
    BOOST_TEST(list(jvp(next, w, t.full(w.shape(), T(1)))) == slope, tolerance(T(1e-6)) << per_element());
    return slope;
}

/// At 0, where g / (|g| + epsilon) has the derivative 1 / epsilon, and behind it, where the step has one length.
template <class T, class Optimizer>
void check_slopes(const Optimizer& optimizer, double of_root, double decay = 0)
{
    const std::vector<T> slope = slopes_of_a_step<T>(optimizer);
    const double rate = optimizer.learning_rate;
    BOOST_TEST(static_cast<double>(slope[0]) == 1 - decay - rate * 2 * of_root / optimizer.epsilon,
               tolerance(std::is_same_v<T, float> ? 1e-6 : 1e-14));
    BOOST_TEST(std::abs(static_cast<double>(slope[1]) - (1 - decay)) < 1e-6, optimizer.name());
}

template <class T>
void check_default_epsilons()
{
    check_slopes<T>(nn::adam{.learning_rate = 0.1}, 1);
    check_slopes<T>(nn::adamw{.learning_rate = 0.1, .weight_decay = 0.5}, 1, 0.05);
    check_slopes<T>(nn::rmsprop{.learning_rate = 0.1}, 1);
    check_slopes<T>(nn::rmsprop{.learning_rate = 0.1, .centered = true}, 1);
    check_slopes<T>(nn::adagrad{.learning_rate = 0.1}, 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_meta_gradients)

BOOST_AUTO_TEST_CASE(they_are_those_of_differences)
{
    check(nn::gradient_descent());
    check(nn::sgd());
    check(nn::sgd{.momentum = 0.9, .weight_decay = 0.1});
    check(nn::sgd{.momentum = 0.8, .nesterov = true});
    check(nn::adagrad{.epsilon = 0.1});
    check(nn::adagrad{.epsilon = 0.1, .weight_decay = 0.1});
    check(nn::rmsprop{.decay = 0.9, .epsilon = 0.1});
    check(nn::rmsprop{.decay = 0.9, .epsilon = 0.1, .momentum = 0.7, .centered = true, .weight_decay = 0.1});
    check(nn::adam{.epsilon = 0.1});
    check(nn::adam{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 0.1, .weight_decay = 0.1});
    check(nn::adam{.beta1 = 0, .beta2 = 0.9, .epsilon = 0.1});
    check(nn::lazy_adam{.epsilon = 0.1});
    check(nn::adamw{.epsilon = 0.1, .weight_decay = 0.2});
}

BOOST_AUTO_TEST_CASE(at_a_gradient_of_0_the_epsilon_is_what_it_was)
{
    check_default_epsilons<double>();
    check_default_epsilons<float>();
}

BOOST_AUTO_TEST_CASE(averages_that_forget_all_have_a_derivative_by_the_step)
{
    tape t;
    const nn::adam adam{.beta1 = 0, .beta2 = 0};
    const variable w = t.variable(array{0.0, 2.0});
    const auto state = nn::on_tape(t, adam.start(array{0.0, 2.0}));
    const auto next = adam(w, gradient(sum(square(w)), w), state, 0.5).first;
    BOOST_TEST(list(next) == (reals{0.0, 1.5}), tolerance(1e-8) << per_element());
    BOOST_TEST(gradient(sum(next), state.step).item() == 0);
    BOOST_TEST(std::isfinite(list(gradient(sum(next), w))[0]));
}

// The gradients of rows that were not looked up, and of dead units, are 0 whatever happens.
BOOST_AUTO_TEST_CASE(what_never_has_a_gradient_spoils_no_second_derivative)
{
    tape t;
    const nn::adam adam;
    const array at{0.5, -1.5, 2.0};
    const variable w = t.variable(at);
    const variable seen = t.constant(array{1.0, 0.0, 1.0});
    const auto loss = [&](variable v) { return sum(seen * exp(v)); };
    const variable next = adam(w, gradient(loss(w), w), nn::on_tape(t, adam.start(at)), 0.1).first;
    const variable after = loss(next) + sum(square(next));
    BOOST_TEST(list(gradient(after, w))[1] == -3.0);
    const reals second = list(hessian(after, w));
    BOOST_TEST((reals{second[1], second[3], second[4], second[5], second[7]}) == (reals{0, 0, 2, 0, 0}), per_element());
    BOOST_TEST(std::isfinite(second[0]));
}

BOOST_AUTO_TEST_CASE(the_root_of_squares_is_an_operation)
{
    BOOST_TEST(autograd::check::check_operation<nn::detail::root_of_squares_rule>().derivative_checks > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
