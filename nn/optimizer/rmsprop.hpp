#pragma once

#include "nn/optimizer/optimizer.hpp"
#include "nn/optimizer/root.hpp"

namespace nn
{

template <class Model>
struct rmsprop_state
{
    Model mean_square;
    std::optional<Model> mean;     ///< if centered
    std::optional<Model> velocity; ///< with momentum only
    NN_MEMBERS(mean_square, mean, velocity)
};

/// RMSprop (Hinton 2012, lecture 6e), centered and with momentum as in Graves 2013, as PyTorch's:
///
///     g <- g + weight_decay w,   s <- decay s + (1 - decay) g^2,   m <- decay m + (1 - decay) g
///     d = g / (sqrt(s) + epsilon), or g / (sqrt(s - m^2) + epsilon) if centered
///     v <- momentum v + d,   w <- w - rate v
///
/// Where rounding makes s - m^2 less than 0 (gradients that hardly change), it counts as 0; PyTorch's step is NaN
/// there.
struct rmsprop
{
    double learning_rate = 0.01;
    double decay = 0.99;
    double epsilon = 1e-8;
    double momentum = 0;
    bool centered = false;
    double weight_decay = 0;
    std::vector<std::string> not_decayed = {}; ///< names of parameters, or their ends: "bias"
    NN_MEMBERS(learning_rate, decay, epsilon, momentum, centered, weight_decay, not_decayed)

    static constexpr std::string_view name() { return "rmsprop"; }

    /// Throws value_error unless the rates are finite and not negative, decay and momentum are at least 0 and less than
    /// 1, and epsilon is greater than 0.
    void check() const;

    /// The state before the first step. Throws as check(), and for a name in not_decayed that no parameter has.
    template <class Model>
    rmsprop_state<Model> start(const Model& model) const
    {
        check();
        detail::require_known(name(), not_decayed, model);
        return {zeros_like(model), detail::zeros_if(centered, model), detail::zeros_if(momentum != 0, model)};
    }

    /// Throws shape_error unless gradients and state have the shapes of the parameters, value_error for the state of
    /// another optimizer.
    template <class Model>
    std::pair<Model, rmsprop_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                      const rmsprop_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        detail::require_alike(name(), "mean_square", parameters, state.mean_square);
        const Model g = detail::with_decay(gradients, parameters, weight_decay, not_decayed);

        rmsprop_state<Model> next = state;
        next.mean_square = detail::averaged_square(state.mean_square, g, decay);
        Model spread = next.mean_square;
        if (centered)
        {
            next.mean = detail::averaged(detail::part_of_state(name(), "mean", state.mean, parameters), g, decay);
            spread = detail::combine([](auto s, auto m) { return maximum(s - square(m), 0.0); }, spread, *next.mean);
        }
        Model direction = detail::combine(
            [&](auto slope, auto s) { return slope / (detail::root_of_squares(s) + epsilon); }, g, spread);
        if (momentum != 0)
        {
            direction =
                detail::combine([&](auto v, auto d) { return momentum * v + d; },
                                detail::part_of_state(name(), "velocity", state.velocity, parameters), direction);
            next.velocity = direction;
        }
        return {detail::descended(parameters, direction, rate), next};
    }
};

} // namespace nn
