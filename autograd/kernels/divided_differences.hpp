#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Divided differences of functions, exact at equal points and near them.
namespace autograd::kernels
{

/// A function of the points x_0 <= x_1 <= ... of a set, by their value or, an indicator, by their number.
struct point_function
{
    enum class form : std::uint8_t
    {
        exponential,
        logarithm,
        power,
        indicator ///< 1 at `count` points from number `first` on, 0 at the others: constant near each of them
    };
    form is = form::exponential;
    double exponent = 0; ///< of a power
    std::size_t first = 0;
    std::size_t count = 0;

    bool has_integer_exponent() const;
    /// Whether it is there at x: logarithms and powers are not everywhere.
    bool is_defined_at(double x) const;
    /// Whether derivative number k, 0 for itself, is infinite at 0.
    bool is_singular_at_0(std::size_t k) const;
};

/// f[x_i, x_j, ...] for points in ascending order, symmetric in its arguments; those that are equal stand for
/// derivatives: f[x, x] = f'(x), f[x, x, x] = f''(x) / 2. Pairs are computed by closed forms that lose no digits. More
/// points that lie near each other, as seen from the function, take the series of f at their middle, in complete
/// homogeneous polynomials of the distances from it (de Boor, Divided Differences, 2005); others the recursion over the
/// largest distance, which there is no danger to digits.
class divided_differences
{
public:
    /// How many numbers the table takes that holds values, and pairs.
    static std::size_t table_size(std::size_t points) { return points * (points + 2); }
    /// With all that a derivative of this order needs of the table, which lives as long as this.
    divided_differences(const point_function& f, std::span<const double> points, std::size_t order, double* table);

    double value(std::size_t i) const { return m_values[i]; }
    double pair(std::size_t i, std::size_t j) const { return m_pairs[i * m_points.size() + j]; }
    /// Of points given by their numbers in ascending order.
    double of(std::span<const std::size_t> ascending) const;

private:
    double value_at(double x) const;
    double pair_at(std::size_t i, std::size_t j) const;
    bool are_near(double lowest, double highest) const;
    double by_series(std::span<const std::size_t> ascending) const;
    bool vanishes_on(std::span<const std::size_t> ascending) const;

    point_function m_f;
    std::span<const double> m_points;
    const double* m_values;
    const double* m_pairs;
};

} // namespace autograd::kernels
