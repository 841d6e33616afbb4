#pragma once

#include "nn/optimizer/optimizer.hpp"
#include "nn/optimizer/root.hpp"

namespace nn
{

template <class Model>
struct adagrad_state
{
    Model sum_of_squares;
    NN_MEMBERS(sum_of_squares)
};

/// Adagrad (Duchi, Hazan, Singer 2011, Adaptive subgradient methods), as PyTorch's:
///
///     g <- g + weight_decay w,   s <- s + g^2,   w <- w - rate g / (sqrt(s) + epsilon)
struct adagrad
{
    double learning_rate = 0.01;
    double epsilon = 1e-10;
    double weight_decay = 0;
    std::vector<std::string> not_decayed = {}; ///< names of parameters, or their ends: "bias"
    NN_MEMBERS(learning_rate, epsilon, weight_decay, not_decayed)

    static constexpr std::string_view name() { return "adagrad"; }

    /// Throws value_error unless the rates are finite and not negative and epsilon is greater than 0.
    void check() const;

    /// The state before the first step. Throws as check(), and for a name in not_decayed that no parameter has.
    template <class Model>
    adagrad_state<Model> start(const Model& model) const
    {
        check();
        detail::require_known(name(), not_decayed, model);
        return {zeros_like(model)};
    }

    /// Whether nothing but a gradient moves the parameter, so that only rows which have one take a step.
    bool steps_by_rows(std::string_view parameter) const
    {
        return !detail::decays(parameter, weight_decay, not_decayed);
    }

    /// Throws shape_error unless gradients and state have the shapes of the parameters.
    template <class Model>
    std::pair<Model, adagrad_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                      const adagrad_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        detail::require_alike(name(), "sum_of_squares", parameters, state.sum_of_squares);
        const Model g = detail::with_decay(gradients, parameters, weight_decay, not_decayed);
        const Model sums =
            detail::combine([](auto s, auto slope) { return s + square(slope); }, state.sum_of_squares, g);
        return {detail::combine([&](auto w, auto slope, auto s)
                                { return w - rate * slope / (detail::root_of_squares(s) + epsilon); },
                                parameters, g, sums),
                {sums}};
    }
};

} // namespace nn
