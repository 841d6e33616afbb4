#pragma once

#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

namespace article
{

/// The gradient of summed_loss() by the formulas that the article derives by hand, in plain loops and without a tape:
///
///     d3 = p - onehot(y)              dW2 = a1^T d3 + lambda W2      db2 = sum of the rows of d3
///     d2 = (d3 W2^T) (1 - a1^2)       dW1 = X^T d2  + lambda W1      db1 = sum of the rows of d2
arrays hand_derived_gradient(const arrays& parameters, const nn::labelled_points& data, double lambda);

/// How far two arrays of one shape are apart: their largest difference, relative to the largest entry of both.
double relative_difference(const xt::xarray<double>& a, const xt::xarray<double>& b);
/// The largest of W1, b1, W2 and b2.
double relative_difference(const arrays& a, const arrays& b);

} // namespace article
