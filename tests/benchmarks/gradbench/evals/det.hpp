#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The determinant of a matrix by expansion along the first row, of the minors again, and so on: l! products.
namespace gradbench::det
{

struct input
{
    array A; ///< (l, l)
};

double primal(autograd::tape<double>& tape, const input& in);
/// Row by row, (l^2,).
array gradient(autograd::tape<double>& tape, const input& in);

/// Both as programs.
compiled<input, double> compile_primal(const input& like);
compiled<input, array> compile_gradient(const input& like);

} // namespace gradbench::det
