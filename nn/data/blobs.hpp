#pragma once

#include "autograd/random/legacy_generator.hpp"
#include "nn/data/labelled_points.hpp"

namespace nn
{

/// Normally distributed points around the rows of `centers`, shape (K, D), in random order; point i of class k has the
/// standard deviation deviations[k] in each coordinate. The classes share the count evenly, the first ones having one
/// more where it does not divide.
///
/// scikit-learn's make_blobs(count, centers=centers, cluster_std=deviations) drawing from `stream`, bit for bit.
///
/// Throws autograd::error::shape_error unless `centers` has two axes, neither of length 0, and there is a deviation for
/// each row; value_error unless all are finite and no deviation is negative. The stream is then where it was.
labelled_points make_blobs(std::size_t count, const autograd::array<double>& centers,
                           const std::vector<double>& deviations, autograd::random::legacy_generator& stream);

/// The same around `classes` centers that are drawn first, evenly from the box of `dimension` sides from -10 to 10,
/// with one standard deviation for all: make_blobs(count, dimension, centers=classes, cluster_std=deviation).
///
/// Throws autograd::error::value_error unless there is a class and a dimension, and the deviation is finite and not
/// negative. The stream is then where it was.
labelled_points make_blobs(std::size_t count, std::size_t classes, std::size_t dimension, double deviation,
                           autograd::random::legacy_generator& stream);

} // namespace nn
