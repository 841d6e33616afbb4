#include "autograd/prove/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace autograd::prove
{

namespace
{

/// Where nothing recorded can be evaluated (an exponential of 1000), smaller numbers can. Points anywhere are spread
/// over some magnitudes: functions may part far out (the arc tangent of a tangent).
double scale_of(std::uint64_t n, drawn how, std::uint64_t attempt)
{
    constexpr std::uint64_t as_recorded = 8;
    if (how == drawn::nearby)
    {
        return attempt < as_recorded ? 1 : std::ldexp(1.0, -static_cast<int>(attempt - as_recorded));
    }
    constexpr std::array<double, 4> spread{1, 6, 1, 40};
    return std::ldexp(spread[n % spread.size()], -static_cast<int>(attempt));
}

} // namespace

trial::trial(const computation& of, std::uint64_t seed, bool free_constants)
    : m_recording(of), m_seed(seed), m_free_constants(free_constants)
{
}

bool trial::at_point(std::uint64_t n, drawn how, bool keep_all, const std::function<void(point&)>& f)
{
    const std::uint64_t most_tries = how == drawn::nearby ? 32 : 4;
    for (std::uint64_t attempt = 0; attempt < most_tries;)
    {
        const levels_in_use levels(m_levels);
        const std::uint64_t seed = (m_seed + n) * 0x9e3779b97f4a7c15U + attempt;
        point drawn_point(m_recording, {seed, how, m_free_constants, keep_all, scale_of(n, how, attempt)});
        try
        {
            drawn_point.run();
            f(drawn_point);
            return true;
        }
        catch (const unlucky_point& why)
        {
            m_unlucky = why;
            m_stopped_at = drawn_point.at();
            ++attempt;
        }
        catch (const needs_a_level&)
        {
            m_stopped_at = drawn_point.at();
            if (m_levels == tower::levels)
            {
                throw undecidable{"exponentials nested more than eight deep"};
            }
            ++m_levels;
        }
        catch (const undecidable&)
        {
            m_stopped_at = drawn_point.at();
            throw;
        }
    }
    return false;
}

void trial::require_numbers(const point& at) const
{
    for (const std::size_t output : m_recording.outputs())
    {
        const std::vector<double>& numbers = at[output].numbers;
        if (std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isnan(x); }))
        {
            throw unlucky_point{"a number that is none"};
        }
    }
}

} // namespace autograd::prove
