#include "autograd/kernels/pseudo_inverse.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"

#include <algorithm>

namespace autograd::kernels
{

using lapack::form;

namespace
{

constexpr auto name = "pinv";

/// Divides row i of c by s_i.
template <class T>
void divide_rows(const T* s, std::size_t rows, std::size_t columns, T* c)
{
    for (std::size_t i = 0; i < rows; ++i)
    {
        for (std::size_t j = 0; j < columns; ++j)
        {
            c[i * columns + j] /= s[i];
        }
    }
}

} // namespace

template <class T>
std::size_t scratch_of_pseudo_inverse(const svd_extents& of)
{
    scratch_memory counted;
    counted.take<T>(of.count() * of.columns);
    return counted.bytes();
}

template <class T>
void pseudo_inverse(const svd_extents& of, const T* block, std::size_t rank, T* x, void* scratch)
{
    if (rank == 0)
    {
        std::fill_n(x, of.rows * of.columns, T(0));
        return;
    }
    scratch_memory memory(scratch);
    T* const c = memory.take<T>(of.count() * of.columns);
    std::copy_n(of.vt(block), rank * of.columns, c);
    divide_rows(of.s(block), rank, of.columns, c);
    const int m = lapack::extent(of.rows, name);
    const int n = lapack::extent(of.columns, name);
    const int count = lapack::extent(of.count(), name);
    lapack::gemm(form::transposed, form::transposed, n, m, static_cast<int>(rank), T(1), c, n, of.u(block), count, T(0),
                 x, m);
}

template <class T>
std::size_t scratch_of_pseudo_solve(const svd_extents& of, std::size_t right_sides)
{
    scratch_memory counted;
    counted.take<T>(of.count() * right_sides);
    return counted.bytes();
}

template <class T>
void pseudo_solve(const svd_extents& of, const T* block, std::size_t rank, bool transposed, std::size_t right_sides,
                  const T* b, T* x, void* scratch)
{
    if (rank == 0 || right_sides == 0)
    {
        std::fill_n(x, (transposed ? of.rows : of.columns) * right_sides, T(0));
        return;
    }
    scratch_memory memory(scratch);
    T* const c = memory.take<T>(of.count() * right_sides);
    const int m = lapack::extent(of.rows, name);
    const int n = lapack::extent(of.columns, name);
    const int count = lapack::extent(of.count(), name);
    const int columns = lapack::extent(right_sides, name);
    const int r = static_cast<int>(rank);
    if (transposed)
    {
        lapack::gemm(form::as_stored, form::as_stored, r, columns, n, T(1), of.vt(block), n, b, columns, T(0), c,
                     columns);
        divide_rows(of.s(block), rank, right_sides, c);
        lapack::gemm(form::as_stored, form::as_stored, m, columns, r, T(1), of.u(block), count, c, columns, T(0), x,
                     columns);
    }
    else
    {
        lapack::gemm(form::transposed, form::as_stored, r, columns, m, T(1), of.u(block), count, b, columns, T(0), c,
                     columns);
        divide_rows(of.s(block), rank, right_sides, c);
        lapack::gemm(form::transposed, form::as_stored, n, columns, r, T(1), of.vt(block), n, c, columns, T(0), x,
                     columns);
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::size_t scratch_of_pseudo_inverse<T>(const svd_extents&);                                             \
    template void pseudo_inverse(const svd_extents&, const T*, std::size_t, T*, void*);                                \
    template std::size_t scratch_of_pseudo_solve<T>(const svd_extents&, std::size_t);                                  \
    template void pseudo_solve(const svd_extents&, const T*, std::size_t, bool, std::size_t, const T*, T*, void*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
