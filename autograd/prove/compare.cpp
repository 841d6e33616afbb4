#include "autograd/prove/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace autograd::prove
{

namespace
{

using word = prime_field::word;

constexpr std::int64_t largest_in_factor = 1 << 14;

/// The residues of a level as scalars.
scalar residue(const exact_array& x, std::size_t level, std::size_t i)
{
    return {x.residues_of(level)[i], x.extended() ? x.roots_of(level)[i] : 0};
}

word of_fraction(const fraction& c, const prime_field& f)
{
    return f.multiply(f.of_signed(c.numerator), f.inverse(f.of_signed(c.denominator)));
}

struct level_range
{
    std::size_t low;
    std::size_t high;
};

level_range common_levels(const exact_array& x, const arrays& y)
{
    level_range range{x.low(), x.high()};
    for (const exact_array* each : y)
    {
        range.low = std::max(range.low, each->low());
        range.high = std::min(range.high, each->high());
    }
    if (range.low >= range.high)
    {
        throw needs_a_level();
    }
    return range;
}

double bits_of(const exact_array& x, const arrays& y, std::size_t level)
{
    degree of = x.its_degree();
    for (const exact_array* each : y)
    {
        const degree& d = each->its_degree();
        of = {std::max(of.numerator + d.denominator, d.numerator + of.denominator), of.denominator + d.denominator,
              std::max(of.inside, d.inside)};
    }
    // Inputs are drawn from the elements that have logarithms; at level 0, from those of odd order.
    const double drawn_from =
        level == 0 ? static_cast<double>(tower::primes()[0] - 1) / 4 : static_cast<double>(tower::primes()[level - 1]);
    return std::max(0.0, std::log2(drawn_from) - std::log2(std::max(of.total(), 1.0)));
}

/// What an entry of x and the combination are to each other, in some levels.
enum class relation
{
    equal,
    opposite, ///< their squares are equal
    other
};

class combination_at_levels
{
public:
    combination_at_levels(const exact_array& x, const arrays& y, std::span<const fraction> c, const level_range& levels)
        : m_x(x), m_y(y), m_low(levels.low)
    {
        for (std::size_t level = levels.low; level < levels.high; ++level)
        {
            std::vector<scalar>& factors = m_factors.emplace_back();
            for (const fraction& each : c)
            {
                factors.push_back({of_fraction(each, tower::at(level).base()), 0});
            }
        }
    }

    /// Residues of what is infinite say nothing.
    relation of_entry(std::size_t i) const
    {
        relation result = relation::equal;
        for (std::size_t at = 0; at < m_factors.size() && !std::isinf(m_x.numbers[i]); ++at)
        {
            const field& f = tower::at(m_low + at);
            const scalar x = residue(m_x, m_low + at, i);
            scalar sum;
            for (std::size_t k = 0; k < m_y.size(); ++k)
            {
                sum = f.add(sum, f.multiply(m_factors[at][k], residue(*m_y[k], m_low + at, i)));
            }
            if (sum == x)
            {
                continue;
            }
            if (!(sum == f.negate(x)))
            {
                return relation::other;
            }
            result = relation::opposite;
        }
        return result;
    }

private:
    const exact_array& m_x;
    const arrays& m_y;
    std::size_t m_low;
    std::vector<std::vector<scalar>> m_factors; ///< by level
};

/// Entries of x that are minus the combination at a level are marked.
bool is_combination(const exact_array& x, const arrays& y, std::span<const fraction> c,
                    std::vector<std::uint8_t>& opposite)
{
    opposite.assign(x.size(), 0);
    const combination_at_levels sum(x, y, c, common_levels(x, y));
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const relation found = sum.of_entry(i);
        if (found == relation::other)
        {
            return false;
        }
        opposite[i] = found == relation::opposite ? 1 : 0;
    }
    return true;
}

/// The numbers of one entry of a combination.
ball number_of(const arrays& y, std::span<const fraction> c, std::size_t i)
{
    ball sum;
    for (std::size_t k = 0; k < y.size(); ++k)
    {
        const ball factor =
            ball{static_cast<double>(c[k].numerator), 0} / ball{static_cast<double>(c[k].denominator), 0};
        const ball term = factor * ball{y[k]->numbers[i], y[k]->errors[i]};
        sum = k == 0 ? term : sum + term;
    }
    return sum;
}

} // namespace

comparison compare(const exact_array& x, const arrays& y, std::span<const fraction> c)
{
    comparison result;
    result.bits = bits_of(x, y, common_levels(x, y).low);
    std::vector<std::uint8_t> opposite;
    result.residues_equal = is_combination(x, y, c, opposite);
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const double a = x.numbers[i];
        const auto [b, error] = number_of(y, c, i);
        if (std::isnan(a) || std::isnan(b))
        {
            throw unlucky_point{"not a number"};
        }
        const double apart = a == b ? 0 : std::abs(a - b);
        const double size = std::max(std::abs(a), std::abs(b));
        if (result.residues_equal && opposite[i] != 0)
        {
            // Functions with equal squares are equal where they have the same sign.
            constexpr double told = 1e-6;
            result.bits -= result.by_signs ? 0 : 1; // squares have twice the degree
            result.by_signs = true;
            const bool is_small = x.errors[i] + error >= told * size;
            if (is_small && apart <= 8 * (x.errors[i] + error))
            {
                throw unlucky_point{"numbers too small to tell a sign"};
            }
            result.residues_equal = apart < told * size && !is_small;
        }
        if (apart == 0)
        {
            continue;
        }
        result.digits = std::min(result.digits, std::isinf(apart) ? 0 : std::log10(size / apart));
        constexpr double beyond_rounding = 1e3;
        const double excess = std::isinf(apart) ? apart : apart / (x.errors[i] + error + ball::unit * size);
        if (excess > beyond_rounding && (!result.numbers_differ || excess > result.numbers_differ->excess))
        {
            result.numbers_differ = difference{i, a, b, excess};
        }
    }
    return result;
}

std::vector<std::size_t> unequal_entries(const exact_array& x, const arrays& y, std::span<const fraction> c)
{
    std::vector<std::size_t> result;
    const std::size_t low = common_levels(x, y).low;
    const combination_at_levels sum(x, y, c, {low, low + 1});
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const auto is_infinite = [i](const exact_array* each) { return std::isinf(each->numbers[i]); };
        const bool any_infinite = is_infinite(&x) || std::any_of(y.begin(), y.end(), is_infinite);
        if (any_infinite ? number_of(y, c, i).value != x.numbers[i] : sum.of_entry(i) != relation::equal)
        {
            result.push_back(i);
        }
    }
    return result;
}

std::optional<fraction> ratio(const exact_array& x, const exact_array& y)
{
    const std::size_t low = common_levels(x, {&y}).low;
    const field& f = tower::at(low);
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const scalar a = residue(x, low, i);
        const scalar b = residue(y, low, i);
        if (a.is_zero() && b.is_zero())
        {
            continue;
        }
        if (a.is_zero() || b.is_zero())
        {
            return std::nullopt;
        }
        const scalar quotient = f.multiply(a, f.inverse(b));
        const auto c = fraction_of(quotient, f.base(), largest_in_factor);
        std::vector<std::uint8_t> opposite;
        return c && is_combination(x, {&y}, {&*c, 1}, opposite) ? c : std::nullopt;
    }
    return std::nullopt;
}

/// Gauss's elimination on the entries, one row each, until there is a row with a pivot for each unknown.
std::optional<std::vector<fraction>> combination(const exact_array& x, const arrays& y)
{
    const std::size_t level = common_levels(x, y).low;
    const field& f = tower::at(level);
    std::vector<std::vector<scalar>> rows; // reduced: row k has its pivot in column k
    rows.resize(y.size());
    std::size_t found = 0;
    for (std::size_t i = 0; i < x.size() && found < y.size(); ++i)
    {
        std::vector<scalar> row;
        for (const exact_array* each : y)
        {
            row.push_back(residue(*each, level, i));
        }
        row.push_back(residue(x, level, i));
        for (std::size_t column = 0; column < y.size(); ++column)
        {
            if (row[column].is_zero())
            {
                continue;
            }
            const bool is_pivot = rows[column].empty();
            const scalar by = is_pivot ? f.inverse(row[column]) : row[column];
            for (std::size_t j = column; j < row.size(); ++j)
            {
                row[j] = is_pivot ? (j == column ? f.one() : f.multiply(row[j], by))
                                  : f.subtract(row[j], f.multiply(by, rows[column][j]));
            }
            if (is_pivot)
            {
                rows[column] = row;
                ++found;
                break;
            }
        }
    }
    if (found < y.size())
    {
        return std::nullopt;
    }
    std::vector<scalar> solution(y.size());
    std::vector<fraction> result(y.size());
    for (std::size_t column = y.size(); column-- > 0;)
    {
        scalar value = rows[column].back();
        for (std::size_t j = column + 1; j < y.size(); ++j)
        {
            value = f.subtract(value, f.multiply(rows[column][j], solution[j]));
        }
        solution[column] = value;
        const auto c = fraction_of(value, f.base(), largest_in_factor);
        if (!c)
        {
            return std::nullopt;
        }
        result[column] = *c;
    }
    std::vector<std::uint8_t> opposite;
    return is_combination(x, y, result, opposite) ? std::optional(result) : std::nullopt;
}

} // namespace autograd::prove
