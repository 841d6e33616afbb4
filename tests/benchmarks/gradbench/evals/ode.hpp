#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The solution at time 2 of y' = F(y), y(0) = 0, with F_0 = x_0 and F_i = x_i y_{i-1}, by s steps of the classical
/// method of Runge and Kutta.
namespace gradbench::ode
{

struct input
{
    array x;       ///< (n,)
    std::size_t s; ///< 1 or more
};

array primal(autograd::tape<double>& tape, const input& in);
/// Of the last element of the solution by x.
array gradient(autograd::tape<double>& tape, const input& in);

/// Both as programs, for so many elements and steps.
compiled<input, array> compile_primal(const input& like);
compiled<input, array> compile_gradient(const input& like);

} // namespace gradbench::ode
