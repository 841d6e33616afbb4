#pragma once

#include "autograd/kernels/chain.hpp"
#include "autograd/operations/generic_lines.hpp"

#include <algorithm>

namespace autograd::detail
{

/// The generic form of a chain's derivatives (kernels/chain.hpp), in numbers x + e_1 u_1 + ... + e_m u_m with e_j^2 =
/// 0:
///
///     z[k + 1] = input[k + 1] + x[k] z[k],  r[k] = g[k] + x[k] r[k + 1]
///
/// The tangent is the coefficient of e_1 ... e_m in z, the cotangent of x[k] that in r[k + 1] z[k].
template <class Call>
class generic_chain
{
    using X = typename Call::element;
    using number = std::vector<X>; ///< a coefficient for each set of directions, a bit for each
    using enum kernels::chain_nodes;

public:
    generic_chain(const Call& call, const kernels::chain& how, bool has_cotangent)
        : m_call(call),
          m_how(how),
          m_g(how.input == end ? 1 : 2),
          m_directions(m_g + has_cotangent),
          m_zero(std::size_t{1} << (call.operands.size() - m_directions), X(0)),
          m_lines(lines_along(call.shapes[0], std::uint32_t{1} << how.axis))
    {
        for (auto& places : m_lines)
        {
            if (how.reverse)
            {
                std::reverse(places.begin(), places.end());
            }
        }
    }

    void tangent() const
    {
        for (std::size_t line = 0; line < m_lines.size(); ++line)
        {
            const std::vector<number> z = from_start(line);
            if (m_how.output == end)
            {
                m_call.result[line] = z.back().back();
            }
            for (std::size_t k = 0; k < m_lines[line].size() && m_how.output != end; ++k)
            {
                m_call.result[m_lines[line][k]] = z[m_how.output == behind ? k + 1 : k].back();
            }
        }
    }

    void cotangent() const
    {
        for (std::size_t line = 0; line < m_lines.size(); ++line)
        {
            const std::vector<number> z = from_start(line);
            const std::vector<number> r = from_end(line);
            for (std::size_t k = 0; k < m_lines[line].size(); ++k)
            {
                X sum(0);
                for (std::size_t set = 0; set < m_zero.size(); ++set)
                {
                    sum = sum + r[k + 1][set] * z[k][m_zero.size() - 1 - set];
                }
                m_call.result[m_lines[line][k]] = sum;
            }
        }
    }

private:
    /// z of all nodes. The first one may take in nothing: then no factor meets its 0.
    std::vector<number> from_start(std::size_t line) const
    {
        const std::size_t n = m_lines[line].size();
        const std::size_t first = m_how.input == behind ? 1 : 0;
        std::vector<number> z(n + 1, m_zero);
        for (std::size_t node = first; node <= n; ++node)
        {
            z[node] = node > first ? passed(line, node - 1, z[node - 1]) : m_zero;
            z[node][0] = z[node][0] + taken_in(line, node);
        }
        return z;
    }
    /// r of all nodes. The last one may put out nothing.
    std::vector<number> from_end(std::size_t line) const
    {
        const std::size_t n = m_lines[line].size();
        const std::size_t behind_last = m_how.output == before ? n : n + 1;
        std::vector<number> r(n + 1, m_zero);
        for (std::size_t node = behind_last; node-- > 0;)
        {
            r[node] = node + 1 < behind_last ? passed(line, node, r[node + 1]) : m_zero;
            r[node][0] = r[node][0] + flowing_in(line, node);
        }
        return r;
    }

    X taken_in(std::size_t line, std::size_t node) const
    {
        return m_how.input == end ? X(node == 0 ? 1 : 0) : at_node(line, node, m_call.operands[1], m_how.input);
    }
    X flowing_in(std::size_t line, std::size_t node) const
    {
        const std::vector<X>& g = m_call.operands[m_g];
        return m_how.output != end            ? at_node(line, node, g, m_how.output)
               : node == m_lines[line].size() ? g[line]
                                              : X(0);
    }
    X at_node(std::size_t line, std::size_t node, const std::vector<X>& of, kernels::chain_nodes nodes) const
    {
        const auto& places = m_lines[line];
        const bool has_none = nodes == before ? node == places.size() : node == 0;
        return has_none ? X(0) : of[places[nodes == before ? node : node - 1]];
    }

    /// (x + e_1 u_1 + ... + e_m u_m) z, at factor k.
    number passed(std::size_t line, std::size_t k, const number& z) const
    {
        const std::size_t place = m_lines[line][k];
        number result = z;
        for (std::size_t set = 0; set < z.size(); ++set)
        {
            result[set] = m_call.operands[0][place] * z[set];
            for (std::size_t j = m_directions; j < m_call.operands.size(); ++j)
            {
                const std::size_t direction = std::size_t{1} << (j - m_directions);
                if ((set & direction) != 0)
                {
                    result[set] = result[set] + m_call.operands[j][place] * z[set ^ direction];
                }
            }
        }
        return result;
    }

    const Call& m_call;
    const kernels::chain m_how;
    const std::size_t m_g;          ///< where among the operands the cotangent is
    const std::size_t m_directions; ///< the first of them
    const number m_zero;
    std::vector<std::vector<std::size_t>> m_lines; ///< in the direction of the walk
};

} // namespace autograd::detail
