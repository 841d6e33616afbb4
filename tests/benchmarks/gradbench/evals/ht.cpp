#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// As many correspondences as fit into the cache with all that is computed of them.
constexpr std::size_t block = 512;

/// What a cross product with an axis is as a matrix, row by row: linear in the axis.
const array cross_with{{0, 0, 0, 0, 0, -1, 0, 1, 0}, {0, 0, 1, 0, 0, 0, -1, 0, 0}, {0, -1, 0, 1, 0, 0, 0, 0, 0}};

/// The rotations about axes r by the angles |r| (Rodrigues), none where that is very small: (N, 3) to (N, 3, 3).
variable<double> rotations(variable<double> r)
{
    const auto turns = norm_l2(r, {1}, xt::keep_dims) >= 1e-4;
    const auto safe = where(turns, r, 1.0), angle = norm_l2(safe, {1}, xt::keep_dims), axis = safe / angle;
    const auto K = reshape(matmul(axis, r.tape().constant(cross_with)), {-1, 3, 3});
    const auto sine = expand_dims(where(turns, sin(angle), 0.0), 2),
               versine = expand_dims(where(turns, 1.0 - cos(angle), 0.0), 2);
    return array(xt::eye<double>(3)) + sine * K + versine * matmul(K, K);
}

/// Rz Rx of each bone, as (4, 4): (N, 26) to (N, B, 4, 4). Only the fingers have angles: finger f turns its first joint
/// about x and z, the two others about x.
variable<double> turns(variable<double> theta, std::size_t bones)
{
    constexpr std::size_t none = 26; // a 27th number, which is 0
    xt::xarray<std::size_t> x({bones}, none), z = x;
    for (std::size_t f = 0; f < 5; ++f)
    {
        x(2 + 4 * f) = 6 + 4 * f;
        z(2 + 4 * f) = 7 + 4 * f;
        x(3 + 4 * f) = 8 + 4 * f;
        x(4 + 4 * f) = 9 + 4 * f;
    }
    tape<double>& tape = theta.tape();
    const auto with_none = pad(theta, {{0, 0}, {0, 1}});
    const auto angle_x = gather(with_none, tape.index(x), 1), angle_z = gather(with_none, tape.index(z), 1);
    const auto sx = sin(angle_x), cx = cos(angle_x), sz = sin(angle_z), cz = cos(angle_z);
    const auto o = tape.full(sx.shape(), 0.0), i = tape.full(sx.shape(), 1.0);
    const auto elements = stack({cz, -sz * cx, sz * sx, o, sz, cz * cx, -cz * sx, o, o, sx, cx, o, o, o, o, i}, 2);
    return reshape(elements, {-1, elements.shape(1), 4, 4});
}

/// Where the bones take the hand's surface, and where that goes with the hand: matrices that homogeneous coordinates of
/// vertices, times their weights, are multiplied with. (N, 26) to (N, 3, 4 B + 1), the last column being the hand's
/// place.
variable<double> poses(variable<double> theta, const ht::hand& hand)
{
    tape<double>& tape = theta.tape();
    const std::size_t bones = hand.parents.size();
    const auto relative = matmul(tape.constant(borrow(hand.base_relatives)), turns(theta, bones));
    std::vector<variable<double>> absolute;
    for (std::size_t b = 0; b < bones; ++b)
    {
        const auto own = view(relative, xt::all(), b);
        absolute.push_back(hand.parents[b] < 0 ? own
                                               : matmul(absolute[static_cast<std::size_t>(hand.parents[b])], own));
    }
    const auto from_rest = matmul(stack(absolute, 1), tape.constant(borrow(hand.inverse_base_absolutes)));
    const auto side_by_side = reshape(transpose(slice(from_rest, 2, 0, 3), {0, 2, 1, 3}), {-1, 3, 4 * bones});
    const auto turn = rotations(slice(theta, 1, 0, 3)) * array{hand.is_mirrored ? -1.0 : 1.0, 1.0, 1.0};
    const auto turned = matmul(turn, side_by_side);
    return concatenate({turned, expand_dims(slice(theta, 1, 3, 6), 2)}, 2);
}

/// The vertices between which each correspondence is, (count, 3), or at which it is, (count, 1).
indices<double> corners(tape<double>& tape, const ht::input& in, std::size_t first, std::size_t last)
{
    const bool between = in.us.size() > 0;
    xt::xarray<int> vertices = xt::zeros<int>({last - first, between ? std::size_t{3} : std::size_t{1}});
    auto next = vertices.begin();
    for (std::size_t i = first; i < last; ++i)
    {
        const int at = in.correspondences[i];
        next = between ? std::copy_n(in.model.triangles.begin() + 3 * at, 3, next) : std::fill_n(next, 1, at);
    }
    return tape.index(vertices);
}

/// Some of the correspondences: what a pose is multiplied with, (count, 4 B + 1), and the errors.
struct skinned
{
    variable<double> us, blend, errors;
};

/// Skinning is linear in the pose: a place is the sum over corners and bones of u w T (x, y, z, 1).
skinned skin(tape<double>& tape, const ht::input& in, variable<double> pose, std::size_t first, std::size_t last)
{
    const auto vertices = corners(tape, in, first, last);
    auto weights = gather(tape.constant(borrow(in.model.weights)), vertices); // (count, 1 or 3, B)
    variable<double> us;
    if (in.us.size() > 0)
    {
        us = slice(tape.variable(borrow(in.us)), 0, first, last);
        weights *= expand_dims(concatenate({us, 1.0 - sum(us, {1}, xt::keep_dims)}, 1), 2);
    }
    const auto places = gather(tape.constant(borrow(in.model.base_positions)), vertices); // (count, 1 or 3, 4)
    const auto of_bones = reshape(matmul(swapaxes(weights, 1, 2), places), {last - first, 4 * weights.shape(2)});
    const auto blend = concatenate({of_bones, tape.full({last - first, 1}, 1.0)}, 1);
    const auto points = slice(tape.constant(borrow(in.points)), 0, first, last);
    return {us, blend, points - matmul(blend, pose)};
}

template <class F>
void for_each_block(const ht::input& in, F f)
{
    for (std::size_t first = 0, count = in.correspondences.size(); first < count; first += block)
    {
        f(first, std::min(first + block, count));
    }
}

} // namespace

array ht::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto pose = transpose(view(poses(reshape(tape.constant(borrow(in.theta)), {1, 26}), in.model), 0));
    const auto start = tape.mark();
    array errors = array::from_shape({in.points.size()});
    for_each_block(in,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.rewind(start);
                       const auto of_block = skin(tape, in, pose, first, last).errors;
                       std::copy_n(of_block.data(), of_block.size(), errors.data() + 3 * first);
                   });
    return errors;
}

/// Of theta there are 26 copies, of which each moves another number: so all slopes of the pose are one walk ahead.
array ht::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto copies = broadcast(tape.variable(borrow(in.theta)), {26, 26});
    const auto of_copies = poses(copies, in.model);
    const auto slopes = jvp(of_copies, copies, tape.constant(xt::eye<double>(26))); // (26, 3, 4 B + 1)
    const auto pose = transpose(view(of_copies, 0)),
               minus_slopes = reshape(-transpose(slopes), {pose.shape(0), 3 * 26});
    const auto start = tape.mark();
    const std::size_t columns = in.us.size() > 0 ? 28 : 26;
    array J = array::from_shape({in.points.size(), columns});
    for_each_block(in,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.rewind(start);
                       const auto [us, blend, errors] = skin(tape, in, pose, first, last);
                       auto rows = reshape(matmul(blend, minus_slopes), {last - first, 3, 26});
                       if (columns == 28)
                       {
                           const auto u0 = tape.constant(array{1.0, 0.0}), u1 = tape.constant(array{0.0, 1.0});
                           const auto by_u0 = jvp(errors, us, broadcast(u0, us.shape()));
                           const auto by_u1 = jvp(errors, us, broadcast(u1, us.shape()));
                           rows = concatenate({stack({by_u0, by_u1}, 2), rows}, 2);
                       }
                       std::copy_n(rows.data(), rows.size(), J.data() + 3 * columns * first);
                   });
    return J;
}

} // namespace gradbench
