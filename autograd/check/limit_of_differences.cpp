#include "autograd/check/limit_of_differences.hpp"

#include "autograd/check/flight.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace autograd::check
{

namespace
{

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Whether phi is finite on one side at least, at a step that is near.
bool is_near_and_finite(const rung& at)
{
    return at.is_near && (is_finite(at, 1) || is_finite(at, -1));
}

bool agree(const candidate& a, const candidate& b)
{
    return std::abs(a.value - b.value) <= safety * (a.error + b.error);
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
    double steepest_near = 0;
    for (const rung& at : rungs)
    {
        steepest_near = at.is_near && at.has_changed && is_near_and_finite(at) ? std::max(steepest_near, slope_of(at))
                                                                               : steepest_near;
    }
    if (steepest_near > 0)
    {
        result.steepest = std::min(result.steepest, steepest_near); // far away it may be as steep as it likes
    }
    for (const rung& at : rungs)
    {
        if (at.step < result.step && at.has_changed && is_finite(at, 0))
        {
            result.shorter.push_back({(at.right + at.left) / (2 * at.step), noise_of(at, p)});
        }
    }
    return result;
}

} // namespace autograd::check
