#pragma once

#include "nn/optimizer/optimizer.hpp"
#include "nn/optimizer/root.hpp"

#include <algorithm>
#include <cmath>

namespace nn
{

template <class Model>
struct adam_state
{
    leaf_of<Model> step; ///< how many were taken; shape ()
    Model first_moment;  ///< the average of g
    Model second_moment; ///< the average of g^2
    NN_MEMBERS(step, first_moment, second_moment)
};

namespace detail
{

/// What Adam and AdamW share.
struct adam_rule
{
    double beta1;
    double beta2;
    double epsilon;

    void check(std::string_view who) const;

    template <class Model>
    static adam_state<Model> start(const Model& model)
    {
        using T = typename leaf_of<Model>::value_type;
        return {scalar<T>(0), zeros_like(model), zeros_like(model)};
    }

    template <class Model>
    std::pair<Model, adam_state<Model>> step(std::string_view who, const Model& parameters, const Model& gradients,
                                             const adam_state<Model>& state, const rate_of<Model>& rate) const
    {
        require_alike(who, "first_moment", parameters, state.first_moment);
        require_alike(who, "second_moment", parameters, state.second_moment);
        const adam_state<Model> next{state.step + 1, averaged(state.first_moment, gradients, beta1),
                                     averaged_square(state.second_moment, gradients, beta2)};
        const auto length = rate / one_minus_power(beta1, next.step);
        const auto root = sqrt(one_minus_power(beta2, next.step));
        return {combine([&](auto w, auto m, auto v) { return w - length * m / (root_of_squares(v) / root + epsilon); },
                        parameters, next.first_moment, next.second_moment),
                next};
    }

private:
    /// 1 - beta^step, exact to the last digits also where beta^step is near 1. For a beta of 0 an exp(-1000), which is
    /// 0, stands for it: the derivative by the step is 0 then, where that of an infinite logarithm would be NaN.
    template <class T>
    static autograd::variable<T> one_minus_power(double beta, autograd::variable<T> step)
    {
        return -expm1(std::max(std::log(beta), -1000.0) * step);
    }
};

} // namespace detail

/// Adam (Kingma and Ba 2015, algorithm 1), weight decay as an L2 penalty, as PyTorch's:
///
///     g <- g + weight_decay w
///     m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
///     w <- w - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
struct adam
{
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
    std::vector<std::string> not_decayed = {}; ///< names of parameters, or their ends: "bias"
    NN_MEMBERS(learning_rate, beta1, beta2, epsilon, weight_decay, not_decayed)

    static constexpr std::string_view name() { return "adam"; }

    /// Throws value_error unless the rates are finite and not negative, 0 <= beta < 1, and epsilon is greater than 0.
    void check() const;

    /// The state before the first step. Throws as check(), and for a name in not_decayed that no parameter has.
    template <class Model>
    adam_state<Model> start(const Model& model) const
    {
        check();
        detail::require_known(name(), not_decayed, model);
        return detail::adam_rule::start(model);
    }

    /// Throws shape_error unless gradients and state have the shapes of the parameters.
    template <class Model>
    std::pair<Model, adam_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                   const adam_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        const Model g = detail::with_decay(gradients, parameters, weight_decay, not_decayed);
        return detail::adam_rule{beta1, beta2, epsilon}.step(name(), parameters, g, state, rate);
    }
};

/// Adam with the weight decay beside the gradient, not in it (Loshchilov and Hutter 2019, Decoupled weight decay
/// regularization, algorithm 2), as PyTorch's: w <- w (1 - rate weight_decay), and then a step of Adam.
struct adamw
{
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.01;
    std::vector<std::string> not_decayed = {}; ///< names of parameters, or their ends: "bias"
    NN_MEMBERS(learning_rate, beta1, beta2, epsilon, weight_decay, not_decayed)

    static constexpr std::string_view name() { return "adamw"; }

    /// Throws as adam::check.
    void check() const;

    /// The state before the first step. Throws as check(), and for a name in not_decayed that no parameter has.
    template <class Model>
    adam_state<Model> start(const Model& model) const
    {
        check();
        detail::require_known(name(), not_decayed, model);
        return detail::adam_rule::start(model);
    }

    /// Throws as adam does.
    template <class Model>
    std::pair<Model, adam_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                   const adam_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        return detail::adam_rule{beta1, beta2, epsilon}.step(name(), decayed(parameters, rate), gradients, state, rate);
    }

private:
    template <class Model>
    Model decayed(const Model& parameters, const rate_of<Model>& rate) const
    {
        return map_parameters([&](const std::string& each, auto w)
                              { return detail::is_among(each, not_decayed) ? w : w - w * weight_decay * rate; },
                              parameters);
    }
};

} // namespace nn
