#pragma once

#include "autograd/display/outputs.hpp"

namespace autograd
{

/// What a listing shows.
struct text_options
{
    /// Fused derivatives as the elementary operations that they stand for, instead of tanh'(...).
    bool expand_pulls = false;
    /// Behind each line the line of the user's source that recorded it: "# moons.cpp:41".
    bool source_lines = false;
    /// Behind each shape the first values, where the tape has recorded them (expansions have none).
    bool values = false;
};

namespace display
{
template <class T>
std::string text(std::span<const handle<T>> outputs, const text_options& options);
}

/// What y depends on, as a program: a line for each instruction with its result, the operation with its operands and
/// attributes, and the shape.
///
///     x  = variable                   (300, 2)
///     w  = variable                   (2, 3)
///     %1 = matmul(x, w)               (300, 3)
///     %2 = tanh(%1)                   (300, 3)
///     %3 = sum(%2) axes {0, 1}        ()
///
/// Leaves come first, and the last line is y. A name is shown where one was given (of several equal ones the second is
/// "w#2"), else a number; a number in every element is shown where it is used. The order does not depend on the order
/// of recording, so listings are equal where programs are.
///
/// An instruction of a gradient may be the derivative of an elementwise operation, computed at once: tanh'(%2, %5) is
/// what flows back to the operand of tanh when %5 flows into its result. It is applied to what the derivative is
/// computed from (of the operands, the result, and what flows into it, in this order); for operations of several
/// operands, its number follows: divide'2(w, %3, %5) flows back to the divisor.
///
/// Linear in the number of instructions. Throws tape_error for an empty variable and for one that was cleared or
/// rewound.
template <class T>
std::string to_text(variable<T> y, const text_options& options = {})
{
    return display::text<T>(std::vector<handle<T>>{y}, options);
}
template <class T>
std::string to_text(indices<T> y, const text_options& options = {})
{
    return display::text<T>(std::vector<handle<T>>{y}, options);
}
/// What several outputs depend on: to_text({loss, dw, db}). The last line says which they are: "return %3, %7, %9".
/// Throws as above, and tape_error for outputs of different tapes.
template <class T, std::size_t N>
std::string to_text(const variable<T> (&ys)[N], const text_options& options = {})
{
    return display::text<T>(display::as_handles(ys), options);
}
template <display::list_of_variables List>
std::string to_text(const List& ys, const text_options& options = {})
{
    const auto outputs = display::as_handles(ys);
    return display::text(std::span(outputs), options);
}

} // namespace autograd
