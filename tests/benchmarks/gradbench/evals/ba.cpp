#include "tests/benchmarks/gradbench/evals/ba.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr std::size_t block = 512;

/// Observations in columns, each with a copy of its camera and of its point: so none depends on what another one has,
/// and the gradient of a sum of errors is that of each of them.
struct observations
{
    variable<double> turn, centre, focal_length, principal_point, k1, k2; ///< 3, 3, 1, 2, 1 and 1 rows
    variable<double> point, weight;                                       ///< 3 rows, and 1
    auto members() { return std::tie(turn, centre, focal_length, principal_point, k1, k2, point, weight); }
};

/// a x b: with c(x, y, z) = (y, z, x) that is c(a c(b) - c(a) b).
variable<double> cross(variable<double> a, variable<double> b)
{
    const auto cycled = [](variable<double> v) { return view(v, xt::keep(1, 2, 0)); };
    return cycled(a * cycled(b) - cycled(a) * b);
}

/// x turned about the axis r by the angle |r| (Rodrigues); where that is 0, what is linear in r stays.
variable<double> turned(variable<double> x, variable<double> r)
{
    const auto squared = norm_sq(r, 0), turns = squared > 0.0, angle = sqrt(where(turns, squared, 1.0)), c = cos(angle);
    const auto cosine = where(turns, c, 1.0), sine = where(turns, sin(angle) / angle, 1.0);
    const auto versine = where(turns, (1.0 - c) / square(angle), 0.5);
    return cosine * x + sine * cross(r, x) + versine * sum(r * x, 0) * r;
}

/// Where the cameras see the points, two rows.
variable<double> projected(const observations& of)
{
    const auto p = turned(of.point - of.centre, of.turn), e = slice(p, 0, 0, 2) / slice(p, 0, 2, 3);
    const auto R = norm_sq(e, 0), distortion = 1.0 + of.k1 * R + of.k2 * square(R);
    return of.focal_length * distortion * e + of.principal_point;
}

struct recorded
{
    observations of;
    variable<double> reprojection, weight; ///< the errors, 2 rows and 1
};

/// The columns i mod count for i from `first` to `last` - 1.
variable<double> cyclic_columns(variable<double> x, std::size_t first, std::size_t last)
{
    const std::size_t count = x.shape(1);
    xt::xarray<std::int64_t> columns = xt::zeros<std::int64_t>({last - first});
    std::size_t next = first % count;
    for (std::int64_t& column : columns)
    {
        column = static_cast<std::int64_t>(next);
        next = next + 1 == count ? 0 : next + 1; // divisions would be a quarter of the time
    }
    return gather(x, x.tape().index(columns), 1);
}

recorded record(tape<double>& tape, const ba::input& in, std::size_t first, std::size_t last)
{
    tape.clear();
    const auto cameras = cyclic_columns(tape.constant(borrow(in.cameras)), first, last);
    const auto part = [&](int from, int to) { return slice(cameras, 0, from, to); };
    const auto point = cyclic_columns(tape.constant(borrow(in.points)), first, last);
    const auto weight = expand_dims(slice(tape.constant(borrow(in.weights)), 0, first, last), 0);
    const observations of{part(0, 3), part(3, 6), part(6, 7), part(7, 9), part(9, 10), part(10, 11), point, weight};
    const auto features = slice(tape.constant(borrow(in.features)), 1, first, last);
    return {of, weight * (projected(of) - features), 1.0 - square(weight)};
}

/// The slopes of some errors, one of each observation: by the camera, the point, the weight, (15, count).
variable<double> slopes(variable<double> errors, const observations& of)
{
    const auto by = gradient(sum(errors), of);
    return concatenate({by.turn, by.centre, by.focal_length, by.principal_point, by.k1, by.k2, by.point, by.weight});
}

/// Where the Jacobian has elements; their values are still 0.
ba::sparse_matrix pattern(const ba::input& in)
{
    const std::size_t n = in.cameras.shape(1), m = in.points.shape(1), p = in.weights.size();
    ba::sparse_matrix J{std::vector<int>(3 * p + 1), std::vector<int>(31 * p), std::vector<double>(31 * p)};
    for (std::size_t row = 0; row <= 3 * p; ++row)
    {
        J.rows[row] = static_cast<int>(row < 2 * p ? 15 * row : 28 * p + row);
    }
    auto count_up = [&, next = J.cols.begin()](std::size_t first, std::size_t count) mutable
    {
        std::iota(next, next + static_cast<std::ptrdiff_t>(count), static_cast<int>(first));
        next += static_cast<std::ptrdiff_t>(count);
    };
    for (std::size_t row = 0; row < 2 * p; ++row)
    {
        const std::size_t i = row / 2;
        count_up(11 * (i % n), 11);
        count_up(11 * n + 3 * (i % m), 3);
        count_up(11 * n + 3 * m + i, 1);
    }
    count_up(11 * n + 3 * m, p);
    return J;
}

} // namespace

ba::errors ba::objective(tape<double>& tape, const input& in)
{
    const std::size_t p = in.weights.size();
    errors result{array::from_shape({p, 2}), array::from_shape({p})};
    for_each_block(p, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       const auto [of, reprojection, weight] = record(tape, in, first, last);
                       const auto pairs = transpose(reprojection);
                       std::copy_n(pairs.data(), pairs.size(), result.reprojection.data() + 2 * first);
                       std::copy_n(weight.data(), weight.size(), result.weight.data() + first);
                   });
    return result;
}

ba::sparse_matrix ba::jacobian(tape<double>& tape, const input& in)
{
    const std::size_t p = in.weights.size();
    sparse_matrix J = pattern(in);
    for_each_block(p, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       const auto [of, reprojection, weight] = record(tape, in, first, last);
                       const auto rows = stack({slopes(view(reprojection, 0), of), slopes(view(reprojection, 1), of)});
                       const auto by_row = transpose(rows, {2, 0, 1}); // (count, 2, 15)
                       const auto of_weight = gradient(sum(weight), of.weight);
                       std::copy_n(by_row.data(), by_row.size(), J.vals.data() + 30 * first);
                       std::copy_n(of_weight.data(), of_weight.size(), J.vals.data() + 30 * p + first);
                   });
    return J;
}

} // namespace gradbench
