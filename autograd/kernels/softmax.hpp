#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

template <class T>
struct softmax_kernels
{
    /// exp(x) / sum(exp(x)) along an axis, without overflow.
    void (*softmax)(const T* x, shape_view shape, std::size_t axis, T* y);

    /// The slope of logsumexp along an axis: softmax, but where the largest scores are infinite, in the one direction
    /// or the other, they share 1 evenly.
    void (*logsumexp_slope)(const T* x, shape_view shape, std::size_t axis, T* y);

    /// log(softmax(x)) along an axis, without overflow, underflow or cancellation.
    void (*log_softmax)(const T* x, shape_view shape, std::size_t axis, T* y);
};
template <class T>
inline constexpr chosen<softmax_kernels<T>> softmaxes;

} // namespace autograd::kernels
