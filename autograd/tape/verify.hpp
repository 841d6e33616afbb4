#pragma once

#include "autograd/tape/tape.hpp"

namespace autograd
{

/// Checks every invariant of a tape: operands precede their instruction, extents and sizes agree, shapes are those of
/// the shape rules, elementwise operands have the shape of their result, values are there exactly when the tape keeps
/// them. Throws tape_error naming the instruction. For tests and for those who write transforms.
template <class T>
void verify(const tape<T>& tape);

} // namespace autograd
