#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// Linear least squares: how far a polynomial is from the sign function, at points between -1 and 1.
namespace gradbench::llsq
{

struct input
{
    array x;       ///< (m,): the coefficients, that of 1 first
    std::size_t n; ///< how many points, 2 or more
};

double primal(autograd::tape<double>& tape, const input& in);
array gradient(autograd::tape<double>& tape, const input& in);

/// Both as programs, for so many coefficients and points.
compiled<input, double> compile_primal(const input& like);
compiled<input, array> compile_gradient(const input& like);

} // namespace gradbench::llsq
