#include "nn/optimizer/schedule.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace nn
{

namespace
{

void require_steps(const char* who, std::size_t steps)
{
    if (steps == 0)
    {
        throw autograd::error::value_error(who, "the number of steps is 0; it must be 1 at least.");
    }
}

void require_between(const char* who, const char* what, double value, double low, double high)
{
    if (!(value >= low && value <= high) || !std::isfinite(value))
    {
        throw autograd::error::value_error(who, what, " is ", value, "; it must be ",
                                           std::isfinite(high) ? fmt::format("from {} to {}.", low, high)
                                                               : "finite and not negative.");
    }
}

constexpr double unbounded = std::numeric_limits<double>::infinity();

} // namespace

schedule::schedule() : schedule([](std::size_t) { return 1.0; }, "constant") {}

schedule::schedule(std::function<double(std::size_t)> factor, std::string text)
    : m_factor(std::move(factor)), m_text(std::move(text))
{
    if (!m_factor)
    {
        throw autograd::error::value_error("schedule", m_text, " is empty; it must be one that gives a factor.");
    }
}

double schedule::operator()(std::size_t step) const
{
    const double factor = m_factor(step);
    if (!(factor >= 0) || !std::isfinite(factor))
    {
        throw autograd::error::value_error("schedule", m_text, " gives ", factor, " at step ", step,
                                           "; a factor of the learning rate must be finite and not negative.");
    }
    return factor;
}

schedule step_schedule(std::size_t every, double factor)
{
    require_steps("step_schedule", every);
    require_between("step_schedule", "the factor", factor, 0, unbounded);
    return {[=](std::size_t step) { return std::pow(factor, static_cast<double>(step / every)); },
            fmt::format("step({}, {})", every, factor)};
}

schedule exponential_schedule(double factor)
{
    require_between("exponential_schedule", "the factor", factor, 0, unbounded);
    return {[=](std::size_t step) { return std::pow(factor, static_cast<double>(step)); },
            fmt::format("exponential({})", factor)};
}

schedule cosine_schedule(std::size_t steps, double last)
{
    require_steps("cosine_schedule", steps);
    require_between("cosine_schedule", "the last factor", last, 0, 1);
    const auto factor = [=](std::size_t step)
    {
        const double part = static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
        return last + (1 - last) * (1 + std::cos(std::numbers::pi * part)) / 2;
    };
    return {factor, fmt::format("cosine({}, {})", steps, last)};
}

schedule warm_up(std::size_t steps, schedule next, double first)
{
    require_steps("warm_up", steps);
    require_between("warm_up", "the first factor", first, 0, 1);
    std::string text = fmt::format("warm_up({}, {}, {})", steps, to_text(next), first);
    const auto factor = [=, next = std::move(next)](std::size_t step)
    {
        return step < steps ? first + (1 - first) * static_cast<double>(step) / static_cast<double>(steps)
                            : next(step - steps);
    };
    return {factor, std::move(text)};
}

void reduce_on_plateau::check() const
{
    if (!(factor > 0 && factor < 1))
    {
        throw autograd::error::value_error("reduce_on_plateau", "factor is ", factor,
                                           "; it must be greater than 0 and less than 1.");
    }
    if (!(threshold >= 0 && threshold < 1))
    {
        throw autograd::error::value_error("reduce_on_plateau", "threshold is ", threshold,
                                           "; it must be at least 0 and less than 1.");
    }
    require_between("reduce_on_plateau", "least", least, 0, 1);
}

reduce_on_plateau::state reduce_on_plateau::next(const state& now, double figure) const
{
    check();
    state after = now;
    // For figures below 0 a relative threshold must still ask for less, not for more.
    const bool improved = std::isinf(now.best) ? figure < now.best : figure < now.best - threshold * std::abs(now.best);
    if (improved)
    {
        after.best = figure;
        after.bad_epochs = 0;
    }
    else
    {
        ++after.bad_epochs;
    }
    if (after.cooldown_left > 0)
    {
        --after.cooldown_left;
        after.bad_epochs = 0;
    }
    if (after.bad_epochs > patience)
    {
        after.factor = std::max(now.factor * factor, least);
        after.cooldown_left = cooldown;
        after.bad_epochs = 0;
    }
    return after;
}

std::string to_text(const reduce_on_plateau& plateau)
{
    return fmt::format("reduce_on_plateau({}, {}, {}, {}, {})", plateau.factor, plateau.patience, plateau.threshold,
                       plateau.cooldown, plateau.least);
}

} // namespace nn
