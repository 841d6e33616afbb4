#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// Where to put a charge, by the one number w, so that a particle which two charges repel comes to the ground at 0.
namespace gradbench::particle
{

struct input
{
    double w; ///< the first guess
};

/// The w where the squared distance is least, found from the given one. The first letter is how the outer derivative is
/// taken, of the squared distance by w; the second is that of the inner one, of the potential by the place: in reverse
/// or in forward mode.
double rr(autograd::tape<double>& tape, const input& in);
double rf(autograd::tape<double>& tape, const input& in);
double fr(autograd::tape<double>& tape, const input& in);
double ff(autograd::tape<double>& tape, const input& in);

/// All as programs. How long the particle flies is nothing that a program can know, so they are of one step.
compiled<input, double> compile_rr(const input& like);
compiled<input, double> compile_rf(const input& like);
compiled<input, double> compile_fr(const input& like);
compiled<input, double> compile_ff(const input& like);

} // namespace gradbench::particle
