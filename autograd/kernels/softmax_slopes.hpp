#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/operation.hpp"

/// Products with the Jacobians of softmax and log_softmax along an axis, for probabilities p = softmax(x). In the
/// formulas 1 - p of the largest p, and differences of means, cancel where it has nearly all of the probability: here
/// every element is right to a few units of its own last place.
namespace autograd::kernels
{

template <class T>
struct softmax_slope_kernels
{
    /// v - sum(v p): how far v is from its mean under p. That of the element with the largest p is minus the mean of
    /// how far the others are from it.
    void (*softmax_deviation)(const T* v, const T* p, shape_view shape, std::size_t axis, T* y);

    /// p (v - sum(v p)): the Jacobian of softmax, which is symmetric, times v.
    void (*softmax_slope)(const T* v, const T* p, shape_view shape, std::size_t axis, T* y);

    /// v - p sum(v): the transposed Jacobian of log_softmax times v. Where one p is much larger than the others, its
    /// v (1 - p) is v times the sum of the others.
    void (*log_softmax_slope)(const T* v, const T* p, shape_view shape, std::size_t axis, T* y);
};
template <class T>
inline constexpr chosen<softmax_slope_kernels<T>> softmax_slopes;

} // namespace autograd::kernels
