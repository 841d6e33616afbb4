#include "autograd/check/difference_ladder.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::check
{

namespace
{

constexpr double ratio = 4;

std::vector<double> powers(double from, double to)
{
    std::vector<double> steps;
    for (double step = from; step >= to && step > 0; step /= ratio)
    {
        steps.push_back(step);
    }
    return steps;
}

/// Near a small point f may change on a scale of 1, or on the point's own, or between: where these are far apart, there
/// are two ladders.
std::vector<double> near_steps(double size)
{
    constexpr double normal = 0.0625; // f may change on the scale of 1
    const double top = std::max(size, normal) / 16;
    if (size == 0)
    {
        return powers(top, top * 0x1p-54); // x = 0 has no rounding of its own
    }
    if (size >= 0x1p-14)
    {
        return powers(top, top * 0x1p-42);
    }
    if (size >= 0x1p-40)
    {
        return powers(top, size * 0x1p-40);
    }
    std::vector<double> steps = powers(top, 0x1p-40);
    const std::vector<double> relative = powers(size / 16, size * 0x1p-38);
    steps.insert(steps.end(), relative.begin(), relative.end());
    return steps;
}

bool same(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

} // namespace

difference_ladder::difference_ladder(line along)
    : m_line(std::move(along)), m_center(m_line.f(0)), m_moved(m_line.moves), m_evaluations(1)
{
    const std::vector<double> steps = near_steps(m_line.size);
    m_top = steps.front();
    climb_unless_flat(steps, true);
}

estimate difference_ladder::result() const
{
    point here;
    here.size = m_line.size;
    here.slope = m_line.slope;
    here.largest = m_line.largest;
    here.parts = m_line.parts ? m_line.parts() : parts_size();
    for (std::size_t i = 0; i < m_center.size(); ++i)
    {
        here.magnitude += m_moved[i] ? std::abs(m_line.weights[i] * m_center[i]) : 0;
        here.moves = here.moves || m_line.moves[i];
    }
    if (!std::isfinite(here.magnitude))
    {
        estimate nothing;
        nothing.doubt = not_finite_there;
        return nothing;
    }
    return limit_of_differences(m_rungs, here);
}

bool difference_ladder::is_flat() const
{
    return std::none_of(m_rungs.begin(), m_rungs.end(), [](const rung& at) { return at.has_changed; }) &&
           std::any_of(m_center.begin(), m_center.end(), [](double y) { return y != 0; });
}

bool difference_ladder::widen()
{
    if (m_is_wide)
    {
        return false;
    }
    m_is_wide = true;
    const double longest = std::min(m_top * 0x1p30, 0x1p1022);
    climb_unless_flat(powers(longest, m_top * ratio), false);
    return true;
}

/// While nothing changes, every third step is enough.
void difference_ladder::climb_unless_flat(const std::vector<double>& steps, bool is_near)
{
    constexpr std::size_t stride = 3;
    bool has_changed = false;
    for (std::size_t i = 0; i < steps.size(); i += stride)
    {
        climb(steps[i], is_near);
        has_changed = has_changed || m_rungs.back().has_changed;
    }
    for (std::size_t i = 0; i < steps.size() && has_changed; ++i)
    {
        if (i % stride != 0)
        {
            climb(steps[i], is_near);
        }
    }
    std::sort(m_rungs.begin(), m_rungs.end(), [](const rung& a, const rung& b) { return a.step > b.step; });
}

void difference_ladder::climb(double step, bool is_near)
{
    rung at;
    at.step = step;
    at.is_near = is_near;
    at.right = difference(m_line.f(step), at);
    at.left = -difference(m_line.f(-step), at);
    m_evaluations += 2;
    m_rungs.push_back(at);
}

/// phi(t) - phi(0). An element that neither changes nor, by the tape, depends on t is not part of it: its rounding
/// hides nothing.
double difference_ladder::difference(const values& there, rung& at)
{
    if (there.size() != m_center.size())
    {
        at.has_changed = true;
        return std::numeric_limits<double>::quiet_NaN();
    }
    double sum = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < there.size(); ++i)
    {
        const double a = there[i], b = m_center[i], u = m_line.weights[i];
        if (!same(a, b))
        {
            sum += u * (a - b);
            magnitude += std::abs(u) * std::max(std::abs(a), std::abs(b));
            at.has_changed = true;
            m_moved[i] = m_moved[i] || at.is_near;
        }
    }
    at.magnitude = std::max(at.magnitude, magnitude);
    return sum;
}

} // namespace autograd::check
