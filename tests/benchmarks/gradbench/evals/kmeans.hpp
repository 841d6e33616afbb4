#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// Clusters by the distance to k centroids, and a step of Newton's method to better ones.
namespace gradbench::kmeans
{

struct input
{
    array points;    ///< (n, d)
    array centroids; ///< (k, d); each is the nearest one of a point at least
};

/// The sum over the points of the squared distance to the nearest centroid.
double cost(autograd::tape<double>& tape, const input& in);
/// The gradient of the cost by the centroids divided by the diagonal of its Hessian, which has nothing else: (k, d).
array direction(autograd::tape<double>& tape, const input& in);

/// Both as programs.
compiled<input, double> compile_cost(const input& like);
compiled<input, array> compile_direction(const input& like);

} // namespace gradbench::kmeans
