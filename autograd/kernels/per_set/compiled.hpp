#pragma once

#include "autograd/kernels/instruction_set.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Kernels, a table of pointers to functions, as they are compiled for this instruction set. The sources of this
/// folder, and those that the build writes for the rules of element-wise operations, define `kernels` for tables of
/// theirs. That is all which other sources see of them (kernels/dispatch.hpp): after compilation the build makes every
/// other symbol local to its object, so that no function that happens to be compiled here, of the standard library say,
/// stands in for the same one elsewhere, where the machine may not have the instructions for it.
template <class Kernels>
struct compiled
{
    static const Kernels kernels;
};

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
