#include "nn/optimizer/line_search.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nn
{

namespace
{

/// The minimizer of the cubic with the values and slopes of two points; NaN if it has none.
double cubic_minimizer(const line_point& a, const line_point& b)
{
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
    return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

class search
{
public:
    search(const std::function<line_point(double)>& phi, const line_point& start, const wolfe_conditions& conditions,
           std::size_t maximum_evaluations)
        : m_phi(phi), m_start(start), m_conditions(conditions), m_maximum_evaluations(maximum_evaluations)
    {
    }

    /// Algorithm 3.5: longer and longer steps, until one is good or brackets good ones.
    line_search_result bracket(double first)
    {
        line_point before = m_start;
        for (double step = first; can_evaluate() && std::isfinite(step); step *= growth)
        {
            const line_point at = evaluate(step);
            if (!m_conditions.decreases(m_start, at) || (at.value >= before.value && before.step > 0))
            {
                return zoom(before, at);
            }
            if (m_conditions.hold(m_start, at))
            {
                return {at, true, m_evaluations};
            }
            if (at.slope >= 0)
            {
                return zoom(at, before);
            }
            before = at;
        }
        return {before, false, m_evaluations};
    }

private:
    static constexpr double growth = 3;
    static constexpr double margin = 0.1; ///< of the interval, that a trial keeps from both ends

    bool can_evaluate() const { return m_evaluations < m_maximum_evaluations; }

    line_point evaluate(double step)
    {
        ++m_evaluations;
        line_point at = m_phi(step);
        if (!std::isfinite(at.value) || !std::isfinite(at.slope))
        {
            at.value = std::numeric_limits<double>::infinity();
        }
        return at;
    }

    /// Algorithm 3.6. The interval between low and high holds good steps; low is the lowest that decreases enough.
    line_search_result zoom(line_point low, line_point high)
    {
        while (can_evaluate() && std::abs(high.step - low.step) > smallest_interval(low, high))
        {
            const line_point at = evaluate(trial(low, high));
            if (!m_conditions.decreases(m_start, at) || at.value >= low.value)
            {
                high = at;
                continue;
            }
            if (m_conditions.hold(m_start, at))
            {
                return {at, true, m_evaluations};
            }
            if (at.slope * (high.step - low.step) >= 0)
            {
                high = low;
            }
            low = at;
        }
        return {low, false, m_evaluations};
    }

    static double smallest_interval(const line_point& low, const line_point& high)
    {
        return 4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(low.step), std::abs(high.step));
    }

    /// The cubic's minimizer, or the middle where that is none, or too near to an end to shrink the interval.
    static double trial(const line_point& low, const line_point& high)
    {
        const double length = high.step - low.step;
        const double at = std::isfinite(high.value) ? cubic_minimizer(low, high) : low.step + 0.5 * length;
        const double part = (at - low.step) / length;
        return part >= margin && part <= 1 - margin ? at : low.step + 0.5 * length;
    }

    const std::function<line_point(double)>& m_phi;
    line_point m_start;
    wolfe_conditions m_conditions;
    std::size_t m_maximum_evaluations;
    std::size_t m_evaluations = 0;
};

} // namespace

void wolfe_conditions::check() const
{
    if (!(sufficient_decrease > 0 && sufficient_decrease < curvature && curvature < 1))
    {
        throw autograd::error::value_error("wolfe_conditions", "sufficient_decrease is ", sufficient_decrease,
                                           " and curvature is ", curvature,
                                           "; 0 < sufficient_decrease < curvature < 1 must hold.");
    }
}

bool wolfe_conditions::decreases(const line_point& start, const line_point& at) const
{
    return at.value <= start.value + sufficient_decrease * at.step * start.slope;
}

bool wolfe_conditions::hold(const line_point& start, const line_point& at) const
{
    return decreases(start, at) && std::abs(at.slope) <= curvature * std::abs(start.slope);
}

line_search_result strong_wolfe_search(const std::function<line_point(double)>& phi, const line_point& start,
                                       double first, const wolfe_conditions& conditions,
                                       std::size_t maximum_evaluations)
{
    conditions.check();
    if (!(start.slope < 0) || !std::isfinite(start.value))
    {
        throw autograd::error::value_error("strong_wolfe_search", "at the start the value is ", start.value,
                                           " and the slope ", start.slope,
                                           "; the value must be finite and the slope less than 0.");
    }
    if (!(first > 0) || !std::isfinite(first))
    {
        throw autograd::error::value_error("strong_wolfe_search", "the first step is ", first,
                                           "; it must be finite and greater than 0.");
    }
    return search(phi, {0, start.value, start.slope}, conditions, maximum_evaluations).bracket(first);
}

} // namespace nn
