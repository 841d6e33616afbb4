#include "examples/article/hand_derived.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace article
{

namespace
{

constexpr std::size_t classes = 2;

/// a1 = tanh(x W1 + b1) for one point.
void activate(const arrays& parameters, const double* x, std::vector<double>& a1)
{
    for (std::size_t h = 0; h < a1.size(); ++h)
    {
        a1[h] = std::tanh(x[0] * parameters.W1(0, h) + x[1] * parameters.W1(1, h) + parameters.b1(0, h));
    }
}

/// d3 = softmax(a1 W2 + b2) - onehot(label) for one point. The scores are shifted so that the larger one is 0: the
/// article's are not, and overflow.
void output_delta(const arrays& parameters, const std::vector<double>& a1, std::int64_t label, double (&d3)[classes])
{
    for (std::size_t c = 0; c < classes; ++c)
    {
        d3[c] = parameters.b2(0, c);
        for (std::size_t h = 0; h < a1.size(); ++h)
        {
            d3[c] += a1[h] * parameters.W2(h, c);
        }
    }
    const double largest = std::max(d3[0], d3[1]);
    for (double& score : d3)
    {
        score = std::exp(score - largest);
    }
    const double sum = d3[0] + d3[1];
    for (double& p : d3)
    {
        p /= sum;
    }
    d3[label] -= 1;
}

} // namespace

arrays hand_derived_gradient(const arrays& parameters, const nn::labelled_points& data, double lambda)
{
    const std::size_t hidden = parameters.W1.shape()[1];
    arrays slope{lambda * parameters.W1, zeros(1, hidden), lambda * parameters.W2, zeros(1, 2)};
    std::vector<double> a1(hidden);
    double d3[classes];
    for (std::size_t i = 0; i < data.labels.size(); ++i)
    {
        const double* x = data.points.data() + 2 * i;
        activate(parameters, x, a1);
        output_delta(parameters, a1, data.labels.data()[i], d3);
        for (std::size_t h = 0; h < hidden; ++h)
        {
            const double d2 = (d3[0] * parameters.W2(h, 0) + d3[1] * parameters.W2(h, 1)) * (1 - a1[h] * a1[h]);
            slope.W1(0, h) += x[0] * d2;
            slope.W1(1, h) += x[1] * d2;
            slope.b1(0, h) += d2;
            slope.W2(h, 0) += a1[h] * d3[0];
            slope.W2(h, 1) += a1[h] * d3[1];
        }
        slope.b2(0, 0) += d3[0];
        slope.b2(0, 1) += d3[1];
    }
    return slope;
}

double relative_difference(const xt::xarray<double>& a, const xt::xarray<double>& b)
{
    double difference = 0;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        difference = std::max(difference, std::abs(a.data()[i] - b.data()[i]));
        largest = std::max({largest, std::abs(a.data()[i]), std::abs(b.data()[i])});
    }
    return largest == 0 ? 0 : difference / largest;
}

double relative_difference(const arrays& a, const arrays& b)
{
    return std::max({relative_difference(a.W1, b.W1), relative_difference(a.b1, b.b1), relative_difference(a.W2, b.W2),
                     relative_difference(a.b2, b.b2)});
}

} // namespace article
