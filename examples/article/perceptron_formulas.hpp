#pragma once

#include "examples/article/certified_table.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// The formulas of part 1, the perceptron, beside the tape's of L = 1/2 sum (z - t)^2.
namespace article
{

/// Those that the article states, and those that its code computes: sigmoid(z) (1 - sigmoid(z)) with z = sigmoid(a).
/// Points, targets, weights and bias are variables.
std::vector<formula> perceptron_formulas(autograd::tape<double>& tape, std::size_t samples, std::size_t inputs,
                                         std::int64_t seed);

} // namespace article
