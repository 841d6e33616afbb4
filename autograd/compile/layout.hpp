#pragma once

#include "autograd/compile/schedule.hpp"

#include <vector>

namespace autograd
{

namespace detail
{

/// Arrays that belong together and were laid out otherwise than they were recorded.
struct transposed_arrays
{
    std::size_t rows;       ///< of each, as recorded
    std::size_t arrays;     ///< that are computed so
    std::size_t gained;     ///< elements of these that are summed, multiplied and repeated along their rows
    std::size_t transposed; ///< elements that are transposed for it in each run
};

/// Stores values of many rows and few columns transposed where that pays, so that the long side is the innermost: then
/// elementwise operations, sums, products and softmax go along it. What is made of such values is made of them as they
/// are (the table in layout.cpp); where an operation has no such form, and for inputs and outputs, they are transposed.
/// Values that go together are laid out alike, where the elements that gain by it outweigh those that are transposed.
/// Sums and products add up in another order. `constant` tells the inputs that are the same in all runs: to transpose
/// what depends on these alone costs nothing.
template <class T>
std::vector<transposed_arrays> store_tall_transposed(schedule<T>& steps, const std::vector<std::size_t>& constant);

} // namespace detail

} // namespace autograd
