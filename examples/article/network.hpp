#pragma once

#include "autograd/operations/operations.hpp"
#include "autograd/tape/tape.hpp"

#include <cstdint>
#include <tuple>

namespace article
{

/// What a network of one hidden layer consists of: arrays that are trained and kept, variables that are computed with,
/// or the slope of a loss along each of them.
template <class Leaf>
struct network
{
    Leaf W1; ///< shape (2, H)
    Leaf b1; ///< shape (1, H)
    Leaf W2; ///< shape (H, 2)
    Leaf b2; ///< shape (1, 2)

    auto members() { return std::tie(W1, b1, W2, b2); }
    auto members() const { return std::tie(W1, b1, W2, b2); }
};

using arrays = network<xt::xarray<double>>;
using variables = network<autograd::variable<double>>;

/// The weights that the article starts from, NumPy's to the last bit; the biases are 0:
///
///     np.random.seed(seed); W1 = randn(2, H) / sqrt(2); W2 = randn(H, 2) / sqrt(H)
arrays initial_network(std::size_t hidden, std::int64_t seed);

/// An array of zeros of the given shape.
xt::xarray<double> zeros(std::size_t rows, std::size_t columns);

/// The same network with its arrays recorded as variables.
variables on_tape(autograd::tape<double>& tape, const arrays& parameters);

/// What the network computes of some points, step by step: z1 = X W1 + b1, a1 = tanh(z1), z2 = a1 W2 + b2.
struct activations
{
    autograd::variable<double> z1; ///< shape (N, H)
    autograd::variable<double> a1; ///< shape (N, H)
    autograd::variable<double> z2; ///< shape (N, 2)
};
activations forward(const variables& parameters, autograd::variable<double> points);

/// The scores of both classes for each point: z2 of forward(). Shape: (N, 2).
autograd::variable<double> scores(const variables& parameters, autograd::variable<double> points);

/// How the logarithms of the probabilities come about.
enum class logarithm
{
    of_softmax, ///< as the article has it: of a probability that underflows to 0 it is -inf
    fused       ///< one operation, finite for all finite scores
};

/// log p_i,y_i for each point, of the scores. Shape: (N, 1).
autograd::variable<double> log_likelihoods(autograd::variable<double> scores, autograd::indices<double> labels,
                                           logarithm form = logarithm::of_softmax);

/// lambda/2 (sum W1^2 + sum W2^2), where lambda is a number or a variable.
template <class Number>
autograd::variable<double> penalty(const variables& parameters, const Number& lambda)
{
    return lambda / 2 * (sum(square(parameters.W1)) + sum(square(parameters.W2)));
}

/// The loss whose gradient the article descends, a sum over the points:
///
///     sum_i -log p_i,y_i  +  lambda/2 (sum W1^2 + sum W2^2),    p = softmax(scores) by rows
///
/// Shapes: points (N, 2), labels (N, 1), the result ().
autograd::variable<double> summed_loss(const variables& parameters, autograd::variable<double> points,
                                       autograd::indices<double> labels, double lambda,
                                       logarithm form = logarithm::of_softmax);

} // namespace article
