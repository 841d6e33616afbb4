#include "autograd/linalg/matrices.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/finite.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::detail
{

void require_matrices(const char* operation, const char* argument, shape_view x, location where)
{
    if (x.size() < 2)
    {
        throw error::shape_error(where, operation, argument, " has shape ", x,
                                 "; it must be a matrix, or a batch of them: at least two axes.");
    }
}

void require_square(const char* operation, const char* argument, shape_view x, location where)
{
    require_matrices(operation, argument, x, where);
    if (rows_of(x) != columns_of(x))
    {
        throw error::shape_error(where, operation, argument, " has shape ", x,
                                 "; its matrices must be square, the last two axes of one length.");
    }
}

shape_vector matrices_shape(shape_view batch, std::size_t rows, std::size_t columns)
{
    shape_vector result(batch);
    result.push_back(rows);
    result.push_back(columns);
    return result;
}

std::string matrix_name(const char* argument, shape_view x, std::size_t k)
{
    const shape_view batch = batch_of(x);
    if (batch.empty())
    {
        return argument;
    }
    std::string position;
    for (std::size_t axis = batch.size(); axis-- > 0;)
    {
        const std::string place = std::to_string(k % batch[axis]);
        position = position.empty() ? place : place + ", " + position;
        k /= batch[axis];
    }
    return "matrix (" + position + ") of " + argument;
}

namespace
{

/// Throws on the first of so many numbers of an argument that is not finite, if there is one: the place of the first of
/// them all is given.
template <class T>
void require_finite(const char* operation, const char* argument, const T* x, std::size_t count, std::size_t first,
                    shape_view shape)
{
    if (kernels::finite<T>->all(x, count))
    {
        return;
    }
    const T* const found = std::find_if_not(x, x + count, [](T each) { return std::isfinite(each); });
    const std::size_t place = first + static_cast<std::size_t>(found - x);
    const std::size_t columns = columns_of(shape);
    const std::size_t row = place / columns;
    throw error::value_error(operation, "element (", row % rows_of(shape), ", ", place % columns, ") of ",
                             matrix_name(argument, shape, row / rows_of(shape)), " is ", *found,
                             "; a factorization needs finite numbers.");
}

} // namespace

template <class T>
void require_finite(const char* operation, const char* argument, const T* x, shape_view shape)
{
    require_finite(operation, argument, x, element_count(shape), 0, shape);
}

template <class T>
void require_finite_lower(const char* operation, const char* argument, const T* x, shape_view shape)
{
    const std::size_t n = columns_of(shape);
    const std::size_t rows = element_count(shape.slice(0, shape.size() - 1));
    for (std::size_t row = 0; row < rows; ++row)
    {
        require_finite(operation, argument, x + row * n, row % n + 1, row * n, shape);
    }
}

template void require_finite(const char*, const char*, const float*, shape_view);
template void require_finite(const char*, const char*, const double*, shape_view);
template void require_finite_lower(const char*, const char*, const float*, shape_view);
template void require_finite_lower(const char*, const char*, const double*, shape_view);

std::size_t first_of_range(const char* operation, const char* things, std::ptrdiff_t first, std::ptrdiff_t count,
                           std::size_t all, shape_view a, location where)
{
    const auto last = static_cast<std::ptrdiff_t>(all);
    const std::ptrdiff_t from = first < 0 ? first + last : first;
    if (from < 0 || from > last || count < 0 || count > last - from)
    {
        throw error::shape_error(where, operation, count, " ", things, " from number ", first, " on, but a, of shape ",
                                 a, ", has ", all, "; the range must lie among these.");
    }
    return static_cast<std::size_t>(from);
}

} // namespace autograd::detail
