#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace autograd::check
{

/// What a function phi of one number does over one step h from 0, to both sides.
struct rung
{
    double step = 0;
    double right = 0;     ///< phi(h) - phi(0); not a number where phi is not finite
    double left = 0;      ///< phi(0) - phi(-h)
    double magnitude = 0; ///< of the numbers that phi(h) and phi(-h) are made of, as far as they changed
    bool has_changed = false;
    bool is_near = true; ///< no longer than the size of the point suggests
};

/// The numbers that phi(0) is computed from, by what they do to it.
struct parts_size
{
    double near = 0;         ///< of those that move over steps that are near: they are rounded, too
    double any = 0;          ///< of those that move over any step
    double hidden_slope = 0; ///< of the derivative, what goes through those that are rounded so that they do not move
};

/// What is known about phi at 0.
struct point
{
    /// Of the numbers that phi(0) is made of and that move near 0: it is known up to their rounding.
    double magnitude = 0;
    parts_size parts;
    /// What the derivative is made of by the operations: where phi does not change, rounding may hide that much of it,
    /// as far as the numbers are large that the last operation reads and gives.
    double slope = 0;
    double largest = 0;
    double size = 0; ///< of the point
    /// Whether the tape has a derivative which is not 0: where phi does not change at short steps, that may be
    /// rounding, then. That the tape has 0 says nothing.
    bool moves = false;
};

/// What one step says of phi'(0), and what rounding may do to it.
struct difference_quotient
{
    double value = 0;
    double noise = 0;
};

/// What differences tell about phi'(0).
struct estimate
{
    double value = 0;
    double error = std::numeric_limits<double>::infinity(); ///< of truncation and rounding together, estimated
    double steepest = 0;                                    ///< the largest one-sided slope nearby
    double step = 0;                                        ///< the shortest that the value is from
    double hidden = 0;    ///< a derivative that such steps may not see, on the point's own scale
    bool is_flat = false; ///< phi does not change at the steps that the value is from
    bool grows = false;   ///< the slopes grow as the step shrinks, as those of a root at 0
    int side = 0;         ///< 1 or -1 where phi is finite on that side only
    bool kink = false;    ///< the one-sided differences disagree, or phi jumps
    std::string doubt;    ///< why there is no value to believe, if there is none
    /// Of steps that are shorter than those that the value is from.
    std::vector<difference_quotient> shorter;
};

/// The doubt where phi(0) itself is not a number.
inline constexpr const char* not_finite_there = "the function is not finite there";

/// How many times its estimated error a value may be off.
inline constexpr double safety = 8;

/// phi'(0) from a ladder of steps, each a quarter of the one before.
///
/// The central difference D(h) = (phi(h) - phi(-h)) / 2h has an error in even powers of h; two extrapolations
/// (Richardson 1911, Romberg 1955) leave h^6:
///     T(h) = (16 D(h/4) - D(h)) / 15,   V(h) = (256 T(h/4) - T(h)) / 255.
/// Where phi is finite on one side only, the same with one-sided differences, whose error is in powers of h.
///
/// A value is believed where neighbours agree relative to themselves: three V in a row within a thousandth. Of several
/// such runs the one of the shortest steps counts, as the derivative is the limit; one of longer steps takes its place
/// where it says the same more exactly. The error of a V is what its neighbour and all shorter steps scatter, as
/// rounding would: in proportion to 1 / h. So 0 = 0 = 0 at steps that pass over what phi does is worth nothing beside a
/// difference at a shorter step.
///
/// Where nothing agrees relative to itself, as for x |x| at 0, whose differences shrink with the step, the V of least
/// error counts, unless a shorter step has a larger difference that no rounding explains.
///
/// Where two runs of agreeing values contradict each other, both smooth and neither of them 0, nothing is believed:
/// either phi has a detail that only short steps see, or a part of it is rounded so coarsely that it stops changing.
estimate limit_of_differences(std::span<const rung> rungs, const point& p);

} // namespace autograd::check
