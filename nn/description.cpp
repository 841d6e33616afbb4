#include "nn/description.hpp"

#include <fmt/format.h>

#include <iterator>

namespace nn::detail
{

namespace
{
template <class Value>
void add(std::string& list, const part_path& path, const Value& value)
{
    fmt::format_to(std::back_inserter(list), "{}{} {}", list.empty() ? "" : ", ", path.text(), value);
}
} // namespace

void add_to_list(std::string& list, const part_path& path, std::string_view word)
{
    add(list, path, word);
}

void add_to_list(std::string& list, const part_path& path, double value)
{
    add(list, path, value);
}

void add_to_list(std::string& list, const part_path& path, float value)
{
    add(list, path, value);
}

void add_to_list(std::string& list, const part_path& path, bool value)
{
    add(list, path, value);
}

void add_to_list(std::string& list, const part_path& path, std::int64_t value)
{
    add(list, path, value);
}

void add_to_list(std::string& list, const part_path& path, std::span<const double> values)
{
    add(list, path, fmt::format("{{{}}}", fmt::join(values, ", ")));
}

void add_to_list(std::string& list, const part_path& path, std::span<const std::int64_t> values)
{
    add(list, path, fmt::format("{{{}}}", fmt::join(values, ", ")));
}

std::string described_model(const std::string& leafless_layers, const std::string& hyperparameters)
{
    const char* const between = leafless_layers.empty() || hyperparameters.empty() ? "" : ", ";
    return leafless_layers.empty() && hyperparameters.empty()
               ? ""
               : fmt::format("model({}{}{}); ", leafless_layers, between, hyperparameters);
}

} // namespace nn::detail
