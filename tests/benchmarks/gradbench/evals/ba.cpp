#include "tests/benchmarks/gradbench/evals/ba.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// As many observations as fit into the cache with all that is computed of them.
constexpr std::size_t block = 2048;

/// Vectors, in columns, with their elements in cyclic order: y, z, x.
variable<double> cycled(variable<double> v)
{
    return view(v, xt::keep(1, 2, 0));
}

variable<double> cross(variable<double> a, variable<double> b)
{
    return cycled(a * cycled(b) - cycled(a) * b);
}

/// x turned about the axis r by the angle |r| (Rodrigues); where that is 0, what is linear in r stays.
variable<double> turned(variable<double> x, variable<double> r)
{
    const auto squared = norm_sq(r, 0), turns = squared > 0.0, angle = sqrt(where(turns, squared, 1.0));
    const auto cosine = where(turns, cos(angle), 1.0), sine = where(turns, sin(angle) / angle, 1.0);
    const auto versine = where(turns, (1.0 - cos(angle)) / square(angle), 0.5);
    return cosine * x + sine * cross(r, x) + versine * sum(r * x, 0) * r;
}

/// Where cameras see points, a column each.
variable<double> projected(variable<double> cameras, variable<double> points)
{
    const auto part = [&](int first, int last) { return view(cameras, xt::range(first, last)); };
    const auto r = part(0, 3), centre = part(3, 6), focal_length = view(cameras, 6), principal_point = part(7, 9);
    const auto p = turned(points - centre, r), e = view(p, xt::range(0, 2)) / view(p, 2), R = norm_sq(e, 0);
    const auto distortion = 1.0 + view(cameras, 9) * R + view(cameras, 10) * square(R);
    return focal_length * distortion * e + principal_point;
}

/// Some observations, each with a copy of its camera and of its point: so none depends on what another one has, and the
/// gradient of a sum of errors is that of each of them.
struct observations
{
    variable<double> cameras, points, weights;
    auto members() { return std::tie(cameras, points, weights); }
};

struct recorded_block
{
    observations of;
    variable<double> reprojection, weight; ///< (2, count), (count,)
};

recorded_block record(tape<double>& tape, const ba::input& in, std::size_t first, std::size_t last)
{
    tape.clear();
    const auto places = xt::arange<std::size_t>(first, last);
    const observations of{gather(tape.constant(borrow(in.cameras)), tape.index(places % in.cameras.shape(1)), 1),
                          gather(tape.constant(borrow(in.points)), tape.index(places % in.points.shape(1)), 1),
                          slice(tape.constant(borrow(in.weights)), 0, first, last)};
    const auto features = slice(tape.constant(borrow(in.features)), 1, first, last);
    return {of, of.weights * (projected(of.cameras, of.points) - features), 1.0 - square(of.weights)};
}

/// Calls f(first, last) for all blocks.
template <class F>
void for_each_block(const ba::input& in, F f)
{
    for (std::size_t first = 0, p = in.weights.size(); first < p; first += block)
    {
        f(first, std::min(first + block, p));
    }
}

/// Where the Jacobian has elements; their values are still 0.
ba::sparse_matrix pattern(const ba::input& in)
{
    const std::size_t n = in.cameras.shape(1), m = in.points.shape(1), p = in.weights.size();
    ba::sparse_matrix J;
    J.rows.reserve(3 * p + 1);
    J.cols.reserve(31 * p);
    J.vals.resize(31 * p);
    for (std::size_t row = 0; row <= 3 * p; ++row)
    {
        J.rows.push_back(static_cast<int>(row < 2 * p ? 15 * row : 28 * p + row));
    }
    const auto add = [&](std::size_t first, std::size_t count)
    {
        for (std::size_t column = first; column < first + count; ++column)
        {
            J.cols.push_back(static_cast<int>(column));
        }
    };
    for (std::size_t row = 0; row < 2 * p; ++row)
    {
        const std::size_t i = row / 2;
        add(11 * (i % n), 11);
        add(11 * n + 3 * (i % m), 3);
        add(11 * n + 3 * m + i, 1);
    }
    add(11 * n + 3 * m, p);
    return J;
}

} // namespace

ba::errors ba::objective(tape<double>& tape, const input& in)
{
    const std::size_t p = in.weights.size();
    errors result{array::from_shape({p, 2}), array::from_shape({p})};
    for_each_block(in,
                   [&](std::size_t first, std::size_t last)
                   {
                       const recorded_block e = record(tape, in, first, last);
                       const auto pairs = transpose(e.reprojection);
                       std::copy_n(pairs.data(), pairs.size(), result.reprojection.data() + 2 * first);
                       std::copy_n(e.weight.data(), last - first, result.weight.data() + first);
                   });
    return result;
}

ba::sparse_matrix ba::jacobian(tape<double>& tape, const input& in)
{
    const std::size_t p = in.weights.size();
    sparse_matrix J = pattern(in);
    for_each_block(in,
                   [&](std::size_t first, std::size_t last)
                   {
                       const recorded_block e = record(tape, in, first, last);
                       const auto slopes = [&](int row)
                       {
                           const auto by = gradient(sum(view(e.reprojection, row)), e.of);
                           return concatenate({by.cameras, by.points, expand_dims(by.weights, 0)});
                       };
                       const auto pairs = transpose(stack({slopes(0), slopes(1)}), {2, 0, 1}); // (count, 2, 15)
                       const auto of_weights = gradient(sum(e.weight), e.of.weights);
                       std::copy_n(pairs.data(), pairs.size(), J.vals.begin() + 30 * first);
                       std::copy_n(of_weights.data(), last - first, J.vals.begin() + 30 * p + first);
                   });
    return J;
}

} // namespace gradbench
