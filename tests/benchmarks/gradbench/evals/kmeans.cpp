#include "tests/benchmarks/gradbench/evals/kmeans.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// (-2 c, |c|^2) for each centroid c, a row each. |p - c|^2 = |p|^2 - 2 p c + |c|^2, and the first is the same for all
/// centroids; the others are the product of this and (p, 1).
variable<double> rows_of(variable<double> centroids)
{
    return concatenate({-2.0 * centroids, norm_sq(centroids, {1}, xt::keep_dims)}, 1);
}

/// The number of the centroid that is nearest, for each point.
indices<double> nearest(variable<double> points, variable<double> rows)
{
    const auto one = points.tape().full({points.shape(0), 1}, 1.0);
    return argmin(matmul(rows, transpose(concatenate({points, one}, 1))), 0);
}

variable<double> cost_of(variable<double> points, variable<double> centroids, indices<double> nearest)
{
    return norm_sq(points - gather(centroids, nearest));
}

/// The gradient by the centroids, divided by the diagonal of the Hessian. That has nothing beside it, so it is what the
/// rows sum up to.
variable<double> direction_of(variable<double> points, variable<double> centroids, indices<double> nearest)
{
    const auto slope = gradient(cost_of(points, centroids, nearest), centroids);
    return slope / jvp(slope, centroids, points.tape().full(centroids.shape(), 1.0));
}

using array_of_indices = autograd::array<std::int64_t>;

constexpr std::size_t block = 256; // points, whose products fit the cache

/// Calls f(some of the points, where their nearest centroids go).
template <class F>
void for_blocks_of(const array& points, array_of_indices& to, F f)
{
    const std::size_t n = points.shape(0), d = points.shape(1);
    to.resize({n});
    for_each_block(n, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       const borrowed<double> some(points.data() + first * d, {last - first, d});
                       f(some, to.data() + first);
                   });
}

array_of_indices nearest(tape<double>& tape, const kmeans::input& in)
{
    array_of_indices result;
    for_blocks_of(in.points, result,
                  [&](const borrowed<double>& some, std::int64_t* to)
                  {
                      tape.clear();
                      const auto found = nearest(tape.constant(some), rows_of(tape.constant(borrow(in.centroids))));
                      std::copy_n(found.data(), found.size(), to);
                  });
    return result;
}

} // namespace

double kmeans::cost(tape<double>& tape, const input& in)
{
    const array_of_indices at = nearest(tape, in);
    tape.clear();
    return cost_of(tape.constant(borrow(in.points)), tape.constant(borrow(in.centroids)), tape.index(at)).item();
}

array kmeans::direction(tape<double>& tape, const input& in)
{
    const array_of_indices at = nearest(tape, in);
    tape.clear();
    return direction_of(tape.constant(borrow(in.points)), tape.variable(borrow(in.centroids)), tape.index(at)).value();
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// Finds the nearest centroids, a block after the other, and gives them to f(points, centroids, nearest).
template <class Output, class F>
compiled<kmeans::input, Output> compile_with_nearest(const kmeans::input& like, F f)
{
    const std::size_t n = like.points.shape(0), d = like.points.shape(1), k = like.centroids.shape(0);
    const auto of_block = [=](std::size_t count)
    {
        const auto number = [](auto points, auto rows) { return nearest(points, rows); };
        return compile(number, placeholder<double>{count, d}, placeholder<double>{k, d + 1}).program();
    };
    return [rows = compile(rows_of, like.centroids), search = runner_of_blocks(n, block, of_block),
            finish = compile(f, like.points, like.centroids, placeholder<std::int64_t>{n}), for_search = array(),
            at = array_of_indices(), result = array()](const kmeans::input& in, Output& out) mutable
    {
        rows.run_into(for_search, in.centroids);
        for_blocks_of(in.points, at,
                      [&](const borrowed<double>& some, std::int64_t* to) {
                          search[some.shape[0]]({some, for_search}, {{to, {some.shape[0]}}});
                      });
        if constexpr (std::is_same_v<Output, array>)
        {
            finish.run_into(out, in.points, in.centroids, at);
        }
        else
        {
            finish.run_into(result, in.points, in.centroids, at);
            out = result();
        }
    };
}

} // namespace

compiled<kmeans::input, double> kmeans::compile_cost(const input& like)
{
    return compile_with_nearest<double>(like, cost_of);
}

compiled<kmeans::input, array> kmeans::compile_direction(const input& like)
{
    return compile_with_nearest<array>(like, direction_of);
}

} // namespace gradbench
