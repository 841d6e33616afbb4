#pragma once

#include "nn/optimizer/optimizer.hpp"

namespace nn
{

/// w <- w - rate g. Nothing else: no momentum, no decay, no state.
struct gradient_descent
{
    double learning_rate = 0.01;
    NN_MEMBERS(learning_rate)

    static constexpr std::string_view name() { return "gradient_descent"; }

    /// Throws value_error unless the learning rate is finite and not negative.
    void check() const { detail::require_nonnegative(name(), "learning_rate", learning_rate); }

    template <class Model>
    no_state<Model> start(const Model&) const
    {
        check();
        return {};
    }

    /// Nothing but a gradient moves a parameter: only rows which have one take a step.
    bool steps_by_rows(std::string_view) const { return true; }

    /// Throws shape_error unless each gradient has the shape of its parameter.
    template <class Model>
    std::pair<Model, no_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                 const no_state<Model>&, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        return {detail::descended(parameters, gradients, rate), {}};
    }
};

} // namespace nn
