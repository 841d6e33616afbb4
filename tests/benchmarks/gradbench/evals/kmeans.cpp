#include "tests/benchmarks/gradbench/evals/kmeans.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// (-2 c, |c|^2) for each centroid c, a column each. |p - c|^2 = |p|^2 - 2 p c + |c|^2, and the first is the same for
/// all centroids; the others are the product of (p, 1) and this.
variable<double> columns_of(variable<double> centroids)
{
    return transpose(concatenate({-2.0 * centroids, norm_sq(centroids, {1}, xt::keep_dims)}, 1));
}

/// The number of the centroid that is nearest, for each point.
indices<double> nearest(variable<double> points, variable<double> columns)
{
    const auto one = points.tape().full({points.shape(0), 1}, 1.0);
    return argmin(matmul(concatenate({points, one}, 1), columns), 1);
}

variable<double> cost_of(variable<double> points, variable<double> centroids, variable<double> columns)
{
    return norm_sq(points - gather(centroids, nearest(points, columns)));
}

/// The gradient by the centroids, and the diagonal of the Hessian. It has nothing beside that, so this is what its rows
/// sum up to.
std::pair<variable<double>, variable<double>> slope_and_curvature(variable<double> points, variable<double> centroids,
                                                                  variable<double> columns)
{
    const auto slope = gradient(cost_of(points, centroids, columns), centroids);
    return {slope, jvp(slope, centroids, points.tape().full(centroids.shape(), 1.0))};
}

/// Some of the points.
borrowed<double> part(const array& points, std::size_t first, std::size_t last)
{
    const std::size_t d = points.shape(1);
    return {points.data() + first * d, {last - first, d}};
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
                       const auto points = tape.constant(part(in.points, first, last)),
                                  centroids = tape.constant(borrow(in.centroids));
                       sum += cost_of(points, centroids, columns_of(centroids)).item();
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
                       const auto points = tape.constant(part(in.points, first, last)),
                                  centroids = tape.variable(borrow(in.centroids));
                       const auto of_part = slope_and_curvature(points, centroids, columns_of(centroids));
                       slope += of_part.first.value();
                       curvature += of_part.second.value();
                   });
    return slope / curvature;
}

compiled<kmeans::input, double> kmeans::compile_cost(const input& like)
{
    const std::size_t n = like.points.shape(0), d = like.points.shape(1), k = like.centroids.shape(0);
    const placeholder<double> centroids{k, d}, columns{d + 1, k};
    auto of_part = compile(cost_of, placeholder<double>{std::min(n, block), d}, centroids, columns);
    static_cast<void>(of_part.program(placeholder<double>{last_length(n, block), d}, centroids, columns));
    return [n, before = compile(columns_of, centroids), of_part, for_nearest = array(),
            cost = array()](const input& in, double& out) mutable
    {
        before.run_into(for_nearest, in.centroids);
        out = 0;
        for_each_block(n, block,
                       [&](std::size_t first, std::size_t last)
                       {
                           of_part.run_into(cost, part(in.points, first, last), in.centroids, for_nearest);
                           out += cost();
                       });
    };
}

compiled<kmeans::input, array> kmeans::compile_direction(const input& like)
{
    const auto add_part = [](auto slope, auto curvature, auto points, auto centroids, auto columns)
    {
        const auto of_part = slope_and_curvature(points, centroids, columns);
        return std::pair(slope + of_part.first, curvature + of_part.second);
    };
    const std::size_t n = like.points.shape(0), d = like.points.shape(1), k = like.centroids.shape(0);
    const placeholder<double> centroids{k, d}, columns{d + 1, k};
    auto add = compile({.replaces = {{0, 0}, {1, 1}}}, add_part, centroids, centroids,
                       placeholder<double>{std::min(n, block), d}, centroids, columns);
    static_cast<void>(
        add.program(centroids, centroids, placeholder<double>{last_length(n, block), d}, centroids, columns));
    return [n, before = compile(columns_of, centroids), add, for_nearest = array(), slope = array(),
            curvature = array()](const input& in, array& out) mutable
    {
        before.run_into(for_nearest, in.centroids);
        slope = curvature = xt::zeros_like(in.centroids);
        for_each_block(n, block,
                       [&](std::size_t first, std::size_t last)
                       {
                           add.run_into(std::tie(slope, curvature), slope, curvature, part(in.points, first, last),
                                        in.centroids, for_nearest);
                       });
        out = slope / curvature;
    };
}

} // namespace gradbench
