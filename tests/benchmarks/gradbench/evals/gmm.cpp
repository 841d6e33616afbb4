#include "tests/benchmarks/gradbench/evals/gmm.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

#include <numbers>

namespace gradbench
{

using namespace autograd;

namespace
{

using components = gmm::parameters_as<variable<double>>;

/// Where the diagonal of a triangle, and then what is below it, column by column, stands in the (d, d) matrix.
xt::xarray<std::size_t> places_in_triangle(std::size_t d)
{
    xt::xarray<std::size_t> places = xt::zeros<std::size_t>({d * (d + 1) / 2});
    auto next = places.begin();
    for (std::size_t i = 0; i < d; ++i)
    {
        *next++ = i * d + i;
    }
    for (std::size_t column = 0; column < d; ++column)
    {
        for (std::size_t row = column + 1; row < d; ++row)
        {
            *next++ = row * d + column;
        }
    }
    return places;
}

/// The logarithm of the multivariate gamma function of dimension d.
double log_gamma(double a, std::size_t d)
{
    const auto dimension = static_cast<double>(d);
    double sum = dimension * (dimension - 1) / 4 * std::log(std::numbers::pi);
    for (std::size_t j = 0; j < d; ++j)
    {
        sum += std::lgamma(a - static_cast<double>(j) / 2);
    }
    return sum;
}

/// exp(q) and l of each component, (k, d (d + 1) / 2).
variable<double> triangles(const components& at)
{
    return concatenate({exp(at.q), at.l}, 1);
}

/// How many rows of Q are treated together. Behind the diagonal of its last row a band has zeros alone, which are left
/// out. Where there are few, that would save little.
std::size_t band(std::size_t d)
{
    return d <= 16 ? d : 8;
}

/// What points are looked at with. Q (x - mu) is (Q, -Q mu) times (x, 1): for each band, one product of matrices for
/// all points and components.
template <class Array>
struct densities
{
    std::vector<Array> affine; ///< for each band, rows and as many columns as they need, (Q, -Q mu) of all components
    Array offset;              ///< (k,): alpha + log |Q|
    auto members() { return std::tie(affine, offset); }
    auto members() const { return std::tie(affine, offset); }
};

densities<variable<double>> densities_of(const components& at)
{
    const std::size_t k = at.mu.shape(0), d = at.mu.shape(1);
    const auto places = at.mu.tape().index(places_in_triangle(d));
    const auto Q = reshape(scatter(triangles(at), places, d * d, 1), {k, d, d});
    const auto shift = -matmul(Q, expand_dims(at.mu, 2));
    densities<variable<double>> result{{}, at.alpha + sum(at.q, 1)};
    for_each_block(d, band(d),
                   [&](std::size_t first, std::size_t last)
                   {
                       const auto rows = slice(slice(Q, 1, first, last), 2, 0, last);
                       const auto of_band = concatenate({rows, slice(shift, 1, first, last)}, 2);
                       result.affine.push_back(reshape(of_band, {k * (last - first), last + 1}));
                   });
    return result;
}

/// The sum over some points of log(sum_c exp(offset_c - |Q_c (x - mu_c)|^2 / 2)).
variable<double> log_likelihood(const densities<variable<double>>& of, variable<double> x)
{
    const std::size_t n = x.shape(0), k = of.offset.size();
    const auto one = x.tape().full({n, 1}, 1.0);
    auto exponent = of.offset;
    for (const auto& affine : of.affine)
    {
        const auto x1 = concatenate({slice(x, 1, 0, affine.shape(1) - 1), one}, 1);
        const auto z = reshape(matmul(x1, transpose(affine)), {n, k, -1});
        exponent = exponent - 0.5 * norm_sq(z, 2);
    }
    return sum(logsumexp(exponent, 1));
}

constexpr std::size_t block = 128; // points, whose z fit the cache

/// What depends on the parameters, beside the likelihood. m and gamma are numbers, or variables.
template <class Number>
variable<double> log_prior(const components& at, Number m, Number gamma, std::size_t points)
{
    return m * sum(at.q) - gamma * gamma / 2.0 * norm_sq(triangles(at)) -
           static_cast<double>(points) * logsumexp(at.alpha);
}

/// What does not.
double log_factor(const gmm::input& in)
{
    const auto points = static_cast<double>(in.x.shape(0)), dimension = static_cast<double>(in.x.shape(1));
    const double freedom = dimension + in.m + 1;
    const double C =
        freedom * dimension * (std::log(in.gamma) - std::numbers::ln2 / 2) - log_gamma(freedom / 2, in.x.shape(1));
    return static_cast<double>(in.at.mu.shape(0)) * C - points * dimension / 2 * std::log(2 * std::numbers::pi);
}

variable<double> log_posterior(const gmm::input& in, const components& at)
{
    const auto of_points = sum_over_blocks(blocks_of_rows(block, in.x), densities_of(at),
                                           [](const auto& of, auto some) { return log_likelihood(of, some); });
    return of_points + log_prior(at, in.m, in.gamma, in.x.shape(0)) + log_factor(in);
}

} // namespace

double gmm::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.constant(borrow(in.at.alpha)), tape.constant(borrow(in.at.mu)),
                        tape.constant(borrow(in.at.q)), tape.constant(borrow(in.at.l))};
    return log_posterior(in, at).item();
}

gmm::parameters gmm::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.variable(borrow(in.at.alpha)), tape.variable(borrow(in.at.mu)),
                        tape.variable(borrow(in.at.q)), tape.variable(borrow(in.at.l))};
    const auto slope = gradient(log_posterior(in, at), at);
    return {slope.alpha.value(), slope.mu.value(), slope.q.value(), slope.l.value()};
}

// --------------------------------------------------------------------------------------------------------- as programs

// A program does not sum over blocks, so there are three: of what all points are looked at with, of some points, and of
// the prior, to which what came of the points goes back.

namespace
{

/// Some of the points.
borrowed<double> part(const array& x, std::size_t first, std::size_t last)
{
    const std::size_t d = x.shape(1);
    return {x.data() + first * d, {last - first, d}};
}

densities<placeholder<double>> shapes_of_densities(const gmm::input& like)
{
    const std::size_t k = like.at.mu.shape(0);
    densities<placeholder<double>> result{{}, {k}};
    for_each_block(like.at.mu.shape(1), band(like.at.mu.shape(1)),
                   [&](std::size_t first, std::size_t last) {
                       result.affine.push_back({k * (last - first), last + 1});
                   });
    return result;
}

/// f(start, densities, some of the points), which adds to the start, for all lengths of blocks.
template <class Start, class F>
auto compile_sum(const gmm::input& like, const Start& start, F f)
{
    const std::size_t n = like.x.shape(0), d = like.x.shape(1);
    const auto of = shapes_of_densities(like);
    auto add = compile({.replaces = {{0, 0}}}, f, start, of, placeholder<double>{std::min(n, block), d});
    static_cast<void>(add.program(start, of, placeholder<double>{last_length(n, block), d}));
    return add;
}

/// of + by, or whatever f is, part by part.
template <class F>
densities<variable<double>> by_part(F f, const densities<variable<double>>& of, const densities<variable<double>>& by)
{
    densities<variable<double>> result{of.affine, f(of.offset, by.offset)};
    for (std::size_t p = 0; p < of.affine.size(); ++p)
    {
        result.affine[p] = f(of.affine[p], by.affine[p]);
    }
    return result;
}

} // namespace

compiled<gmm::input, double> gmm::compile_objective(const input& like)
{
    auto start = compile([n = like.x.shape(0)](auto at, auto m, auto gamma)
                         { return std::pair(densities_of(at), log_prior(at, m, gamma, n)); },
                         like.at, like.m, like.gamma);
    auto add = compile_sum(like, 0.0, [](auto sum, auto of, auto x) { return sum + log_likelihood(of, x); });
    return [start, add, of = densities<array>(), sum = array()](const input& in, double& out) mutable
    {
        start.run_into(std::tie(of, sum), in.at, in.m, in.gamma);
        for_each_block(in.x.shape(0), block,
                       [&](std::size_t first, std::size_t last)
                       { add.run_into(sum, sum, of, part(in.x, first, last)); });
        out = sum() + log_factor(in);
    };
}

compiled<gmm::input, gmm::parameters> gmm::compile_jacobian(const input& like)
{
    const auto sums = shapes_of_densities(like);
    auto start = compile(
        [](auto at)
        {
            const auto of = densities_of(at);
            return std::pair(of, by_part([](auto x, auto) { return zeros_like(x); }, of, of));
        },
        like.at);
    auto add = compile_sum(like, sums,
                           [](auto sum, auto of, auto x)
                           { return by_part(std::plus(), sum, gradient(log_likelihood(of, x), of)); });
    auto finish = compile(
        [n = like.x.shape(0)](auto by, auto at, auto m, auto gamma)
        {
            auto total = log_prior(at, m, gamma, n);
            by_part([&](auto x, auto x_bar) { return total = total + sum(x * x_bar); }, densities_of(at), by);
            return gradient(total, at);
        },
        sums, like.at, like.m, like.gamma);
    return
        [start, add, finish, of = densities<array>(), by = densities<array>()](const input& in, parameters& out) mutable
    {
        start.run_into(std::tie(of, by), in.at);
        for_each_block(in.x.shape(0), block,
                       [&](std::size_t first, std::size_t last) { add.run_into(by, by, of, part(in.x, first, last)); });
        finish.run_into(out, by, in.at, in.m, in.gamma);
    };
}

} // namespace gradbench
