#pragma once

#include "nn/in_pytorch.hpp"
#include "nn/initialization.hpp"
#include "nn/module.hpp"

namespace nn
{

namespace detail
{
template <class T>
autograd::variable<T> looked_up(autograd::indices<T> i, autograd::variable<T> table, autograd::location where);
}

/// One row of a table for each integer: words, categories.
///
/// Shapes: weight (count, size), i (...), y (..., size). Gradient: to each row the sum of g where it was looked up;
/// none to i. In training, a step may cost what its rows cost: see take_step. Throws index_error for an integer that is
/// not in [0, count), shape_error for a weight that is no matrix.
template <class Leaf>
struct embedding
{
    Leaf weight;
    NN_MEMBERS(weight)
    static constexpr std::array in_pytorch{pytorch::same("weight")};

    template <class T>
    autograd::variable<T> operator()(autograd::indices<T> i,
                                     autograd::location where = autograd::location::current()) const
    {
        return detail::looked_up(i, weight, where);
    }
};

/// A table of `count` rows; by default standard normal.
template <class T = double>
embedding<autograd::array<T>> make_embedding(std::size_t count, std::size_t size, random_stream& stream,
                                             const initializer& weight = init::normal(0, 1));

} // namespace nn
