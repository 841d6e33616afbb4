#pragma once

#include "autograd/prove/exact_array.hpp"
#include "autograd/tape/operation.hpp"

#include <span>

/// Linear and bilinear rules on exact arrays, by their own kernels: residues are cut into limbs that are integers small
/// enough for every sum to be exact in double, so what is proved is what the kernel computes. Sums of limbs are put
/// together modulo the prime.
namespace autograd::prove
{

/// What a kernel is called with.
struct kernel_call
{
    const operation<double>& op;
    const void* attributes;
    std::span<const exact_array* const> operands;
    shape_vector shape;
};

/// One run of a kernel, on plain numbers, with scratch of its own.
void run_kernel(const operation<double>& op, evaluation<double> call);

/// The rule applied to all its real operands at once; the others are integers.
exact_array apply_linear(const kernel_call& call);
/// The rule applied to its two operands.
exact_array apply_bilinear(const kernel_call& call);
/// The rule on the numbers alone: for results that are integers, or made of integers.
exact_array apply_to_numbers(const kernel_call& call);

} // namespace autograd::prove
