#include "autograd/prove/supposition.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::prove
{

std::uint64_t key_of(std::size_t level, const scalar& value)
{
    return (value.a ^ (value.b * 0x9e3779b97f4a7c15U)) * tower::levels + level;
}

std::uint64_t key_of(const residues& x)
{
    return key_of(x.low(), x.at(x.low()));
}

namespace
{

/// The sign of the simple fraction x / y; 0 if it is none.
int sign_of_quotient(const residues& x, const residues& y)
{
    const std::size_t level = y.low();
    if (x.low() != level || x.at(level).is_zero())
    {
        return 0;
    }
    const field& f = tower::at(level);
    const scalar quotient = f.multiply(x.at(level), f.inverse(y.at(level)));
    constexpr std::int64_t largest = 1 << 12;
    const auto c = fraction_of(quotient, f.base(), largest);
    const bool is_fraction = c && *c * y == x; // in the other levels, too
    return !is_fraction ? 0 : c->numerator < 0 ? -1 : 1;
}

} // namespace

std::optional<int> supposed_signs::at(std::size_t level, const scalar& value) const
{
    if (const auto found = m_signs.find(key_of(level, value)); found != m_signs.end())
    {
        return found->second;
    }
    const auto found = m_signs.find(key_of(level, tower::at(level).negate(value)));
    return found == m_signs.end() ? std::nullopt : std::optional(-found->second);
}

void supposed_signs::suppose_at(std::size_t level, const scalar& value, int sign)
{
    m_signs[key_of(level, value)] = sign;
}

std::optional<int> supposed_signs::of(const residues& x, std::size_t element) const
{
    const auto equal = at(x.low(), x.at(x.low()));
    const auto others = m_of_element.find(element);
    if (equal || others == m_of_element.end() || x.at(x.low()).is_zero())
    {
        return equal;
    }
    for (const known& other : others->second)
    {
        if (const int relative = sign_of_quotient(other.value, x); relative != 0)
        {
            return relative * other.sign;
        }
    }
    return std::nullopt;
}

void supposed_signs::suppose(const residues& x, std::size_t element, int sign)
{
    constexpr std::size_t most_of_an_element = 64; // beyond, only equal values are known again
    suppose_at(x.low(), x.at(x.low()), sign);
    std::vector<known>& of_element = m_of_element[element];
    if (of_element.size() < most_of_an_element)
    {
        of_element.push_back({x, sign});
    }
}

namespace
{

bool is_simple(double magnitude)
{
    constexpr std::int64_t largest = 100;
    const auto as_fraction = least_fraction(magnitude);
    const bool is_fraction = as_fraction && as_fraction->numerator <= largest && as_fraction->denominator <= largest;
    return is_fraction || is_of_mathematics(magnitude);
}

} // namespace

double other_constants::of(double constant, std::mt19937_64& random)
{
    const double magnitude = std::abs(constant);
    if (!std::isfinite(magnitude))
    {
        return constant;
    }
    const auto [found, is_new] = m_magnitudes.try_emplace(magnitude, magnitude);
    if (is_new && !is_simple(magnitude))
    {
        // Within reach, between those that are known, and the first integers.
        constexpr double reach = 1;
        const auto above = std::next(found);
        const double low = std::max(std::prev(found)->second, std::min(std::floor(magnitude), reach));
        const double next = magnitude < reach ? std::ceil(magnitude) : low + reach;
        const double high = above == m_magnitudes.end() ? next : std::min(above->second, std::max(next, low));
        std::uniform_real_distribution<double> share(0.1, 0.9);
        found->second = low + (high - low) * share(random);
    }
    return std::copysign(found->second, constant);
}

double rank_of(const residues& x)
{
    const std::uint64_t mixed = key_of(x) * 0x9e3779b97f4a7c15U;
    return std::ldexp(static_cast<double>(mixed >> 11), -53);
}

} // namespace autograd::prove
