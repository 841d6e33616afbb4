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

variable<double> log_posterior(variable<double> x, const components& at, double m, double gamma)
{
    const auto& [alpha, mu, q, l] = at;
    const std::size_t n = x.shape(0), d = x.shape(1), k = mu.shape(0);
    const auto triangle = concatenate({exp(q), l}, 1);
    const auto Q = reshape(scatter(triangle, x.tape().index(places_in_triangle(d)), d * d, 1), {k, d, d});
    // Q (x - mu) is (Q, -Q mu) times (x, 1): one product of matrices for all points and components.
    const auto affine = concatenate({Q, -matmul(Q, expand_dims(mu, 2))}, 2);
    const auto x1 = concatenate({x, x.tape().full({n, 1}, 1.0)}, 1);
    const auto z = reshape(matmul(x1, transpose(reshape(affine, {k * d, d + 1}))), {n, k, d});
    const auto beta = alpha + sum(q, 1) - 0.5 * norm_sq(z, 2);
    const auto log_likelihood = sum(logsumexp(beta, 1)) - static_cast<double>(n) * logsumexp(alpha);
    const auto log_prior = m * sum(q) - gamma * gamma / 2 * norm_sq(triangle);

    const auto dimension = static_cast<double>(d), points = static_cast<double>(n), freedom = dimension + m + 1;
    const double C = freedom * dimension * (std::log(gamma) - std::numbers::ln2 / 2) - log_gamma(freedom / 2, d);
    return log_likelihood + log_prior + static_cast<double>(k) * C -
           points * dimension / 2 * std::log(2 * std::numbers::pi);
}

} // namespace

double gmm::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.constant(borrow(in.at.alpha)), tape.constant(borrow(in.at.mu)),
                        tape.constant(borrow(in.at.q)), tape.constant(borrow(in.at.l))};
    return log_posterior(tape.constant(borrow(in.x)), at, in.m, in.gamma).item();
}

gmm::parameters gmm::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const components at{tape.variable(borrow(in.at.alpha)), tape.variable(borrow(in.at.mu)),
                        tape.variable(borrow(in.at.q)), tape.variable(borrow(in.at.l))};
    const auto slope = gradient(log_posterior(tape.constant(borrow(in.x)), at, in.m, in.gamma), at);
    return {slope.alpha.value(), slope.mu.value(), slope.q.value(), slope.l.value()};
}

} // namespace gradbench
