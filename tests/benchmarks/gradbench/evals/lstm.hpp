#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The loss of a network of l layers with long short-term memory, which predicts the next of c characters of b bits.
/// All weights are diagonal, so that all is done element by element on vectors of b.
namespace gradbench::lstm
{

struct input
{
    array main_params;  ///< (2 l, 4 b): of each layer a row of weights and one of biases, of four gates each
    array extra_params; ///< (3, b): the weight of the input, that of the output, and its bias
    array state;        ///< (2 l, b): of each layer the hidden state and that of its cell before the first character
    array sequence;     ///< (c, b), of 0 and 1
};

double objective(autograd::tape<double>& tape, const input& in);
/// By main_params, and behind it by extra_params: (8 l b + 3 b,).
array jacobian(autograd::tape<double>& tape, const input& in);

/// Both as programs.
compiled<input, double> compile_objective(const input& like);
compiled<input, array> compile_jacobian(const input& like);

/// The same as a paper has it: character after character, layer after layer, each of which takes its rows out of the
/// parameters. (In the two above a step is one of all layers, since operations on few elements are slow.)
double objective_as_written(autograd::tape<double>& tape, const input& in);
array jacobian_as_written(autograd::tape<double>& tape, const input& in);

} // namespace gradbench::lstm
