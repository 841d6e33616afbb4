#pragma once

#include "nn/in_pytorch.hpp"
#include "nn/module.hpp"

#include <concepts>

namespace nn
{

namespace detail
{

template <class T>
autograd::variable<T> layer_normalized(autograd::variable<T> x, autograd::variable<T> weight,
                                       autograd::variable<T> bias, double epsilon, autograd::location where);

/// What a batch_norm consists of, without its type of leaves.
template <class T>
struct batch_norm_parts
{
    autograd::variable<T> weight, bias, mean, variance;
    double momentum, epsilon;
};
template <class T>
autograd::variable<T> batch_normalized(autograd::variable<T> x, const batch_norm_parts<T>& layer,
                                       autograd::location where);
/// Leaves the new statistics in the layer.
template <class T>
autograd::variable<T> batch_normalized_by_batch(autograd::variable<T> x, batch_norm_parts<T>& layer,
                                                autograd::location where);

} // namespace detail

/// y = (x - mean) / sqrt(variance + epsilon) * w + b, each sample by its own mean and (biased) variance over the last
/// axes, those of the weight.
///
/// Shapes: x (..., features), weight and bias (features), where the features may have several axes; y as x.
/// Gradient: as of the formula. Throws shape_error where the shapes do not fit, value_error unless epsilon > 0 in
/// the type of x, and where a variance overflows (elements beyond 1e154, or 1e19 in float).
/// (Ba, Kiros, Hinton 2016, Layer normalization.)
template <class Leaf>
struct layer_norm
{
    Leaf weight;
    Leaf bias;
    double epsilon = 1e-5;
    NN_MEMBERS(weight, bias, epsilon)
    static constexpr std::array in_pytorch{pytorch::same("weight"), pytorch::same("bias")};

    Leaf operator()(Leaf x, autograd::location where = autograd::location::current()) const
    {
        return detail::layer_normalized(x, weight, bias, epsilon, where);
    }
};

/// A layer norm that starts as the identity on normalised samples: weight 1, bias 0. Over the last axes, of these
/// extents: make_layer_norm(32), make_layer_norm({8, 8}). Throws shape_error unless there is
/// an axis and an element, memory_error if the machine does not have the memory.
template <class T = double>
layer_norm<autograd::array<T>> make_layer_norm(const std::vector<std::size_t>& features);
template <class T = double, std::integral Extent>
layer_norm<autograd::array<T>> make_layer_norm(Extent features)
{
    return make_layer_norm<T>(std::vector<std::size_t>{static_cast<std::size_t>(features)});
}

/// y = (x - mean) / sqrt(variance + epsilon) * w + b, each channel by its mean and variance over all samples.
///
/// In training by those of the batch (the variance biased); on_batch gives y and the layer with its new running
/// statistics, which the caller keeps: running = (1 - momentum) running + momentum batch, there with the unbiased
/// variance. `layer(x)`, for predictions, takes the running ones. As PyTorch's.
///
///     auto [y, next] = m.norm.on_batch(x);       // in training
///     model.norm = nn::values(next);             // its statistics, kept
///
/// Shapes: x (samples, channels, ...), all else (channels). Gradient: as of the formula; in training through the
/// statistics of the batch, too. The running ones are buffers: not trained, and no gradient flows into them.
/// Throws shape_error where the shapes do not fit, and for a batch of less than two values per channel; value_error
/// unless epsilon > 0 in the type of x and 0 <= momentum <= 1, and where the variance of a batch overflows. (Ioffe &
/// Szegedy 2015, Batch normalization.)
template <class Leaf>
struct batch_norm
{
    Leaf weight;
    Leaf bias;
    buffer<Leaf> running_mean;
    buffer<Leaf> running_variance;
    double momentum = 0.1;
    double epsilon = 1e-5;
    NN_MEMBERS(weight, bias, running_mean, running_variance, momentum, epsilon)
    static constexpr std::array in_pytorch{pytorch::same("running_variance", "running_var"),
                                           pytorch::ignored("num_batches_tracked")};

    Leaf operator()(Leaf x, autograd::location where = autograd::location::current()) const
    {
        return detail::batch_normalized(x, parts(), where);
    }

    std::pair<Leaf, batch_norm> on_batch(Leaf x, autograd::location where = autograd::location::current()) const
    {
        auto all = parts();
        const Leaf y = detail::batch_normalized_by_batch(x, all, where);
        return {y, {weight, bias, {all.mean}, {all.variance}, momentum, epsilon}};
    }

private:
    auto parts() const
    {
        return detail::batch_norm_parts<typename Leaf::value_type>{
            weight, bias, running_mean.value, running_variance.value, momentum, epsilon};
    }
};

/// A batch norm that starts as the identity: weight and running variance 1, bias and running mean 0.
template <class T = double>
batch_norm<autograd::array<T>> make_batch_norm(std::size_t channels);

} // namespace nn
