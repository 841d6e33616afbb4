#include "nn/data/regression.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"
#include "nn/data/rows.hpp"

#include <algorithm>
#include <cmath>

namespace nn
{

namespace
{

void require_regression(const regression_options& o)
{
    using autograd::error::value_error;
    if (o.features == 0 || o.targets == 0)
    {
        throw value_error("make_regression", "there are ", o.features, " features and ", o.targets,
                          " targets; there must be one of each at least.");
    }
    if (!std::isfinite(o.bias))
    {
        throw value_error("make_regression", "the bias is ", o.bias, "; it must be finite.");
    }
    if (!(std::isfinite(o.noise) && o.noise >= 0))
    {
        throw value_error("make_regression", "the noise is ", o.noise,
                          "; a standard deviation must be finite and not negative.");
    }
}

/// Those of the first features, which alone count, from 0 to 100.
void draw_coefficients(const regression_options& o, autograd::random::legacy_generator& stream,
                       autograd::array<double>& coefficients)
{
    const std::size_t drawn = std::min(o.informative, o.features) * o.targets;
    double* const rest = std::generate_n(coefficients.data(), drawn, [&] { return 100 * stream.uniform(0.0, 1.0); });
    std::fill(rest, coefficients.data() + coefficients.size(), 0.0);
}

void set_targets(const autograd::array<double>& points, const autograd::array<double>& coefficients, double bias,
                 autograd::array<double>& result)
{
    const std::size_t samples = points.shape()[0];
    const std::size_t features = points.shape()[1];
    const std::size_t targets = coefficients.shape()[1];
    for (std::size_t i = 0; i < samples; ++i)
    {
        for (std::size_t k = 0; k < targets; ++k)
        {
            double sum = 0.0;
            for (std::size_t j = 0; j < features; ++j)
            {
                sum += points.data()[i * features + j] * coefficients.data()[j * targets + k];
            }
            result.data()[i * targets + k] = sum + bias;
        }
    }
}

autograd::array<double> take_columns(const autograd::array<double>& matrix,
                                     const autograd::array<std::int64_t>& columns)
{
    const std::size_t width = matrix.shape()[1];
    autograd::array<double> result = autograd::array<double>::from_shape(matrix.shape());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const auto column = static_cast<std::size_t>(columns.data()[i % width]);
        result.data()[i] = matrix.data()[i - i % width + column];
    }
    return result;
}

} // namespace

regression_data make_regression(const regression_options& options, autograd::random::legacy_generator& stream)
{
    require_regression(options);
    regression_data data;
    // Whatever is too large throws before the stream moves.
    data.coefficients = detail::allocated<double>({options.features, options.targets}, "make_regression");
    data.targets = detail::allocated<double>({options.samples, options.targets}, "make_regression");
    data.points = stream.randn({options.samples, options.features});
    draw_coefficients(options, stream, data.coefficients);
    set_targets(data.points, data.coefficients, options.bias, data.targets);
    if (options.noise > 0)
    {
        for (std::size_t i = 0; i < data.targets.size(); ++i)
        {
            data.targets.data()[i] += stream.normal(0.0, options.noise);
        }
    }
    if (options.shuffle)
    {
        const autograd::array<std::int64_t> samples = stream.permutation(options.samples);
        const autograd::array<std::int64_t> features = stream.permutation(options.features);
        data.points = take_columns(take_rows(data.points, samples), features);
        data.targets = take_rows(data.targets, samples);
        data.coefficients = take_rows(data.coefficients, features);
    }
    if (options.targets == 1)
    {
        data.targets.reshape({options.samples});
        data.coefficients.reshape({options.features});
    }
    return data;
}

} // namespace nn
