#pragma once

#include "autograd/compile/compiled.hpp"

#include <span>
#include <vector>

namespace autograd
{

namespace detail
{

/// The program as a recording again: appended to a tape, of inputs on that tape; returns the outputs. What a step
/// reads is found by its address: whatever was last written there. So what comes out is what a run computes, whatever
/// the plan was meant to be, and can be compared with what was recorded. Steps in tiles are gone through twice, as for
/// two tiles. Attributes are those of the program, which has to last as long as the recording.
///
/// Throws tape_error where a step reads memory that nothing was written to, or only a part of it, where it writes over
/// what it reads and may not, where a second tile would read something else than the first, and what verify_loops
/// throws.
template <class T>
std::vector<handle<T>> decode(const compiled<T>& what, tape<T>& on, std::span<const handle<T>> inputs);

/// Goes through the addresses in the same way. Throws tape_error where a step, or what copies outputs, reads another
/// value than it is meant to.
template <class T>
void verify(const compiled<T>& what);

/// Inputs of the program's shapes and names, for a tape that records shapes.
template <class T>
std::vector<handle<T>> inputs_of_shapes(const compiled<T>& what, tape<T>& on);

} // namespace detail

} // namespace autograd
