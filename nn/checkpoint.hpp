#pragma once

#include "nn/serialization/archive.hpp"
#include "nn/serialization/npz.hpp"
#include "nn/training.hpp"

#include <filesystem>

/// Checkpoints: a training in a file, from which it goes on as if it had never stopped. The file is NumPy's npz:
/// numpy.load reads "model/hidden.weight", "optimizer/first_moment.hidden.weight", "progress/steps", "settings", ...
namespace nn
{

/// Whether a checkpoint must have been written under the settings (optimizer, schedule, plateau, seed) of the training
/// that loads it.
enum class settings
{
    must_agree,
    may_differ
};

namespace detail
{

/// \name What is no array of a model. \{
void add_text(archive& to, std::string name, const std::string& text);
void add_progress(archive& to, const training_progress& progress);
void add_random(archive& to, const autograd::random::legacy_state& state);

std::string text_in(const archive& from, std::string_view name);
training_progress progress_in(const archive& from);
autograd::random::legacy_state random_in(const archive& from);

/// Throws file_error unless the settings in the archive are these.
void require_settings(const archive& from, const std::string& expected);
/// Throws file_error unless the archive is a checkpoint of this form.
void require_checkpoint(const archive& from);
bool has_section(const archive& from, const std::string& section);
[[noreturn]] void throw_wrong_array(const archive& from, const std::string& name, const any_array& found,
                                    element_type type, autograd::shape_view shape);
/// Throws file_error unless the section has so many arrays: a checkpoint of a larger model is refused.
void require_count(const archive& from, const std::string& section, std::size_t count);
/// \}

inline std::string name_in_section(const std::string& section, const std::string& name)
{
    return section + "/" + name;
}

template <class Structure, class F>
void for_each_array(Structure& structure, const std::string& section, F f)
{
    for_each_member(structure,
                    [&](const std::string& name, role, auto& member)
                    {
                        if constexpr (is_leaf<std::remove_cvref_t<decltype(member)>>)
                        {
                            f(name_in_section(section, name), member);
                        }
                    });
}

template <class Structure>
void add_arrays(archive& to, const std::string& section, const Structure& structure)
{
    for_each_array(structure, section, [&](const std::string& name, const auto& array) { to.add(name, array); });
}

/// Throws file_error unless the section holds just the arrays of the structure, of the same types and shapes.
template <class Structure>
void read_arrays(const archive& from, const std::string& section, Structure& structure)
{
    std::size_t count = 0;
    for_each_array(structure, section,
                   [&](const std::string& name, auto& array)
                   {
                       using T = typename std::remove_cvref_t<decltype(array)>::value_type;
                       const any_array& found = from.at(name);
                       const autograd::shape_vector shape(array.shape().begin(), array.shape().end());
                       if (found.type() != element_type_of<T>() || !(found.shape() == autograd::shape_view(shape)))
                       {
                           throw_wrong_array(from, name, found, element_type_of<T>(), shape);
                       }
                       array = found.template as<T>();
                       ++count;
                   });
    require_count(from, section, count);
}

} // namespace detail

/// Writes a training to a file: the model with its buffers, the optimizer's state, the counts of epochs and steps, the
/// states of plateau, early stopping and random stream, the history, and the settings as text. Atomic: whoever reads
/// the name, and whenever this is interrupted, finds the old checkpoint or the new one. Throws file_error if it cannot
/// be written.
template <class Model, class Optimizer>
void save_checkpoint(const std::filesystem::path& file, const training<Model, Optimizer>& run)
{
    archive arrays;
    detail::add_text(arrays, "format", "xgrad checkpoint 1");
    detail::add_text(arrays, "settings", run.settings());
    detail::add_progress(arrays, run.progress);
    detail::add_random(arrays, run.random.state());
    detail::add_arrays(arrays, "model", run.model);
    detail::add_arrays(arrays, "optimizer", run.state);
    if (run.best)
    {
        detail::add_arrays(arrays, "best", *run.best);
    }
    save_npz(file, arrays);
}

/// Gives a training the state that a checkpoint holds. The training must have been made as the one that was saved: from
/// a model of the same form, with the same optimizer, schedule, plateau and seed (settings::may_differ lifts the
/// latter, except that the optimizer must keep the same kind of state). A schedule or loss that is the user's own
/// function cannot be compared. Going on is then bit for bit what the uninterrupted training does.
///
/// Throws file_error if the file cannot be read, is damaged, is no checkpoint, or is one of another model or other
/// settings; the training then stays as it was.
template <class Model, class Optimizer>
void load_checkpoint(const std::filesystem::path& file, training<Model, Optimizer>& run,
                     settings demand = settings::must_agree)
{
    const archive arrays = load_npz(file);
    detail::require_checkpoint(arrays);
    if (demand == settings::must_agree)
    {
        detail::require_settings(arrays, run.settings());
    }
    training<Model, Optimizer> loaded = run;
    detail::read_arrays(arrays, "model", loaded.model);
    detail::read_arrays(arrays, "optimizer", loaded.state);
    loaded.progress = detail::progress_in(arrays);
    loaded.random.set_state(detail::random_in(arrays));
    loaded.best.reset();
    if (detail::has_section(arrays, "best"))
    {
        loaded.best = run.model;
        detail::read_arrays(arrays, "best", *loaded.best);
    }
    run = std::move(loaded);
}

} // namespace nn
