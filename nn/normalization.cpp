#include "nn/normalization.hpp"

#include "autograd/operations/operations.hpp"
#include "nn/allocation.hpp"
#include "nn/checks.hpp"
#include "nn/recorded_checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace nn
{

namespace detail
{

using namespace autograd;

namespace
{

template <class T>
void require_epsilon(location where, const char* who, double epsilon)
{
    if (!(epsilon > 0 && std::isfinite(epsilon)))
    {
        throw error::value_error(where, who, "epsilon is ", epsilon, "; it must be positive.");
    }
    if (static_cast<T>(epsilon) < std::numeric_limits<T>::min() || !std::isfinite(static_cast<T>(epsilon)))
    {
        throw error::value_error(where, who, "epsilon is ", epsilon, ", which ", sizeof(T) == 4 ? "float" : "double",
                                 " does not hold; it must be at least ", std::numeric_limits<T>::min(), " there.");
    }
}

template <class T>
void require_batch_norm(variable<T> x, const batch_norm_parts<T>& layer, location where)
{
    constexpr auto who = "batch_norm";
    const shape_view shape = x.checked(who, where).shape();
    if (shape.size() < 2)
    {
        throw error::shape_error(where, who, "x is ", shape, "; it must have the axes (samples, channels, ...).");
    }
    const shape_view channels = shape.slice(1, 2);
    require_shape(where, who, "weight", layer.weight.checked(who, where).shape(), channels);
    require_shape(where, who, "bias", layer.bias.checked(who, where).shape(), channels);
    require_shape(where, who, "running mean", layer.mean.checked(who, where).shape(), channels);
    require_shape(where, who, "running variance", layer.variance.checked(who, where).shape(), channels);
    require_epsilon<T>(where, who, layer.epsilon);
    if (!(layer.momentum >= 0 && layer.momentum <= 1))
    {
        throw error::value_error(where, who, "the momentum is ", layer.momentum, "; it must be from 0 to 1.");
    }
}

/// 1 / sqrt(x), in two operations whose derivatives take a cotangent of 0 for what it is also where x^(-3/2) overflows:
/// at equal elements and a very small epsilon.
template <class T>
variable<T> reciprocal_root(variable<T> x)
{
    return reciprocal(sqrt(x));
}

/// (channels) as (channels, 1, ...): what broadcasts against x.
template <class T>
variable<T> along_channels(variable<T> parameter, variable<T> x)
{
    shape_vector shape(x.dimension() - 1, 1);
    shape[0] = x.shape()[1];
    return x.dimension() == 2 ? parameter : reshape(parameter, shape);
}

/// (x - mean) * (w / sqrt(variance + epsilon)) + b, all by channel.
template <class T>
variable<T> normalized(variable<T> x, const batch_norm_parts<T>& layer, variable<T> mean, variable<T> variance)
{
    const variable<T> scale = layer.weight * reciprocal_root(variance + layer.epsilon);
    return (x - along_channels(mean, x)) * along_channels(scale, x) + along_channels(layer.bias, x);
}

std::vector<std::size_t> last_axes(std::size_t dimension, std::size_t count)
{
    std::vector<std::size_t> axes(count);
    std::iota(axes.begin(), axes.end(), dimension - count);
    return axes;
}

} // namespace

template <class T>
variable<T> layer_normalized(variable<T> x, variable<T> weight, variable<T> bias, double epsilon, location where)
{
    constexpr auto who = "layer_norm";
    const shape_view shape = x.checked(who, where).shape();
    const shape_view features = weight.checked(who, where).shape();
    const std::size_t count = features.size();
    if (count == 0 || element_count(features) == 0 || shape.size() < count ||
        !(shape.slice(shape.size() - count, shape.size()) == features))
    {
        throw error::shape_error(where, who, "x is ", shape, " and the weight is ", features,
                                 "; x must end in the axes of the weight, of which there is at least one element.");
    }
    require_shape(where, who, "bias", bias.checked(who, where).shape(), features);
    require_epsilon<T>(where, who, epsilon);
    const typename tape<T>::as_if_at at(x.tape(), where);
    const std::vector<std::size_t> axes = last_axes(shape.size(), count);
    const variable<T> deviations = x - mean(x, axes, xt::keep_dims);
    const variable<T> variances = mean(square(deviations), axes, xt::keep_dims);
    record_check<no_overflow_rule, T>(where, variances, {who});
    return deviations * reciprocal_root(variances + epsilon) * weight + bias;
}

template <class T>
variable<T> batch_normalized(variable<T> x, const batch_norm_parts<T>& layer, location where)
{
    require_batch_norm(x, layer, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return normalized(x, layer, layer.mean, layer.variance);
}

template <class T>
variable<T> batch_normalized_by_batch(variable<T> x, batch_norm_parts<T>& layer, location where)
{
    require_batch_norm(x, layer, where);
    const std::size_t channels = x.shape()[1];
    const std::size_t values = channels == 0 ? 0 : x.size() / channels;
    if (values < 2)
    {
        throw error::shape_error(where, "batch_norm", "x is ", x.shape(), ", with ", values,
                                 values == 1 ? " value" : " values",
                                 " per channel; a batch needs two at least. For predictions call layer(x).");
    }
    const typename tape<T>::as_if_at at(x.tape(), where);
    std::vector<std::size_t> axes = last_axes(x.dimension(), x.dimension() - 1);
    axes[0] = 0; // all but the channels'
    const variable<T> batch_mean = mean(x, axes);
    const variable<T> batch_variance = variance(x, axes);
    record_check<no_overflow_rule, T>(where, batch_variance, {"batch_norm"});
    const variable<T> y = normalized(x, layer, batch_mean, batch_variance);

    const auto n = static_cast<double>(values);
    const double unbiased = layer.momentum * n / (n - 1);
    layer.mean = (1 - layer.momentum) * layer.mean + layer.momentum * stop_gradient(batch_mean);
    layer.variance = (1 - layer.momentum) * layer.variance + unbiased * stop_gradient(batch_variance);
    return y;
}

#define NN_INSTANTIATE(T)                                                                                              \
    template variable<T> layer_normalized(variable<T>, variable<T>, variable<T>, double, location);                    \
    template variable<T> batch_normalized(variable<T>, const batch_norm_parts<T>&, location);                          \
    template variable<T> batch_normalized_by_batch(variable<T>, batch_norm_parts<T>&, location);
NN_INSTANTIATE(float)
NN_INSTANTIATE(double)
#undef NN_INSTANTIATE

} // namespace detail

template <class T>
layer_norm<autograd::array<T>> make_layer_norm(const std::vector<std::size_t>& features)
{
    const autograd::shape_view shape(features.data(), features.size());
    if (shape.empty() || element_count(shape) == 0)
    {
        throw autograd::error::shape_error("make_layer_norm", "the features are ", shape,
                                           "; there must be an axis and an element at least.");
    }
    layer_norm<autograd::array<T>> result;
    result.weight = detail::filled(shape, T(1), "make_layer_norm");
    result.bias = detail::filled(shape, T(0), "make_layer_norm");
    return result;
}

template <class T>
batch_norm<autograd::array<T>> make_batch_norm(std::size_t channels)
{
    const autograd::shape_vector shape{channels};
    batch_norm<autograd::array<T>> result;
    result.weight = detail::filled(shape, T(1), "make_batch_norm");
    result.bias = detail::filled(shape, T(0), "make_batch_norm");
    result.running_mean.value = detail::filled(shape, T(0), "make_batch_norm");
    result.running_variance.value = detail::filled(shape, T(1), "make_batch_norm");
    return result;
}

template layer_norm<autograd::array<float>> make_layer_norm(const std::vector<std::size_t>&);
template layer_norm<autograd::array<double>> make_layer_norm(const std::vector<std::size_t>&);
template batch_norm<autograd::array<float>> make_batch_norm(std::size_t);
template batch_norm<autograd::array<double>> make_batch_norm(std::size_t);

} // namespace nn
