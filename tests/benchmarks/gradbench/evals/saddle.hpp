#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The saddle point of f(x, y) = |x|^2 - |y|^2 on pairs: x where the maximum over y is least, and y where f is
/// greatest.
namespace gradbench::saddle
{

struct input
{
    array start; ///< (2,): the first x, and the first y
};

/// x and y, (4,). The first letter is how the outer derivatives are taken, by x of a maximum
/// over y; the second is that of the inner ones, by y: in reverse or in forward mode.
array rr(autograd::tape<double>& tape, const input& in);
array rf(autograd::tape<double>& tape, const input& in);
array fr(autograd::tape<double>& tape, const input& in);
array ff(autograd::tape<double>& tape, const input& in);

/// All as programs. How many steps the descents take is nothing that a program can know, so each is of one step.
compiled<input, array> compile_rr(const input& like);
compiled<input, array> compile_rf(const input& like);
compiled<input, array> compile_fr(const input& like);
compiled<input, array> compile_ff(const input& like);

} // namespace gradbench::saddle
