#pragma once

#include "autograd/operations/operations.hpp"
#include "nn/module.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Optimizers are recorded functions: (parameters, gradients, state, rate) -> (parameters, state), pure, on structures
/// of variables, so that a whole training step is one program. What an optimizer keeps between steps, its state, has
/// the model's own structure; over arrays it is stored and saved, over variables it is computed with.
///
///     const nn::adam optimizer{.learning_rate = 0.01};
///     auto state = optimizer.start(model);                                       // arrays
///     auto [next, next_state] = optimizer(m, gradient(loss, m), on_tape(tape, state), 0.01);  // variables
///
/// nn::take_step does that on stored arrays. An optimizer is any type with name(), start(model), and this operator();
/// members() lists its hyperparameters. One that treats each element of a parameter by itself, and leaves those alone,
/// with their state, whose gradient is 0, may say so by steps_by_rows(name of the parameter): of a table of which a
/// batch gathers rows, take_step then gives it these rows only. What its state keeps for the parameters are parts of
/// the model's type.
namespace nn
{

/// A learning rate: a number, or a variable of shape (), so that a compiled step can be given a new one each time.
template <class Model>
using rate_of = autograd::operand<typename leaf_of<Model>::value_type>;

/// The state that an optimizer keeps for a model of arrays.
template <class Optimizer, class Model>
using state_of = decltype(std::declval<const Optimizer&>().start(std::declval<const Model&>()));

/// The model with f(name, parameter) for each parameter, or f(name, parameter, parameters of the others...); what is no
/// parameter stays as it is in the first. Throws shape_error where the forms differ.
template <class F, class Model, class... Others>
Model map_parameters(const F& f, const Model& model, const Others&... others)
{
    return detail::map_leaves_by_path(
        [&](const detail::part_path& path, role as, const leaf_of<Model>& leaf, const auto&... rest) -> leaf_of<Model>
        { return as == role::parameter ? f(path.text(), leaf, rest...) : leaf; },
        model, others...);
}

/// The state of an optimizer that keeps nothing.
template <class Model>
struct no_state
{
    NN_MEMBERS()
};

namespace detail
{

/// The same with f(parameter, parameters of the others...), where no name is wanted.
template <class F, class Model, class... Others>
Model combine(const F& f, const Model& model, const Others&... others)
{
    return map_leaves_by_path(
        [&](const part_path&, role as, const leaf_of<Model>& leaf, const auto&... rest) -> leaf_of<Model>
        { return as == role::parameter ? f(leaf, rest...) : leaf; },
        model, others...);
}

/// \name Throw value_error in the name of an optimizer, with the hyperparameter and its value. \{
template <class T>
void require_nonnegative(std::string_view who, std::string_view what, T value);
void require_positive(std::string_view who, std::string_view what, double value);
/// 0 <= value < 1
void require_fraction(std::string_view who, std::string_view what, double value);
extern template void require_nonnegative(std::string_view, std::string_view, float);
extern template void require_nonnegative(std::string_view, std::string_view, double);
[[noreturn]] void throw_missing_state(std::string_view who, std::string_view what);
/// \}
/// Throws shape_error unless both have the same shape.
void require_shape(std::string_view who, std::string_view what, const part_path& path, autograd::shape_view found,
                   autograd::shape_view parameter);
void require_parameters(std::string_view who, std::size_t count);
void require_scalar_rate(std::string_view who, autograd::shape_view shape);

/// Throws shape_error unless each parameter of `others` (the gradients, a part of the state) has the shape of the
/// model's: a broadcast would train something else in silence.
template <class Model>
void require_alike(std::string_view who, std::string_view what, const Model& parameters, const Model& others)
{
    zip_leaves(
        [&](const part_path& path, role as, const auto& parameter, const auto& other)
        {
            if (as == role::parameter)
            {
                require_shape(who, what, path, other.shape(), parameter.shape());
            }
        },
        parameters, others);
}

/// What every optimizer is given, checked.
template <class Model, class T>
void require_step(std::string_view who, const Model& parameters, const Model& gradients,
                  const autograd::operand<T>& rate)
{
    if (rate.is_number())
    {
        require_nonnegative(who, "the rate", rate.number());
    }
    else
    {
        require_scalar_rate(who, rate.get().shape());
    }
    require_alike(who, "gradient", parameters, gradients);
}

/// A part of the state that the hyperparameters ask for. Throws value_error if it is missing, shape_error if it does
/// not fit.
template <class Model>
const Model& part_of_state(std::string_view who, std::string_view what, const std::optional<Model>& part,
                           const Model& parameters)
{
    if (!part)
    {
        throw_missing_state(who, what);
    }
    require_alike(who, what, parameters, *part);
    return *part;
}

/// An array of shape ().
template <class T>
autograd::array<T> scalar(T number)
{
    autograd::array<T> result = autograd::array<T>::from_shape(std::vector<std::size_t>());
    result.fill(number);
    return result;
}

/// Whether a full name is among the given ones, each a full name or the end of one: "bias" covers "hidden.bias".
bool is_among(std::string_view name, const std::vector<std::string>& names);

/// Throws value_error for a name that covers no parameter: a slip of the pen, by which all would decay.
void require_known(std::string_view who, const std::vector<std::string>& names,
                   const std::vector<std::string>& parameters);
void add_parameter(std::vector<std::string>& names, const part_path& path, role as);
template <class Model>
void require_known(std::string_view who, const std::vector<std::string>& names, const Model& model)
{
    std::vector<std::string> parameters;
    zip_leaves([&](const part_path& path, role as, const auto&) { add_parameter(parameters, path, as); }, model);
    require_known(who, names, parameters);
}

/// Whether the parameter of this name decays.
bool decays(std::string_view parameter, double decay, const std::vector<std::string>& spared);

/// The gradients of loss + decay/2 w^2, but for the parameters of the given names.
template <class Model>
Model with_decay(const Model& gradients, const Model& parameters, double decay, const std::vector<std::string>& spared)
{
    if (decay == 0)
    {
        return gradients;
    }
    return map_parameters([&](const std::string& name, auto g, auto w)
                          { return decays(name, decay, spared) ? g + decay * w : g; },
                          gradients, parameters);
}

/// w - rate d.
template <class Model>
Model descended(const Model& parameters, const Model& direction, const rate_of<Model>& rate)
{
    return combine([&](auto w, auto d) { return w - rate * d; }, parameters, direction);
}

/// \name decay a + (1 - decay) x: an average that forgets; and one of squares. T is float or double.
/// \{
template <class T>
autograd::variable<T> averaged_leaf(autograd::variable<T> average, autograd::variable<T> x, double decay);
template <class T>
autograd::variable<T> averaged_square_leaf(autograd::variable<T> average, autograd::variable<T> x, double decay);
template <class Model>
Model averaged(const Model& average, const Model& x, double decay)
{
    return combine([&](auto a, auto each) { return averaged_leaf(a, each, decay); }, average, x);
}
template <class Model>
Model averaged_square(const Model& average, const Model& x, double decay)
{
    return combine([&](auto a, auto each) { return averaged_square_leaf(a, each, decay); }, average, x);
}
/// \}

/// What a state starts with, if the hyperparameters ask for it.
template <class Model>
std::optional<Model> zeros_if(bool wanted, const Model& model)
{
    return wanted ? std::optional<Model>(zeros_like(model)) : std::nullopt;
}

} // namespace detail

} // namespace nn
