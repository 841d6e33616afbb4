#include "nn/checkpoint.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace nn::detail
{

namespace
{

constexpr std::size_t report_columns = 6; // epoch, loss, whether there is a validation, validation, rate, seconds

template <class T>
autograd::array<T> list_of(const T* numbers, std::size_t count)
{
    autograd::array<T> result = autograd::array<T>::from_shape({count});
    std::copy_n(numbers, count, result.data());
    return result;
}

void add_count(archive& to, std::string name, std::size_t count)
{
    to.add(std::move(name), scalar(static_cast<std::uint64_t>(count)));
}

[[noreturn]] void refuse(const archive& from, std::string_view what)
{
    throw autograd::error::file_error("load_checkpoint", from.origin(), ": ", what);
}

/// An array of a given type and number of elements.
template <class T>
const autograd::array<T>& array_of(const archive& from, std::string_view name, std::size_t size)
{
    const any_array& found = from.at(name);
    if (found.type() != element_type_of<T>() || found.size() != size)
    {
        refuse(from, std::string(name) + " is not what a checkpoint has there; the file must be one.");
    }
    return found.as<T>();
}

template <class T>
T number_in(const archive& from, std::string_view name)
{
    return *array_of<T>(from, name, 1).data();
}

std::size_t count_in(const archive& from, std::string_view name)
{
    return number_in<std::uint64_t>(from, name);
}

/// A best figure: infinite before there is one, but never NaN, which no figure would be better than.
double figure_in(const archive& from, std::string_view name)
{
    const auto figure = number_in<double>(from, name);
    if (std::isnan(figure))
    {
        refuse(from, std::string(name) + " is NaN; it must be a number.");
    }
    return figure;
}

autograd::array<double> table_of(const std::vector<epoch_report>& history)
{
    autograd::array<double> table = autograd::array<double>::from_shape({history.size(), report_columns});
    double* next = table.data();
    for (const epoch_report& each : history)
    {
        const double columns[report_columns] = {static_cast<double>(each.epoch), each.loss, each.validation ? 1.0 : 0.0,
                                                each.validation.value_or(0),     each.rate, each.seconds};
        next = std::copy_n(columns, report_columns, next);
    }
    return table;
}

/// The rows of the table are the epochs, in order.
std::vector<epoch_report> history_in(const archive& from, std::size_t epochs)
{
    const std::string name = "progress/history";
    const any_array& found = from.at(name);
    const auto& table = array_of<double>(from, name, found.size());
    if (table.dimension() != 2 || table.shape()[0] != epochs || table.shape()[1] != report_columns)
    {
        refuse(from, name + " has the shape " + autograd::to_text(found.shape()) + " after " + std::to_string(epochs) +
                         " epochs; it must have a row of " + std::to_string(report_columns) + " numbers for each.");
    }
    std::vector<epoch_report> history;
    const double* row = table.data();
    for (std::size_t epoch = 1; epoch <= epochs; ++epoch, row += report_columns)
    {
        if (row[0] != static_cast<double>(epoch))
        {
            refuse(from, name + " does not count the epochs from 1; the file must be a checkpoint.");
        }
        history.push_back({epoch, row[1], row[2] != 0 ? std::optional(row[3]) : std::nullopt, row[4], row[5]});
    }
    return history;
}

/// The settings one by one: "seed 5".
std::vector<std::string> parts_of(std::string_view settings)
{
    constexpr std::string_view between = "; ";
    std::vector<std::string> parts;
    while (!settings.empty())
    {
        const std::size_t end = std::min(settings.find(between), settings.size());
        parts.emplace_back(settings.substr(0, end));
        settings.remove_prefix(std::min(end + between.size(), settings.size()));
    }
    return parts;
}

/// Those of the settings that are not among others, in quotes.
std::string those_without(const std::vector<std::string>& settings, const std::vector<std::string>& others)
{
    std::string text;
    for (const std::string& each : settings)
    {
        if (std::find(others.begin(), others.end(), each) == others.end())
        {
            text += (text.empty() ? "\"" : ", \"") + (is_plain_text(each) ? each : printable(each)) + "\"";
        }
    }
    return text;
}

} // namespace

void add_text(archive& to, std::string name, const std::string& text)
{
    to.add(std::move(name), list_of(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string text_in(const archive& from, std::string_view name)
{
    const any_array& found = from.at(name);
    const auto& bytes = array_of<std::uint8_t>(from, name, found.size());
    return {bytes.begin(), bytes.end()};
}

void add_progress(archive& to, const training_progress& progress)
{
    add_count(to, "progress/epochs", progress.epochs);
    add_count(to, "progress/steps", progress.steps);
    to.add("progress/best", scalar(progress.best));
    add_count(to, "progress/epochs_since_best", progress.epochs_since_best);
    to.add("progress/history", table_of(progress.history));
    to.add("plateau/factor", scalar(progress.plateau.factor));
    to.add("plateau/best", scalar(progress.plateau.best));
    add_count(to, "plateau/bad_epochs", progress.plateau.bad_epochs);
    add_count(to, "plateau/cooldown_left", progress.plateau.cooldown_left);
}

training_progress progress_in(const archive& from)
{
    training_progress progress;
    progress.epochs = count_in(from, "progress/epochs");
    progress.steps = count_in(from, "progress/steps");
    progress.best = figure_in(from, "progress/best");
    progress.epochs_since_best = count_in(from, "progress/epochs_since_best");
    progress.history = history_in(from, progress.epochs);
    const double factor = number_in<double>(from, "plateau/factor");
    if (!(factor >= 0 && factor <= 1))
    {
        refuse(from, fmt::format("plateau/factor is {}; it must be between 0 and 1.", factor));
    }
    progress.plateau = {factor, figure_in(from, "plateau/best"), count_in(from, "plateau/bad_epochs"),
                        count_in(from, "plateau/cooldown_left")};
    return progress;
}

void add_random(archive& to, const autograd::random::legacy_state& state)
{
    to.add("random/key", list_of(state.key.data(), state.key.size()));
    add_count(to, "random/position", state.position);
    to.add("random/has_gauss", scalar(state.has_gauss));
    to.add("random/cached_gauss", scalar(state.cached_gauss));
}

autograd::random::legacy_generator random_in(const archive& from)
{
    autograd::random::legacy_state state;
    std::copy_n(array_of<std::uint32_t>(from, "random/key", state.key.size()).data(), state.key.size(),
                state.key.data());
    state.position = count_in(from, "random/position");
    state.has_gauss = number_in<bool>(from, "random/has_gauss");
    state.cached_gauss = number_in<double>(from, "random/cached_gauss");
    try
    {
        return autograd::random::legacy_generator(state);
    }
    catch (const autograd::error::value_error& e)
    {
        refuse(from, std::string("random/ is the state of no generator: ") + e.what());
    }
}

void require_checkpoint(const archive& from)
{
    if (!from.contains("format") || text_in(from, "format") != checkpoint_format)
    {
        refuse(from, "it is no checkpoint of this form; save_checkpoint must have written it.");
    }
}

void require_settings(const archive& from, const std::string& expected)
{
    const std::vector<std::string> found = parts_of(text_in(from, "settings"));
    const std::vector<std::string> wanted = parts_of(expected);
    const std::string there = those_without(found, wanted);
    const std::string here = those_without(wanted, found);
    if (!there.empty() || !here.empty())
    {
        refuse(from, "it was written by a training with " + (there.empty() ? "nothing like it" : there) +
                         ", and this training has " + (here.empty() ? "nothing like it" : here) +
                         "; both must have the same settings. If the change is meant, load with "
                         "nn::settings::may_differ.");
    }
}

std::size_t count_of(const archive& from, std::string_view prefix)
{
    return static_cast<std::size_t>(std::count_if(
        from.begin(), from.end(), [&](const archive::item& each) { return each.name.starts_with(prefix); }));
}

bool has_section(const archive& from, std::string_view prefix)
{
    return std::any_of(from.begin(), from.end(),
                       [&](const archive::item& each) { return each.name.starts_with(prefix); });
}

} // namespace nn::detail
