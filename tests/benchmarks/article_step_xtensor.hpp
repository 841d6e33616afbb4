#pragma once

#include "examples/article/network.hpp"

/// The article's backpropagation, written by hand in xtensor and xtensor-blas.
namespace article_step
{

/// The gradient of article::summed_loss(); targets are rows of 0 and 1, one for each point.
article::arrays xtensor_gradient(const article::arrays& parameters, const xt::xarray<double>& points,
                                 const xt::xarray<double>& targets, double lambda);

} // namespace article_step
