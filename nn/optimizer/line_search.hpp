#pragma once

#include <cstddef>
#include <functional>

namespace nn
{

/// A point of a function of one variable: phi(step) and phi'(step).
struct line_point
{
    double step;
    double value;
    double slope;
};

/// The strong Wolfe conditions on a step:
///     phi(step) <= phi(0) + sufficient_decrease step phi'(0)   and   |phi'(step)| <= curvature |phi'(0)|
struct wolfe_conditions
{
    double sufficient_decrease = 1e-4; ///< c1
    double curvature = 0.9;            ///< c2

    /// Throws value_error unless 0 < sufficient_decrease < curvature < 1.
    void check() const;
    bool decreases(const line_point& start, const line_point& at) const;
    bool is_flat(const line_point& start, const line_point& at) const;
    bool hold(const line_point& start, const line_point& at) const
    {
        return decreases(start, at) && is_flat(start, at);
    }
};

struct line_search_result
{
    line_point at;           ///< where the conditions hold; else the lowest point met, which may be the start
    bool found;              ///< whether they hold there
    std::size_t evaluations; ///< of phi
};

/// When a search gives up.
struct line_search_limits
{
    std::size_t trials = 25;   ///< at most, after the first step
    double least_interval = 0; ///< an interval that is shorter holds no better step
};

/// A step that satisfies the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms
/// 3.5 and 3.6, cubic interpolation of equation 3.59, with the bounds and safeguards of M. Schmidt's minFunc, 2005).
/// The trials are those of PyTorch's strong_wolfe, but for two cases: after a point that is lower than the start, but
/// not by enough, the interval that holds good steps is kept, as in the book; and a value that is not finite counts as
/// too large, so that the step is halved. `start` is phi at 0; `first` the step that is tried first.
///
/// Throws value_error unless start.slope < 0, first > 0, and the conditions are possible.
line_search_result strong_wolfe_search(const std::function<line_point(double step)>& phi, const line_point& start,
                                       double first, const wolfe_conditions& conditions,
                                       const line_search_limits& limits = {});

} // namespace nn
