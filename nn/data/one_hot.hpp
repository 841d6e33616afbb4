#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>

namespace nn
{

/// Labels 0, ..., classes - 1 as rows of zeros with a one at the label: shape labels.shape + (classes,). T is float or
/// double: nn::one_hot<float>(labels, 10). On variables: autograd::one_hot.
/// Throws autograd::error::index_error if a label is not one of these.
template <class T>
autograd::array<T> one_hot(const autograd::array<std::int64_t>& labels, std::size_t classes);

extern template autograd::array<float> one_hot(const autograd::array<std::int64_t>&, std::size_t);
extern template autograd::array<double> one_hot(const autograd::array<std::int64_t>&, std::size_t);

} // namespace nn
