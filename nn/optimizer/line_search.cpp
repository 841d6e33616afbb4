#include "nn/optimizer/line_search.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace nn
{

namespace
{

/// Where the cubic with the values and slopes of two points is least between two bounds; their middle where it has no
/// minimum, or where a point is not finite.
double cubic_minimizer(const line_point& a, const line_point& b, double low, double high)
{
    const auto& [left, right] = a.step <= b.step ? std::tie(a, b) : std::tie(b, a);
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    const double radicand = d1 * d1 - a.slope * b.slope;
    if (!(radicand >= 0) || !std::isfinite(radicand))
    {
        return (low + high) / 2;
    }
    const double d2 = std::sqrt(radicand);
    const double ratio = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2);
    const double least = right.step - (right.step - left.step) * ratio;
    return std::isnan(least) ? (low + high) / 2 : std::clamp(least, low, high);
}

class search
{
public:
    search(const std::function<line_point(double)>& phi, const line_point& start, const wolfe_conditions& conditions,
           const line_search_limits& limits)
        : m_phi(phi), m_start(start), m_conditions(conditions), m_limits(limits)
    {
    }

    /// Algorithm 3.5: longer and longer steps, until one is good or brackets good ones.
    line_search_result bracket(double first)
    {
        line_point before = m_start;
        line_point at = evaluate(first);
        for (std::size_t trial = 0; trial < m_limits.trials; ++trial)
        {
            // The book asks from the second step on whether it is lower than the one before; PyTorch from the third.
            if (!m_conditions.decreases(m_start, at) || (trial > 1 && at.value >= before.value))
            {
                return zoom(before, at);
            }
            if (m_conditions.is_flat(m_start, at))
            {
                return {at, true, m_evaluations};
            }
            if (at.slope >= 0)
            {
                return zoom(before, at);
            }
            const double next =
                cubic_minimizer(before, at, at.step + 0.01 * (at.step - before.step), longest_growth * at.step);
            before = at;
            at = evaluate(next);
        }
        return {at.value < m_start.value ? at : m_start, false, m_evaluations};
    }

private:
    static constexpr double longest_growth = 10;
    static constexpr double margin = 0.1; ///< of the interval, that a trial keeps from an end that is approached slowly

    bool can_evaluate() const { return m_evaluations <= m_limits.trials; }

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

    /// Algorithm 3.6. The interval between two points holds good steps; low is the lower of those that decrease enough.
    /// (PyTorch's low is just the lower one: where that does not decrease enough, its interval may lose all good
    /// steps.)
    line_search_result zoom(line_point low, line_point high)
    {
        if (high.value < low.value && m_conditions.decreases(m_start, high))
        {
            std::swap(low, high);
        }
        bool was_near_an_end = false;
        while (can_evaluate() && !(std::abs(high.step - low.step) < m_limits.least_interval))
        {
            const line_point at = evaluate(trial(low, high, was_near_an_end));
            if (!m_conditions.decreases(m_start, at) || at.value >= low.value)
            {
                high = at;
                continue;
            }
            if (m_conditions.is_flat(m_start, at))
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

    /// The cubic's minimizer. Where it is near an end for the second time running, or at an end, a point that is
    /// farther from it: so that the interval shrinks.
    static double trial(const line_point& low, const line_point& high, bool& was_near_an_end)
    {
        const auto [first, last] = std::minmax(low.step, high.step);
        const double at = cubic_minimizer(low, high, first, last);
        const double least = margin * (last - first);
        const bool is_near_an_end = std::min(last - at, at - first) < least;
        if (is_near_an_end && (was_near_an_end || at >= last || at <= first))
        {
            was_near_an_end = false;
            return std::abs(at - last) < std::abs(at - first) ? last - least : first + least;
        }
        was_near_an_end = is_near_an_end;
        return at;
    }

    const std::function<line_point(double)>& m_phi;
    line_point m_start;
    wolfe_conditions m_conditions;
    line_search_limits m_limits;
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

bool wolfe_conditions::is_flat(const line_point& start, const line_point& at) const
{
    return std::abs(at.slope) <= curvature * std::abs(start.slope);
}

line_search_result strong_wolfe_search(const std::function<line_point(double)>& phi, const line_point& start,
                                       double first, const wolfe_conditions& conditions,
                                       const line_search_limits& limits)
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
    return search(phi, {0, start.value, start.slope}, conditions, limits).bracket(first);
}

} // namespace nn
