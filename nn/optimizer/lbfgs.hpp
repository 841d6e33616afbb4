#pragma once

#include "nn/optimizer/line_search.hpp"
#include "nn/optimizer/step.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

namespace nn
{

/// One step of L-BFGS.
struct lbfgs_iteration
{
    std::size_t number;      ///< from 1, those of calls before included
    line_point before;       ///< value and slope along the direction before the step
    line_point after;        ///< the same after it
    double largest_gradient; ///< the largest |gradient| after it
};

/// Why a minimization ended.
enum class minimization_end
{
    gradient_is_small, ///< by gradient_tolerance
    change_is_small,   ///< of the parameters, or of the value: by change_tolerance
    iterations_used_up,
    no_step_found ///< rounding hides any further decrease, or the gradient is wrong, or the function has no minimum
};

/// "the gradient is small (gradient_tolerance)", "the change is small (change_tolerance)" and so on.
std::string to_text(minimization_end end);

struct minimization
{
    double value;
    double largest_gradient; ///< the largest |gradient|
    std::size_t iterations;
    std::size_t evaluations; ///< of the function together with its gradient
    minimization_end end;
};

/// "minimum 0.25 after 12 iterations and 15 evaluations, largest |gradient| 3e-08: the gradient is small
/// (gradient_tolerance)"
std::string to_text(const minimization& found);

/// A step, and what it did to the gradient.
struct lbfgs_pair
{
    autograd::array<double> step;   ///< s
    autograd::array<double> change; ///< y
    NN_MEMBERS(step, change)
};

/// What L-BFGS keeps between steps, over all parameters one after the other, n in number. In double, whatever the type
/// of the model is.
struct lbfgs_state
{
    autograd::array<double> steps;         ///< how many were taken; shape ()
    autograd::array<double> last_gradient; ///< at the beginning of the last step, shape (n)
    autograd::array<double> last_step;     ///< shape (n)
    std::deque<lbfgs_pair> pairs;          ///< those of the steps that showed curvature, the oldest first
    NN_MEMBERS(steps, last_gradient, last_step, pairs)

    /// Makes room for so many pairs: before a state is read from a file.
    void resize(std::size_t pairs_in_file);
};

/// L-BFGS with a line search (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5; the line
/// search: 3.5 and 3.6 as in M. Schmidt's minFunc): for smooth losses over all the data, no mini-batches. Its iterates,
/// and its defaults, are those of PyTorch's LBFGS with line_search_fn "strong_wolfe", whose step() ends after 20
/// iterations or 25 evaluations, though:
///
///     s = w - w_before, y = g - g_before, kept if s y > 1e-10;   d = -H g, with H_0 = (s y) / (y y);   w <- w + a d
///
/// where a satisfies the strong Wolfe conditions, tried first at the learning rate (before there is a pair: times
/// min(1, 1 / |g|_1)).
struct lbfgs
{
    double learning_rate = 1;         ///< the step that a line search tries first
    std::size_t history = 100;        ///< pairs (s, y) that are kept
    std::size_t iterations = 1000;    ///< at most, in one call of minimize
    double gradient_tolerance = 1e-7; ///< ends where the largest |gradient| is no greater
    double change_tolerance =
        1e-9; ///< ends where a step changes no parameter by more, or the value by less, or promises to
    wolfe_conditions conditions = {};
    std::size_t search_trials = 25; ///< at most, in one line search, after the first step
    std::function<void(const lbfgs_iteration&)> on_iteration = {};

    auto members() const
    {
        return std::tie(learning_rate, history, gradient_tolerance, change_tolerance, conditions.sufficient_decrease,
                        conditions.curvature, search_trials);
    }
    static constexpr name_list member_names()
    {
        return name_list("learning_rate, history, gradient_tolerance, change_tolerance, sufficient_decrease, "
                         "curvature, search_trials");
    }

    static constexpr std::string_view name() { return "lbfgs"; }

    /// Throws value_error unless history is 1 at least, the learning rate finite and greater than 0, the tolerances
    /// finite and not negative, and the conditions possible.
    void check() const;

    /// The state before the first step of a model of arrays.
    template <class Model>
    lbfgs_state start(const Model& model) const
    {
        return start_of(number_of_parameters(model));
    }
    /// The same for n numbers.
    lbfgs_state start_of(std::size_t n) const;
};

/// A function to minimize: gives its value at x and leaves its gradient, as long as x, in the second argument.
using objective = std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

/// Moves x to a local minimum of f, and the state on: a further call goes on as if there had been one. Throws
/// value_error where f is not finite at the start, as lbfgs::check, and for the state of another number of parameters;
/// x and state then stay as they were. If f throws, they are those after the last whole step.
minimization minimize(const lbfgs& method, std::vector<double>& x, lbfgs_state& state, const objective& f);
/// The same from the beginning.
minimization minimize(const lbfgs& method, std::vector<double>& x, const objective& f);

namespace detail
{

/// Where a function was evaluated.
struct lbfgs_point
{
    std::vector<double> x;
    double value;
    std::vector<double> gradient;
};

/// One step from a point: moves point and state. Gives the reason why a further one is useless, if it is. If f throws,
/// both stay as they were.
std::optional<minimization_end> lbfgs_step(const lbfgs& method, lbfgs_point& at, lbfgs_state& state, double rate,
                                           const objective& f, std::size_t& evaluations);
/// Throws value_error unless the state is one for so many parameters.
void require_lbfgs_state(const lbfgs_state& state, std::size_t parameters);

/// All parameters of a model, one after the other.
template <class Model>
std::vector<double> flattened(const Model& model)
{
    std::vector<double> x;
    for_each_parameter(model,
                       [&](const std::string&, const auto& leaf)
                       {
                           for (std::size_t i = 0; i < leaf.size(); ++i)
                           {
                               x.push_back(static_cast<double>(leaf.data()[i]));
                           }
                       });
    return x;
}

template <class Model>
void unflatten(const std::vector<double>& x, Model& model)
{
    auto next = x.begin();
    for_each_parameter(model,
                       [&](const std::string&, auto& leaf)
                       {
                           using T = typename leaf_of<Model>::value_type;
                           for (std::size_t i = 0; i < leaf.size(); ++i)
                           {
                               leaf.data()[i] = static_cast<T>(*next++);
                           }
                       });
}

/// Throws value_error unless buffers and gradient are finite.
template <class Model>
void require_finite_start(const Model& model, const std::vector<double>& gradient, autograd::location where)
{
    const auto require = [&](std::string_view what, const std::string& name, const auto& numbers)
    {
        const auto* const end = numbers.data() + numbers.size();
        const auto* const found = find_not_finite(numbers.data(), end);
        if (found != end)
        {
            throw_not_finite("lbfgs", what, name, static_cast<double>(*found), where);
        }
    };
    for_each_buffer(model, [&](const std::string& name, const auto& kept) { require("", name, kept); });
    require("the gradient of a ", "", gradient);
}

/// The loss of a model as a function of its parameters, one after the other: recorded anew for each evaluation, on a
/// tape that is rewound.
template <class T, class Model, class Loss, class Adjust = std::identity>
class recorded_objective
{
public:
    recorded_objective(autograd::tape<T>& tape, const Model& model, Loss& loss, autograd::location where,
                       Adjust adjust = {})
        : m_tape(tape), m_trial(model), m_loss(loss), m_where(where), m_adjust(adjust)
    {
    }

    double operator()(const std::vector<double>& at, std::vector<double>& gradient)
    {
        const rewinding<T> at_the_end(m_tape);
        unflatten(at, m_trial);
        const auto m = recorded_as_if_at(m_where, m_tape, [&] { return on_tape(m_tape, m_trial); });
        const auto [value, with_buffers] = loss_and_model(m_loss(m), m);
        gradient = recorded_as_if_at(
            m_where, m_tape,
            [&, v = value]
            { return flattened(adjusted(m_adjust, autograd::gradient(v, m, autograd::unconnected::error, m_where))); });
        if (!m_next)
        {
            m_next = values(with_buffers);
        }
        return static_cast<double>(value.item());
    }

    /// The model with the buffers that the first evaluation gave back.
    Model& next() { return *m_next; }

private:
    autograd::tape<T>& m_tape;
    Model m_trial;
    Loss& m_loss;
    autograd::location m_where;
    Adjust m_adjust;
    std::optional<Model> m_next;
};

} // namespace detail

/// Moves the parameters of a model of arrays to a local minimum of loss(m), where m is the model of variables, and the
/// state on. Value and gradient are recorded anew for each evaluation, on a tape that is rewound: memory stays flat.
/// The steps themselves are computed in double. Throws as minimize of vectors, and what recording the loss throws;
/// model and state then are those after the last whole step.
template <class T, class Model, class Loss>
minimization minimize(autograd::tape<T>& tape, const lbfgs& method, Model& model, lbfgs_state& state, Loss&& loss,
                      autograd::location where = autograd::location::current())
{
    std::vector<double> x = detail::flattened(model);
    detail::recorded_objective<T, Model, std::remove_reference_t<Loss>> f(tape, model, loss, where);
    const auto store = [&] { detail::unflatten(x, model); };
    try
    {
        const minimization result = minimize(method, x, state, std::ref(f));
        store();
        return result;
    }
    catch (...)
    {
        store();
        throw;
    }
}
/// The same from the beginning.
template <class T, class Model, class Loss>
minimization minimize(autograd::tape<T>& tape, const lbfgs& method, Model& model, Loss&& loss,
                      autograd::location where = autograd::location::current())
{
    lbfgs_state state = method.start(model);
    return minimize(tape, method, model, state, loss, where);
}

/// One step of L-BFGS on stored arrays, as take_step of other optimizers, so that fit() and checkpoints work with it.
/// The loss is evaluated several times, and should be one over all the data: batches that differ from step to step
/// mislead it. `adjust` maps the gradients. Buffers are those that the first evaluation gives back. Where the gradient
/// is small already, and at a rate of 0, as schedules may give it, there is no step. Returns the loss, before the step.
/// Throws as take_step; model and state then stay as they were.
template <class T, class Model, class Loss, class Adjust = std::identity>
T take_step(autograd::tape<T>& tape, const lbfgs& method, Model& model, lbfgs_state& state, Loss&& loss, double rate,
            Adjust&& adjust = {}, autograd::location where = autograd::location::current())
{
    method.check();
    detail::require_nonnegative("lbfgs", "the rate", rate);
    detail::lbfgs_point at{detail::flattened(model), 0, {}};
    detail::require_lbfgs_state(state, at.x.size());
    detail::recorded_objective<T, Model, std::remove_reference_t<Loss>, std::remove_reference_t<Adjust>&> f(
        tape, model, loss, where, adjust);
    at.value = f(at.x, at.gradient);
    const auto before = static_cast<T>(at.value);
    if (!detail::is_finite(at.value))
    {
        detail::throw_loss_not_finite(at.value, where);
    }
    Model next = std::move(f.next());
    detail::require_finite_start(next, at.gradient, where);
    if (rate > 0)
    {
        std::size_t evaluations = 1;
        detail::lbfgs_step(method, at, state, rate, std::ref(f), evaluations);
    }
    detail::unflatten(at.x, next);
    model = std::move(next);
    return before;
}
template <class T, class Model, class Loss>
T take_step(autograd::tape<T>& tape, const lbfgs& method, Model& model, lbfgs_state& state, Loss&& loss,
            autograd::location where = autograd::location::current())
{
    return take_step(tape, method, model, state, loss, method.learning_rate, std::identity(), where);
}

} // namespace nn
