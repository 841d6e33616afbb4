#pragma once

#include "nn/module.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Models in words: what layers are called, where they stand, and the hyperparameters.
namespace nn::detail
{

/// The name of a type as the compiler writes it, up to its template arguments and without its namespaces: "linear".
template <class Type>
constexpr std::string_view kind_of()
{
    // "... [with Type = nn::linear<...>]" or "... [Type = nn::activation::tanh]"
    constexpr std::string_view key = "Type = ";
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find(key) + key.size());
    std::size_t begin = 0;
    std::size_t end = 0;
    for (; end < text.size() && text[end] != '<' && text[end] != ';' && text[end] != ']'; ++end)
    {
        begin = text[end] == ':' ? end + 1 : begin;
    }
    return text.substr(begin, end - begin);
}
static_assert(kind_of<autograd::shape_vector>() == "shape_vector");

template <class F, class S>
void walk_layers(const part_path& path, F& f, const S& structure)
{
    if constexpr (!is_leaf<S> && autograd::detail::has_parts<const S>)
    {
        if constexpr (autograd::detail::has_members<const S>)
        {
            f(path, structure);
        }
        autograd::for_each_part(
            [&](const autograd::part_name& name, const auto& part) {
                walk_layers({&path, name}, f, part);
            },
            structure);
    }
}

/// Calls f(path, layer) for everything in a model that lists its members, itself first, depth first.
template <class Model, class F>
void for_each_layer(const Model& model, F&& f)
{
    walk_layers({}, f, model);
}

/// Whether a layer has no leaf, by which it could be told from another: an activation, dropout.
template <class Layer>
inline constexpr bool is_leafless = std::is_void_v<typename found_leaf<Layer>::type>;

/// \name Add "name value" to a list. Numbers print as the shortest text that reads back as the same number of their
/// type. \{
void add_to_list(std::string& list, const part_path& path, std::string_view word);
void add_to_list(std::string& list, const part_path& path, double value);
void add_to_list(std::string& list, const part_path& path, float value);
void add_to_list(std::string& list, const part_path& path, bool value);
void add_to_list(std::string& list, const part_path& path, std::int64_t value);
void add_to_list(std::string& list, const part_path& path, std::span<const double> values);
void add_to_list(std::string& list, const part_path& path, std::span<const std::int64_t> values);
/// \}

/// A container of numbers.
template <class Value>
concept numbers = requires(const Value& value)
{
    value.begin();
    value.end();
    requires std::is_arithmetic_v<typename Value::value_type>;
};

/// Adds a hyperparameter; of a type that is no number, text or list of them, "-": such cannot be compared.
template <class Value>
void add_hyperparameter(std::string& list, const part_path& path, const Value& value)
{
    if constexpr (std::is_same_v<Value, bool> || std::is_floating_point_v<Value>)
    {
        add_to_list(list, path, value);
    }
    else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>)
    {
        add_to_list(list, path, static_cast<std::int64_t>(value));
    }
    else if constexpr (std::is_convertible_v<const Value&, std::string>)
    {
        add_to_list(list, path, std::string_view(std::string(value)));
    }
    else if constexpr (numbers<Value>)
    {
        using number = std::conditional_t<std::is_floating_point_v<typename Value::value_type>, double, std::int64_t>;
        std::vector<number> all;
        for (const auto each : value)
        {
            all.push_back(static_cast<number>(each));
        }
        add_to_list(list, path, std::span<const number>(all));
    }
    else
    {
        add_to_list(list, path, std::string_view("-"));
    }
}

/// The hyperparameters of an optimizer or a model, with their names: "learning_rate 0.01, momentum 0.9".
template <class Structure>
std::string hyperparameters(const Structure& structure)
{
    std::string text;
    const auto add = [&]<class Member>(const part_path& path, role, const Member& member)
    {
        if constexpr (!is_leaf<Member>)
        {
            add_hyperparameter(text, path, member);
        }
    };
    walk({}, role::parameter, add, structure);
    return text;
}

/// The layers of a model that have no leaves, by which alone a tanh differs from a relu: "1 tanh, 3 dropout".
template <class Model>
std::string leafless_layers(const Model& model)
{
    std::string text;
    for_each_layer(model,
                   [&]<class Layer>(const part_path& path, const Layer&)
                   {
                       if constexpr (is_leafless<Layer>)
                       {
                           add_to_list(text, path, kind_of<Layer>());
                       }
                   });
    return text;
}

/// What of a model its arrays do not tell: "model(1 tanh, 3 dropout, 3.rate 0.2); ", or nothing.
std::string described_model(const std::string& leafless_layers, const std::string& hyperparameters);
template <class Model>
std::string described_model(const Model& model)
{
    return described_model(leafless_layers(model), hyperparameters(model));
}

} // namespace nn::detail
