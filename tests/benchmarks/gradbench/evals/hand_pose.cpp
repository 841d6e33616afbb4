#include "tests/benchmarks/gradbench/evals/hand_pose.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// The matrices of rotations about axes r by the angles |r| (Rodrigues), none where that is very small: (N, 3) to (N,
/// 3, 3).
variable<double> rotations(variable<double> r)
{
    // The products with e_0, e_1 and e_2, which are linear in an axis, as rows of three matrices.
    const array cross_products{
        {0, 0, 0, 0, 0, -1, 0, 1, 0}, {0, 0, 1, 0, 0, 0, -1, 0, 0}, {0, -1, 0, 1, 0, 0, 0, 0, 0}};
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

} // namespace

pose posed(variable<double> theta, const bones<variable<double>>& of)
{
    const std::size_t count = of.parents.size();
    const auto relative = matmul(of.base_relatives, turns(theta, count));
    std::vector<variable<double>> absolute;
    for (std::size_t b = 0; b < count; ++b)
    {
        const auto own = view(relative, xt::all(), b);
        const int parent = of.parents[b];
        absolute.push_back(parent < 0 ? own : matmul(absolute[static_cast<std::size_t>(parent)], own));
    }
    const auto from_rest = matmul(stack(absolute, 1), of.inverse_base_absolutes);
    const auto rows = reshape(transpose(slice(from_rest, 2, 0, 3), {0, 3, 1, 2}), {-1, 4 * count, 3});
    return {matmul(rows * of.mirror, swapaxes(rotations(slice(theta, 1, 0, 3)), 1, 2)), slice(theta, 1, 3, 6)};
}

} // namespace gradbench
