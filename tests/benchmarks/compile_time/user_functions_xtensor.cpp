// The functions of user_functions.cpp on xtensor's arrays; the last gives the loss, since xtensor has no derivatives.

#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>

using array = xt::xarray<double>;

double mean_squared_error(const array& prediction, const array& target)
{
    return xt::mean(xt::square(prediction - target))();
}

double cross_entropy(const array& scores, const xt::xarray<std::size_t>& labels)
{
    const array shifted = scores - xt::amax(scores, {1}, xt::keep_dims);
    const array log_p = shifted - xt::log(xt::sum(xt::exp(shifted), {1}, xt::keep_dims));
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
    {
        sum += log_p(i, labels(i));
    }
    return -sum / static_cast<double>(labels.size());
}

array softmax_layer(const array& x, const array& weight, const array& bias)
{
    const array scores = xt::linalg::dot(x, weight) + bias;
    const array unscaled = xt::exp(scores - xt::amax(scores, {1}, xt::keep_dims));
    return unscaled / xt::sum(unscaled, {1}, xt::keep_dims);
}

array two_layers(const array& x, const array& first, const array& second)
{
    return xt::linalg::dot(xt::tanh(xt::linalg::dot(x, first)), second);
}

double regularised_loss(const array& x, const array& weight, const array& target)
{
    const array prediction = 1 / (1 + xt::exp(-xt::linalg::dot(x, weight)));
    return mean_squared_error(prediction, target) + 0.01 * xt::sum(xt::square(weight))();
}
