#pragma once

#include "nn/serialization/model.hpp"
#include "nn/serialization/npz.hpp"
#include "nn/training.hpp"

#include <filesystem>

/// Checkpoints: a training in a file, from which it goes on as if it had never stopped. The file is NumPy's npz:
/// numpy.load reads "model/hidden.weight", "optimizer/first_moment.hidden.weight", "progress/steps", "settings", ...
namespace nn
{

/// Whether a checkpoint must have been written under the settings (optimizer, schedule, plateau, seed, context) of the
/// training that loads it.
enum class settings
{
    must_agree,
    may_differ
};

namespace detail
{

inline constexpr std::string_view checkpoint_format = "xgrad checkpoint 2";

/// \name What is no array of a model. \{
void add_text(archive& to, std::string name, const std::string& text);
void add_progress(archive& to, const training_progress& progress);
void add_random(archive& to, const autograd::random::legacy_state& state);

std::string text_in(const archive& from, std::string_view name);
training_progress progress_in(const archive& from);
autograd::random::legacy_generator random_in(const archive& from);

/// Throws file_error unless the settings in the archive are these.
void require_settings(const archive& from, const std::string& expected);
/// Throws file_error unless the archive is a checkpoint of this form.
void require_checkpoint(const archive& from);
bool has_section(const archive& from, std::string_view prefix);
/// How many arrays have names with this prefix.
std::size_t count_of(const archive& from, std::string_view prefix);

/// Makes room for a state whose size changes in the course of a training (that of lbfgs: pairs of two arrays each).
template <class State>
void make_room(const archive& from, State& state)
{
    if constexpr (requires { state.resize(std::size_t()); })
    {
        state.resize(count_of(from, "optimizer/pairs.") / 2);
    }
}
/// \}

} // namespace detail

/// Writes a training to a file: the model with its buffers, the optimizer's state, the counts of epochs and steps, the
/// states of plateau, early stopping and random stream, the history, the best model so far, and the settings as text.
/// Atomic: whoever reads the name, and whenever this is interrupted, finds the old checkpoint or the new one. Throws
/// file_error if it cannot be written.
template <class Model, class Optimizer>
void save_checkpoint(const std::filesystem::path& file, const training<Model, Optimizer>& run)
{
    archive arrays;
    detail::add_text(arrays, "format", std::string(detail::checkpoint_format));
    detail::add_text(arrays, "settings", run.settings());
    detail::add_progress(arrays, run.progress);
    detail::add_random(arrays, run.random.state());
    detail::add_arrays(arrays, "model/", run.model);
    detail::add_arrays(arrays, "optimizer/", run.state);
    if (run.best)
    {
        detail::add_arrays(arrays, "best/", *run.best);
    }
    save_npz(file, arrays);
}

/// Gives a training the state that a checkpoint holds: a file, or what load_npz made of it. The training must have been
/// made as the one that was saved: from a model of the same form (with the same activations), with the same optimizer,
/// schedule, plateau, seed and context (settings::may_differ lifts the latter, except that the optimizer must keep the
/// same kind of state). A schedule or loss that is the user's own function cannot be compared. Going on is then bit for
/// bit what the uninterrupted training does.
///
/// Throws file_error if the file cannot be read, is damaged, is no checkpoint, or is one of another model or other
/// settings; the training then stays as it was.
template <class Model, class Optimizer>
void load_checkpoint(const archive& arrays, training<Model, Optimizer>& run, settings demand = settings::must_agree)
{
    detail::require_checkpoint(arrays);
    if (demand == settings::must_agree)
    {
        detail::require_settings(arrays, run.settings());
    }
    training<Model, Optimizer> loaded = run;
    detail::read_arrays("load_checkpoint", arrays, "model/", loaded.model);
    detail::make_room(arrays, loaded.state);
    detail::read_arrays("load_checkpoint", arrays, "optimizer/", loaded.state);
    loaded.progress = detail::progress_in(arrays);
    loaded.random = detail::random_in(arrays);
    loaded.best.reset();
    if (detail::has_section(arrays, "best/"))
    {
        loaded.best = run.model;
        detail::read_arrays("load_checkpoint", arrays, "best/", *loaded.best);
    }
    run = std::move(loaded);
}
template <class Model, class Optimizer>
void load_checkpoint(const std::filesystem::path& file, training<Model, Optimizer>& run,
                     settings demand = settings::must_agree)
{
    load_checkpoint(load_npz(file), run, demand);
}

} // namespace nn
