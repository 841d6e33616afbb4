#pragma once

#include "autograd/tape/tape.hpp"

#include <string_view>
#include <vector>

namespace autograd
{

/// Which operands count as a connection.
enum class edges
{
    all,           ///< every operand
    differentiable ///< those with a declared derivative
};

/// Whether y depends on x along such edges.
template <class T>
bool depends_on(variable<T> y, variable<T> x, edges along);

/// Marks, in [first, last], what the instruction `last` depends on.
template <class T>
std::vector<char> needed_for(const tape<T>& tape, std::uint32_t first, std::uint32_t last);

/// Throws not_differentiable: input number k is not connected to y, and why.
template <class T>
[[noreturn]] void throw_unconnected(variable<T> y, variable<T> x, std::size_t k, std::string_view caller);

} // namespace autograd
