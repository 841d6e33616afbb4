#pragma once

#include "nn/optimizer/optimizer.hpp"

namespace nn
{

template <class Model>
struct sgd_state
{
    std::optional<Model> velocity; ///< with momentum only
    NN_MEMBERS(velocity)
};

/// Gradient descent with momentum (Polyak 1964; Nesterov 1983 in the form of Sutskever et al. 2013) and L2 decay, as
/// PyTorch's SGD without dampening:
///
///     g <- g + weight_decay w,   v <- momentum v + g,   w <- w - rate v,   or  w - rate (g + momentum v)  with
///     nesterov
struct sgd
{
    double learning_rate = 0.01;
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;
    std::vector<std::string> not_decayed = {}; ///< names of parameters, or their ends: "bias"
    NN_MEMBERS(learning_rate, momentum, nesterov, weight_decay, not_decayed)

    static constexpr std::string_view name() { return "sgd"; }

    /// Throws value_error unless the rates are finite and not negative, 0 <= momentum < 1, and nesterov has momentum.
    void check() const;

    /// The state before the first step. Throws as check(), and for a name in not_decayed that no parameter has.
    template <class Model>
    sgd_state<Model> start(const Model& model) const
    {
        check();
        detail::require_known(name(), not_decayed, model);
        return {detail::zeros_if(momentum != 0, model)};
    }

    /// Whether nothing but a gradient moves the parameter, so that only rows which have one take a step.
    bool steps_by_rows(std::string_view parameter) const
    {
        return momentum == 0 && !detail::decays(parameter, weight_decay, not_decayed);
    }

    /// Throws shape_error unless gradients and state have the shapes of the parameters, value_error for the state of
    /// another optimizer.
    template <class Model>
    std::pair<Model, sgd_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                  const sgd_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        const Model g = detail::with_decay(gradients, parameters, weight_decay, not_decayed);
        if (momentum == 0)
        {
            return {detail::descended(parameters, g, rate), state};
        }
        const Model velocity = with_momentum(detail::part_of_state(name(), "velocity", state.velocity, parameters), g);
        return {detail::descended(parameters, nesterov ? ahead(g, velocity) : velocity, rate), {velocity}};
    }

private:
    template <class Model>
    Model with_momentum(const Model& velocity, const Model& g) const
    {
        return detail::combine([&](auto v, auto slope) { return momentum * v + slope; }, velocity, g);
    }
    /// The slope and the velocity that the next step will have.
    template <class Model>
    Model ahead(const Model& g, const Model& velocity) const
    {
        return detail::combine([&](auto slope, auto v) { return slope + momentum * v; }, g, velocity);
    }
};

} // namespace nn
