// The functions of user_functions.cpp in libtorch, with the header that its tutorials include.

#include <torch/torch.h>

using torch::Tensor;

Tensor mean_squared_error(const Tensor& prediction, const Tensor& target)
{
    return mean(square(prediction - target));
}

Tensor cross_entropy(const Tensor& scores, const Tensor& labels)
{
    return -mean(log_softmax(scores, 1).gather(1, labels));
}

Tensor softmax_layer(const Tensor& x, const Tensor& weight, const Tensor& bias)
{
    return softmax(matmul(x, weight) + bias, 1);
}

Tensor two_layers(const Tensor& x, const Tensor& first, const Tensor& second)
{
    return matmul(tanh(matmul(x, first)), second);
}

Tensor slope_of_regularised_loss(const Tensor& x, const Tensor& weight, const Tensor& target)
{
    const Tensor loss = mean_squared_error(sigmoid(matmul(x, weight)), target) + 0.01 * sum(square(weight));
    return torch::autograd::grad({loss}, {weight})[0];
}
