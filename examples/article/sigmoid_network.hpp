#pragma once

#include "autograd/tape/tape.hpp"
#include "examples/article/certified_table.hpp"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

/// The network that part 2 of the article differentiates by hand, and its formulas.
namespace article
{

/// One hidden layer, named as in the article: w and b_w lead from the inputs to the hidden layer, u and b_u on to the
/// outputs.
template <class Leaf>
struct sigmoid_network
{
    Leaf w;   ///< shape (I, H)
    Leaf b_w; ///< shape (1, H)
    Leaf u;   ///< shape (H, K)
    Leaf b_u; ///< shape (1, K)

    auto members() { return std::tie(w, b_w, u, b_u); }
    auto members() const { return std::tie(w, b_w, u, b_u); }
};

sigmoid_network<autograd::variable<double>> on_tape(autograd::tape<double>& tape,
                                                    const sigmoid_network<xt::xarray<double>>& p);

/// What the network computes of one point, step by step: h = sigmoid(a_h), y = sigmoid(a_y), L = 1/2 sum (y - t)^2.
struct sigmoid_pass
{
    autograd::variable<double> a_h; ///< shape (1, H)
    autograd::variable<double> h;   ///< shape (1, H)
    autograd::variable<double> a_y; ///< shape (1, K)
    autograd::variable<double> y;   ///< shape (1, K)
    autograd::variable<double> L;   ///< shape ()
};
sigmoid_pass forward(const sigmoid_network<autograd::variable<double>>& p, autograd::variable<double> x,
                     autograd::variable<double> t);

/// Units in each layer.
struct layer_sizes
{
    std::size_t inputs;
    std::size_t hidden;
    std::size_t outputs;
};

/// All formulas of the article for a network of these sizes, recorded index by index as they are printed, beside what
/// the tape makes of forward(). Point, target, weights and learning rate are variables.
std::vector<formula> sigmoid_formulas(autograd::tape<double>& tape, const layer_sizes& sizes, std::int64_t seed);

} // namespace article
