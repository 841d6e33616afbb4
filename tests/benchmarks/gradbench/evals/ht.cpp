#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/hand_pose.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr std::size_t block = 256;

using array_of_vertices = autograd::array<std::int64_t>;

/// The vertices between which some correspondences are, a column each: three of them, or one.
void write_corners(const ht::input& in, std::size_t first, std::size_t last, array_of_vertices& to)
{
    const std::size_t corners = in.us.shape(1) + 1;
    to.resize({corners, last - first});
    for (std::size_t i = first; i < last; ++i)
    {
        const auto at = static_cast<std::size_t>(in.correspondences[i]);
        for (std::size_t k = 0; k < corners; ++k)
        {
            to(k, i - first) = corners == 3 ? in.model.triangles[3 * at + k] : in.correspondences[i];
        }
    }
}

/// Some of the correspondences, and the hand at rest.
struct correspondences
{
    variable<double> us;       ///< (count, corners - 1): the shares of all corners but the last
    variable<double> points;   ///< (count, 3)
    variable<double> shares;   ///< (corners, count, 1)
    variable<double> vertices; ///< (corners, count, 4 B): coordinates at rest times weights
};

correspondences at_rest(variable<double> us, variable<double> points, indices<double> corners,
                        variable<double> base_positions, variable<double> weights)
{
    const auto of_corners = transpose(us);
    const auto shares = expand_dims(concatenate({of_corners, 1.0 - sum(of_corners, {0}, xt::keep_dims)}), 2);
    const auto coordinates = expand_dims(gather(base_positions, corners), 3);
    const auto products = matmul(coordinates, expand_dims(gather(weights, corners), 2)); // (corners, count, 4, B)
    return {us, points, shares, reshape(products, {shares.shape(0), points.shape(0), 4 * weights.shape(1)})};
}

/// Points minus places on the hand, (count, 3).
variable<double> errors(const correspondences& of, const pose& at)
{
    return of.points - (sum(of.shares * matmul(of.vertices, at.rows), 0) + at.place);
}

/// How a pose moves with theta.
template <class Array>
struct motion
{
    Array rows, place;       ///< the pose
    Array of_rows, of_place; ///< its slopes: (4 B, 78), (78,)
    auto members() { return std::tie(rows, place, of_rows, of_place); }
    auto members() const { return std::tie(rows, place, of_rows, of_place); }
};

/// All slopes of the pose are one walk ahead, along 26 directions.
motion<variable<double>> moved(variable<double> theta, const bones<variable<double>>& hand)
{
    const auto row = reshape(theta, {1, 26});
    const auto directions = reshape(theta.tape().constant(xt::eye<double>(26)), {26, 1, 26});
    const pose at = posed(row, hand);
    const auto by_direction = reshape(jvp(at.rows, row, directions, batched), {26, -1, 3});
    return {at.rows, at.place, reshape(transpose(by_direction, {1, 2, 0}), {-1, 78}),
            flatten(transpose(reshape(jvp(at.place, row, directions, batched), {26, 3})))};
}

/// The slopes of some errors, (count, 3, us + 26). What is linear in the pose does to its slopes what it does to the
/// pose.
variable<double> slopes(const correspondences& of, const motion<variable<double>>& by)
{
    const std::size_t count = of.us.shape(0), us = of.us.shape(1);
    const auto directions = expand_dims(of.us.tape().constant(xt::eye<double>(us)), 1);
    const auto by_us = jvp(errors(of, {by.rows, by.place}), of.us, broadcast(directions, {us, count, us}), batched);
    const auto by_theta = -(matmul(sum(of.shares * of.vertices, 0), by.of_rows) + by.of_place);
    return concatenate({transpose(by_us, {1, 2, 0}), reshape(by_theta, {count, 3, 26})}, 2);
}

/// Writes what `of_block(first, last, corners, to)` gives for all correspondences, `width` numbers for each.
template <class F>
void for_all(const ht::input& in, std::size_t width, F of_block, array& out)
{
    array_of_vertices corners;
    for_each_block(in.correspondences.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       write_corners(in, first, last, corners);
                       of_block(first, last, corners, out.data() + first * width);
                   });
}

/// Rows of an array.
borrowed<double> part(const array& x, std::size_t first, std::size_t last)
{
    return {x.data() + first * x.shape(1), {last - first, x.shape(1)}};
}

correspondences recorded(tape<double>& tape, const ht::input& in, std::size_t first, std::size_t last,
                         const array_of_vertices& corners)
{
    return at_rest(tape.variable(part(in.us, first, last)), tape.variable(part(in.points, first, last)),
                   tape.index(corners), tape.constant(borrow(in.model.base_positions)),
                   tape.constant(borrow(in.model.weights)));
}

bones<variable<double>> recorded(tape<double>& tape, const bones<array>& of)
{
    return {of.parents, tape.constant(borrow(of.base_relatives)), tape.constant(borrow(of.inverse_base_absolutes)),
            tape.constant(borrow(of.mirror))};
}

} // namespace

array ht::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const bones<array> hand = bones_of(in.model);
    const pose at = posed(reshape(tape.constant(borrow(in.theta)), {1, 26}), recorded(tape, hand));
    const auto start = tape.mark();
    array result = array::from_shape({in.points.size()});
    const auto of_block = [&](std::size_t first, std::size_t last, const array_of_vertices& corners, double* to)
    {
        tape.rewind(start);
        const auto e = errors(recorded(tape, in, first, last, corners), at);
        std::copy_n(e.data(), e.size(), to);
    };
    for_all(in, 3, of_block, result);
    return result;
}

array ht::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const bones<array> hand = bones_of(in.model);
    const auto by = moved(tape.variable(borrow(in.theta)), recorded(tape, hand));
    const auto start = tape.mark();
    array J = array::from_shape({in.points.size(), in.us.shape(1) + 26});
    const auto of_block = [&](std::size_t first, std::size_t last, const array_of_vertices& corners, double* to)
    {
        tape.rewind(start);
        const auto rows = slopes(recorded(tape, in, first, last, corners), by);
        std::copy_n(rows.data(), rows.size(), to);
    };
    for_all(in, 3 * J.shape(1), of_block, J);
    return J;
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// f(us, points, corners, positions, weights, how the hand is posed), as a program for each length of a block.
template <class Pose, class F>
runner_of_blocks compile_blocks(const ht::input& like, const Pose& pose, F f)
{
    return {like.correspondences.size(), block,
            [&](std::size_t count)
            {
                const std::size_t us = like.us.shape(1);
                return compile(f, placeholder<double>{count, us}, placeholder<double>{count, 3},
                               placeholder<std::int64_t>{us + 1, count}, like.model.base_positions, like.model.weights,
                               pose)
                    .program();
            }};
}

} // namespace

compiled<ht::input, array> ht::compile_objective(const input& like)
{
    const auto pose_of = [](auto theta, const auto& hand)
    {
        const auto [rows, place] = posed(reshape(theta, {1, 26}), hand);
        return std::pair(rows, place);
    };
    const auto some_errors = [](auto us, auto points, auto corners, auto positions, auto weights, const auto& at) {
        return errors(at_rest(us, points, corners, positions, weights), {at.first, at.second});
    };
    const std::size_t bones = like.model.parents.size();
    const std::pair<placeholder<double>, placeholder<double>> of_pose{{1, 4 * bones, 3}, {1, 3}};
    return [pose_of = compile(pose_of, like.theta, bones_of(like.model)),
            of_blocks = compile_blocks(like, of_pose, some_errors),
            at = std::pair<array, array>()](const input& in, array& out) mutable
    {
        pose_of.run_into(at, in.theta, bones_of(in.model));
        const auto of_block = [&](std::size_t first, std::size_t last, const array_of_vertices& corners, double* to)
        {
            of_blocks[last - first]({part(in.us, first, last), part(in.points, first, last), corners,
                                     in.model.base_positions, in.model.weights, at.first, at.second},
                                    {{to, {last - first, 3}}});
        };
        out.resize({in.points.size()});
        for_all(in, 3, of_block, out);
    };
}

compiled<ht::input, array> ht::compile_jacobian(const input& like)
{
    const auto some_slopes = [](auto us, auto points, auto corners, auto positions, auto weights, const auto& by)
    { return slopes(at_rest(us, points, corners, positions, weights), by); };
    const std::size_t bones = like.model.parents.size();
    const motion<placeholder<double>> of_motion{{1, 4 * bones, 3}, {1, 3}, {4 * bones, 78}, {78}};
    return [motion_of = compile(moved, like.theta, bones_of(like.model)),
            of_blocks = compile_blocks(like, of_motion, some_slopes),
            by = motion<array>()](const input& in, array& out) mutable
    {
        motion_of.run_into(by, in.theta, bones_of(in.model));
        const std::size_t columns = in.us.shape(1) + 26;
        const auto of_block = [&](std::size_t first, std::size_t last, const array_of_vertices& corners, double* to)
        {
            of_blocks[last - first]({part(in.us, first, last), part(in.points, first, last), corners,
                                     in.model.base_positions, in.model.weights, by.rows, by.place, by.of_rows,
                                     by.of_place},
                                    {{to, {last - first, 3, columns}}});
        };
        out.resize({in.points.size(), columns});
        for_all(in, 3 * columns, of_block, out);
    };
}

} // namespace gradbench
