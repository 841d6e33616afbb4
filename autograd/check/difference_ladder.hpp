#pragma once

#include "autograd/check/limit_of_differences.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace autograd::check
{

/// A function f of one number t, with t = 0 at the point that is checked. It gives an array, of which the sum with the
/// weights counts: phi(t) = <weights, f(t)>.
struct line
{
    std::function<std::vector<double>(double t)> f; ///< nothing where it is not defined
    std::vector<double> weights;
    std::vector<char> moves;           ///< by the tape: which elements have a derivative that is not 0
    std::function<parts_size()> parts; ///< of what phi(0) is computed from, as far as it moved
    double largest = 0;                ///< of what f reads and gives in its last instruction, as in point
    double derivative = 0;             ///< of phi by the operations of f, whatever custom rules say; 0 if not known
    double slope = 0;                  ///< of phi, by the tape: as in point
    double size = 1;                   ///< of the point, a power of 2; 0 if it is 0
};

/// Evaluates f along a line at steps of both signs, each a quarter of the one before: from a sixteenth of the point's
/// size (or of 1/16, if that is more, since f may change on a scale of its own) down to where double hardly knows a
/// difference, 2^-46 of it. Steps are powers of 2: point and step have an exact sum.
class difference_ladder
{
public:
    explicit difference_ladder(line along);

    /// What the steps so far tell about phi'(0).
    estimate result() const;

    /// Whether f does not change at any step, and is not 0 itself: it may change on a larger scale.
    bool is_flat() const;

    /// Adds longer steps, up to 2^26 of the point's size, for functions that change on such a scale; false when there
    /// are no more.
    bool widen();

    std::size_t evaluations() const { return m_evaluations; }

private:
    using values = std::vector<double>;

    double difference(const values& there, rung& at);
    void climb(double step, bool is_near);
    void climb_unless_flat(const std::vector<double>& steps, bool is_near);

    line m_line;
    values m_center;
    std::vector<char> m_moved; ///< elements that depend on t, by the tape or by what was seen near 0
    std::vector<rung> m_rungs; ///< from the longest step to the shortest
    double m_top = 0;          ///< the longest near step
    bool m_is_wide = false;
    std::size_t m_evaluations = 0;
};

} // namespace autograd::check
