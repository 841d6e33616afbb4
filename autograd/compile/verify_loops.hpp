#pragma once

#include "autograd/compile/compiled.hpp"

namespace autograd
{

namespace detail
{

/// Throws tape_error where a loop over tiles does not go through the arrays of a step as their shapes, strides and
/// summed axes tell. What it expects it finds by itself, axis by axis: an axis lies within planes, rows or elements of
/// the loop, and the way from one of its elements to the next must be that of memory.
template <class T>
void verify_loops(const compiled<T>& what);

} // namespace detail

} // namespace autograd
