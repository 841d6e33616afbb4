#include "tests/benchmarks/gradbench/evals/kmeans.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// The number of the centroid that is nearest, for each point. |p - c|^2 = |p|^2 - 2 p c + |c|^2, and the first is the
/// same for all centroids c; the others are the product of (p, 1) and (-2 c, |c|^2).
indices<double> nearest(variable<double> points, variable<double> centroids)
{
    const auto one = points.tape().full({points.shape(0), 1}, 1.0);
    const auto p1 = concatenate({points, one}, 1);
    const auto c2 = concatenate({-2.0 * centroids, norm_sq(centroids, {1}, xt::keep_dims)}, 1);
    return argmin(matmul(p1, transpose(c2)), 1);
}

variable<double> cost_of(variable<double> points, variable<double> centroids)
{
    return norm_sq(points - gather(centroids, nearest(points, centroids)));
}

} // namespace

double kmeans::cost(tape<double>& tape, const input& in)
{
    tape.clear();
    return cost_of(tape.constant(borrow(in.points)), tape.constant(borrow(in.centroids))).item();
}

array kmeans::direction(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto centroids = tape.variable(borrow(in.centroids));
    const auto slope = gradient(cost_of(tape.constant(borrow(in.points)), centroids), centroids);
    const auto curvature = jvp(slope, centroids, tape.full(centroids.shape(), 1.0)); // the sums of the Hessian's rows
    return (slope / curvature).value();
}

} // namespace gradbench
