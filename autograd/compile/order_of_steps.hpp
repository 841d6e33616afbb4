#pragma once

#include "autograd/compile/schedule.hpp"

#include <map>
#include <vector>

namespace autograd
{

namespace detail
{

/// The values that steps make, in the order in which these are run.
struct order_of_steps
{
    std::vector<std::uint32_t> prologue; ///< what depends on constant inputs only
    std::vector<std::uint32_t> others;
    std::map<std::uint32_t, std::uint32_t> slopes; ///< of values the one that stands behind it: its slope (pairs.hpp)
    std::vector<std::uint32_t> cuts; ///< places among the others at which a loop begins, whatever stands before
};

/// The order of recording, but for what is made of inputs and known values alone, and what is small: that waits for the
/// first step that reads it, so that it does not take memory before, goes into the tiles of that, and stands between no
/// two steps of one loop. A slope goes with its value. And
/// what writes in the place of an input goes where it can first, between tiles, so that what it reads does not take
/// memory longer. `constant` says of each value whether it depends on constant inputs only, `replaces` of each output
/// which input it replaces (or the largest number).
template <class T>
order_of_steps order_steps(const schedule<T>& values, const std::vector<char>& constant,
                           const std::vector<std::uint32_t>& replaces);

/// Whether a run may end with the step that makes it.
template <class T>
bool may_refuse(const scheduled_value<T>& y)
{
    return y.origin == value_origin::computed && (y.op->throws || y.op->checks);
}

} // namespace detail

} // namespace autograd
