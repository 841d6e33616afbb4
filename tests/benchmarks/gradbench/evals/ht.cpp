#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr std::size_t block = 256;

/// The matrices of rotations about axes r by the angles |r| (Rodrigues), none where that is very small: (N, 3) to (N, 3, 3).
variable<double> rotations(variable<double> r)
{
    // The products with e_0, e_1 and e_2, which are linear in an axis, as rows of three matrices.
    const array cross_products{{0, 0, 0, 0, 0, -1, 0, 1, 0}, {0, 0, 1, 0, 0, 0, -1, 0, 0}, {0, -1, 0, 1, 0, 0, 0, 0, 0}};
    const auto turns = norm_l2(r, {1}, xt::keep_dims) >= 1e-4;
    const auto safe = where(turns, r, 1.0), angle = norm_l2(safe, {1}, xt::keep_dims);
    const auto sine = where(turns, sin(angle), 0.0), versine = where(turns, 1.0 - cos(angle), 0.0);
    const auto K = reshape(matmul(safe / angle, r.tape().constant(cross_products)), {-1, 3, 3});
    return array(xt::eye<double>(3)) + expand_dims(sine, 2) * K + expand_dims(versine, 2) * matmul(K, K);
}

/// Rz Rx of each bone, (N, 26) to (N, B, 4, 4). The first joint of finger f turns about x and z, the others about x.
variable<double> turns(variable<double> theta, std::size_t bones)
{
    constexpr std::size_t none = 26; // a 27th number, which is 0
    xt::xarray<std::size_t> of_x = xt::ones<std::size_t>({bones}) * none, of_z = of_x;
    for (std::size_t f = 0; f < 5; ++f)
    {
        of_x(2 + 4 * f) = 6 + 4 * f;
        of_z(2 + 4 * f) = 7 + 4 * f;
        of_x(3 + 4 * f) = 8 + 4 * f;
        of_x(4 + 4 * f) = 9 + 4 * f;
    }
    tape<double>& tape = theta.tape();
    const auto numbers = pad(theta, {{0, 0}, {0, 1}});
    const auto x = gather(numbers, tape.index(of_x), 1), sx = sin(x), cx = cos(x);
    const auto z = gather(numbers, tape.index(of_z), 1), sz = sin(z), cz = cos(z);
    const auto o = tape.full(x.shape(), 0.0), i = tape.full(x.shape(), 1.0);
    const auto elements = stack({cz, -sz * cx, sz * sx, o, sz, cz * cx, -cz * sx, o, o, sx, cx, o, o, o, o, i});
    return reshape(transpose(elements, {1, 2, 0}), {-1, bones, 4, 4});
}

/// How bones and hand move the surface: a vertex comes to the sum over coordinates and bones of coordinate times weight
/// times row, plus the place.
struct pose
{
    variable<double> rows;  ///< (N, 4 B, 3)
    variable<double> place; ///< (N, 3)
};

/// (N, 26) to N poses.
pose posed(variable<double> theta, const ht::hand& hand)
{
    tape<double>& tape = theta.tape();
    const std::size_t bones = hand.parents.size();
    const auto relative = matmul(tape.constant(borrow(hand.base_relatives)), turns(theta, bones));
    std::vector<variable<double>> absolute;
    for (std::size_t b = 0; b < bones; ++b)
    {
        const auto own = view(relative, xt::all(), b);
        const int parent = hand.parents[b];
        absolute.push_back(parent < 0 ? own : matmul(absolute[static_cast<std::size_t>(parent)], own));
    }
    const auto from_rest = matmul(stack(absolute, 1), tape.constant(borrow(hand.inverse_base_absolutes)));
    const auto rows = reshape(transpose(slice(from_rest, 2, 0, 3), {0, 3, 1, 2}), {-1, 4 * bones, 3});
    const array mirror{hand.is_mirrored ? -1.0 : 1.0, 1.0, 1.0};
    return {matmul(rows * mirror, swapaxes(rotations(slice(theta, 1, 0, 3)), 1, 2)), slice(theta, 1, 3, 6)};
}

/// Some of the correspondences, which have one corner each, a vertex, or are between three.
struct correspondences
{
    variable<double> u0, u1;   ///< (count,), the shares of the first two corners; empty where there is one
    variable<double> shares;   ///< (corners, count, 1)
    variable<double> vertices; ///< (corners, count, 4 B): coordinates at rest times weights
    variable<double> points;   ///< (count, 3)
};

correspondences record(tape<double>& tape, const ht::input& in, std::size_t first, std::size_t last)
{
    const std::size_t corners = in.us.size() > 0 ? 3 : 1, count = last - first;
    xt::xarray<int> numbers = xt::zeros<int>({corners, count});
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto at = static_cast<std::size_t>(in.correspondences[first + i]);
        for (std::size_t k = 0; k < corners; ++k)
        {
            numbers(k, i) = corners == 3 ? in.model.triangles[3 * at + k] : in.correspondences[first + i];
        }
    }
    const auto which = tape.index(numbers);
    const auto weights = expand_dims(gather(tape.constant(borrow(in.model.weights)), which), 2);
    const auto coordinates = expand_dims(gather(tape.constant(borrow(in.model.base_positions)), which), 3);
    const auto vertices = reshape(matmul(coordinates, weights), {corners, count, -1});
    const auto points = slice(tape.constant(borrow(in.points)), 0, first, last);
    if (corners == 1)
    {
        return {{}, {}, tape.full({1, count, 1}, 1.0), vertices, points};
    }
    const auto us = slice(tape.variable(borrow(in.us)), 0, first, last), u0 = view(us, xt::all(), 0),
               u1 = view(us, xt::all(), 1);
    return {u0, u1, expand_dims(stack({u0, u1, 1.0 - u0 - u1}), 2), vertices, points};
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

/// Of theta there are 26 copies, each of which moves another number: so all slopes of the pose are one walk ahead. What is
/// linear in the pose does to its slopes what it does to the pose.
array ht::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto copies = broadcast(tape.variable(borrow(in.theta)), {26, 26}), moved = tape.constant(xt::eye<double>(26));
    const pose of_copies = posed(copies, in.model);
    const pose at{slice(of_copies.rows, 0, 0, 1), slice(of_copies.place, 0, 0, 1)};
    const auto of_rows = reshape(transpose(jvp(of_copies.rows, copies, moved), {1, 2, 0}), {-1, 78});
    const auto of_place = flatten(transpose(jvp(of_copies.place, copies, moved)));
    const auto start = tape.mark();
    const std::size_t columns = in.us.size() > 0 ? 28 : 26;
    array J = array::from_shape({in.points.size(), columns});
    for_each_block(in.correspondences.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.rewind(start);
                       const correspondences of = record(tape, in, first, last);
                       const auto by_theta = -(matmul(sum(of.shares * of.vertices, 0), of_rows) + of_place);
                       auto rows = reshape(by_theta, {last - first, 3, 26});
                       if (columns == 28)
                       {
                           const auto e = errors(of, at), one = tape.full({last - first}, 1.0);
                           rows = concatenate({stack({jvp(e, of.u0, one), jvp(e, of.u1, one)}, 2), rows}, 2);
                       }
                       std::copy_n(rows.data(), rows.size(), J.data() + 3 * columns * first);
                   });
    return J;
}

} // namespace gradbench
