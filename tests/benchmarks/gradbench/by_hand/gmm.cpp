// With z = Q_c (x_i - mu_c) and the share p = exp(beta_ic) / sum_c exp(beta_ic), the slopes of beta_ic by the elements
// of Q_c are -z_r (x_i - mu_c)_j, and by mu_c it is Q_c^T z.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace gradbench::by_hand
{

namespace
{

double log_sum_exp(const double* x, std::size_t n)
{
    const double greatest = *std::max_element(x, x + n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
    {
        sum += std::exp(x[i] - greatest);
    }
    return greatest + std::log(sum);
}

/// The terms of the objective that depend on the extents and the prior's parameters alone.
double constant_terms(double n, std::size_t d, double k, double m, double gamma)
{
    const double dimension = static_cast<double>(d), freedom = dimension + m + 1;
    double log_gamma = dimension * (dimension - 1) / 4 * std::log(std::numbers::pi);
    for (std::size_t j = 0; j < d; ++j)
    {
        log_gamma += std::lgamma(freedom / 2 - static_cast<double>(j) / 2);
    }
    const double C = freedom * dimension * (std::log(gamma) - std::log(2.0) / 2) - log_gamma;
    return -n * dimension / 2 * std::log(2 * std::numbers::pi) + k * C;
}

/// The mixture, with the numbers that all points need.
struct mixture
{
    explicit mixture(const gmm::input& in)
        : n(in.x.shape()[0]),
          d(in.x.shape()[1]),
          k(in.at.alpha.size()),
          below(in.at.l.shape()[1]),
          x(in.x.data()),
          mu(in.at.mu.data()),
          l(in.at.l.data()),
          diagonal(k * d),
          log_weight(k)
    {
        for (std::size_t c = 0; c < k; ++c)
        {
            const double* const q = in.at.q.data() + c * d;
            log_weight[c] = in.at.alpha.data()[c];
            for (std::size_t j = 0; j < d; ++j)
            {
                diagonal[c * d + j] = std::exp(q[j]);
                log_weight[c] += q[j];
            }
        }
    }

    /// y = x_i - mu_c and z = Q_c y; gives beta_ic.
    double beta(std::size_t i, std::size_t c, double* y, double* z) const
    {
        for (std::size_t j = 0; j < d; ++j)
        {
            y[j] = x[i * d + j] - mu[c * d + j];
            z[j] = diagonal[c * d + j] * y[j];
        }
        const double* column = l + c * below;
        for (std::size_t j = 0; j < d; column += d - 1 - j, ++j)
        {
            for (std::size_t r = j + 1; r < d; ++r)
            {
                z[r] += column[r - j - 1] * y[j];
            }
        }
        double squares = 0;
        for (std::size_t j = 0; j < d; ++j)
        {
            squares += z[j] * z[j];
        }
        return log_weight[c] - squares / 2;
    }

    std::size_t n, d, k, below;
    const double *x, *mu, *l;
    std::vector<double> diagonal, log_weight; ///< exp(q), and alpha_c + sum_j q_cj
};

} // namespace

double primal(const gmm::input& in)
{
    const mixture of(in);
    std::vector<double> y(of.d), z(of.d), beta(of.k);
    const auto points = static_cast<double>(of.n);
    double result = constant_terms(points, of.d, static_cast<double>(of.k), in.m, in.gamma);
    for (std::size_t i = 0; i < of.n; ++i)
    {
        for (std::size_t c = 0; c < of.k; ++c)
        {
            beta[c] = of.beta(i, c, y.data(), z.data());
        }
        result += log_sum_exp(beta.data(), of.k);
    }
    result -= points * log_sum_exp(in.at.alpha.data(), of.k);
    for (std::size_t j = 0; j < of.k * of.d; ++j)
    {
        result += in.m * in.at.q.data()[j] - in.gamma * in.gamma / 2 * of.diagonal[j] * of.diagonal[j];
    }
    for (std::size_t j = 0; j < of.k * of.below; ++j)
    {
        result -= in.gamma * in.gamma / 2 * of.l[j] * of.l[j];
    }
    return result;
}

gmm::parameters derivative(const gmm::input& in)
{
    const mixture of(in);
    const std::size_t d = of.d, k = of.k;
    gmm::parameters by{xt::zeros_like(in.at.alpha), xt::zeros_like(in.at.mu), xt::zeros_like(in.at.q),
                       xt::zeros_like(in.at.l)};
    std::vector<double> y(k * d), z(k * d), beta(k), sum_of_z(k * d, 0.0);
    for (std::size_t i = 0; i < of.n; ++i)
    {
        for (std::size_t c = 0; c < k; ++c)
        {
            beta[c] = of.beta(i, c, &y[c * d], &z[c * d]);
        }
        const double log_sum = log_sum_exp(beta.data(), k);
        for (std::size_t c = 0; c < k; ++c)
        {
            const double share = std::exp(beta[c] - log_sum);
            const double *const yc = &y[c * d], *const zc = &z[c * d];
            by.alpha.data()[c] += share;
            double* by_column = by.l.data() + c * of.below;
            for (std::size_t j = 0; j < d; by_column += d - 1 - j, ++j)
            {
                const double share_y = share * yc[j];
                sum_of_z[c * d + j] += share * zc[j];
                by.q.data()[c * d + j] += share - share_y * zc[j] * of.diagonal[c * d + j];
                for (std::size_t r = j + 1; r < d; ++r)
                {
                    by_column[r - j - 1] -= share_y * zc[r];
                }
            }
        }
    }
    const double log_sum = log_sum_exp(in.at.alpha.data(), k), prior = in.gamma * in.gamma;
    for (std::size_t c = 0; c < k; ++c)
    {
        by.alpha.data()[c] -= static_cast<double>(of.n) * std::exp(in.at.alpha.data()[c] - log_sum);
        const double* column = of.l + c * of.below;
        for (std::size_t j = 0; j < d; column += d - 1 - j, ++j)
        {
            double by_mu = of.diagonal[c * d + j] * sum_of_z[c * d + j];
            for (std::size_t r = j + 1; r < d; ++r)
            {
                by_mu += column[r - j - 1] * sum_of_z[c * d + r];
            }
            by.mu.data()[c * d + j] = by_mu;
            by.q.data()[c * d + j] += in.m - prior * of.diagonal[c * d + j] * of.diagonal[c * d + j];
        }
    }
    for (std::size_t j = 0; j < k * of.below; ++j)
    {
        by.l.data()[j] -= prior * of.l[j];
    }
    return by;
}

} // namespace gradbench::by_hand
