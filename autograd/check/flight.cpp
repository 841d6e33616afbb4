#include "autograd/check/flight.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::check
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double ratio = 4; ///< of a step to the next
constexpr double epsilon = std::numeric_limits<double>::epsilon();

} // namespace

double slope_of(const rung& at)
{
    const double right = std::isfinite(at.right) ? std::abs(at.right) : 0;
    const double left = std::isfinite(at.left) ? std::abs(at.left) : 0;
    return std::max(right, left) / at.step;
}

double gap_of(const rung& at)
{
    return std::abs(at.right - at.left) / at.step;
}

double noise_of(const rung& at, const point& p)
{
    constexpr double smallest = 2 * std::numeric_limits<double>::denorm_min();
    const double gap = gap_of(at);
    const double magnitude = std::max(at.magnitude, p.magnitude);
    const double of_values = magnitude > 0 ? 4 * std::max(epsilon * magnitude, smallest) : 0;
    return (std::max(of_values, epsilon / 2 * (at.is_near ? p.parts.near : p.parts.any)) +
            (std::isfinite(gap) ? epsilon * p.size * gap : 0)) /
           at.step;
}

bool is_finite(const rung& at, int side)
{
    return (side < 0 || std::isfinite(at.right)) && (side > 0 || std::isfinite(at.left));
}

flight::flight(std::span<const rung> rungs, int side, const point& p) : m_rungs(rungs), m_side(side), m_point(p)
{
    extrapolate();
    estimate_errors();
}

std::vector<candidate> flight::candidates() const
{
    std::vector<candidate> found;
    for (std::size_t last = m_values.size(); last-- > 0;)
    {
        std::size_t first = last;
        while (first > 0 && is_near_neighbour(first - 1))
        {
            --first;
        }
        if (last - first >= 2)
        {
            append(found, first, last, true);
        }
        last = first;
    }
    if (!m_values.empty())
    {
        append(found, 0, m_values.size() - 1, false);
    }
    return found;
}

void flight::extrapolate()
{
    const double first = m_side == 0 ? ratio * ratio : ratio;
    const double second = first * (m_side == 0 ? ratio * ratio : ratio);
    std::vector<double> d;
    for (const rung& at : m_rungs)
    {
        d.push_back(m_side == 0  ? (at.right + at.left) / 2 / at.step
                    : m_side > 0 ? at.right / at.step
                                 : at.left / at.step);
    }
    for (std::size_t k = 0; k + 2 < d.size(); ++k)
    {
        const double coarse = d[k + 1] + (d[k + 1] - d[k]) / (first - 1);
        const double fine = d[k + 2] + (d[k + 2] - d[k + 1]) / (first - 1);
        m_values.push_back(fine + (fine - coarse) / (second - 1));
    }
}

void flight::estimate_errors()
{
    m_errors.assign(m_values.size(), infinity);
    double rounding = 0;
    for (std::size_t k = m_values.size(); k-- > 0 && m_values.size() > 1;)
    {
        rounding = std::max(rounding / ratio, k + 1 < m_values.size() ? scatter(k) : 0);
        const double beside = k > 0 ? ratio * scatter(k - 1) : 0;
        m_errors[k] = noise(k + 2) + std::max(rounding, beside);
        m_errors[k] = std::isnan(m_errors[k]) ? infinity : m_errors[k];
    }
}

bool flight::is_near_neighbour(std::size_t k) const
{
    return scatter(k) <= 1e-3 * std::max(std::abs(m_values[k]), std::abs(m_values[k + 1]));
}

void flight::append(std::vector<candidate>& to, std::size_t first, std::size_t last, bool agrees) const
{
    std::size_t after_jump = first;
    for (std::size_t k = first; k <= last; ++k)
    {
        after_jump = shape_at(k) == shape::jumping ? k + 1 : after_jump;
    }
    const std::size_t end = agrees ? end_of_convergence(std::max(first, std::min(after_jump, last)), last) : last;
    candidate best;
    for (std::size_t k = first; k <= end; ++k)
    {
        const candidate here = at(k, agrees);
        const bool is_past_jump =
            after_jump == first || after_jump > last || (k >= after_jump && here.shape == shape::smooth);
        if (here.error < best.error && is_past_jump && (agrees || !here.is_flat) && is_not_contradicted(k))
        {
            best = here;
        }
    }
    best.is_near = agrees ? m_rungs[last + 2].is_near : best.is_near;
    best.shortest = m_rungs[last + 2].step;
    if (best.error < infinity)
    {
        to.push_back(best);
    }
}

std::size_t flight::end_of_convergence(std::size_t first, std::size_t last) const
{
    std::size_t k = first;
    while (k + 1 < last && (scatter(k + 1) < 0.6 * scatter(k) || (k + 2 < last && scatter(k + 2) < 0.1 * scatter(k))))
    {
        ++k;
    }
    return std::min(k + 1, last);
}

candidate flight::at(std::size_t k, bool agrees) const
{
    candidate result;
    result.value = m_values[k];
    result.error = m_errors[k];
    result.step = m_rungs[k + 2].step;
    result.is_near = m_rungs[k + 2].is_near;
    result.is_contradicted = !result.is_near && !is_explained(k);
    result.agrees = agrees;
    result.hidden = hidden(k);
    result.shape = shape_at(k);
    result.gap = m_side == 0 ? gap_of(m_rungs[k + 2]) : 0;
    result.is_flat = !m_rungs[k].has_changed && !m_rungs[k + 1].has_changed && !m_rungs[k + 2].has_changed;
    result.steepest = result.is_flat ? steepest_beside(k) : steepest(k);
    // Where phi changes over longer steps only, what it is computed from changes by less than its rounding.
    result.error += result.is_flat ? 4 * epsilon * result.steepest : 0;
    return result;
}

double flight::steepest(std::size_t k) const
{
    return std::max({visible_slope(k + 1), visible_slope(k + 2), steepest_from(k, 1)});
}

double flight::steepest_beside(std::size_t k) const
{
    constexpr std::size_t some = 3;
    while (k > 0 && visible_slope(k) == 0)
    {
        --k;
    }
    return steepest_from(k, some);
}

double flight::steepest_from(std::size_t k, std::size_t at_least) const
{
    constexpr double polynomial = 1024; // ratio^5
    double result = visible_slope(k);
    std::size_t count = 1;
    for (std::size_t i = k;
         i-- > 0 && m_rungs[i].is_near && visible_slope(i) >= result && visible_slope(i) <= polynomial * result;)
    {
        result = visible_slope(i);
        ++count;
    }
    return count < at_least ? 0 : result;
}

double flight::visible_slope(std::size_t i) const
{
    const double slope = slope_of(m_rungs[i]);
    return slope > safety * noise(i) ? slope : 0;
}

double flight::hidden(std::size_t k) const
{
    const double step = m_point.size / 16;
    const bool is_0 = std::abs(m_values[k]) <= safety * m_errors[k];
    return is_0 && m_rungs[k + 2].step > step && step > 0 ? noise(k + 2) * m_rungs[k + 2].step / step : 0;
}

check::shape flight::shape_at(std::size_t k) const
{
    const rung& longer = m_rungs[k + 1];
    const rung& shorter = m_rungs[k + 2];
    const double gap = gap_of(shorter);
    if (m_side != 0 || !(gap > 1e-3 * slope_of(shorter) + 4 * m_errors[k]) || gap <= 0.75 * gap_of(longer))
    {
        return shape::smooth;
    }
    return gap > 2 * gap_of(longer) ? shape::jumping : shape::kinked;
}

bool flight::is_not_contradicted(std::size_t k) const
{
    constexpr double lost_digits = 1e4;
    if (std::abs(m_values[k]) > safety * m_errors[k])
    {
        return true;
    }
    const rung& shortest = m_rungs[k + 2];
    if (!shortest.is_near &&
        !(slope_of(shortest) > 100 * noise(k + 2) && gap_of(m_rungs[k + 1]) > 2 * gap_of(shortest)))
    {
        return false; // from so far only a curve is seen, no detail
    }
    const double beside = std::max(k > 0 ? scatter(k - 1) : 0, k + 1 < m_values.size() ? scatter(k) : 0);
    for (std::size_t i = k + 1; i < m_values.size(); ++i)
    {
        if (!(std::abs(m_values[i] - m_values[k]) <= std::max(2 * beside, lost_digits * noise(i + 2))))
        {
            return false;
        }
    }
    return true;
}

bool flight::is_explained(std::size_t k) const
{
    for (std::size_t i = k + 1; i < m_values.size(); ++i)
    {
        if (!(std::abs(m_values[i] - m_values[k]) <= safety * (noise(i + 2) + m_errors[k])))
        {
            return false;
        }
    }
    return true;
}

std::vector<flight> flights_of(std::span<const rung> rungs, int side, const point& p)
{
    constexpr std::size_t enough = 5; // three V
    std::vector<flight> found;
    for (std::size_t last = rungs.size(); last > 0;)
    {
        std::size_t first = last;
        while (first > 0 && is_finite(rungs[first - 1], side) &&
               (first == last || rungs[first - 1].step == ratio * rungs[first].step))
        {
            --first;
        }
        if (last - first >= enough)
        {
            found.emplace_back(rungs.subspan(first, last - first), side, p);
        }
        last = first == last ? last - 1 : first;
    }
    return found;
}

} // namespace autograd::check
