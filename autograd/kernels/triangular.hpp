#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/lapack.hpp"

#include <cstddef>

namespace autograd::kernels
{

/// How a triangle is read: which one is stored, whether it is transposed, and what its diagonal is.
struct triangle_form
{
    lapack::triangle stored;
    lapack::form form;
    lapack::diagonal on;

    /// Whether op(a) is a lower triangle: solved from the first unknown on.
    bool is_forward() const { return (stored == lapack::triangle::lower) == (form == lapack::form::as_stored); }
};

/// b = op(a)^-1 b, a dense matrix of n rows and columns in rows of `stride`, b dense of n rows. Each unknown is divided
/// by its pivot, where trsm multiplies by a reciprocal: which rounds once more, and is infinite for a subnormal one.
/// Only that triangle of a is read.
template <class T>
void solve_triangle(const triangle_form& of, std::size_t n, std::size_t columns, const T* a, std::size_t stride, T* b,
                    const char* operation);

/// How many unknowns are solved for in the loops below, before products take them out of the others.
inline constexpr std::size_t small_triangle = 32;

template <class T>
struct triangular_kernels
{
    /// The same in loops of our own: for up to small_triangle unknowns, or one column.
    void (*solve)(const triangle_form& of, std::size_t n, std::size_t columns, const T* a, std::size_t stride, T* b);
};
template <class T>
inline constexpr chosen<triangular_kernels<T>> triangular_loops;

} // namespace autograd::kernels
