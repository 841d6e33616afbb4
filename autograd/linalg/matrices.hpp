#pragma once

#include "autograd/operations/diagonal.hpp"
#include "autograd/operations/linear_algebra.hpp"

#include <string>

/// What the operations of linear algebra have in common: their operands are matrices in the last two axes, and the axes
/// before them count the matrices of a batch.
namespace autograd::detail
{

/// Throws shape_error unless x, an argument of that name, has two axes at least.
void require_matrices(const char* operation, const char* argument, shape_view x, location where);
/// And unless its matrices are square.
void require_square(const char* operation, const char* argument, shape_view x, location where);

inline std::size_t rows_of(shape_view x)
{
    return x[x.size() - 2];
}
inline std::size_t columns_of(shape_view x)
{
    return x[x.size() - 1];
}
inline shape_view batch_of(shape_view x)
{
    return x.slice(0, x.size() - 2);
}
/// The shape of a batch of matrices.
shape_vector matrices_shape(shape_view batch, std::size_t rows, std::size_t columns);

/// What errors call matrix k of an argument of that name and shape: "a", or "matrix (1, 0) of a" in a batch.
std::string matrix_name(const char* argument, shape_view x, std::size_t k);

/// Throws value_error, in the operation's name, where an element of an argument of that name and shape is NaN or
/// infinite: for factorizations, which LAPACK makes of anything.
template <class T>
void require_finite(const char* operation, const char* argument, const T* x, shape_view shape);
/// The same of square matrices of which the lower triangle is read.
template <class T>
void require_finite_lower(const char* operation, const char* argument, const T* x, shape_view shape);

/// `count` of so many things from number `first` on, which counts from the end if it is negative: the number of the
/// first. Throws shape_error unless a, of that shape, has them.
std::size_t first_of_range(const char* operation, const char* things, std::ptrdiff_t first, std::ptrdiff_t count,
                           std::size_t all, shape_view a, location where);

/// op(a) op(b) of matrices in batches of one shape, op transposing where the flag says so: nothing is transposed in
/// memory.
template <class T>
variable<T> product(variable<T> a, variable<T> b, bool transpose_a = false, bool transpose_b = false)
{
    return matmul_rule::product(a, b, transpose_a, transpose_b);
}

/// Each matrix transposed.
template <class T>
variable<T> transposed_matrices(variable<T> x)
{
    return moveaxis(x, -1, -2);
}

/// What flows into the lower triangle of a matrix of which the upper one is not read: `s`, symmetric, is what flows
/// into the matrix that the lower triangle stands for, in which each element beside the diagonal occurs twice.
template <class T>
variable<T> folded_to_lower(variable<T> s)
{
    return tril(s) + tril(s, -1);
}

} // namespace autograd::detail
