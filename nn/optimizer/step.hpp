#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "nn/data/finite.hpp"
#include "nn/optimizer/optimizer.hpp"

#include <algorithm>
#include <functional>

namespace nn
{

namespace detail
{

[[noreturn]] void throw_loss_not_finite(double loss, autograd::location where);
/// Throws shape_error unless a buffer keeps its shape.
void require_same_buffer(const part_path& path, autograd::shape_view before, autograd::shape_view next);
[[noreturn]] void throw_not_finite(std::string_view optimizer, std::string_view what, const std::string& name,
                                   double value, autograd::location where);

/// f(), with what it records as if at a line of the user's.
template <class T, class F>
auto recorded_as_if_at(autograd::location where, autograd::tape<T>& tape, F&& f)
{
    const typename autograd::tape<T>::as_if_at at(tape, where);
    return f();
}

/// Rewinds a tape to where it was, however the scope is left.
template <class T>
class rewinding
{
public:
    explicit rewinding(autograd::tape<T>& tape) : m_tape(tape), m_start(tape.mark()) {}
    ~rewinding() { m_tape.rewind(m_start); }
    rewinding(const rewinding&) = delete;

private:
    autograd::tape<T>& m_tape;
    typename autograd::tape<T>::position m_start;
};

/// \name Leaves one by one, compiled in the library. T is float or double.
/// \{
template <class T>
void require_finite_leaf(std::string_view optimizer, std::string_view what, const part_path& path,
                         const autograd::variable<T>& leaf, autograd::location where);
/// Copies the values into an array, whose memory stays where the shape does.
template <class T>
void store_leaf(const autograd::variable<T>& from, autograd::array<T>& to);
/// \}

template <class Arrays, class Variables>
void store(const Variables& from, Arrays& to)
{
    zip_leaves([](const part_path&, role, auto& stored, const auto& leaf) { store_leaf(leaf, stored); }, to, from);
}

/// Throws value_error unless all leaves are finite.
template <class Variables>
void require_finite(std::string_view optimizer, std::string_view what, const Variables& variables,
                    autograd::location where)
{
    zip_leaves([&](const part_path& path, role, const auto& leaf)
               { require_finite_leaf(optimizer, what, path, leaf, where); },
               variables);
}

/// Whether an optimizer evaluates the loss more than once in a step: then it has a take_step of its own.
template <class Optimizer>
concept searches = requires
{
    Optimizer::search_trials;
};

/// What a loss function returns, as the loss and the model: with the buffers that it gave back, if it did.
template <class T, class Model>
std::pair<autograd::variable<T>, Model> loss_and_model(autograd::variable<T> loss, const Model& model)
{
    return {loss, model};
}
template <class T, class Model>
std::pair<autograd::variable<T>, Model> loss_and_model(const std::pair<autograd::variable<T>, Model>& result,
                                                       const Model& model)
{
    return {result.first, map_leaves_by_path(
                              [](const part_path& path, role as, const auto& leaf, const auto& next)
                              {
                                  if (as != role::parameter)
                                  {
                                      require_same_buffer(path, leaf.shape(), next.shape());
                                  }
                                  return as == role::parameter ? leaf : next;
                              },
                              model, result.second)};
}

/// Whether this is what a loss function returns.
template <class Result, class Recorded>
concept is_loss = requires(const Result& result, const Recorded& m)
{
    loss_and_model(result, m);
};
template <class T, class Loss, class Model>
concept gives_loss = requires(Loss& loss, const rebind<Model, autograd::variable<T>>& m)
{
    loss_and_model(loss(m), m);
};

/// take_step for a loss that is one.
template <class T, class Optimizer, class Model, class Loss, class Adjust>
T taken_step(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
             Loss& loss, double rate, Adjust& adjust, autograd::location where)
{
    const rewinding<T> at_the_end(tape);
    const auto m = recorded_as_if_at(where, tape, [&] { return on_tape(tape, model); });
    const auto [value, with_buffers] = loss_and_model(loss(m), m); // its lines are those of the loss
    const typename autograd::tape<T>::as_if_at at(tape, where);
    const auto gradients = adjust(autograd::gradient(value, m, autograd::unconnected::error, where));
    const T number = value.item();
    if (!is_finite(number))
    {
        throw_loss_not_finite(static_cast<double>(number), where);
    }
    const auto [next, next_state] = optimizer(with_buffers, gradients, on_tape(tape, state), rate);
    require_finite(optimizer.name(), "", next, where);
    require_finite(optimizer.name(), "the state's ", next_state, where);
    store(next, model);
    store(next_state, state);
    return number;
}

} // namespace detail

/// One step of an optimizer on stored arrays: records model, loss, gradient and update on the tape, keeps their values,
/// and rewinds the tape, whose memory stays flat.
///
/// loss(m), with m the model of variables, gives the loss: one element; or a pair of it and the model with new buffers
/// (running statistics), which are kept. `adjust` maps the gradients before the optimizer sees them, for example
/// `[](const auto& g) { return nn::clip_by_norm(g, 1.0); }`. Returns the loss, before the step.
///
/// Throws value_error where the loss, a new parameter or new state is not finite; and as the optimizer, the loss and
/// gradient() do: not_differentiable for a parameter that the loss does not depend on. On an error model and state stay
/// as they were.
template <class T, class Optimizer, class Model, class Loss, class Adjust = std::identity>
    requires(!detail::searches<Optimizer>)
T take_step(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
            Loss&& loss, double rate, Adjust&& adjust = {}, autograd::location where = autograd::location::current())
{
    if constexpr (detail::gives_loss<T, Loss, Model>)
    {
        return detail::taken_step(tape, optimizer, model, state, loss, rate, adjust, where);
    }
    else
    {
        static_assert(autograd::detail::never<Loss>, "A loss returns one variable, or a pair of it and the model.");
        return T();
    }
}
/// The same at the optimizer's own learning rate.
template <class T, class Optimizer, class Model, class Loss>
    requires(!detail::searches<Optimizer>)
T take_step(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
            Loss&& loss, autograd::location where = autograd::location::current())
{
    if constexpr (detail::gives_loss<T, Loss, Model>)
    {
        std::identity adjust;
        return detail::taken_step(tape, optimizer, model, state, loss, optimizer.learning_rate, adjust, where);
    }
    else
    {
        static_assert(autograd::detail::never<Loss>, "A loss returns one variable, or a pair of it and the model.");
        return T();
    }
}

} // namespace nn
