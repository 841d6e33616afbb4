#pragma once

#include "autograd/random/legacy_generator.hpp"
#include "nn/batch_blocks.hpp"
#include "nn/description.hpp"
#include "nn/optimizer/schedule.hpp"
#include "nn/optimizer/step.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace nn
{

/// One epoch, looked back on.
struct epoch_report
{
    std::size_t epoch; ///< from 1
    /// The mean of the batches' losses, each before its step, weighted by the extents of their axes 0: for a loss that
    /// is a mean over axis 0, that over all rows. (A summed loss counts large batches twice.)
    double loss;
    std::optional<double> validation; ///< where there is a validation
    double rate;                      ///< the learning rate of the last step
    double seconds;
};

/// How far a training is.
struct training_progress
{
    std::size_t epochs = 0; ///< that are complete
    std::size_t steps = 0;  ///< that were taken
    reduce_on_plateau::state plateau = {};
    double best = std::numeric_limits<double>::infinity(); ///< the lowest figure that was watched
    std::size_t epochs_since_best = 0;
    std::vector<epoch_report> history = {};
};

namespace detail
{

/// The name of an optimizer and its hyperparameters: "sgd(learning_rate 0.01, momentum 0.9, ...)".
std::string described(std::string_view optimizer, const std::string& hyperparameters);
template <class Optimizer>
std::string described(const Optimizer& optimizer)
{
    return described(optimizer.name(), hyperparameters(optimizer));
}

/// The rules of a training in words.
std::string described_rules(const std::string& model, const std::string& optimizer, const schedule& rates,
                            const std::optional<reduce_on_plateau>& plateau, std::int64_t seed,
                            const std::optional<batch_blocks>& blocks, const std::string& context);

/// Puts an epoch into the history. Whether its figure is lower than the best one by more than `least_improvement`.
bool add_epoch(training_progress& progress, const epoch_report& report, const std::optional<reduce_on_plateau>& plateau,
               double least_improvement);

} // namespace detail

/// A training: all that changes in the course of it, and by what rules. A plain value: copy it, keep it, go on with it.
/// fit() moves it on, save_checkpoint() and load_checkpoint() carry it through a file.
template <class Model, class Optimizer>
struct training
{
    using number = typename leaf_of<Model>::value_type;
    using recorded = rebind<Model, autograd::variable<number>>;

    /// Throws value_error for bad hyperparameters, and unless 0 <= seed <= 4294967295.
    training(Model start, Optimizer by, schedule factor = {}, std::int64_t with_seed = 0)
        : model(std::move(start)),
          optimizer(std::move(by)),
          rates(std::move(factor)),
          seed(with_seed),
          state(optimizer.start(model)),
          random(with_seed)
    {
    }

    Model model; ///< of arrays
    Optimizer optimizer;
    schedule rates;                           ///< factors of the learning rate, by step
    std::optional<reduce_on_plateau> plateau; ///< lowers the learning rate further, by epoch
    std::int64_t seed;
    std::optional<batch_blocks> blocks = {}; ///< cuts batches; without it each is one
    std::string context = {}; ///< whatever else decides its course, in words, for checkpoints to compare: "batch 32"

    state_of<Optimizer, Model> state;
    autograd::random::legacy_generator random; ///< for the order of the rows
    training_progress progress;
    std::optional<Model> best; ///< the model at the lowest figure that was watched

    /// The model to use: the one at the lowest figure that was watched; before there is a figure, the model.
    const Model& best_model() const { return best ? *best : model; }

    /// The learning rate of the next step.
    double rate() const { return optimizer.learning_rate * rates(progress.steps) * progress.plateau.factor; }

    /// The rules as text: what a checkpoint is compared by.
    std::string settings() const
    {
        return detail::described_rules(detail::described_model(model), detail::described(optimizer), rates, plateau,
                                       seed, blocks, context);
    }
};

/// By mistake, of a model of variables, or of one whose parts are not known.
template <class Model, class Optimizer>
    requires(!detail::of_arrays<Model>)
struct training<Model, Optimizer>
{
    static_assert(autograd::detail::never<Model>,
                  "A training starts from a model of arrays, which lists its members: NN_MEMBERS(weight, bias).");
    template <class... Arguments>
    training(Arguments&&...)
    {
    }
};

} // namespace nn
