#pragma once

#include "autograd/differentiate/differentiate.hpp"

namespace autograd
{

namespace detail
{
/// Which operands count as a connection.
enum class edges
{
    all,           ///< every operand
    differentiable ///< those with a declared derivative
};

/// Marks, in [first, last], what the instruction `last` depends on, itself included. Empty when last < first.
template <class T>
std::vector<char> needed_for(const tape<T>& tape, std::uint32_t first, std::uint32_t last, edges along = edges::all);

/// The operation of the first instruction, on a path from `first` to `last`, that has no derivative by the operand that
/// the path comes in by; null where all of them have one.
template <class T>
const operation<T>* obstacle(const tape<T>& tape, std::uint32_t first, std::uint32_t last);

/// Checks the inputs of a derivative, in the name of how.caller. Throws tape_error when y or one of xs is empty or
/// stale or when they live on different tapes; and, unless how.policy allows it, not_differentiable for the first of xs
/// that y does not depend on, with the reason.
template <class T>
void require_connected(variable<T> y, std::span<const variable<T>> xs, const differentiation& how);
} // namespace detail

} // namespace autograd
