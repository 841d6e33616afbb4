#pragma once

#include "nn/module.hpp"

#include <string>
#include <string_view>

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
            f(path.text(), structure);
        }
        autograd::for_each_part(
            [&](const autograd::part_name& name, const auto& part) {
                walk_layers({&path, name}, f, part);
            },
            structure);
    }
}

/// Calls f(name, layer) for everything in a model that lists its members, itself first (with the name ""), depth first.
template <class Model, class F>
void for_each_layer(const Model& model, F&& f)
{
    walk_layers({}, f, model);
}

/// Whether a layer has no leaf, by which it could be told from another: an activation, dropout.
template <class Layer>
inline constexpr bool is_leafless = std::is_void_v<typename found_leaf<Layer>::type>;

/// \name Numbers print as the shortest text that reads back as the same number of their type. \{
std::string printed(double value);
std::string printed(float value);
std::string printed(bool value);
std::string printed(std::int64_t value);
std::string printed(const std::string& value);
/// \}

/// A hyperparameter as text; of a type that is no number, text or list of them, "-": such cannot be compared.
template <class Value>
std::string text_of_hyperparameter(const Value& value)
{
    if constexpr (std::is_same_v<Value, bool> || std::is_floating_point_v<Value>)
    {
        return printed(value);
    }
    else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>)
    {
        return printed(static_cast<std::int64_t>(value));
    }
    else if constexpr (std::is_convertible_v<const Value&, std::string>)
    {
        return printed(std::string(value));
    }
    else
    {
        return "-";
    }
}

/// The hyperparameters of an optimizer or a model, with their names: "learning_rate 0.01, momentum 0.9".
template <class Structure>
std::string hyperparameters(const Structure& structure)
{
    std::string text;
    for_each_member(structure,
                    [&](const std::string& name, role as, const auto& value)
                    {
                        if (as == role::hyperparameter)
                        {
                            text += (text.empty() ? "" : ", ") + name + " " + text_of_hyperparameter(value);
                        }
                    });
    return text;
}

/// The layers of a model that have no leaves, by which alone a tanh differs from a relu: "1 tanh, 3 dropout".
template <class Model>
std::string leafless_layers(const Model& model)
{
    std::string text;
    for_each_layer(model,
                   [&]<class Layer>(const std::string& name, const Layer&)
                   {
                       if constexpr (is_leafless<Layer>)
                       {
                           text += (text.empty() ? "" : ", ") + name + " " + std::string(kind_of<Layer>());
                       }
                   });
    return text;
}

/// What of a model its arrays do not tell: "model(1 tanh, 3 dropout, 3.rate 0.2); ", or nothing.
template <class Model>
std::string described_model(const Model& model)
{
    const std::string layers = leafless_layers(model);
    const std::string numbers = hyperparameters(model);
    const std::string all = layers + (layers.empty() || numbers.empty() ? "" : ", ") + numbers;
    return all.empty() ? "" : "model(" + all + "); ";
}

} // namespace nn::detail
