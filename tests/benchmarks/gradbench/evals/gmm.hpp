#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

/// The logarithm of the posterior density of a Gaussian mixture: how likely points are under k normal distributions,
/// with a prior of Wishart's on their covariances.
///
/// Component c has the weight exp(alpha_c) / sum exp(alpha), the mean mu_c and the inverse covariance Q_c^T Q_c. Q_c is
/// a lower triangle with exp(q_c) on its diagonal, and l_c below, column by column.
namespace gradbench::gmm
{

struct parameters
{
    array alpha; ///< (k,)
    array mu;    ///< (k, d)
    array q;     ///< (k, d)
    array l;     ///< (k, d (d - 1) / 2)
};

struct input
{
    array x; ///< (n, d): the points
    parameters at;
    double m;     ///< of the prior: its degrees of freedom beyond d + 1
    double gamma; ///< of the prior: its precision
};

double objective(autograd::tape<double>& tape, const input& in);
parameters jacobian(autograd::tape<double>& tape, const input& in);

} // namespace gradbench::gmm
