#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// log(sum(exp(x))), without overflow.
namespace gradbench::lse
{

struct input
{
    array x; ///< (n,)
};

double primal(autograd::tape<double>& tape, const input& in);
array gradient(autograd::tape<double>& tape, const input& in);

} // namespace gradbench::lse
