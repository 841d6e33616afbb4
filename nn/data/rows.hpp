#pragma once

#include "autograd/tape/shape.hpp"
#include "autograd/tape/xtensor.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace nn
{

namespace detail
{

/// The place of a row that is there. Throws autograd::error::index_error for others.
std::size_t checked_row(const char* where, const autograd::array<std::int64_t>& rows, std::size_t i, std::size_t count);

/// How many rows there are. Throws autograd::error::shape_error if the array has no axis.
std::size_t row_count(const char* where, autograd::shape_view shape);

/// Throws autograd::error::shape_error unless the row numbers have one axis.
void require_list(const char* where, autograd::shape_view rows);

/// The columns [first, last) of a shape of two axes. Throws autograd::error::shape_error if they are not there.
void require_columns(autograd::shape_view shape, std::size_t first, std::size_t last);

template <class T>
autograd::shape_vector shape_of(const autograd::array<T>& array)
{
    return {array.shape().begin(), array.shape().end()};
}

/// The same shape with another number of rows.
std::vector<std::size_t> with_rows(autograd::shape_view shape, std::size_t rows);

/// Copies those rows of `from` whose numbers are in [first, last) of `rows`; `to` has as many.
template <class T>
void copy_rows(const char* where, const autograd::array<T>& from, const autograd::array<std::int64_t>& rows,
               std::size_t first, std::size_t last, autograd::array<T>& to)
{
    const std::size_t count = row_count(where, shape_of(from));
    const std::size_t width = count == 0 ? 0 : from.size() / count;
    T* next = to.data();
    for (std::size_t i = first; i < last; ++i)
    {
        next = std::copy_n(from.data() + checked_row(where, rows, i, count) * width, width, next);
    }
}

} // namespace detail

/// The slices of an array along axis 0 that `rows`, shape (M,), numbers, in that order: shape (M, ...).
/// Throws autograd::error::shape_error if the array has no axis or `rows` not one, index_error if there is no such row.
template <class T>
autograd::array<T> take_rows(const autograd::array<T>& array, const autograd::array<std::int64_t>& rows)
{
    const autograd::shape_vector shape = detail::shape_of(array);
    detail::row_count("take_rows", shape);
    detail::require_list("take_rows", detail::shape_of(rows));
    autograd::array<T> result = autograd::array<T>::from_shape(detail::with_rows(shape, rows.size()));
    detail::copy_rows("take_rows", array, rows, 0, rows.size(), result);
    return result;
}

/// The columns first, ..., last - 1 of a matrix, shape (N, last - first): the inputs, say, of a table that also has
/// targets. Throws autograd::error::shape_error unless the array has two axes and these columns.
template <class T>
autograd::array<T> columns(const autograd::array<T>& matrix, std::size_t first, std::size_t last)
{
    const autograd::shape_vector shape = detail::shape_of(matrix);
    detail::require_columns(shape, first, last);
    autograd::array<T> result = autograd::array<T>::from_shape({shape[0], last - first});
    for (std::size_t i = 0; i < shape[0]; ++i)
    {
        std::copy_n(matrix.data() + i * shape[1] + first, last - first, result.data() + i * (last - first));
    }
    return result;
}

/// One column of a matrix, shape (N,). Throws autograd::error::shape_error unless the array has two axes and the
/// column.
template <class T>
autograd::array<T> column(const autograd::array<T>& matrix, std::size_t which)
{
    autograd::array<T> result = columns(matrix, which, which + 1);
    result.reshape({matrix.shape()[0]});
    return result;
}

} // namespace nn
