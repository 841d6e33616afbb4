#include "autograd/kernels/divided_differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace autograd::kernels
{

using form = point_function::form;

bool point_function::has_integer_exponent() const
{
    return exponent == std::nearbyint(exponent);
}

bool point_function::is_defined_at(double x) const
{
    switch (is)
    {
    case form::logarithm:
        return x > 0;
    case form::power:
        return x > 0 || (x == 0 && exponent >= 0) || (x < 0 && has_integer_exponent());
    default:
        return true;
    }
}

bool point_function::is_singular_at_0(std::size_t k) const
{
    switch (is)
    {
    case form::logarithm:
        return true;
    case form::power:
        return exponent < 0 || (!has_integer_exponent() && exponent < static_cast<double>(k));
    default:
        return false;
    }
}

namespace
{

bool is_odd(double integer)
{
    return std::fmod(integer, 2) != 0;
}

// f[a, b] for a > b, each to a few units in the last place.

double exponential_pair(double a, double b)
{
    return -std::exp(a) * std::expm1(b - a) / (a - b);
}

/// Of positive numbers.
double logarithm_of_ratio(double a, double b)
{
    return a - b < b ? std::log1p((a - b) / b) : std::log(a) - std::log(b);
}

// The power p of the number that is the larger part of a difference is not formed: it may leave the range where that to
// p - 1 does not.

/// Of positive numbers.
double power_pair_of_positive(double a, double b, double p)
{
    const double logarithm = p * logarithm_of_ratio(a, b);
    const double large = p > 0 ? a : b;
    const double part = p > 0 ? -std::expm1(-logarithm) : std::expm1(logarithm);
    return std::pow(large, p - 1) * (part / ((a - b) / large));
}

double power_pair(double a, double b, double p)
{
    if (b > 0)
    {
        return power_pair_of_positive(a, b, p);
    }
    if (a < 0)
    {
        const double reflected = power_pair_of_positive(-b, -a, p);
        return is_odd(p) ? reflected : -reflected;
    }
    const double large = p > 0 ? std::max(a, -b) : std::min(a, -b);
    return std::pow(large, p - 1) * ((std::pow(a / large, p) - std::pow(b / large, p)) / ((a - b) / large));
}

/// f^(k)(c) / k!, one k after the other, of an exponential, a logarithm or a power.
class series_coefficients
{
public:
    series_coefficients(form f, double exponent, double c, std::size_t k) : m_f(f), m_exponent(exponent), m_c(c)
    {
        m_value = f == form::exponential ? std::exp(c) : f == form::logarithm ? std::log(c) : std::pow(c, exponent);
        while (m_k < k)
        {
            advance();
        }
    }

    double value() const { return m_value; }
    void advance()
    {
        const auto k = static_cast<double>(m_k);
        ++m_k;
        switch (m_f)
        {
        case form::exponential:
            m_value /= k + 1;
            return;
        case form::logarithm:
            m_value = m_k == 1 ? 1 / m_c : -m_value * k / (m_c * (k + 1));
            return;
        default:
            m_value = m_c == 0 ? at_0() : m_value * (m_exponent - k) / (m_c * (k + 1));
        }
    }

private:
    /// Of a power.
    double at_0() const
    {
        const auto k = static_cast<double>(m_k);
        const bool is_singular = point_function{form::power, m_exponent}.is_singular_at_0(m_k);
        return m_exponent == k ? 1 : is_singular ? std::numeric_limits<double>::infinity() : 0;
    }

    form m_f;
    double m_exponent;
    double m_c;
    double m_value;
    std::size_t m_k = 0;
};

double derivative_at(const point_function& f, double x)
{
    switch (f.is)
    {
    case form::exponential:
        return std::exp(x);
    case form::logarithm:
        return 1 / x;
    default:
        return f.exponent == 0 ? 0 : f.exponent * std::pow(x, f.exponent - 1);
    }
}

double largest_magnitude(std::span<const double> points)
{
    double largest = 0;
    for (const double x : points)
    {
        largest = std::max(largest, std::abs(x));
    }
    return largest;
}

} // namespace

// ------------------------------------------------------------------------------------------------------ the function

/// p of f(c x) = c^p f(x).
double divided_differences::degree() const
{
    switch (m_f.is)
    {
    case form::power:
        return m_f.exponent;
    case form::truncated_inverse:
        return -1;
    default:
        return 0;
    }
}

bool divided_differences::is_indicated(std::size_t i) const
{
    return i >= m_f.first && i - m_f.first < m_f.count;
}

bool divided_differences::is_kept(double x) const
{
    return std::abs(x) > m_cutoff;
}

double divided_differences::value(std::size_t i) const
{
    const double x = m_points[i];
    switch (m_f.is)
    {
    case form::exponential:
        return std::exp(x);
    case form::logarithm:
        return std::log(x);
    case form::power:
        return std::pow(x, m_f.exponent);
    case form::indicator:
        return is_indicated(i) ? 1 : 0;
    default:
        return is_kept(std::scalbn(x, -m_exponent)) ? 1 / x : 0;
    }
}

/// An indicator on points that are all among its own, or all before, or all behind; a truncated inverse on points that
/// are all cut off; and a polynomial of a lower degree.
bool divided_differences::vanishes_on(std::span<const std::size_t> ascending) const
{
    switch (m_f.is)
    {
    case form::indicator:
    {
        const std::size_t end = m_f.first + m_f.count;
        const auto side = [&](std::size_t i) { return i < m_f.first ? 0 : i < end ? 1 : 2; };
        return side(ascending.front()) == side(ascending.back());
    }
    case form::truncated_inverse:
        return !is_kept(m_scaled[ascending.front()]) && !is_kept(m_scaled[ascending.back()]);
    case form::power:
        return m_f.exponent >= 0 && m_f.has_integer_exponent() &&
               m_f.exponent < static_cast<double>(ascending.size() - 1);
    default:
        return false;
    }
}

/// Whether f is one function at one of them and another one at the other.
bool divided_differences::jumps_between(std::size_t i, std::size_t j) const
{
    switch (m_f.is)
    {
    case form::indicator:
        return is_indicated(i) != is_indicated(j);
    case form::truncated_inverse:
        return is_kept(m_scaled[i]) != is_kept(m_scaled[j]);
    default:
        return false;
    }
}

bool divided_differences::are_near(double lowest, double highest) const
{
    if (m_f.is == form::exponential)
    {
        return highest - lowest <= 0.5;
    }
    const bool have_one_sign = lowest > 0 || highest < 0 || lowest == highest;
    return have_one_sign && highest - lowest <= std::abs(highest + lowest) / 4;
}

// ------------------------------------------------------------------------------------------------ divided differences

divided_differences::divided_differences(const point_function& f, std::span<const double> points, std::size_t order,
                                         double* table)
    : m_f(f), m_points(points), m_scaled(table), m_pairs(table + points.size())
{
    const std::size_t n = points.size();
    const double largest = largest_magnitude(points);
    if (f.is != form::exponential && largest > 0)
    {
        m_exponent = std::ilogb(largest) + 1;
        m_exponent += m_exponent % 2; // even, so that square roots of the unit are exact, too
    }
    m_cutoff = f.cutoff * std::scalbn(largest, -m_exponent);
    if (order == 0)
    {
        return;
    }
    scale_back(degree() - static_cast<double>(order));
    std::transform(points.begin(), points.end(), table, [&](double x) { return std::scalbn(x, -m_exponent); });
    double* const pairs = table + n;
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j <= i; ++j)
        {
            pairs[i * n + j] = pairs[j * n + i] = pair_of_scaled(i, j);
        }
    }
}

/// By the unit of the points to that power, which alone may leave the range.
void divided_differences::scale_back(double power)
{
    const double of_two = m_exponent * power;
    const double rounding = std::fma(m_exponent, power, -of_two);
    const double whole = std::floor(of_two);
    constexpr double farthest = 1e5;
    m_factor = std::exp2(of_two - whole) * std::exp2(rounding);
    m_power = static_cast<int>(std::clamp(whole, -farthest, farthest));
}

/// Of two scaled points between which f jumps: of values, of which one is 0.
double divided_differences::over_jump(std::size_t i, std::size_t j) const
{
    const auto value_of = [&](std::size_t k) -> double
    {
        if (m_f.is == form::indicator)
        {
            return is_indicated(k) ? 1 : 0;
        }
        return is_kept(m_scaled[k]) ? 1 / m_scaled[k] : 0;
    };
    return (value_of(i) - value_of(j)) / (m_scaled[i] - m_scaled[j]);
}

double divided_differences::pair_of_scaled(std::size_t i, std::size_t j) const
{
    const double a = m_scaled[i];
    const double b = m_scaled[j];
    if (jumps_between(i, j))
    {
        return over_jump(i, j);
    }
    switch (m_f.is)
    {
    case form::exponential:
        return a == b ? derivative_at(m_f, a) : exponential_pair(a, b);
    case form::logarithm:
        return a == b ? derivative_at(m_f, a) : logarithm_of_ratio(a, b) / (a - b);
    case form::power:
        return a == b ? derivative_at(m_f, a) : power_pair(a, b, m_f.exponent);
    case form::indicator:
        return 0;
    default:
        return is_kept(a) ? -1 / (a * b) : 0;
    }
}

double divided_differences::by_series(std::span<const std::size_t> ascending) const
{
    constexpr std::size_t most = 32;
    const std::size_t m = ascending.size() - 1;
    const double lowest = m_scaled[ascending.front()];
    const double highest = m_scaled[ascending.back()];
    const double middle = lowest + (highest - lowest) / 2;
    // Scaled once more: their middle is 1, so that no term of the series leaves the range.
    const double unit = m_f.is == form::exponential || middle == 0 ? 1 : middle;
    const double radius = std::abs((highest - lowest) / 2 / unit);
    double polynomials[most]; // h_p of the first distances, of one more each
    std::fill_n(polynomials, m + 1, 1.0);
    series_coefficients coefficients(m_f.is, degree(), middle / unit, m);
    double sum = coefficients.value();
    double bound = 1; // of h_p
    for (std::size_t p = 1; radius > 0 && p < 200; ++p)
    {
        coefficients.advance();
        bound *= radius * static_cast<double>(m + p) / static_cast<double>(p);
        for (std::size_t j = 0; j <= m; ++j)
        {
            const double distance = (m_scaled[ascending[j]] - middle) / unit;
            polynomials[j] = distance * polynomials[j] + (j == 0 ? 0 : polynomials[j - 1]);
        }
        sum += coefficients.value() * polynomials[m];
        if (!(std::abs(coefficients.value()) * bound > std::numeric_limits<double>::epsilon() / 4 * std::abs(sum)))
        {
            break;
        }
    }
    return sum * std::pow(unit, degree() - static_cast<double>(m));
}

double divided_differences::of_scaled(std::span<const std::size_t> ascending) const
{
    const std::size_t lowest = ascending.front();
    const std::size_t highest = ascending.back();
    if (ascending.size() == 2)
    {
        return m_pairs[lowest * m_points.size() + highest];
    }
    if (vanishes_on(ascending))
    {
        return 0;
    }
    if (m_f.is != form::indicator && !jumps_between(lowest, highest) && are_near(m_scaled[lowest], m_scaled[highest]))
    {
        return by_series(ascending);
    }
    const double above = of_scaled(ascending.subspan(1));
    const double below = of_scaled(ascending.first(ascending.size() - 1));
    return (above - below) / (m_scaled[highest] - m_scaled[lowest]);
}

double divided_differences::of(std::span<const std::size_t> ascending) const
{
    if (ascending.size() == 1)
    {
        return value(ascending.front());
    }
    return std::scalbn(of_scaled(ascending) * m_factor, m_power);
}

} // namespace autograd::kernels
