#pragma once

#include "autograd/compile/order_of_steps.hpp"
#include "autograd/compile/schedule.hpp"

namespace autograd
{

namespace detail
{

/// What is computed again, or only where it is read: how many steps, and how many bytes of arrays are not stored.
struct recomputation
{
    std::size_t steps = 0;
    std::size_t bytes = 0;
};

/// Computes arrays of so many bytes again in the loops that read them later, rather than to store them: where they are
/// made of others that are much smaller, as the terms of sum_ij f(x_i, y_j) are of x and y, by few steps. So the
/// gradient of the logarithm of such a sum, which needs the sum first, takes memory for x and y alone. Results are the
/// same, bit for bit: the same steps compute them. `constant` says of each value whether it depends on constant inputs
/// only; this and the order are then of the values that there are.
template <class T>
recomputation recompute(schedule<T>& steps, std::vector<char>& constant, order_of_steps& order,
                        std::size_t least_bytes);

} // namespace detail

} // namespace autograd
