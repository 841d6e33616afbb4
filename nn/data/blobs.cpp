#include "nn/data/blobs.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"
#include "nn/data/rows.hpp"

#include <algorithm>
#include <cmath>

namespace nn
{

namespace
{

using autograd::error::shape_error;
using autograd::error::value_error;

void require_deviation(double deviation)
{
    if (!(std::isfinite(deviation) && deviation >= 0))
    {
        throw value_error("make_blobs", "a deviation is ", deviation,
                          "; a standard deviation must be finite and not negative.");
    }
}

void require_blobs(const autograd::array<double>& centers, const std::vector<double>& deviations)
{
    const autograd::shape_vector shape(centers.shape().begin(), centers.shape().end());
    if (shape.size() != 2 || centers.size() == 0)
    {
        throw shape_error("make_blobs", "the centers are of shape ", shape,
                          "; they must be the rows of a matrix, one at least.");
    }
    if (deviations.size() != shape[0])
    {
        throw shape_error("make_blobs", "there are ", shape[0], " centers and ", deviations.size(),
                          " deviations; there must be one for each.");
    }
    std::ranges::for_each(deviations, require_deviation);
    if (!std::all_of(centers.data(), centers.data() + centers.size(), [](double x) { return std::isfinite(x); }))
    {
        throw value_error("make_blobs", "a coordinate of a center is not finite; all must be.");
    }
}

} // namespace

labelled_points make_blobs(std::size_t count, const autograd::array<double>& centers,
                           const std::vector<double>& deviations, autograd::random::legacy_generator& stream)
{
    require_blobs(centers, deviations);
    const std::size_t classes = centers.shape()[0];
    const std::size_t dimension = centers.shape()[1];

    auto points = detail::allocated<double>({count, dimension}, "make_blobs");
    auto labels = detail::allocated<std::int64_t>({count}, "make_blobs");
    double* point = points.data();
    std::int64_t* label = labels.data();
    for (std::size_t k = 0; k < classes; ++k)
    {
        const double* const center = centers.data() + k * dimension;
        const std::size_t members = count / classes + (k < count % classes ? 1 : 0);
        for (std::size_t i = 0; i < members; ++i)
        {
            point = std::transform(center, center + dimension, point,
                                   [&](double mean) { return stream.normal(mean, deviations[k]); });
            *label++ = static_cast<std::int64_t>(k);
        }
    }
    const autograd::array<std::int64_t> order = stream.permutation(count);
    return {take_rows(points, order), take_rows(labels, order)};
}

labelled_points make_blobs(std::size_t count, std::size_t classes, std::size_t dimension, double deviation,
                           autograd::random::legacy_generator& stream)
{
    if (classes == 0 || dimension == 0)
    {
        throw value_error("make_blobs", "there are ", classes, " classes in ", dimension,
                          " dimensions; there must be one of each at least.");
    }
    require_deviation(deviation);
    detail::allocated<double>({count, dimension}, "make_blobs"); // throws before the stream moves, if at all
    const autograd::array<double> centers = stream.uniform(-10.0, 10.0, {classes, dimension});
    return make_blobs(count, centers, std::vector<double>(classes, deviation), stream);
}

} // namespace nn
