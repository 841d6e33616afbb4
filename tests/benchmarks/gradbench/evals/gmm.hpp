#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

#include <tuple>

/// The logarithm of the posterior density of a Gaussian mixture: how likely points are under k normal distributions,
/// with a prior of Wishart's on their covariances.
///
/// Component c has the weight exp(alpha_c) / sum exp(alpha), the mean mu_c and the inverse covariance Q_c^T Q_c. Q_c is
/// a lower triangle with exp(q_c) on its diagonal, and l_c below, column by column.
namespace gradbench::gmm
{

/// Arrays, or variables.
template <class Array>
struct parameters_as
{
    Array alpha; ///< (k,)
    Array mu;    ///< (k, d)
    Array q;     ///< (k, d)
    Array l;     ///< (k, d (d - 1) / 2)
    auto members() { return std::tie(alpha, mu, q, l); }
    auto members() const { return std::tie(alpha, mu, q, l); }
};
using parameters = parameters_as<array>;

struct input
{
    array x; ///< (n, d): the points
    parameters at;
    double m;     ///< of the prior: its degrees of freedom beyond d + 1
    double gamma; ///< of the prior: its precision
};

double objective(autograd::tape<double>& tape, const input& in);
parameters jacobian(autograd::tape<double>& tape, const input& in);

/// Both as programs.
compiled<input, double> compile_objective(const input& like);
compiled<input, parameters> compile_jacobian(const input& like);

} // namespace gradbench::gmm
