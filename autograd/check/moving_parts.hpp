#pragma once

#include "autograd/check/limit_of_differences.hpp"
#include "autograd/check/rounding_floor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace autograd::check
{

/// What f(x) is computed from, at the point, and which elements of it change as the point moves: the rounding of what
/// does not is the same everywhere.
class moving_parts
{
public:
    moving_parts(const std::vector<rounded_parts>& sizes, const std::vector<std::vector<double>>& at_point,
                 std::vector<std::vector<double>> tangents)
        : m_sizes(sizes), m_at_point(at_point), m_tangents(std::move(tangents))
    {
        for (const rounded_parts& each : m_sizes)
        {
            m_moved.emplace_back(each.sizes.size(), 0);
        }
    }

    /// Looks at f as it is recorded at a distance from the point. A few of the longest distances tell: the first ones,
    /// which are near, and any that are longer.
    void look(tape<double>& there, double distance)
    {
        constexpr std::size_t some = 4;
        const bool is_near = m_looks < some;
        if (!is_near && distance <= m_longest)
        {
            return;
        }
        for (std::size_t j = 0; j < m_sizes.size(); ++j)
        {
            const std::uint32_t i = m_sizes[j].instruction;
            if (i >= there.size() || there[i].size() != m_at_point[j].size())
            {
                return; // another program
            }
            const double* values = static_cast<const double*>(there.dense(i));
            for (std::size_t k = 0; k < m_moved[j].size(); ++k)
            {
                if (m_moved[j][k] == still && values[k] != m_at_point[j][k])
                {
                    m_moved[j][k] = is_near ? near : far;
                }
            }
        }
        ++m_looks;
        m_longest = std::max(m_longest, distance);
        m_longest_near = is_near ? m_longest : m_longest_near;
    }

    parts_size size() const
    {
        parts_size sum;
        for (std::size_t j = 0; j < m_sizes.size(); ++j)
        {
            double hidden = 0; // one instruction after the other passes it on
            for (std::size_t k = 0; k < m_moved[j].size(); ++k)
            {
                sum.near += m_moved[j][k] == near ? m_sizes[j].sizes[k] : 0;
                sum.any += m_moved[j][k] != still ? m_sizes[j].sizes[k] : 0;
                hidden += m_moved[j][k] != near ? hidden_slope(j, k) : 0;
            }
            sum.hidden_slope = std::max(sum.hidden_slope, hidden);
        }
        return sum;
    }

    /// The derivative of f by its operations, whatever custom rules say; 0 where nothing is known.
    double derivative() const
    {
        double sum = 0;
        for (std::size_t k = 0; !m_sizes.empty() && k < m_tangents.front().size(); ++k)
        {
            sum += m_sizes.front().cotangents[k] * m_tangents.front()[k];
        }
        return sum;
    }

    /// The size of the numbers that f itself reads and gives.
    double largest() const
    {
        double sum = 0;
        for (std::size_t k = 0; !m_sizes.empty() && k < m_sizes.front().cotangents.size(); ++k)
        {
            sum += m_tangents.front()[k] != 0 ? std::abs(m_sizes.front().cotangents[k]) * m_sizes.front().largest : 0;
        }
        return sum;
    }

    /// What the derivative is made of in the end: of f itself.
    double slope() const
    {
        double sum = 0;
        for (std::size_t k = 0; !m_sizes.empty() && k < m_tangents.front().size(); ++k)
        {
            sum += slope(0, k);
        }
        return sum;
    }

private:
    /// What goes through an element of the derivative.
    double slope(std::size_t j, std::size_t k) const
    {
        const double slope = std::abs(m_sizes[j].cotangents[k] * m_tangents[j][k]);
        return std::isfinite(slope) ? slope : 0;
    }

    /// The same, as far as rounding can hide it over the longest of the steps that are near.
    double hidden_slope(std::size_t j, std::size_t k) const
    {
        const double most = 4 * std::numeric_limits<double>::epsilon() * m_sizes[j].largest / m_longest_near;
        return std::min(slope(j, k), std::abs(m_sizes[j].cotangents[k]) * most);
    }

    static constexpr char still = 0, near = 1, far = 2;

    const std::vector<rounded_parts>& m_sizes;
    const std::vector<std::vector<double>>& m_at_point;
    std::vector<std::vector<double>> m_tangents;
    std::vector<std::vector<char>> m_moved;
    std::size_t m_looks = 0;
    double m_longest = 0;
    double m_longest_near = 0;
};

} // namespace autograd::check
