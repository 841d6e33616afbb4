#pragma once

#include "examples/article/certified_table.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// The formulas of part 2's code: tanh, softmax, cross-entropy, and a penalty on the weights.
namespace article
{

/// Of which loss the code's formulas are said to be the gradient.
enum class loss_of_part_2
{
    printed,          ///< (1/N) (sum_i -log p_i,y_i + lambda/2 (sum W1^2 + sum W2^2)), as the code prints it
    summed,           ///< N times that
    mean_and_penalty, ///< (1/N) sum_i -log p_i,y_i + lambda/2 (sum W1^2 + sum W2^2), as others have it
};

/// The code's probabilities and the loss that it prints, beside the library's, for N moons and a hidden layer of H
/// units. Points, weights and lambda are variables; labels are as they are.
std::vector<formula> loss_formulas(autograd::tape<double>& tape, std::size_t samples, std::size_t hidden,
                                   std::int64_t seed);

/// The code's formulas for the gradient beside what the tape makes of a loss.
std::vector<formula> gradient_formulas(autograd::tape<double>& tape, loss_of_part_2 loss, std::size_t samples,
                                       std::size_t hidden, std::int64_t seed);

} // namespace article
