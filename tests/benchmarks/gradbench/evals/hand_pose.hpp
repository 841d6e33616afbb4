#pragma once

#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

/// How bones and hand move the surface: a vertex comes to the sum over coordinates and bones of coordinate times weight
/// times row, plus the place.
struct pose
{
    autograd::variable<double> rows;  ///< (N, 4 B, 3)
    autograd::variable<double> place; ///< (N, 3)
};

/// N poses of a hand, of theta (N, 26).
pose posed(autograd::variable<double> theta, const ht::hand& hand);

} // namespace gradbench
