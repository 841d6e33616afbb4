#pragma once

#include "autograd/tape/xtensor.hpp"

#include <functional>

namespace autograd
{
template <class T>
class tape;
}

namespace gradbench
{

/// What inputs and outputs are made of.
using array = autograd::array<double>;

/// A function of an eval as a program. It was recorded and compiled for an input, of which it has the structure: the
/// extents, and what the eval says beside them. It takes any input of that structure, and writes the output, whose
/// memory it uses again where it fits.
template <class Input, class Output>
using compiled = std::function<void(const Input& in, Output& out)>;

} // namespace gradbench
