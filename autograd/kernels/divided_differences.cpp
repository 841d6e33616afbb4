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

/// Of positive numbers; the larger of the two powers is taken out.
double power_pair_of_positive(double a, double b, double p)
{
    const double logarithm = p * logarithm_of_ratio(a, b);
    const double difference =
        logarithm > 0 ? -std::pow(a, p) * std::expm1(-logarithm) : std::pow(b, p) * std::expm1(logarithm);
    return difference / (a - b);
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
    return (std::pow(a, p) - std::pow(b, p)) / (a - b);
}

/// f^(k)(c) / k!, one k after the other.
class series_coefficients
{
public:
    series_coefficients(const point_function& f, double c, std::size_t k) : m_f(f), m_c(c)
    {
        m_value = f.is == form::exponential ? std::exp(c)
                  : f.is == form::logarithm ? std::log(c)
                                            : std::pow(c, f.exponent);
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
        switch (m_f.is)
        {
        case form::exponential:
            m_value /= k + 1;
            return;
        case form::logarithm:
            m_value = m_k == 1 ? 1 / m_c : -m_value * k / (m_c * (k + 1));
            return;
        default:
            m_value = m_c == 0 ? at_0() : m_value * (m_f.exponent - k) / (m_c * (k + 1));
        }
    }

private:
    /// Of a power.
    double at_0() const
    {
        const double p = m_f.exponent;
        const auto k = static_cast<double>(m_k);
        return p == k ? 1 : m_f.is_singular_at_0(m_k) ? std::numeric_limits<double>::infinity() : 0;
    }

    const point_function& m_f;
    double m_c;
    double m_value;
    std::size_t m_k = 0;
};

double derivative_at(const point_function& f, double x)
{
    return series_coefficients(f, x, 1).value();
}

} // namespace

divided_differences::divided_differences(const point_function& f, std::span<const double> points, std::size_t order,
                                         double* table)
    : m_f(f), m_points(points), m_values(table), m_pairs(table + points.size())
{
    const std::size_t n = points.size();
    for (std::size_t i = 0; i < n; ++i)
    {
        table[i] = f.is == form::indicator ? (i >= f.first && i - f.first < f.count ? 1 : 0) : value_at(points[i]);
    }
    if (order == 0)
    {
        return;
    }
    double* const pairs = table + n;
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j <= i; ++j)
        {
            pairs[i * n + j] = pairs[j * n + i] = pair_at(i, j);
        }
    }
}

double divided_differences::value_at(double x) const
{
    return series_coefficients(m_f, x, 0).value();
}

/// An indicator on points that are all among its own, or all before, or all behind; and a polynomial of a lower degree.
bool divided_differences::vanishes_on(std::span<const std::size_t> ascending) const
{
    if (m_f.is == form::indicator)
    {
        const std::size_t end = m_f.first + m_f.count;
        const auto side = [&](std::size_t i) { return i < m_f.first ? 0 : i < end ? 1 : 2; };
        return side(ascending.front()) == side(ascending.back());
    }
    const bool is_polynomial = m_f.is == form::power && m_f.exponent >= 0 && m_f.has_integer_exponent();
    return is_polynomial && m_f.exponent < static_cast<double>(ascending.size() - 1);
}

double divided_differences::pair_at(std::size_t i, std::size_t j) const
{
    const double a = m_points[i];
    const double b = m_points[j];
    if (m_f.is == form::indicator)
    {
        return m_values[i] == m_values[j] ? 0 : (m_values[i] - m_values[j]) / (a - b);
    }
    if (a == b)
    {
        return derivative_at(m_f, a);
    }
    switch (m_f.is)
    {
    case form::exponential:
        return exponential_pair(a, b);
    case form::logarithm:
        return logarithm_of_ratio(a, b) / (a - b);
    default:
        return power_pair(a, b, m_f.exponent);
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

double divided_differences::by_series(std::span<const std::size_t> ascending) const
{
    constexpr std::size_t most = 32;
    const std::size_t m = ascending.size() - 1;
    const double lowest = m_points[ascending.front()];
    const double highest = m_points[ascending.back()];
    const double middle = lowest + (highest - lowest) / 2;
    const double radius = (highest - lowest) / 2;
    double polynomials[most]; // h_p of the first distances, of one more each
    std::fill_n(polynomials, m + 1, 1.0);
    series_coefficients coefficients(m_f, middle, m);
    double sum = coefficients.value();
    double bound = 1; // of h_p
    for (std::size_t p = 1; radius > 0 && p < 200; ++p)
    {
        coefficients.advance();
        bound *= radius * static_cast<double>(m + p) / static_cast<double>(p);
        for (std::size_t j = 0; j <= m; ++j)
        {
            polynomials[j] = (m_points[ascending[j]] - middle) * polynomials[j] + (j == 0 ? 0 : polynomials[j - 1]);
        }
        sum += coefficients.value() * polynomials[m];
        if (!(std::abs(coefficients.value()) * bound > std::numeric_limits<double>::epsilon() / 4 * std::abs(sum)))
        {
            break;
        }
    }
    return sum;
}

double divided_differences::of(std::span<const std::size_t> ascending) const
{
    const std::size_t lowest = ascending.front();
    const std::size_t highest = ascending.back();
    if (ascending.size() == 1)
    {
        return m_values[lowest];
    }
    if (ascending.size() == 2)
    {
        return pair(lowest, highest);
    }
    if (vanishes_on(ascending))
    {
        return 0;
    }
    if (m_f.is != form::indicator && are_near(m_points[lowest], m_points[highest]))
    {
        return by_series(ascending);
    }
    const double above = of(ascending.subspan(1));
    const double below = of(ascending.first(ascending.size() - 1));
    return (above - below) / (m_points[highest] - m_points[lowest]);
}

} // namespace autograd::kernels
