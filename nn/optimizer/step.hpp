#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "nn/data/finite.hpp"
#include "nn/optimizer/optimizer.hpp"
#include "nn/optimizer/rows.hpp"

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
    ~rewinding()
    {
        try
        {
            m_tape.rewind(m_start);
        }
        catch (const autograd::error::tape_error&)
        {
            // Whoever was called cleared the tape, or rewound it to before: what was recorded since is gone.
        }
    }
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
/// recorded_leaf of an array that the tape reads in place.
template <class T>
autograd::variable<T> lent_leaf(autograd::tape<T>& tape, const part_path& path, role as,
                                const autograd::array<T>& values);
/// \}

/// on_tape without copies: the tape reads the arrays in place, and they stay as they are until it is rewound.
template <class T, class Model>
auto lend(autograd::tape<T>& tape, const Model& model)
{
    return recorded_model(tape, model, lent_leaf<T>);
}

/// Notes what becomes of a model, or of the state for one.
template <class Model, class T, class Arrays, class Variables>
void note_changes(std::string_view optimizer, Arrays& to, const Variables& from, const rows_of_step<T>& rows,
                  new_values<T>& changes)
{
    zip_with_parameters<Model>([&](std::size_t parameter, autograd::array<T>& stored, const autograd::variable<T>& leaf)
                               { changes.add(optimizer, stored, leaf, rows.of(parameter)); },
                               to, from);
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

/// Whether `adjust` may change gradients: std::identity does not, nor does an empty std::function.
template <class Adjust>
bool adjusts(const Adjust&)
{
    return !std::is_same_v<Adjust, std::identity>;
}
template <class F>
bool adjusts(const std::function<F>& adjust)
{
    return static_cast<bool>(adjust);
}
/// The gradients as `adjust` has them.
template <class Adjust, class Model>
Model adjusted(Adjust& adjust, const Model& gradients)
{
    return adjusts(adjust) ? Model(adjust(gradients)) : gradients;
}

/// The gradients that an optimizer is given: by rows where it, the loss and `adjust`, which is to see whole ones, let
/// it.
template <class T, class Optimizer, class Model, class Adjust>
Model gradients_for(const Optimizer& optimizer, autograd::variable<T> loss, const Model& m, Adjust& adjust,
                    rows_of_step<T>& rows, autograd::location where)
{
    if constexpr (may_step_by_rows<Optimizer>)
    {
        if (!adjusts(adjust))
        {
            return gradient_by_rows(optimizer, loss, m, rows, where);
        }
    }
    return adjusted(adjust, autograd::gradient(loss, m, autograd::unconnected::error, where));
}

/// What an optimizer makes of a model and its state; of some parameters rows only.
template <class T, class Optimizer, class Model, class State>
auto stepped(const Optimizer& optimizer, const Model& parameters, const Model& gradients, const State& state,
             double rate, const rows_of_step<T>& rows)
{
    if constexpr (may_step_by_rows<Optimizer>)
    {
        if (!rows.of_parameters.empty())
        {
            return optimizer(in_rows<Model>(parameters, rows), gradients, in_rows<Model>(state, rows), rate);
        }
    }
    return optimizer(parameters, gradients, state, rate);
}

/// Throws value_error unless the loss of a step is finite.
template <class T>
void require_finite_loss(T loss, autograd::location where)
{
    if (!is_finite(loss))
    {
        throw_loss_not_finite(static_cast<double>(loss), where);
    }
}

/// Moves model and state on to what the optimizer makes of the parameters, beside which the model has the new buffers,
/// and of their gradients.
template <class T, class Optimizer, class Model, class Recorded>
void move_on(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
             const Recorded& with_buffers, const Recorded& gradients, double rate, const rows_of_step<T>& rows,
             autograd::location where)
{
    const auto [next, next_state] = stepped(optimizer, with_buffers, gradients, lend(tape, state), rate, rows);
    require_finite(optimizer.name(), "", next, where);
    require_finite(optimizer.name(), "the state's ", next_state, where);
    new_values<T> changes;
    note_changes<Model>(optimizer.name(), model, next, rows, changes);
    note_changes<Model>(optimizer.name(), state, next_state, rows, changes);
    changes.store();
}

/// take_step for a loss that is one.
template <class T, class Optimizer, class Model, class Loss, class Adjust>
T taken_step(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
             Loss& loss, double rate, Adjust& adjust, autograd::location where)
{
    const rewinding<T> at_the_end(tape);
    const auto m = recorded_as_if_at(where, tape, [&] { return lend(tape, model); });
    const auto [value, with_buffers] = loss_and_model(loss(m), m); // its lines are those of the loss
    const typename autograd::tape<T>::as_if_at at(tape, where);
    rows_of_step<T> rows;
    const auto gradients = gradients_for(optimizer, value, m, adjust, rows, where);
    const T number = value.item();
    require_finite_loss(number, where);
    move_on(tape, optimizer, model, state, with_buffers, gradients, rate, rows, where);
    return number;
}

} // namespace detail

/// One step of an optimizer on stored arrays: records model, loss, gradient and update on the tape, keeps their values,
/// and rewinds the tape, whose memory stays flat. The tape reads the arrays in place: the loss does not change them.
///
/// A table of which the loss gathers rows, and which it uses in no other way (nn::embedding), costs what these rows
/// cost, however long it is, if the optimizer steps by rows (gradient_descent; sgd and adagrad, but for what momentum
/// and decay move; lazy_adam) and the gradients are not adjusted. Only these rows are then looked at, too.
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
