#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The square of a number, and its derivative.
namespace gradbench::hello
{

struct input
{
    double x;
};

double square(autograd::tape<double>& tape, const input& in);
/// 2 x.
double twice(autograd::tape<double>& tape, const input& in);

} // namespace gradbench::hello
