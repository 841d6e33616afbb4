#include "tests/benchmarks/gradbench/evals/kmeans.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

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

/// Some of the points.
variable<double> part(tape<double>& tape, const array& points, std::size_t first, std::size_t last)
{
    const std::size_t d = points.shape(1);
    return tape.constant(borrowed<double>(points.data() + first * d, {last - first, d}));
}

constexpr std::size_t block = 256;

} // namespace

double kmeans::cost(tape<double>& tape, const input& in)
{
    double sum = 0;
    for_each_block(in.points.shape(0), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       sum += cost_of(part(tape, in.points, first, last), tape.constant(borrow(in.centroids))).item();
                   });
    return sum;
}

array kmeans::direction(tape<double>& tape, const input& in)
{
    array slope = xt::zeros_like(in.centroids), curvature = slope;
    for_each_block(in.points.shape(0), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       const auto centroids = tape.variable(borrow(in.centroids));
                       const auto of_part = gradient(cost_of(part(tape, in.points, first, last), centroids), centroids);
                       slope += of_part.value();
                       // The Hessian has nothing beside its diagonal, so this is what its rows sum up to.
                       curvature += jvp(of_part, centroids, tape.full(centroids.shape(), 1.0)).value();
                   });
    return slope / curvature;
}

} // namespace gradbench
