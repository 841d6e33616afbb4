#pragma once

#include "autograd/operations/recorded.hpp"

/// What is 0 by how it was recorded, whatever the values are. A cotangent that came through a view of some columns is 0
/// in the others since nothing flows there; zeros among its numbers prove nothing of the kind.
namespace autograd::detail
{

/// An array of the shape of x that is 0 where x is by structure, and positive elsewhere; empty where nothing of x is
/// known to be 0. It is constant but for integers that tell places. Structure is followed back through operations that
/// are linear or bilinear, and through sums, as far as a few dozen instructions.
template <class T>
variable<T> structure_of(variable<T> x);

} // namespace autograd::detail
