#include "tests/benchmarks/article_step_xtensor.hpp"

#include <xtensor-blas/xlinalg.hpp>

namespace article_step
{

article::arrays xtensor_gradient(const article::arrays& parameters, const xt::xarray<double>& points,
                                 const xt::xarray<double>& targets, double lambda)
{
    using matrix = xt::xtensor<double, 2>;
    using xt::linalg::dot;
    const auto& [W1, b1, W2, b2] = parameters;
    const matrix a1 = xt::tanh(dot(points, W1) + b1);
    const matrix z = dot(a1, W2) + b2;
    const matrix largest = xt::amax(z, {1}, xt::keep_dims);
    const matrix unscaled = xt::exp(z - largest);
    const matrix sums = xt::sum(unscaled, {1}, xt::keep_dims);
    const matrix d3 = unscaled / sums - targets;
    const matrix d2 = dot(d3, xt::transpose(W2)) * (1 - a1 * a1);
    return {dot(xt::transpose(points), d2) + lambda * W1, xt::sum(d2, {0}, xt::keep_dims),
            dot(xt::transpose(a1), d3) + lambda * W2, xt::sum(d3, {0}, xt::keep_dims)};
}

} // namespace article_step
