#include "autograd/check/limit_of_differences.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace autograd::check
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double ratio = 4; ///< of a step to the next
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The larger one of the one-sided differences.
double slope_of(const rung& at)
{
    const double right = std::isfinite(at.right) ? std::abs(at.right) : 0;
    const double left = std::isfinite(at.left) ? std::abs(at.left) : 0;
    return std::max(right, left) / at.step;
}

/// How far the one-sided differences disagree.
double gap_of(const rung& at)
{
    return std::abs(at.right - at.left) / at.step;
}

/// What rounding alone may do to a difference: some units in the last place of what phi is made of; and one of what it
/// is computed from, as far as the slope is not the same on both sides (where it is, neighbouring steps show that). Of
/// the parts that phi is computed from, each is off by half a unit.
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

/// Whether phi is finite on one side at least, at a step that is near.
bool is_near_and_finite(const rung& at)
{
    return at.is_near && (is_finite(at, 1) || is_finite(at, -1));
}

/// How the one-sided differences behave as the step shrinks.
enum class shape
{
    smooth,
    kinked, ///< the one-sided differences do not come together
    jumping ///< they go apart
};

/// A value that the differences suggest.
struct candidate
{
    double value = 0;
    double error = infinity;
    double steepest = 0;
    double step = 0;
    double shortest = 0; ///< of the run that it is from
    check::shape shape = shape::smooth;
    double hidden = 0;            ///< as in estimate
    double gap = 0;               ///< between the one-sided differences
    bool is_flat = false;         ///< phi does not change at its steps
    bool agrees = false;          ///< its neighbours say the same
    bool is_near = true;          ///< some of its steps are
    bool is_contradicted = false; ///< shorter steps say something else, and it is not their rounding
};

bool agree(const candidate& a, const candidate& b)
{
    return std::abs(a.value - b.value) <= safety * (a.error + b.error);
}

/// Rungs in a row on which phi is finite, and the values V that follow from three of them each.
class flight
{
public:
    flight(std::span<const rung> rungs, int side, const point& p) : m_rungs(rungs), m_side(side), m_point(p)
    {
        extrapolate();
        estimate_errors();
    }

    /// From the shortest steps to the longest: the best value of each run, then the best of all.
    std::vector<candidate> candidates() const
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

private:
    void extrapolate()
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

    double scatter(std::size_t k) const { return std::abs(m_values[k] - m_values[k + 1]); }
    double noise(std::size_t k) const { return noise_of(m_rungs[k], m_point); }

    /// From the shortest steps up: what V scatter there is a quarter of that at the next longer step.
    void estimate_errors()
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

    bool is_near_neighbour(std::size_t k) const
    {
        return scatter(k) <= 1e-3 * std::max(std::abs(m_values[k]), std::abs(m_values[k + 1]));
    }

    /// The value of least error from first to last. Where phi jumps apart at some steps and comes together at shorter
    /// ones, only these count.
    void append(std::vector<candidate>& to, std::size_t first, std::size_t last, bool agrees) const
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

    /// From here on values no longer come together faster than rounding drives them apart: where some then agree, it is
    /// by chance.
    std::size_t end_of_convergence(std::size_t first, std::size_t last) const
    {
        std::size_t k = first;
        while (k + 1 < last &&
               (scatter(k + 1) < 0.6 * scatter(k) || (k + 2 < last && scatter(k + 2) < 0.1 * scatter(k))))
        {
            ++k;
        }
        return std::min(k + 1, last);
    }

    candidate at(std::size_t k, bool agrees) const
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

    /// Over the steps of V, and longer ones as long as slopes grow from step to step no more than a polynomial's do:
    /// what phi does beyond says nothing of 0.
    double steepest(std::size_t k) const
    {
        return std::max({visible_slope(k + 1), visible_slope(k + 2), steepest_from(k, 1)});
    }

    /// The same where phi is flat at the steps of V: over those at which it no longer is, if there are some.
    double steepest_beside(std::size_t k) const
    {
        constexpr std::size_t some = 3;
        while (k > 0 && visible_slope(k) == 0)
        {
            --k;
        }
        return steepest_from(k, some);
    }

    double steepest_from(std::size_t k, std::size_t at_least) const
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

    double visible_slope(std::size_t i) const
    {
        const double slope = slope_of(m_rungs[i]);
        return slope > safety * noise(i) ? slope : 0;
    }

    /// The derivative that a function which changes on the scale of the point may have while V, from longer steps, sees
    /// nothing of it.
    double hidden(std::size_t k) const
    {
        const double step = m_point.size / 16;
        const bool is_0 = std::abs(m_values[k]) <= safety * m_errors[k];
        return is_0 && m_rungs[k + 2].step > step && step > 0 ? noise(k + 2) * m_rungs[k + 2].step / step : 0;
    }

    /// Where phi is smooth, the one-sided differences come together in proportion to h. At a kink they stay apart;
    /// where phi jumps, the distance grows as 1 / h.
    check::shape shape_at(std::size_t k) const
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

    /// A value that may be 0 counts only if no shorter step has a larger difference than its own error or rounding
    /// explain; a computation may well lose some digits.
    bool is_not_contradicted(std::size_t k) const
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

    /// Whether what shorter steps say differs from V no more than their rounding does.
    bool is_explained(std::size_t k) const
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

    std::span<const rung> m_rungs;
    int m_side;
    point m_point;
    std::vector<double> m_values;
    std::vector<double> m_errors;
};

/// Where phi is finite on this side (0: on both), from the shortest steps to the longest.
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

estimate estimate_from(const candidate& of, int side)
{
    estimate result;
    result.value = of.value;
    result.error = of.error;
    result.steepest = of.steepest;
    result.step = of.step;
    result.side = side;
    result.hidden = of.hidden;
    result.kink = of.shape != shape::smooth;
    result.is_flat = of.is_flat;
    return result;
}

/// Whether slopes grow from step to step, down to the shortest.
bool grows(std::span<const rung> rungs)
{
    constexpr std::size_t count = 6;
    if (rungs.size() < count)
    {
        return false;
    }
    const std::span<const rung> last = rungs.last(count);
    return slope_of(last.back()) > 0 && std::ranges::is_sorted(last, {}, slope_of) &&
           slope_of(last.back()) > 1.01 * slope_of(last.front());
}

/// Of the values that near and far steps suggest.
estimate choose(const std::vector<candidate>& candidates, int side, const point& p)
{
    candidate best;
    bool found = false;
    bool jumps = false;
    double contradicted_at = 0;
    std::string doubt;
    bool is_hidden = false; // shorter steps do not see a kink, by their rounding
    const auto is_slope = [](const candidate& each)
    {
        return each.is_near && each.shape == shape::smooth &&
               std::abs(each.value) > std::max(safety * each.error, 1e-9 * each.steepest);
    };
    for (const candidate& each : candidates)
    {
        if (each.shape == shape::jumping)
        {
            jumps = true;
        }
        else if (!found)
        {
            found = each.is_near;
            best = found ? each : best;
        }
        else if (agree(each, best))
        {
            // A kink that shorter steps would see, and do not, is beside 0.
            const bool is_there = each.shape == shape::smooth || best.shape == shape::kinked || each.gap < best.error;
            const bool may_be_0 = std::abs(best.value) <= safety * best.error;
            candidate seen = each;
            is_hidden = is_hidden || (best.shape != shape::kinked && p.size > 0);
            if (each.shape != shape::smooth && is_hidden)
            {
                seen.error += each.gap / 2; // then 0 may be on either side of it
            }
            const bool is_better = seen.error < best.error && !each.is_contradicted;
            best = is_better && is_there && (each.agrees || may_be_0) ? seen : best;
        }
        else if (is_slope(each) && each.agrees && best.agrees && best.shape == shape::smooth && !best.is_flat)
        {
            doubt = fmt::format("over steps of about {:.1g} the slope is {:.3g}, over shorter ones {:.3g}: rounding "
                                "inside of the function, or a detail of it",
                                each.step, each.value, best.value);
        }
        else if (best.is_flat && is_slope(each))
        {
            // Steps at which phi does not change, below steps at which it is a smooth function: rounding, or a plateau.
            contradicted_at = p.moves ? 0 : each.step;
            best = p.moves ? each : best;
        }
    }
    estimate result = estimate_from(best, side);
    if (best.shape == shape::kinked && p.size > 0 && best.shortest >= p.size / 16)
    {
        result.error += best.gap / 2; // a kink at 0, perhaps, which is beside the point
    }
    if (!found)
    {
        result.kink = jumps;
        result.doubt = jumps ? "the function jumps there" : "the differences do not settle as the step shrinks";
    }
    else if (contradicted_at > 0)
    {
        result.doubt = "the function changes smoothly over longer steps, and not at all over shorter ones";
    }
    else if (!doubt.empty())
    {
        result.doubt = doubt;
    }
    else if (best.is_flat && !p.moves)
    {
        result.error = 0; // a plateau
    }
    return result;
}

/// Whether phi jumps at 0: over the shortest steps, the difference to one side at least stays the same, more than
/// rounding does. There may be values for longer steps.
bool jumps(std::span<const rung> rungs, const point& p)
{
    constexpr std::size_t count = 6;
    constexpr double lost_digits = 1e4;
    if (rungs.size() < count)
    {
        return false;
    }
    const auto height = [](const rung& at) { return slope_of(at) * at.step; };
    const rung& last = rungs.back();
    return height(last) > lost_digits * noise_of(last, {.magnitude = p.magnitude, .parts = p.parts}) * last.step &&
           std::ranges::all_of(rungs.last(count), [&](const rung& at)
                               { return std::abs(height(at) - height(last)) <= 0.01 * height(last); });
}

/// Where only the curvature differs between the sides, the error of central differences is in powers of h, not of h^2:
/// there each side for itself tells more.
estimate joined(const estimate& both, const estimate& right, const estimate& left)
{
    const double error = std::max(right.error, left.error);
    const double between = (right.value + left.value) / 2;
    const bool sides_agree = std::abs(right.value - left.value) <= safety * (right.error + left.error);
    const bool says_the_same = std::abs(between - both.value) <= safety * (error + both.error);
    if (!right.doubt.empty() || !left.doubt.empty() || !sides_agree || !says_the_same || !(error < both.error))
    {
        return both;
    }
    estimate result = both;
    result.value = between;
    result.error = error;
    result.step = std::max(right.step, left.step);
    result.doubt.clear();
    return result;
}

/// Where phi does not change at any step that is near, its derivative is 0, up to the rounding of what may move;
/// unless it is smooth over longer steps, with a derivative that near ones could not see.
estimate plateau(std::span<const rung> rungs, const point& p)
{
    const auto near = std::find_if(rungs.begin(), rungs.end(), is_near_and_finite);
    estimate result;
    result.is_flat = true;
    result.error = noise_of(*near, p);
    result.step = near->step;
    result.hidden = p.size > 0 ? result.error * near->step / p.size * 16 : 0;
    const auto is_far = [](const rung& at) { return !at.is_near; };
    const auto far =
        rungs.first(static_cast<std::size_t>(std::find_if_not(rungs.begin(), rungs.end(), is_far) - rungs.begin()));
    // Of the shortest step over which phi changes: as large as at 0.
    const auto changing = std::find_if(far.rbegin(), far.rend(), [](const rung& at) { return at.has_changed; });
    const double magnitude = changing == far.rend() ? 0 : changing->magnitude;
    for (const flight& each : flights_of(far, 0, {.parts = p.parts, .size = p.size, .moves = p.moves}))
    {
        for (const candidate& c : each.candidates())
        {
            const rung seen_from_far{near->step, 0, 0, magnitude, false, false};
            const double hidden = noise_of(seen_from_far, {.parts = p.parts});
            if (c.agrees && c.shape == shape::smooth && std::abs(c.value) <= safety * hidden)
            {
                return estimate_from(c, 0);
            }
        }
    }
    return result;
}

estimate limit_of(std::span<const rung> rungs, const point& p)
{
    const bool changes = std::ranges::any_of(rungs, [](const rung& at) { return at.is_near && at.has_changed; });
    if (!changes && std::ranges::any_of(rungs, is_near_and_finite))
    {
        return plateau(rungs, p);
    }
    if (jumps(rungs, p))
    {
        estimate nothing;
        nothing.kink = true;
        nothing.doubt = "the function jumps there";
        return nothing;
    }
    const auto from_side = [&](int side)
    {
        std::vector<candidate> candidates;
        for (const flight& each : flights_of(rungs, side, p))
        {
            const std::vector<candidate> more = each.candidates();
            candidates.insert(candidates.end(), more.begin(), more.end());
        }
        return candidates.empty() ? std::optional<estimate>() : choose(candidates, side, p);
    };
    const std::optional<estimate> both = from_side(0), right = from_side(1), left = from_side(-1);
    if (both && right && left)
    {
        return joined(*both, *right, *left);
    }
    for (const std::optional<estimate>& each : {both, right, left})
    {
        if (each)
        {
            return *each;
        }
    }
    estimate nothing;
    nothing.doubt = "the function is not finite around the point";
    return nothing;
}

} // namespace

estimate limit_of_differences(std::span<const rung> rungs, const point& p)
{
    estimate result = limit_of(rungs, p);
    result.grows = grows(rungs);
    const double not_seen = result.step > 0 ? std::min(p.slope, 4 * epsilon * p.largest / result.step) : p.slope;
    const bool is_near =
        std::ranges::any_of(rungs, [&](const rung& at) { return at.is_near && at.step >= result.step; });
    result.error += (is_near ? p.parts.hidden_slope : 0) + (result.is_flat ? not_seen : 0);
    return result;
}

} // namespace autograd::check
