#pragma once

#include "nn/optimizer/line_search.hpp"
#include "nn/optimizer/step.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace nn
{

/// One accepted step of L-BFGS.
struct lbfgs_iteration
{
    std::size_t number;      ///< from 1
    line_point before;       ///< value and slope along the direction before the step
    line_point after;        ///< the same after it
    double largest_gradient; ///< the largest |gradient| after it
};

/// Why a minimization ended.
enum class minimization_end
{
    gradient_is_small,
    value_stands_still,
    iterations_used_up,
    no_step_found ///< rounding hides any further decrease, or the gradient is wrong, or the function has no minimum
};

std::string_view text_of(minimization_end end);

struct minimization
{
    double value;
    double largest_gradient; ///< the largest |gradient|
    std::size_t iterations;
    std::size_t evaluations; ///< of the function together with its gradient
    minimization_end end;
};

/// L-BFGS with a line search (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5; the line
/// search: 3.5 and 3.6): for smooth losses over all the data, no mini-batches, no learning rate.
struct lbfgs
{
    std::size_t history = 10;         ///< pairs (s, y) that are kept
    std::size_t iterations = 1000;    ///< at most
    double gradient_tolerance = 1e-6; ///< ends where the largest |gradient| is no greater
    double value_tolerance = 1e-15;   ///< ends where a step lowers the value by no more, relatively
    wolfe_conditions conditions = {};
    std::size_t search_evaluations = 40; ///< at most, in one line search
    std::function<void(const lbfgs_iteration&)> on_iteration = {};

    /// Throws value_error unless history is 1 at least, the tolerances are not negative, and the conditions possible.
    void check() const;
};

/// A function to minimize: gives its value at x and leaves its gradient, as long as x, in the second argument.
using objective = std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

/// Moves x to a local minimum of f. Throws value_error where f is not finite at the start, and as lbfgs::check; x then
/// stays as it was, as it does if f throws.
minimization minimize(const lbfgs& method, std::vector<double>& x, const objective& f);

namespace detail
{

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

} // namespace detail

/// Moves the parameters of a model of arrays to a local minimum of loss(m), where m is the model of variables. Value
/// and gradient are recorded anew for each evaluation, on a tape that is rewound: memory stays flat. The steps
/// themselves are computed in double. Throws as minimize of vectors, and what recording the loss throws; the model then
/// stays as it was.
template <class T, class Model, class Loss>
minimization minimize(autograd::tape<T>& tape, const lbfgs& method, Model& model, Loss&& loss)
{
    Model trial = model;
    std::vector<double> x = detail::flattened(model);
    const auto value_and_gradient = [&](const std::vector<double>& at, std::vector<double>& gradient)
    {
        const detail::rewinding<T> at_the_end(tape);
        detail::unflatten(at, trial);
        const auto m = on_tape(tape, trial);
        const auto value = loss(m);
        gradient = detail::flattened(autograd::gradient(value, m));
        return static_cast<double>(value.item());
    };
    const minimization result = minimize(method, x, value_and_gradient);
    detail::unflatten(x, model);
    return result;
}

} // namespace nn
