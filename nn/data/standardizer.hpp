#pragma once

#include "autograd/tape/xtensor.hpp"

namespace nn
{

/// Brings features to mean 0 and standard deviation 1: (x - mean) / scale, feature by feature, with the mean and the
/// (biased) standard deviation over axis 0 of the data that it was made from. A feature that is constant there, up to
/// the rounding of its variance, has scale 1. As scikit-learn's StandardScaler; the variance is taken in two corrected
/// passes (T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", 1983), in double.
///
/// The data have shape (N, ...): all axes but the first are features. T is float or double.
class standardizer
{
public:
    /// Takes mean and scale of the data. Throws autograd::error::shape_error unless there is an axis and a row,
    /// value_error if an element or a variance is not finite.
    template <class T>
    explicit standardizer(const autograd::array<T>& data);

    /// Goes on with given ones. Throws autograd::error::shape_error if their shapes differ, value_error if one is not
    /// finite or a scale is 0.
    standardizer(autograd::array<double> mean, autograd::array<double> scale);

    const autograd::array<double>& mean() const { return m_mean; }
    const autograd::array<double>& scale() const { return m_scale; }

    /// (data - mean) / scale. Throws autograd::error::shape_error unless the features are of the shape that was learnt.
    template <class T>
    autograd::array<T> transform(const autograd::array<T>& data) const;

    /// data * scale + mean: what transform took. Throws autograd::error::shape_error as transform does.
    template <class T>
    autograd::array<T> inverse(const autograd::array<T>& data) const;

private:
    template <class T, class F>
    autograd::array<T> mapped(const char* where, const autograd::array<T>& data, F f) const;

    autograd::array<double> m_mean;
    autograd::array<double> m_scale;
};

} // namespace nn
