#pragma once

#include "autograd/compile/program.hpp"
#include "autograd/display/text.hpp"

#include <string>

namespace autograd
{

/// What a program computes, as a listing of what a recording would be (display/text.hpp): inputs and outputs by the
/// names that they had, else as %1, and the operations that are left of those recorded.
template <class T>
std::string to_text(const program<T>& of, const text_options& options = {});

/// The same as a graph in the DOT language.
template <class T>
std::string to_dot(const program<T>& of);

/// What a program is, in a few lines: inputs and outputs, and what replaces what; how many steps, in how many groups,
/// which go tile by tile, which are done side by side, and which two are one kernel; bytes of the arena, and the least
/// that there can be; inputs that nothing reads; what was known when it was recorded, with the lines; checks and
/// decisions, with theirs; and where values were read while recording, since a branch on them is frozen.
template <class T>
std::string explain(const program<T>& of);

} // namespace autograd
