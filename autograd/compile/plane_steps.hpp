#pragma once

#include "autograd/compile/schedule.hpp"
#include "autograd/kernels/planes.hpp"

/// Steps of loops over tiles that are no elementwise operations, but done column by column of arrays of planes:
/// products of planes, softmax along them. Their operands are such arrays, or others that are read as a whole.
namespace autograd
{

namespace detail
{

/// The most operands of such a step.
inline constexpr std::size_t most_operands_of_planes = 3;

/// What such a step is given: the columns in hand of operands that are planes, and all of the others.
template <class T>
struct plane_call
{
    const kernels::planes<const T>* operands;
    kernels::planes<T> result;
    std::size_t operand_planes; ///< of the first operand in hand
    std::size_t result_planes;
    std::size_t count; ///< of columns
    const void* attributes;
};

/// How an operation is done so.
template <class T>
struct plane_form
{
    std::uint64_t in_hand; ///< bit k: operand k is an array of planes
    bool sums;             ///< it is dots_of_planes, which adds up
    void (*run)(const plane_call<T>& call, std::size_t operand_count);

    bool reads_in_hand(std::size_t operand) const { return ((in_hand >> operand) & 1) != 0; }
};

/// That of the operation of a step of planes; null for all others.
template <class T>
const plane_form<T>* plane_form_of(const schedule<T>& steps, const scheduled_value<T>& y);

} // namespace detail

} // namespace autograd
