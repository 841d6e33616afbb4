#pragma once

#include "nn/optimizer/adam.hpp"

namespace nn
{

/// Adam for models with large tables, of which a batch meets few rows (nn::embedding), as PyTorch's SparseAdam and
/// TensorFlow's LazyAdam: of a table, take_step and fit move the rows that the batch met, and their moments, as adam
/// does; the others stay as they are, where those of adam decay and move on by what they met before. The number of
/// steps t is that of all. It is another optimizer than adam, and a step of it costs what the rows cost.
///
/// Parameters whose gradient is not one by rows are adam's: those of other layers; a table that the loss uses in
/// another way, too, as in a product; all, where gradients are adjusted (clipped), and where this is called as a
/// function of variables. There is no weight decay, which would move all rows.
struct lazy_adam
{
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    NN_MEMBERS(learning_rate, beta1, beta2, epsilon)

    static constexpr std::string_view name() { return "lazy_adam"; }

    /// Throws value_error unless the learning rate is finite and not negative, 0 <= beta < 1, and epsilon is greater
    /// than 0.
    void check() const;

    /// The state before the first step. Throws as check().
    template <class Model>
    adam_state<Model> start(const Model& model) const
    {
        check();
        return detail::adam_rule::start(model);
    }

    /// That is what it is for.
    bool steps_by_rows(std::string_view) const { return true; }
    static constexpr bool moves_met_rows_only = true;

    /// Throws shape_error unless gradients and state have the shapes of the parameters.
    template <class Model>
    std::pair<Model, adam_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                   const adam_state<Model>& state, rate_of<Model> rate) const
    {
        check();
        detail::require_step(name(), parameters, gradients, rate);
        return detail::adam_rule{beta1, beta2, epsilon}.step(name(), parameters, gradients, state, rate);
    }
};

} // namespace nn
