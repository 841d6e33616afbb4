#pragma once

#include "autograd/tape/variable.hpp"

#include <concepts>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

/// What to_text, to_latex and to_dot take: a variable, indices, or several variables.
namespace autograd::display
{

/// A vector, an array or a span of variables.
template <class C>
concept list_of_variables = requires(const C& c)
{
    {
        *c.begin()
        } -> std::convertible_to<variable<typename std::remove_cvref_t<decltype(*c.begin())>::value_type>>;
    c.end();
};

/// The outputs of a display, as handles.
template <class List>
auto as_handles(const List& ys)
{
    using T = typename std::remove_cvref_t<decltype(*std::begin(ys))>::value_type;
    return std::vector<handle<T>>(std::begin(ys), std::end(ys));
}

} // namespace autograd::display
