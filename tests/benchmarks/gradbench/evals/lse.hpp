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

/// Both as programs.
compiled<input, double> compile_primal(const input& like);
compiled<input, array> compile_gradient(const input& like);

} // namespace gradbench::lse
