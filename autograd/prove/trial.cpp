#include "autograd/prove/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace autograd::prove
{

namespace
{

/// Where nothing can be evaluated (an exponential of 1000), smaller numbers can; those that were recorded are tried
/// first.
double shrinking(drawn how, std::uint64_t attempt)
{
    const std::uint64_t at_full_size = how == drawn::nearby ? 8 : 0;
    return attempt < at_full_size ? 1 : std::ldexp(1.0, -static_cast<int>(attempt - at_full_size));
}

/// Where points of a kind are drawn from.
struct region
{
    double scale; ///< 0: as recorded
    int signs;
    std::uint64_t tries; ///< with other numbers, while they are unlucky
    bool mixed = false;  ///< each array has a magnitude of its own
    double spread = 0.2; ///< of numbers nearby
};

/// Points anywhere are of all magnitudes, whatever was recorded, since functions may part far out only (the arc tangent
/// of a tangent; x / 1000, rounded); and of all signs, of the same sign, too (a product of many units of a layer). The
/// further ones have a magnitude for each array: one may be a threshold for another. Of those at which outcomes are
/// drawn, two have all of them as they are asked for, or none; all others, any.
region region_of(std::uint64_t n, drawn how)
{
    constexpr std::array<double, 8> scales{1, 1, 1, 1e3, 40, 1e6, 6, 0};
    constexpr std::array<int, 3> signs{0, 1, -1};
    constexpr std::uint64_t most_tries = 32;
    if (how == drawn::nearby)
    {
        // Some are so near that the recorded numbers keep their order.
        return {1, 0, most_tries, false, n % 4 == 1 ? 1e-3 : 0.2};
    }
    if (how == drawn::given)
    {
        return {1, 0, 2}; // only residues are drawn
    }
    const int sign = signs[n % signs.size()];
    if (how == drawn::anywhere)
    {
        constexpr double moderate = 100;
        if (n >= scales.size())
        {
            return {n % 2 == 0 ? 1 : 1e3, 0, 4, true};
        }
        const double scale = scales[n];
        return {scale, sign, scale < moderate ? 4U : 1U};
    }
    const bool any_outcomes = how == drawn::outcomes && n >= signs.size();
    const double scale = n % 2 == 0 ? 3 : 1; // other constants are mostly below 2
    return {scale, any_outcomes ? 0 : sign, most_tries};
}

} // namespace

trial::trial(const computation& of, std::uint64_t seed, bool free_constants)
    : m_recording(of), m_seed(seed), m_free_constants(free_constants)
{
}

bool trial::at_point(const site& where, bool keep_all, const std::function<void(point&)>& f,
                     const suppositions& supposed)
{
    const auto& [n, how, given] = where;
    // Where outcomes are drawn, numbers are as with other constants.
    const auto kind = static_cast<std::uint64_t>(how == drawn::outcomes ? drawn::other_constants : how);
    constexpr std::uint64_t points_of_a_kind = 1000; // at most
    const region in = region_of(n, how);
    std::uint64_t attempt = how == drawn::outcomes && m_lucky.contains(n) ? m_lucky[n] : 0;
    while (attempt < in.tries)
    {
        const levels_in_use levels(m_levels);
        point::options options;
        options.how = how;
        options.scale = in.scale * shrinking(how, attempt);
        options.signs = in.signs;
        options.mixed = in.mixed;
        options.spread = in.spread;
        options.given = given.get();
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
        catch (const error::index_error&)
        {
            m_unlucky = unlucky_point{"an index that depends on the numbers, and leaves its axis"};
            m_stopped_at = drawn_point.at();
            ++attempt;
        }
        catch (const error::value_error&)
        {
            m_unlucky = unlucky_point{"an operation refuses the numbers"};
            m_stopped_at = drawn_point.at();
            ++attempt;
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
            throw unlucky_point{"not a number"};
        }
    }
}

} // namespace autograd::prove
