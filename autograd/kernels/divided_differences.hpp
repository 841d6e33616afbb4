#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Divided differences of functions, exact at equal points and near them.
namespace autograd::kernels
{

/// A function of the points x_0 <= x_1 <= ... of a set, by their value, or by where they stand among the others.
struct point_function
{
    enum class form : std::uint8_t
    {
        exponential,
        logarithm,
        power,
        indicator,        ///< 1 at `count` points from number `first` on, 0 at the others: constant near each of them
        truncated_inverse ///< 1 / x where |x| is more than `cutoff` times the largest magnitude, else 0, and near there
    };
    form is = form::exponential;
    double exponent = 0; ///< of a power
    std::size_t first = 0;
    std::size_t count = 0;
    double cutoff = 0;

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
///
/// All but the exponential scale with their points, f[c x_0, ..., c x_m] = c^(p - m) f[x_0, ..., x_m] with p the degree
/// of f (of a logarithm's differences 0): so what is computed with are points of magnitudes up to 1.
class divided_differences
{
public:
    /// How many numbers the table takes that holds the scaled points, and their pairs.
    static std::size_t table_size(std::size_t points) { return points * (points + 1); }
    /// Of order + 1 points each; the table lives as long as this.
    divided_differences(const point_function& f, std::span<const double> points, std::size_t order, double* table);

    /// f(x_i).
    double value(std::size_t i) const;
    /// Of order + 1 points, given by their numbers in ascending order.
    double of(std::span<const std::size_t> ascending) const;

private:
    double degree() const;
    void scale_back(double power);
    bool is_indicated(std::size_t i) const;
    bool is_kept(double x) const;
    double of_scaled(std::span<const std::size_t> ascending) const;
    double pair_of_scaled(std::size_t i, std::size_t j) const;
    double over_jump(std::size_t i, std::size_t j) const;
    bool vanishes_on(std::span<const std::size_t> ascending) const;
    bool jumps_between(std::size_t i, std::size_t j) const;
    bool are_near(double lowest, double highest) const;
    double by_series(std::span<const std::size_t> ascending) const;

    point_function m_f;
    std::span<const double> m_points;
    const double* m_scaled; ///< the points times 2^-m_exponent
    const double* m_pairs;  ///< of the scaled points
    int m_exponent = 0;
    double m_cutoff = 0; ///< of the scaled points

    // What a difference of scaled points is multiplied by, m_factor 2^m_power.
    double m_factor = 1;
    int m_power = 0;
};

} // namespace autograd::kernels
