// The slope of |p - c|^2 by c is 2 (c - p), and its second derivative 2: so the direction is what the centroid is away
// from the mean of its points.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>
#include <vector>

namespace gradbench::by_hand
{

namespace
{

/// Calls f(point, number of the nearest centroid, squared distance to it) for all points.
template <class F>
void for_each_point(const kmeans::input& in, F f)
{
    const std::size_t n = in.points.shape()[0], d = in.points.shape()[1], k = in.centroids.shape()[0];
    std::vector<double> by_coordinate(d * k), squared(k); // the centroids, so that loops go over many of them
    for (std::size_t c = 0; c < k; ++c)
    {
        for (std::size_t j = 0; j < d; ++j)
        {
            by_coordinate[j * k + c] = in.centroids.data()[c * d + j];
        }
    }
    for (std::size_t i = 0; i < n; ++i)
    {
        const double* const point = in.points.data() + i * d;
        std::fill(squared.begin(), squared.end(), 0.0);
        for (std::size_t j = 0; j < d; ++j)
        {
            const double* const coordinate = &by_coordinate[j * k];
            for (std::size_t c = 0; c < k; ++c)
            {
                const double distance = point[j] - coordinate[c];
                squared[c] += distance * distance;
            }
        }
        const auto least = std::min_element(squared.begin(), squared.end());
        f(point, static_cast<std::size_t>(least - squared.begin()), *least);
    }
}

} // namespace

double primal(const kmeans::input& in)
{
    double cost = 0;
    for_each_point(in, [&](const double*, std::size_t, double squared) { cost += squared; });
    return cost;
}

array derivative(const kmeans::input& in)
{
    const std::size_t d = in.points.shape()[1], k = in.centroids.shape()[0];
    array slope = xt::zeros_like(in.centroids);
    std::vector<double> curvature(k, 0.0);
    for_each_point(in,
                   [&](const double* point, std::size_t nearest, double)
                   {
                       const double* const centroid = in.centroids.data() + nearest * d;
                       for (std::size_t j = 0; j < d; ++j)
                       {
                           slope.data()[nearest * d + j] += 2 * (centroid[j] - point[j]);
                       }
                       curvature[nearest] += 2;
                   });
    for (std::size_t i = 0; i < k * d; ++i)
    {
        slope.data()[i] /= curvature[i / d];
    }
    return slope;
}

} // namespace gradbench::by_hand
