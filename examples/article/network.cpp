#include "examples/article/network.hpp"

#include "autograd/operations/operations.hpp"
#include "autograd/random/legacy_generator.hpp"

#include <cmath>

namespace article
{

using variable = autograd::variable<double>;

arrays initial_network(std::size_t hidden, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const auto scaled_normal = [&](std::size_t inputs, std::size_t outputs)
    {
        xt::xarray<double> weights = stream.randn({inputs, outputs});
        for (double& weight : weights)
        {
            weight /= std::sqrt(static_cast<double>(inputs));
        }
        return weights;
    };
    // Braces draw in this order.
    return {scaled_normal(2, hidden), zeros(1, hidden), scaled_normal(hidden, 2), zeros(1, 2)};
}

xt::xarray<double> zeros(std::size_t rows, std::size_t columns)
{
    xt::xarray<double> result = xt::xarray<double>::from_shape({rows, columns});
    result.fill(0.0);
    return result;
}

variables on_tape(autograd::tape<double>& tape, const arrays& parameters)
{
    return {tape.variable(parameters.W1), tape.variable(parameters.b1), tape.variable(parameters.W2),
            tape.variable(parameters.b2)};
}

activations forward(const variables& parameters, variable points)
{
    const variable z1 = matmul(points, parameters.W1) + parameters.b1;
    const variable a1 = tanh(z1);
    return {z1, a1, matmul(a1, parameters.W2) + parameters.b2};
}

variable scores(const variables& parameters, variable points)
{
    return forward(parameters, points).z2;
}

variable log_likelihoods(variable scores, autograd::indices<double> labels, logarithm form)
{
    return form == logarithm::of_softmax ? log(take_along_axis(softmax(scores, 1), labels, 1))
                                         : take_along_axis(log_softmax(scores, 1), labels, 1);
}

variable summed_loss(const variables& parameters, variable points, autograd::indices<double> labels, double lambda,
                     logarithm form)
{
    const variable logarithms = log_likelihoods(scores(parameters, points), labels, form);
    return penalty(parameters, lambda) - sum(logarithms);
}

} // namespace article
