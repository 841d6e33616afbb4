// What a user writes: five functions on variables, in a file of its own.

#include <autograd/autograd.hpp>

using autograd::variable;

variable<double> mean_squared_error(variable<double> prediction, variable<double> target)
{
    return mean(square(prediction - target));
}

variable<double> cross_entropy(variable<double> scores, autograd::indices<double> labels)
{
    return -mean(take_along_axis(log_softmax(scores, 1), labels, 1));
}

variable<double> softmax_layer(variable<double> x, variable<double> weight, variable<double> bias)
{
    return softmax(matmul(x, weight) + bias, 1);
}

variable<double> two_layers(variable<double> x, variable<double> first, variable<double> second)
{
    return matmul(tanh(matmul(x, first)), second);
}

variable<double> slope_of_regularised_loss(variable<double> x, variable<double> weight, variable<double> target)
{
    const auto loss = mean_squared_error(sigmoid(matmul(x, weight)), target) + 0.01 * sum(square(weight));
    return gradient(loss, weight);
}
