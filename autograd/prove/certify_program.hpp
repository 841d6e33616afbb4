#pragma once

#include "autograd/compile/program.hpp"
#include "autograd/prove/certify.hpp"

#include <initializer_list>

namespace autograd
{

/// Whether a program computes what was recorded: inputs and outputs are those that it was compiled from, on a tape that
/// still stands. All inputs of real numbers are drawn, be they variables or constants there; indices are as recorded.
/// What the program computes is read off its addresses, so that the proof holds for rewrites, lifetimes, tiles and
/// replacements; not for rounding and machine code. Outputs of integers are not compared: with some among them the
/// outcome is not decided at best. Throws value_error, shape_error for inputs and outputs that are not those of the
/// program by number, shape and kind, and what certify_equal throws.
template <class T>
certificate certify_program(const program<T>& f, std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
                            const certify_options& options = {});
template <class T>
certificate certify_program(const program<T>& f, std::initializer_list<std::type_identity_t<handle<T>>> inputs,
                            std::initializer_list<std::type_identity_t<handle<T>>> outputs,
                            const certify_options& options = {})
{
    return certify_program(f, std::span<const handle<T>>(inputs.begin(), inputs.size()),
                           std::span<const handle<T>>(outputs.begin(), outputs.size()), options);
}

} // namespace autograd
