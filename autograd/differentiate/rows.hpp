#pragma once

#include "autograd/differentiate/differentiate.hpp"

#include <functional>
#include <span>
#include <vector>

/// Gradients by tables that rows were gathered of: the rows that are met, without the zeros of all others.
namespace autograd
{

namespace detail
{

/// What flows into rows of an array: g, of the shape of i followed by that of a row, is to be added at the positions i
/// along axis 0, in their order. Negative positions count from the end.
template <class T>
struct cotangent_of_rows
{
    indices<T> i;
    variable<T> g;
};

/// What flows into an array: an array of its shape, or rows.
template <class T>
struct cotangent_by_rows
{
    variable<T> whole;                      ///< empty where it is by rows, and where it is zero
    std::vector<cotangent_of_rows<T>> rows; ///< in the order in which `whole` would add them; none where it is whole
};

/// Whether an input, by its number, is wanted by rows. Asked only of those that can be.
using wanted_by_rows = std::function<bool(std::size_t)>;

/// pull, without the arrays of those inputs that are wanted by rows, if they are leaves into which nothing flows but
/// rows that were gathered along axis 0. Work and memory are those for what flows. Throws as pull.
template <class T>
std::vector<cotangent_by_rows<T>> pull_by_rows(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs,
                                               const wanted_by_rows& wanted, const differentiation& how = {});

/// gradient, in the same way; zeros are whole. Throws as gradient.
template <class T>
std::vector<cotangent_by_rows<T>> gradient_by_rows(variable<T> y, std::span<const variable<T>> xs,
                                                   const wanted_by_rows& wanted, unconnected policy, location where);

} // namespace detail

} // namespace autograd
