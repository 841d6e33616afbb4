#include "autograd/prove/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace autograd::prove
{

namespace
{

/// Where nothing recorded can be evaluated (an exponential of 1000), smaller numbers can.
double scale_nearby(std::uint64_t attempt)
{
    constexpr std::uint64_t as_recorded = 8;
    return attempt < as_recorded ? 1 : std::ldexp(1.0, -static_cast<int>(attempt - as_recorded));
}

/// Points anywhere are of all magnitudes, whatever was recorded, since functions may part far out only (the arc tangent
/// of a tangent; x / 1000, rounded); and of all signs, of the same sign, too (a product of many units of a layer).
struct region
{
    double scale; ///< 0: as recorded
    int signs;
    std::uint64_t tries;
};

region region_of(std::uint64_t n)
{
    constexpr std::array<double, 8> scales{1, 1, 1, 1e3, 40, 1e6, 6, 0};
    constexpr std::array<int, 3> signs{0, 1, -1};
    const double scale = scales[n % scales.size()];
    constexpr double moderate = 100;
    return {scale, signs[n % signs.size()], scale < moderate ? 4U : 1U};
}

point::options options_of(std::uint64_t n, drawn how, std::uint64_t attempt)
{
    point::options result;
    result.how = how;
    if (how == drawn::nearby)
    {
        result.scale = scale_nearby(attempt);
        return result;
    }
    // Two of the points at which outcomes are drawn have all of them as they are asked for, or none; all others, any.
    constexpr std::uint64_t with_one_sign = 3;
    const region there = region_of(n);
    const region in = how == drawn::anywhere                         ? there
                      : how == drawn::outcomes && n >= with_one_sign ? region{1, 0, 0}
                                                                     : region{1, there.signs, 0};
    result.scale = std::ldexp(in.scale, -static_cast<int>(attempt));
    result.signs = in.signs;
    return result;
}

std::uint64_t tries_of(std::uint64_t n, drawn how)
{
    constexpr std::uint64_t most = 32;
    return how == drawn::anywhere ? region_of(n).tries : most;
}

} // namespace

trial::trial(const computation& of, std::uint64_t seed, bool free_constants)
    : m_recording(of), m_seed(seed), m_free_constants(free_constants)
{
}

bool trial::at_point(std::uint64_t n, drawn how, bool keep_all, const std::function<void(point&)>& f,
                     const suppositions& supposed)
{
    // Where outcomes are drawn, numbers are as with other constants.
    const auto kind = static_cast<std::uint64_t>(how == drawn::outcomes ? drawn::other_constants : how);
    constexpr std::uint64_t points_of_a_kind = 1000; // at most
    const std::uint64_t most_tries = tries_of(n, how);
    std::uint64_t attempt = how == drawn::outcomes && m_lucky.contains(n) ? m_lucky[n] : 0;
    while (attempt < most_tries)
    {
        const levels_in_use levels(m_levels);
        point::options options = options_of(n, how, attempt);
        options.seed = (m_seed + points_of_a_kind * kind + n) * 0x9e3779b97f4a7c15U + attempt;
        options.free_constants = m_free_constants;
        options.keep_all = keep_all;
        options.supposed = supposed;
        point drawn_point(m_recording, options);
        try
        {
            drawn_point.run();
            f(drawn_point);
            if (how == drawn::other_constants)
            {
                m_lucky[n] = attempt;
            }
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
