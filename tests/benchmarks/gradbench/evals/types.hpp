#pragma once

#include "autograd/tape/xtensor.hpp"

namespace autograd
{
template <class T>
class tape;
}

namespace gradbench
{

/// What inputs and outputs are made of.
using array = autograd::array<double>;

} // namespace gradbench
