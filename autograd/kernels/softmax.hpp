#pragma once

#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

/// exp(x) / sum(exp(x)) along an axis, without overflow.
template <class T>
void softmax(const T* x, shape_view shape, std::size_t axis, T* y);

/// The slope of logsumexp along an axis: softmax, but where the largest scores are infinite, in the one direction or
/// the other, they share 1 evenly.
template <class T>
void logsumexp_slope(const T* x, shape_view shape, std::size_t axis, T* y);

/// log(softmax(x)) along an axis, without overflow, underflow or cancellation.
template <class T>
void log_softmax(const T* x, shape_view shape, std::size_t axis, T* y);

} // namespace autograd::kernels
