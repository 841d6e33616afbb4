#pragma once

#include "autograd/random/legacy_generator.hpp"
#include "nn/data/labelled_points.hpp"

#include <optional>

namespace nn
{

/// Two half circles that reach into each other, one for each class, in random order: scikit-learn's make_moons(count,
/// noise=noise) drawing from `stream`, with the same labels and points. (Where the C library's sin and cos and NumPy's
/// differ, so do the points, by an ulp or two of 1.) Of an odd count the second class has one more.
///
/// `noise` is the standard deviation of what is added to each coordinate. Without it nothing is added and nothing drawn
/// for it; with 0 the stream moves on all the same.
///
/// Throws autograd::error::value_error unless the noise is finite and not negative; the stream is then where it was.
labelled_points make_moons(std::size_t count, std::optional<double> noise, autograd::random::legacy_generator& stream);

} // namespace nn
