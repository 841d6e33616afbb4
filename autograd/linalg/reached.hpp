#pragma once

#include "autograd/linalg/matrices.hpp"

/// Which elements of a result something flows back from, whatever the numbers are: what is taken of a factorization
/// decides what its derivative must refuse. Numbers cannot tell: those of a cotangent may be 0 by chance, and what is
/// missing then shows in the derivative.
namespace autograd::detail
{

/// 1 where g, a cotangent, may hold something, and 0 where it is 0 because of what was recorded: outside of the parts
/// that were taken (slices, gathered elements), however these were put together. Empty where that is nowhere.
template <class T>
variable<T> reached_elements(variable<T> g);

/// The same for the rows of the last two axes of g. Shape: that of g without the last axis. Empty where all are
/// reached.
template <class T>
variable<T> reached_rows(variable<T> g);

} // namespace autograd::detail
