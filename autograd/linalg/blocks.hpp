#pragma once

#include "autograd/linalg/matrices.hpp"
#include "autograd/operations/slicing.hpp"

#include <utility>

/// Matrices as blocks of larger ones.
namespace autograd::detail
{

using extents = std::pair<std::size_t, std::size_t>;

/// The block of matrices from a row and a column on to others, which are left out.
template <class T>
variable<T> block(variable<T> x, extents rows, extents columns)
{
    return slice(slice(x, -2, rows.first, rows.second), -1, columns.first, columns.second);
}

/// x with so many zeros around it: before and behind its rows, and its columns.
template <class T>
variable<T> among_zeros(variable<T> x, extents rows, extents columns)
{
    const auto width = [](extents w)
    { return std::pair(static_cast<std::ptrdiff_t>(w.first), static_cast<std::ptrdiff_t>(w.second)); };
    pad_widths widths(x.dimension());
    widths[x.dimension() - 2] = width(rows);
    widths[x.dimension() - 1] = width(columns);
    return pad(x, widths);
}

} // namespace autograd::detail
