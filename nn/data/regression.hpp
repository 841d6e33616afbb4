#pragma once

#include "autograd/random/legacy_generator.hpp"

namespace nn
{

/// What make_regression makes; the names and the values where nothing is said are scikit-learn's.
struct regression_options
{
    std::size_t samples = 100;
    std::size_t features = 100;
    std::size_t informative = 10; ///< how many features the targets depend on; all, if there are fewer
    std::size_t targets = 1;
    double bias = 0.0;
    double noise = 0.0; ///< the standard deviation of what is added to each target; nothing is drawn for 0
    bool shuffle = true;
};

/// A linear model with normal inputs and, it may be, normal noise.
struct regression_data
{
    autograd::array<double> points;       ///< shape (samples, features)
    autograd::array<double> targets;      ///< shape (samples,), or (samples, targets) if there are several
    autograd::array<double> coefficients; ///< shape (features,), or (features, targets)
};

/// targets = points . coefficients + bias + noise: scikit-learn's make_regression(coef=True) drawing from `stream`. The
/// points and the coefficients are the same bit for bit; the targets to the rounding of the sums over features, which
/// are taken here in the order of the features, and there in that of the linear algebra library.
///
/// Throws autograd::error::value_error unless there is a feature and a target, the bias is finite, and the noise is
/// finite and not negative. The stream is then where it was.
regression_data make_regression(const regression_options& options, autograd::random::legacy_generator& stream);

} // namespace nn
