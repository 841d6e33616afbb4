#pragma once

#include "autograd/check/limit_of_differences.hpp"

#include <cmath>
#include <vector>

namespace autograd::check
{

/// The larger one of the one-sided differences.
double slope_of(const rung& at);

/// How far the one-sided differences disagree.
double gap_of(const rung& at);

/// What rounding alone may do to a difference: some units in the last place of what phi is made of; and one of what it
/// is computed from, as far as the slope is not the same on both sides (where it is, neighbouring steps show that). Of
/// the parts that phi is computed from, each is off by half a unit.
double noise_of(const rung& at, const point& p);

/// Whether phi is finite at a step on this side (0: on both).
bool is_finite(const rung& at, int side);

/// How the one-sided differences behave as the step shrinks.
enum class shape
{
    smooth,
    kinked, ///< the one-sided differences do not come together
    jumping ///< they go apart
};

/// A value that the differences suggest.
struct candidate
{
    double value = 0;
    double error = std::numeric_limits<double>::infinity();
    double steepest = 0;
    double step = 0;
    double shortest = 0; ///< of the run that it is from
    check::shape shape = shape::smooth;
    double hidden = 0;            ///< as in estimate
    double gap = 0;               ///< between the one-sided differences
    bool is_flat = false;         ///< phi does not change at its steps
    bool agrees = false;          ///< its neighbours say the same
    bool is_near = true;          ///< some of its steps are
    bool is_contradicted = false; ///< shorter steps say something else, and it is not their rounding
};

/// Rungs in a row on which phi is finite, and the values V that follow from three of them each.
class flight
{
public:
    flight(std::span<const rung> rungs, int side, const point& p);

    /// From the shortest steps to the longest: the best value of each run, then the best of all.
    std::vector<candidate> candidates() const;

private:
    void extrapolate();
    /// From the shortest steps up: what V scatter there is a quarter of that at the next longer step.
    void estimate_errors();
    bool is_near_neighbour(std::size_t k) const;
    /// The value of least error from first to last. Where phi jumps apart at some steps and comes together at shorter
    /// ones, only these count.
    void append(std::vector<candidate>& to, std::size_t first, std::size_t last, bool agrees) const;
    /// From here on values no longer come together faster than rounding drives them apart: where some then agree, it is
    /// by chance.
    std::size_t end_of_convergence(std::size_t first, std::size_t last) const;
    candidate at(std::size_t k, bool agrees) const;
    /// Over the steps of V, and longer ones as long as slopes grow from step to step no more than a polynomial's do:
    /// what phi does beyond says nothing of 0.
    double steepest(std::size_t k) const;
    /// The same where phi is flat at the steps of V: over those at which it no longer is, if there are some.
    double steepest_beside(std::size_t k) const;
    double steepest_from(std::size_t k, std::size_t at_least) const;
    double visible_slope(std::size_t i) const;
    /// The derivative that a function which changes on the scale of the point may have while V, from longer steps, sees
    /// nothing of it.
    double hidden(std::size_t k) const;
    /// Where phi is smooth, the one-sided differences come together in proportion to h. At a kink they stay apart;
    /// where phi jumps, the distance grows as 1 / h.
    check::shape shape_at(std::size_t k) const;
    /// A value that may be 0 counts only if no shorter step has a larger difference than its own error or rounding
    /// explain; a computation may well lose some digits.
    bool is_not_contradicted(std::size_t k) const;
    /// Whether what shorter steps say differs from V no more than their rounding does.
    bool is_explained(std::size_t k) const;

    double scatter(std::size_t k) const { return std::abs(m_values[k] - m_values[k + 1]); }
    double noise(std::size_t k) const { return noise_of(m_rungs[k], m_point); }

    std::span<const rung> m_rungs;
    int m_side;
    point m_point;
    std::vector<double> m_values;
    std::vector<double> m_errors;
};

/// Where phi is finite on this side (0: on both), from the shortest steps to the longest.
std::vector<flight> flights_of(std::span<const rung> rungs, int side, const point& p);

} // namespace autograd::check
