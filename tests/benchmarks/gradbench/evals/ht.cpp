#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/hand_pose.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr std::size_t block = 256;

/// The vertices between which some correspondences are, a column each: three of them, or one.
indices<double> corners(tape<double>& tape, const ht::input& in, std::size_t first, std::size_t last)
{
    const std::size_t corners = in.us.shape(1) + 1;
    xt::xarray<int> vertices = xt::zeros<int>({corners, last - first});
    for (std::size_t i = first; i < last; ++i)
    {
        const auto at = static_cast<std::size_t>(in.correspondences[i]);
        for (std::size_t k = 0; k < corners; ++k)
        {
            vertices(k, i - first) = corners == 3 ? in.model.triangles[3 * at + k] : in.correspondences[i];
        }
    }
    return tape.index(vertices);
}

/// Some of the correspondences.
struct correspondences
{
    variable<double> us;     ///< (corners - 1, count): the shares of all corners but the last
    variable<double> points; ///< (count, 3)
    variable<double> shares,
        vertices; ///< (corners, count, 1); (corners, count, 4 B): coordinates at rest times weights
};

correspondences record(tape<double>& tape, const ht::input& in, std::size_t first, std::size_t last)
{
    const auto of_block = [&](const array& all) { return slice(tape.variable(borrow(all)), 0, first, last); };
    const auto us = transpose(of_block(in.us));
    const auto shares = expand_dims(concatenate({us, 1.0 - sum(us, {0}, xt::keep_dims)}), 2);
    const auto which = corners(tape, in, first, last);
    const auto weights = expand_dims(gather(tape.constant(borrow(in.model.weights)), which), 2);
    const auto coordinates = expand_dims(gather(tape.constant(borrow(in.model.base_positions)), which), 3);
    const auto products = matmul(coordinates, weights); // (corners, count, 4, B)
    return {us, of_block(in.points), shares, reshape(products, {shares.shape(0), last - first, -1})};
}

/// Points minus places on the hand, (count, 3).
variable<double> errors(const correspondences& of, const pose& at)
{
    return of.points - (sum(of.shares * matmul(of.vertices, at.rows), 0) + at.place);
}

} // namespace

array ht::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const pose at = posed(reshape(tape.constant(borrow(in.theta)), {1, 26}), in.model);
    const auto start = tape.mark();
    array result = array::from_shape({in.points.size()});
    for_each_block(in.correspondences.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.rewind(start);
                       const auto of_block = errors(record(tape, in, first, last), at);
                       std::copy_n(of_block.data(), of_block.size(), result.data() + 3 * first);
                   });
    return result;
}

/// All slopes of the pose are one walk ahead, along 26 directions. What is linear in the pose does to its slopes what
/// it does to the pose.
array ht::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto theta = reshape(tape.variable(borrow(in.theta)), {1, 26});
    const auto moved = reshape(tape.constant(xt::eye<double>(26)), {26, 1, 26});
    const pose at = posed(theta, in.model);
    const auto by_direction = reshape(jvp(at.rows, theta, moved, batched), {26, -1, 3});
    const auto of_rows = reshape(transpose(by_direction, {1, 2, 0}), {-1, 78});
    const auto of_place = flatten(transpose(reshape(jvp(at.place, theta, moved, batched), {26, 3})));
    const std::size_t us = in.us.shape(1);
    const auto u_moved = expand_dims(tape.constant(xt::eye<double>(us)), 2);
    const auto start = tape.mark();
    array J = array::from_shape({in.points.size(), us + 26});
    for_each_block(in.correspondences.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.rewind(start);
                       const correspondences of = record(tape, in, first, last);
                       const auto e = errors(of, at);
                       const auto u_dots = broadcast(u_moved, {us, us, last - first});
                       const auto by_us = transpose(jvp(e, of.us, u_dots, batched), {1, 2, 0});
                       const auto by_theta = -(matmul(sum(of.shares * of.vertices, 0), of_rows) + of_place);
                       const auto rows = concatenate({by_us, reshape(by_theta, {last - first, 3, 26})}, 2);
                       std::copy_n(rows.data(), rows.size(), J.data() + 3 * (us + 26) * first);
                   });
    return J;
}

} // namespace gradbench
