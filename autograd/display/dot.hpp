#pragma once

#include "autograd/display/outputs.hpp"

namespace autograd
{

/// What a graph shows.
struct dot_options
{
    /// Fused derivatives as the elementary operations that they stand for, instead of tanh'.
    bool expand_pulls = false;
};

namespace display
{
template <class T>
std::string dot(std::span<const handle<T>> outputs, const dot_options& options);
}

/// What y depends on, as a graph for Graphviz: dot -Tsvg.
///
/// Leaves are boxes with their name and shape, numbers stand by themselves, instructions are ellipses with the
/// operation and its attributes (fused derivatives, such as tanh', are dashed: see to_text), and the outputs have two
/// lines around them. Edges arrive from left to right in the order of the operands; they show the shape where an
/// instruction changed it. Scopes, and the parts of dotted names ("encoder.w"), are frames around what is in them.
///
/// The order does not depend on the order of recording. Linear in the number of instructions. Throws tape_error for an
/// empty variable and for one that was cleared or rewound.
template <class T>
std::string to_dot(variable<T> y, const dot_options& options = {})
{
    return display::dot<T>(std::vector<handle<T>>{y}, options);
}
template <class T>
std::string to_dot(indices<T> y, const dot_options& options = {})
{
    return display::dot<T>(std::vector<handle<T>>{y}, options);
}
/// What several outputs depend on: to_dot({loss, dw, db}). Throws as above, and tape_error for outputs of different
/// tapes.
template <class T, std::size_t N>
std::string to_dot(const variable<T> (&ys)[N], const dot_options& options = {})
{
    return display::dot<T>(display::as_handles(ys), options);
}
template <display::list_of_variables List>
std::string to_dot(const List& ys, const dot_options& options = {})
{
    const auto outputs = display::as_handles(ys);
    return display::dot(std::span(outputs), options);
}

} // namespace autograd
