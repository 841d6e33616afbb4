#include "nn/data/standardizer.hpp"

#include "autograd/tape/error.hpp"
#include "nn/data/finite.hpp"
#include "nn/data/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nn
{

namespace
{

using autograd::error::shape_error;
using autograd::error::value_error;

autograd::array<double> zeros(autograd::shape_view shape)
{
    autograd::array<double> result =
        autograd::array<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    std::fill_n(result.data(), result.size(), 0.0);
    return result;
}

template <class T>
void require_data(const autograd::array<T>& data)
{
    const autograd::shape_vector shape = detail::shape_of(data);
    if (shape.empty() || shape[0] == 0)
    {
        throw shape_error("standardizer", "the data are of shape ", shape, "; there must be a row along axis 0.");
    }
    detail::require_finite("standardizer", "data", data);
}

/// The variance of one feature from its sum of squared distances to the mean and their sum, which is 0 but for
/// rounding: Chan, Golub & LeVeque 1983, equation (1.7).
double variance_of(double squares, double distances, double count)
{
    return (squares - distances * distances / count) / count;
}

/// Whether the variance is no more than the rounding errors of the two passes can make out of 0.
bool is_rounding(double variance, double mean, double count)
{
    constexpr double eps = std::numeric_limits<double>::epsilon();
    const double mean_error = count * mean * eps;
    return variance <= count * eps * variance + mean_error * mean_error;
}

} // namespace

template <class T>
standardizer::standardizer(const autograd::array<T>& data)
{
    require_data(data);
    const autograd::shape_vector shape = detail::shape_of(data);
    const autograd::shape_vector features(shape.begin() + 1, shape.end());
    m_mean = zeros(features);
    m_scale = zeros(features);
    autograd::array<double> distances = zeros(features);
    const std::size_t width = m_mean.size();
    const auto count = static_cast<double>(shape[0]);
    for (std::size_t i = 0; i < data.size(); ++i)
    {
        m_mean.data()[i % width] += static_cast<double>(data.data()[i]);
    }
    std::transform(m_mean.data(), m_mean.data() + width, m_mean.data(), [&](double sum) { return sum / count; });
    for (std::size_t i = 0; i < data.size(); ++i)
    {
        const double distance = static_cast<double>(data.data()[i]) - m_mean.data()[i % width];
        distances.data()[i % width] += distance;
        m_scale.data()[i % width] += distance * distance;
    }
    for (std::size_t j = 0; j < width; ++j)
    {
        const double variance = variance_of(m_scale.data()[j], distances.data()[j], count);
        if (!std::isfinite(variance))
        {
            throw value_error("standardizer", "feature ", j, " is so large that its variance is ", variance,
                              "; scale it first.");
        }
        m_scale.data()[j] = is_rounding(variance, m_mean.data()[j], count) ? 1.0 : std::sqrt(variance);
    }
}

standardizer::standardizer(autograd::array<double> mean, autograd::array<double> scale)
    : m_mean(std::move(mean)), m_scale(std::move(scale))
{
    const autograd::shape_vector of_mean = detail::shape_of(m_mean);
    const autograd::shape_vector of_scale = detail::shape_of(m_scale);
    if (!(autograd::shape_view(of_mean) == autograd::shape_view(of_scale)))
    {
        throw shape_error("standardizer", "the mean is of shape ", of_mean, " and the scale of shape ", of_scale,
                          "; they must be the same.");
    }
    for (std::size_t j = 0; j < m_mean.size(); ++j)
    {
        if (!std::isfinite(m_mean.data()[j]) || !std::isfinite(m_scale.data()[j]) || m_scale.data()[j] == 0)
        {
            throw value_error("standardizer", "feature ", j, " has the mean ", m_mean.data()[j], " and the scale ",
                              m_scale.data()[j], "; both must be finite, and the scale not 0.");
        }
    }
}

template <class T, class F>
autograd::array<T> standardizer::mapped(const char* where, const autograd::array<T>& data, F f) const
{
    const autograd::shape_vector shape = detail::shape_of(data);
    const autograd::shape_vector learnt = detail::shape_of(m_mean);
    if (shape.empty() || !(autograd::shape_view(shape).slice(1, shape.size()) == autograd::shape_view(learnt)))
    {
        throw shape_error(where, "the data are of shape ", shape, ", but the features of shape ", learnt,
                          "; the axes behind the first must be the same.");
    }
    autograd::array<T> result = autograd::array<T>::from_shape(data.shape());
    for (std::size_t i = 0; i < data.size(); ++i)
    {
        const std::size_t j = i % m_mean.size();
        result.data()[i] = static_cast<T>(f(static_cast<double>(data.data()[i]), m_mean.data()[j], m_scale.data()[j]));
    }
    return result;
}

template <class T>
autograd::array<T> standardizer::transform(const autograd::array<T>& data) const
{
    return mapped("standardizer::transform", data,
                  [](double x, double mean, double scale) { return (x - mean) / scale; });
}

template <class T>
autograd::array<T> standardizer::inverse(const autograd::array<T>& data) const
{
    return mapped("standardizer::inverse", data, [](double x, double mean, double scale) { return x * scale + mean; });
}

template standardizer::standardizer(const autograd::array<float>&);
template standardizer::standardizer(const autograd::array<double>&);
template autograd::array<float> standardizer::transform(const autograd::array<float>&) const;
template autograd::array<double> standardizer::transform(const autograd::array<double>&) const;
template autograd::array<float> standardizer::inverse(const autograd::array<float>&) const;
template autograd::array<double> standardizer::inverse(const autograd::array<double>&) const;

} // namespace nn
