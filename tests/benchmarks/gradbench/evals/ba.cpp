#include "tests/benchmarks/gradbench/evals/ba.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr std::size_t block = 256;

/// Observations, each with a copy of its camera and of its point: so none depends on what another one has, and the
/// gradient of a sum of errors is that of each of them. All numbers of one kind stand side by side, (count,): so each
/// step is one on as many elements, and a program goes through them all tile by tile.
struct observations
{
    std::array<variable<double>, 11> camera;
    std::array<variable<double>, 3> point;
    variable<double> weight;
    auto members() { return std::tie(camera, point, weight); }
};

using place = std::array<variable<double>, 3>;

variable<double> dot(const place& a, const place& b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

place cross(const place& a, const place& b)
{
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// x turned about the axis r by the angle |r| (Rodrigues); where that is 0, what is linear in r stays.
place turned(const place& x, const place& r)
{
    const auto squared = dot(r, r), turns = squared > 0.0, angle = sqrt(where(turns, squared, 1.0)), c = cos(angle);
    const auto cosine = where(turns, c, 1.0), sine = where(turns, sin(angle) / angle, 1.0);
    const auto along = where(turns, (1.0 - c) / square(angle), 0.5) * dot(r, x);
    const place across = cross(r, x);
    place result;
    for (std::size_t i = 0; i < 3; ++i)
    {
        result[i] = cosine * x[i] + sine * across[i] + along * r[i];
    }
    return result;
}

/// Weight times where the camera sees the point, beside where that was: across, and up.
std::array<variable<double>, 2> errors(const observations& of, const std::array<variable<double>, 2>& feature)
{
    const auto& [r0, r1, r2, c0, c1, c2, focal_length, u, v, k1, k2] = of.camera;
    const place p = turned({of.point[0] - c0, of.point[1] - c1, of.point[2] - c2}, {r0, r1, r2});
    const auto x = p[0] / p[2], y = p[1] / p[2], R = square(x) + square(y);
    const auto scale = focal_length * (1.0 + k1 * R + k2 * square(R));
    return {of.weight * (scale * x + u - feature[0]), of.weight * (scale * y + v - feature[1])};
}

/// Where all numbers of some observations stand: 11 rows of cameras, 3 of points, the weight, 2 of features.
using all_rows = std::vector<variable<double>>;
constexpr std::size_t row_count = 17;

observations observed(const all_rows& rows)
{
    observations of;
    std::copy_n(rows.begin(), 11, of.camera.begin());
    std::copy_n(rows.begin() + 11, 3, of.point.begin());
    of.weight = rows[14];
    return of;
}

/// The errors of some observations: two of each (count, 2), and that of the weight, (count,).
std::pair<variable<double>, variable<double>> errors_of(const all_rows& rows)
{
    const observations of = observed(rows);
    return {transpose(stack(errors(of, {rows[15], rows[16]}))), 1.0 - square(of.weight)};
}

/// What the Jacobian has of some observations, row by row: (count, 30), and the slopes of the weights' errors.
std::pair<variable<double>, variable<double>> slopes_of(const all_rows& rows)
{
    const observations of = observed(rows);
    std::vector<variable<double>> elements;
    for (const auto& error : errors(of, {rows[15], rows[16]}))
    {
        const observations by = gradient(sum(error), of, unconnected::zero); // of the other one's principal point
        elements.insert(elements.end(), by.camera.begin(), by.camera.end());
        elements.insert(elements.end(), by.point.begin(), by.point.end());
        elements.push_back(by.weight);
    }
    return {transpose(stack(elements)), gradient(sum(1.0 - square(of.weight)), of.weight)};
}

/// Writes columns i mod count of an array for i from `first` to `last` - 1.
double* copy_cyclic_columns(const array& x, std::size_t first, std::size_t last, double* to)
{
    const std::size_t rows = x.dimension() == 1 ? 1 : x.shape(0), count = x.size() / rows;
    for (std::size_t row = 0; row < rows; ++row)
    {
        for (std::size_t i = first, next = 0; i < last; i += next)
        {
            next = std::min(last - i, count - i % count);
            to = std::copy_n(x.data() + row * count + i % count, next, to);
        }
    }
    return to;
}

/// all_rows as numbers, those of some observations.
class given
{
public:
    /// Takes others: those from number `first` on.
    void read(const ba::input& in, std::size_t first, std::size_t last)
    {
        m_count = last - first;
        m_rows.resize(row_count * m_count);
        double* to = m_rows.data();
        for (const array* const each : {&in.cameras, &in.points, &in.weights, &in.features})
        {
            to = copy_cyclic_columns(*each, first, last, to);
        }
    }
    std::size_t count() const { return m_count; }
    borrowed<double> row(std::size_t k) const { return {m_rows.data() + k * m_count, {m_count}}; }

private:
    std::size_t m_count = 0;
    std::vector<double> m_rows;
};

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
                       some.read(in, first, last);
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
                       some.read(in, first, last);
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
        all_rows rows;
        for (std::size_t k = 0; k < row_count; ++k)
        {
            rows.push_back(tape.variable(some.row(k)));
        }
        const auto [pairs, singles] = f(rows);
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
    write_jacobian(in, by_recording(tape, slopes_of), J);
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
                const std::vector<placeholder<double>> rows(row_count, placeholder<double>{count});
                return compile(f, rows).program();
            }};
}

auto by_running(runner_of_blocks& of_blocks, std::size_t width)
{
    return [&of_blocks, width, rows = std::vector<input_array<double>>()](const given& some, double* first,
                                                                          double* second) mutable
    {
        const std::size_t count = some.count();
        rows.clear();
        for (std::size_t k = 0; k < row_count; ++k)
        {
            rows.push_back(some.row(k));
        }
        const output_array<double> to[] = {{first, {count, width}}, {second, {count}}};
        of_blocks[count](rows, to);
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
    return [of_blocks = compile_blocks(like, slopes_of)](const input& in, sparse_matrix& out) mutable
    { write_jacobian(in, by_running(of_blocks, 30), out); };
}

} // namespace gradbench
