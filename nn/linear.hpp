#pragma once

#include "nn/in_pytorch.hpp"
#include "nn/initialization.hpp"
#include "nn/module.hpp"

namespace nn
{

namespace detail
{
template <class T>
autograd::variable<T> affine(autograd::variable<T> x, autograd::variable<T> weight,
                             const std::optional<autograd::variable<T>>& bias, autograd::location where);
}

/// y = x W + b, along the last axis of x.
///
/// Shapes: x (..., inputs), weight (inputs, outputs), bias (outputs), y (..., outputs). The weight is the transpose of
/// PyTorch's. Gradient: G W^T to x, x^T G to W, the sum of G over all but the last axis to b.
/// Throws shape_error where the shapes do not fit.
template <class Leaf>
struct linear
{
    Leaf weight;
    std::optional<Leaf> bias;
    NN_MEMBERS(weight, bias)
    static constexpr std::array in_pytorch{pytorch::transposed("weight")};

    Leaf operator()(Leaf x, autograd::location where = autograd::location::current()) const
    {
        return detail::affine(x, weight, bias, where);
    }
};

/// A linear layer of arrays. The bias is drawn after the weight; std::nullopt for none.
template <class T = double>
linear<autograd::array<T>> make_linear(std::size_t inputs, std::size_t outputs, random_stream& stream,
                                       const initializer& weight = init::glorot_uniform(),
                                       const std::optional<initializer>& bias = init::zeros());

} // namespace nn
