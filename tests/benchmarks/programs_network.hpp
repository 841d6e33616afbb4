#pragma once

#include "tests/benchmarks/programs.hpp"

/// A step of gradient descent of a network of relu on pictures.
namespace programs
{

/// Inputs: images, targets, and a weight and a bias for each layer; outputs: weights and biases after a step.
inline variables<float> network_pass(const variables<float>& x)
{
    autograd::variable<float> y = x[0];
    for (std::size_t k = 2; k < x.size(); k += 2)
    {
        y = matmul(y, x[k]) + x[k + 1];
        y = k + 2 < x.size() ? relu(y) : y;
    }
    const auto loss = -mean(sum(x[1] * log_softmax(y, 1), 1));
    const variables<float> parameters(x.begin() + 2, x.end());
    const variables<float> slopes = gradient(loss, parameters);
    variables<float> result;
    for (std::size_t k = 0; k < parameters.size(); ++k)
    {
        result.push_back(parameters[k] - rate * slopes[k]);
    }
    return result;
}

inline arrays<float> network_inputs(std::size_t batch)
{
    arrays<float> result{shaped(network_numbers(batch * layers[0], image_scale), {batch, layers[0]}),
                         shaped(network_targets(batch), {batch, layers[3]})};
    for (std::size_t k = 0; k < 3; ++k)
    {
        for (const std::size_t rows : {layers[k], std::size_t{1}})
        {
            result.push_back(shaped(network_numbers(rows * layers[k + 1], parameter_scale), {rows, layers[k + 1]}));
        }
    }
    return result;
}

} // namespace programs
