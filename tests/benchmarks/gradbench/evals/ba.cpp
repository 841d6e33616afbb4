#include "tests/benchmarks/gradbench/evals/ba.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

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

/// Some observations as numbers: the columns of what they see, by what, and what was seen.
struct given
{
    array cameras, points, weights, features;
};

/// Columns i mod count of an array for i from `first` to `last` - 1.
void copy_cyclic_columns(const array& x, std::size_t first, std::size_t last, array& to)
{
    const std::size_t rows = x.shape(0), count = x.shape(1);
    to.resize({rows, last - first});
    for (std::size_t row = 0; row < rows; ++row)
    {
        for (std::size_t i = first, next = 0; i < last; i += next)
        {
            next = std::min(last - i, count - i % count);
            std::copy_n(x.data() + row * count + i % count, next, to.data() + row * (last - first) + i - first);
        }
    }
}

void copy(const ba::input& in, std::size_t first, std::size_t last, given& to)
{
    copy_cyclic_columns(in.cameras, first, last, to.cameras);
    copy_cyclic_columns(in.points, first, last, to.points);
    copy_cyclic_columns(in.features, first, last, to.features);
    to.weights.resize({1, last - first});
    std::copy_n(in.weights.data() + first, last - first, to.weights.data());
}

observations observed(variable<double> cameras, variable<double> points, variable<double> weights)
{
    const auto part = [&](int from, int to) { return slice(cameras, 0, from, to); };
    return {part(0, 3), part(3, 6), part(6, 7), part(7, 9), part(9, 10), part(10, 11), points, weights};
}

/// The errors of some observations: two of each (count, 2), and that of the weight, (count,).
std::pair<variable<double>, variable<double>> errors_of(variable<double> cameras, variable<double> points,
                                                        variable<double> weights, variable<double> features)
{
    const auto reprojection = weights * (projected(observed(cameras, points, weights)) - features);
    return {transpose(reprojection), flatten(1.0 - square(weights))};
}

/// The slopes of some errors, one of each observation: by the camera, the point, the weight, (15, count).
variable<double> slopes(variable<double> errors, const observations& of)
{
    const auto by = gradient(sum(errors), of);
    return concatenate({by.turn, by.centre, by.focal_length, by.principal_point, by.k1, by.k2, by.point, by.weight});
}

/// What the Jacobian has of some observations, row by row: (count, 30), and the slopes of the weights' errors.
std::pair<variable<double>, variable<double>> rows(variable<double> cameras, variable<double> points,
                                                   variable<double> weights, variable<double> features)
{
    const observations of = observed(cameras, points, weights);
    const auto reprojection = weights * (projected(of) - features);
    const auto rows = stack({slopes(view(reprojection, 0), of), slopes(view(reprojection, 1), of)});
    return {reshape(transpose(rows, {2, 0, 1}), {-1, 30}), flatten(gradient(sum(1.0 - square(weights)), weights))};
}

/// Where the Jacobian has elements; their values are to come.
void write_pattern(const ba::input& in, ba::sparse_matrix& J)
{
    const std::size_t n = in.cameras.shape(1), m = in.points.shape(1), p = in.weights.size();
    J.rows.resize(3 * p + 1);
    J.cols.resize(31 * p);
    J.vals.resize(31 * p);
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
}

/// Errors of all observations. `of_block(given, pairs, weight)` writes those of some.
template <class F>
void write_errors(const ba::input& in, F of_block, ba::errors& out)
{
    const std::size_t p = in.weights.size();
    out.reprojection.resize({p, 2});
    out.weight.resize({p});
    given some;
    for_each_block(p, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       copy(in, first, last, some);
                       of_block(some, out.reprojection.data() + 2 * first, out.weight.data() + first);
                   });
}

/// The Jacobian. `of_block(given, rows, of_weight)` writes what it has of some observations.
template <class F>
void write_jacobian(const ba::input& in, F of_block, ba::sparse_matrix& out)
{
    const std::size_t p = in.weights.size();
    write_pattern(in, out);
    given some;
    for_each_block(p, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       copy(in, first, last, some);
                       of_block(some, out.vals.data() + 30 * first, out.vals.data() + 30 * p + first);
                   });
}

/// What f gives for some observations, recorded.
template <class F>
auto by_recording(tape<double>& tape, F f)
{
    return [&tape, f](const given& some, double* first, double* second)
    {
        tape.clear();
        const auto [pairs, singles] = f(tape.variable(borrow(some.cameras)), tape.variable(borrow(some.points)),
                                        tape.variable(borrow(some.weights)), tape.constant(borrow(some.features)));
        std::copy_n(pairs.data(), pairs.size(), first);
        std::copy_n(singles.data(), singles.size(), second);
    };
}

} // namespace

ba::errors ba::objective(tape<double>& tape, const input& in)
{
    errors result;
    write_errors(in, by_recording(tape, errors_of), result);
    return result;
}

ba::sparse_matrix ba::jacobian(tape<double>& tape, const input& in)
{
    sparse_matrix J;
    write_jacobian(in, by_recording(tape, rows), J);
    return J;
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// What f gives for some observations, as a program for each number of them.
template <class F>
runner_of_blocks compile_blocks(const ba::input& like, F f)
{
    return {like.weights.size(), block,
            [f](std::size_t count)
            {
                return compile(f, placeholder<double>{11, count}, placeholder<double>{3, count},
                               placeholder<double>{1, count}, placeholder<double>{2, count})
                    .program();
            }};
}

auto by_running(runner_of_blocks& of_blocks, std::size_t width)
{
    return [&of_blocks, width](const given& some, double* first, double* second)
    {
        const std::size_t count = some.weights.size();
        of_blocks[count]({some.cameras, some.points, some.weights, some.features},
                         {{first, {count, width}}, {second, {count}}});
    };
}

} // namespace

compiled<ba::input, ba::errors> ba::compile_objective(const input& like)
{
    return [of_blocks = compile_blocks(like, errors_of)](const input& in, errors& out) mutable
    { write_errors(in, by_running(of_blocks, 2), out); };
}

compiled<ba::input, ba::sparse_matrix> ba::compile_jacobian(const input& like)
{
    return [of_blocks = compile_blocks(like, rows)](const input& in, sparse_matrix& out) mutable
    { write_jacobian(in, by_running(of_blocks, 30), out); };
}

} // namespace gradbench
