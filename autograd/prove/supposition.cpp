#include "autograd/prove/supposition.hpp"

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

double other_constants::of(double constant, std::mt19937_64& random)
{
    const double magnitude = std::abs(constant);
    if (!std::isfinite(magnitude))
    {
        return constant;
    }
    const auto above = m_magnitudes.lower_bound(magnitude);
    double other = 0;
    if (above != m_magnitudes.end() && above->first == magnitude)
    {
        other = above->second;
    }
    else
    {
        const double below = std::prev(above)->second;
        std::uniform_real_distribution<double> share(0.1, 0.9);
        const double room = above == m_magnitudes.end() ? 2 : above->second - below;
        other = below + room * share(random);
        m_magnitudes.emplace_hint(above, magnitude, other);
    }
    return std::copysign(other, constant);
}

double rank_of(const residues& x)
{
    const std::uint64_t mixed = key_of(x) * 0x9e3779b97f4a7c15U;
    return std::ldexp(static_cast<double>(mixed >> 11), -53);
}

} // namespace autograd::prove
