#include "tests/benchmarks/gradbench/evals/gmm.hpp"

#include "autograd/autograd.hpp"

#include <numbers>

namespace gradbench
{

using namespace autograd;

namespace
{

struct components
{
    variable<double> alpha, mu, q, l;
    auto members() { return std::tie(alpha, mu, q, l); }
};

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

/// The sum over some points of log(sum_c exp(offset_c - |Q_c (x - mu_c)|^2 / 2)). Q (x - mu) is (Q, -Q mu) times (x,
/// 1): one product of matrices for all points and components, whose matrices are the rows of `affine`.
variable<double> log_likelihood(variable<double> affine, variable<double> offset, variable<double> x)
{
    const std::size_t n = x.shape(0), d = x.shape(1), k = offset.size();
    const auto x1 = concatenate({x, x.tape().full({n, 1}, 1.0)}, 1);
    const auto z = reshape(matmul(x1, transpose(affine)), {n, k, d});
    return sum(logsumexp(offset - 0.5 * norm_sq(z, 2), 1));
}

constexpr std::size_t block = 256; // points, whose z fit the cache

variable<double> log_posterior(const array& x, const components& at, double m, double gamma)
{
    const auto& [alpha, mu, q, l] = at;
    tape<double>& tape = mu.tape();
    const std::size_t n = x.shape(0), d = x.shape(1), k = mu.shape(0);
    const auto triangle = concatenate({exp(q), l}, 1);
    const auto Q = reshape(scatter(triangle, tape.index(places_in_triangle(d)), d * d, 1), {k, d, d});
    const auto affine = concatenate({Q, -matmul(Q, expand_dims(mu, 2))}, 2);
    const auto of_points =
        sum_over_blocks(blocks_of_rows(block, x), {reshape(affine, {k * d, d + 1}), alpha + sum(q, 1)},
                        [](const auto& p, auto some) { return log_likelihood(p[0], p[1], some); });
    const auto log_prior = m * sum(q) - gamma * gamma / 2 * norm_sq(triangle);

    const auto dimension = static_cast<double>(d), points = static_cast<double>(n), freedom = dimension + m + 1;
    const double C = freedom * dimension * (std::log(gamma) - std::numbers::ln2 / 2) - log_gamma(freedom / 2, d);
    return of_points - points * logsumexp(alpha) + log_prior + static_cast<double>(k) * C -
           points * dimension / 2 * std::log(2 * std::numbers::pi);
}

} // namespace

double gmm::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.constant(borrow(in.at.alpha)), tape.constant(borrow(in.at.mu)),
                        tape.constant(borrow(in.at.q)), tape.constant(borrow(in.at.l))};
    return log_posterior(in.x, at, in.m, in.gamma).item();
}

gmm::parameters gmm::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.variable(borrow(in.at.alpha)), tape.variable(borrow(in.at.mu)),
                        tape.variable(borrow(in.at.q)), tape.variable(borrow(in.at.l))};
    const auto slope = gradient(log_posterior(in.x, at, in.m, in.gamma), at);
    return {slope.alpha.value(), slope.mu.value(), slope.q.value(), slope.l.value()};
}

} // namespace gradbench
