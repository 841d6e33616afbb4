#pragma once

#include "autograd/random/legacy_generator.hpp"
#include "nn/data/labelled_points.hpp"

#include <optional>

namespace nn
{

/// A circle of radius 1, class 0, around one of radius `factor`, class 1, in random order: scikit-learn's
/// make_circles(count, noise=noise, factor=factor) drawing from `stream`, with the same labels and points. (Where the C
/// library's sin and cos and NumPy's differ, so do the points, by an ulp or two.) Of an odd count the inner circle has
/// one more.
///
/// `noise` is the standard deviation of what is added to each coordinate. Without it nothing is added and nothing drawn
/// for it; with 0 the stream moves on all the same.
///
/// Throws autograd::error::value_error unless the noise is finite and not negative and 0 <= factor < 1; the stream is
/// then where it was.
labelled_points make_circles(std::size_t count, std::optional<double> noise, double factor,
                             autograd::random::legacy_generator& stream);

} // namespace nn
