#include "nn/initialization.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"

#include <cmath>

namespace nn
{

namespace
{

using array = autograd::array<double>;

autograd::shape_view shape_of(const extents& shape)
{
    return {shape.data(), shape.size()};
}

void require_finite(const char* who, double number, const char* what)
{
    if (!std::isfinite(number))
    {
        throw autograd::error::value_error(who, "the ", what, " is ", number, "; it must be finite.");
    }
}

double positive_fan(const char* who, double fan)
{
    if (fan == 0)
    {
        throw autograd::error::value_error(who, "the layer has no inputs; its fan must be at least 1.");
    }
    return fan;
}

double mean_fan(const char* who, fan layer)
{
    return positive_fan(who, (static_cast<double>(layer.in) + static_cast<double>(layer.out)) / 2);
}

double fan_in(const char* who, fan layer)
{
    return positive_fan(who, static_cast<double>(layer.in));
}

/// scale(fan) is the standard deviation, both of the normal distribution and of the uniform one over +-sqrt(3) times
/// it.
template <class Scale>
initializer scaled_normal(Scale scale)
{
    return [scale](const extents& shape, fan layer, random_stream& stream)
    { return stream.normal(0, scale(layer), shape); };
}
template <class Bound>
initializer bounded(Bound bound)
{
    return [bound](const extents& shape, fan layer, random_stream& stream)
    {
        const double b = bound(layer);
        return stream.uniform(-b, b, shape);
    };
}

} // namespace

namespace init
{

initializer zeros()
{
    return constant(0);
}

initializer constant(double number)
{
    require_finite("constant", number, "number");
    return [number](const extents& shape, fan, random_stream&)
    { return detail::filled(shape_of(shape), number, "constant"); };
}

initializer uniform(double low, double high)
{
    require_finite("uniform", low, "lower bound");
    require_finite("uniform", high, "upper bound");
    if (low > high)
    {
        throw autograd::error::value_error("uniform", "the lower bound is ", low, " and the upper one ", high,
                                           "; the lower must not be larger.");
    }
    return [=](const extents& shape, fan, random_stream& stream) { return stream.uniform(low, high, shape); };
}

initializer normal(double mean, double standard_deviation)
{
    require_finite("normal", mean, "mean");
    require_finite("normal", standard_deviation, "standard deviation");
    if (standard_deviation < 0)
    {
        throw autograd::error::value_error("normal", "the standard deviation is ", standard_deviation,
                                           "; it must not be negative.");
    }
    return [=](const extents& shape, fan, random_stream& stream)
    { return stream.normal(mean, standard_deviation, shape); };
}

initializer glorot_uniform(double gain)
{
    require_finite("glorot_uniform", gain, "gain");
    return bounded([=](fan layer) { return std::abs(gain) * std::sqrt(3 / mean_fan("glorot_uniform", layer)); });
}

initializer glorot_normal(double gain)
{
    require_finite("glorot_normal", gain, "gain");
    return scaled_normal([=](fan layer) { return std::abs(gain) / std::sqrt(mean_fan("glorot_normal", layer)); });
}

initializer he_uniform(double slope)
{
    require_finite("he_uniform", slope, "slope");
    return bounded([=](fan layer) { return std::sqrt(6 / ((1 + slope * slope) * fan_in("he_uniform", layer))); });
}

initializer he_normal(double slope)
{
    require_finite("he_normal", slope, "slope");
    return scaled_normal([=](fan layer) { return std::sqrt(2 / ((1 + slope * slope) * fan_in("he_normal", layer))); });
}

initializer lecun_normal()
{
    return [](const extents& shape, fan layer, random_stream& stream)
    {
        // Divided, not multiplied by the reciprocal: the last bit is that of randn(...) / sqrt(n).
        const double root = std::sqrt(fan_in("lecun_normal", layer));
        array result = stream.randn(shape);
        for (double& weight : result)
        {
            weight /= root;
        }
        return result;
    };
}

initializer fan_in_uniform()
{
    return bounded([](fan layer) { return 1 / std::sqrt(fan_in("fan_in_uniform", layer)); });
}

} // namespace init

template <class T>
autograd::array<T> initialized(const initializer& with, const extents& shape, fan layer, random_stream& stream)
{
    if (!with)
    {
        throw autograd::error::value_error("initializer", "it is an empty function; it must be one that makes values.");
    }
    const array values = with(shape, layer, stream);
    const extents found(values.shape().begin(), values.shape().end());
    if (found != shape)
    {
        throw autograd::error::shape_error("initializer", "it gave shape ", shape_of(found), " where ", shape_of(shape),
                                           " was asked for; they must be equal.");
    }
    autograd::array<T> result = detail::allocated<T>(shape_of(shape), "initializer");
    std::transform(values.begin(), values.end(), result.begin(), [](double value) { return static_cast<T>(value); });
    return result;
}

template autograd::array<float> initialized(const initializer&, const extents&, fan, random_stream&);
template autograd::array<double> initialized(const initializer&, const extents&, fan, random_stream&);

} // namespace nn
