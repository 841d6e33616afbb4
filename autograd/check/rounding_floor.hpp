#pragma once

#include "autograd/tape/tape.hpp"
#include "autograd/tape/xtensor.hpp"

#include <cstdint>
#include <vector>

namespace autograd::check
{

/// A variable and its weights: a part <weights, of> of a sum.
struct weighted
{
    variable<double> of;
    array<double> weights;
};

/// What the elements w of one instruction do to a sum s when each is off by its own size: |ds/dw| |w|.
struct rounded_parts
{
    std::uint32_t instruction;
    std::vector<double> sizes;
    std::vector<double> cotangents; ///< ds/dw
    double largest = 0;             ///< of the numbers that it reads and gives: inside of it, they are rounded
};

/// The sum of <weights, of> over some variables of one tape, and what rounding does to it: all instructions that it is
/// computed from, with |ds/dw| |w| of each element. In units of epsilon, the sum of these is its running error in first
/// order (Linnainmaa 1976; Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 3).
///
/// By a reverse walk of its own, since it asks for what is computed and not for what is declared: custom_vjp is the
/// identity on the value that it wraps, whatever its rule says, and so is stop_gradient. Inputs are taken as exact, and
/// so is what an operation without a derivative reads. Records on the tape.
std::vector<rounded_parts> rounded_parts_of(const std::vector<weighted>& sum);

/// The tangents of the same elements when the inputs xs have these, again of what is computed: 0 where nothing is
/// known. So it is seen which elements would move, if they were not rounded. Records on the tape.
std::vector<std::vector<double>> tangents_of_parts(const std::vector<rounded_parts>& parts,
                                                   const std::vector<variable<double>>& xs,
                                                   const std::vector<array<double>>& directions);

/// The sum of all of them: how large the numbers are that the sum is made of.
double size_of_parts(const std::vector<weighted>& sum);

} // namespace autograd::check
