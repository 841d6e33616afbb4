#include "autograd/prove/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

namespace autograd::prove
{

namespace
{

using word = prime_field::word;

/// The fraction p / q with small p and q that a residue stands for (Wang's rational reconstruction: the extended
/// algorithm of Euclid, stopped half way).
std::optional<fraction> fraction_of(word residue, const prime_field& f)
{
    constexpr std::int64_t largest = 1 << 14;
    auto before = static_cast<std::int64_t>(f.prime());
    auto now = static_cast<std::int64_t>(f.integer(residue));
    std::int64_t of_before = 0;
    std::int64_t of_now = 1;
    while (now > largest)
    {
        const std::int64_t quotient = before / now;
        before = std::exchange(now, before - quotient * now);
        of_before = std::exchange(of_now, of_before - quotient * of_now);
    }
    if (of_now == 0 || std::abs(of_now) > largest || std::gcd(now, of_now) != 1)
    {
        return std::nullopt;
    }
    return of_now < 0 ? fraction{-now, -of_now} : fraction{now, of_now};
}

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

/// Entries of x that are minus the combination at a level are marked: their squares are equal.
bool is_combination(const exact_array& x, const arrays& y, std::span<const fraction> c,
                    std::vector<std::uint8_t>& opposite)
{
    opposite.assign(x.size(), 0);
    const auto [low, high] = common_levels(x, y);
    for (std::size_t level = low; level < high; ++level)
    {
        const field& f = tower::at(level);
        std::vector<scalar> factors;
        for (const fraction& each : c)
        {
            factors.push_back({of_fraction(each, f.base()), 0});
        }
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            scalar sum;
            for (std::size_t k = 0; k < y.size() && !std::isinf(x.numbers[i]); ++k)
            {
                sum = f.add(sum, f.multiply(factors[k], residue(*y[k], level, i)));
            }
            if (std::isinf(x.numbers[i]) || sum == residue(x, level, i))
            {
                continue;
            }
            if (!(sum == f.negate(residue(x, level, i))))
            {
                return false;
            }
            opposite[i] = 1;
        }
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
            throw unlucky_point{"a number that is none"};
        }
        const double apart = a == b ? 0 : std::abs(a - b);
        const double size = std::max(std::abs(a), std::abs(b));
        if (result.residues_equal && opposite[i] != 0)
        {
            // Functions with equal squares are equal where they have the same sign.
            constexpr double told = 1e-6;
            result.bits -= result.by_signs ? 0 : 1; // squares have twice the degree
            result.by_signs = true;
            result.residues_equal = apart < told * size && x.errors[i] + error < told * size;
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
        const auto c = quotient.b == 0 ? fraction_of(quotient.a, f.base()) : std::nullopt;
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
        const auto c = value.b == 0 ? fraction_of(value.a, f.base()) : std::nullopt;
        if (!c)
        {
            return std::nullopt;
        }
        result[column] = *c;
    }
    std::vector<std::uint8_t> opposite;
    return is_combination(x, y, result, opposite) ? std::optional(result) : std::nullopt;
}

bool are_multiples(std::span<const boundary> x, std::span<const boundary> y)
{
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const boundary& a, const boundary& b)
                      {
                          const field& f = tower::at(a.level);
                          const scalar quotient = f.multiply(a.residue, f.inverse(b.residue));
                          return a.level == b.level && quotient.b == 0 && fraction_of(quotient.a, f.base());
                      });
}

} // namespace autograd::prove
