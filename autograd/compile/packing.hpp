#pragma once

#include "autograd/compile/schedule.hpp"

namespace autograd
{

namespace detail
{

/// How many steps were laid side by side, and in how many they are done.
struct packing
{
    std::size_t steps = 0;
    std::size_t packs = 0;
};

/// Lays steps of single numbers side by side that do the same and do not wait for each other: sixty products are one
/// product of sixty numbers. Results are the same, bit for bit, since an elementwise operation computes each element by
/// itself. Where operands do not stand side by side already, a step before copies them there. The order of steps
/// becomes one in which each stands behind what it is made of; that of steps which may refuse values stays. `constant`
/// says of each value whether it depends on constant inputs only: those are never laid beside others. So does it then
/// of the values that there are.
template <class T>
packing pack(schedule<T>& steps, std::vector<char>& constant);

} // namespace detail

} // namespace autograd
