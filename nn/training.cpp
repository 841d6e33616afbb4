#include "nn/training.hpp"

#include <fmt/format.h>

namespace nn::detail
{

std::string described(std::string_view optimizer, const std::string& hyperparameters)
{
    return fmt::format("{}({})", optimizer, hyperparameters);
}

std::string described_rules(const std::string& model, const std::string& optimizer, const schedule& rates,
                            const std::optional<reduce_on_plateau>& plateau, std::int64_t seed,
                            const std::optional<batch_blocks>& blocks, const std::string& context)
{
    const std::string cut = blocks ? described_blocks(*blocks) : "";
    return fmt::format("{}{}; schedule {}; plateau {}; seed {}{}{}{}{}", model, optimizer, to_text(rates),
                       plateau ? to_text(*plateau) : "none", seed, cut.empty() ? "" : "; ", cut,
                       context.empty() ? "" : "; ", context);
}

bool add_epoch(training_progress& progress, const epoch_report& report, const std::optional<reduce_on_plateau>& plateau,
               double least_improvement)
{
    progress.history.push_back(report);
    const double figure = report.validation.value_or(report.loss);
    if (plateau)
    {
        progress.plateau = plateau->next(progress.plateau, figure);
    }
    const bool is_best = figure < progress.best - least_improvement;
    progress.best = is_best ? figure : progress.best;
    progress.epochs_since_best = is_best ? 0 : progress.epochs_since_best + 1;
    ++progress.epochs;
    return is_best;
}

} // namespace nn::detail
