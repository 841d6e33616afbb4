#include "autograd/kernels/triangular.hpp"

#include "autograd/kernels/dispatch.hpp"

#include <algorithm>

namespace autograd::kernels
{

template <class T>
void solve_triangle(const triangle_form& of, std::size_t n, std::size_t columns, const T* a, std::size_t stride, T* b,
                    const char* operation)
{
    if (n == 0 || columns == 0)
    {
        return;
    }
    if (n <= small_triangle || columns == 1)
    {
        triangular_loops<T>->solve(of, n, columns, a, stride, b);
        return;
    }
    const int width = lapack::extent(columns, operation);
    const int a_stride = lapack::extent(stride, operation);
    const bool transposed = of.form == lapack::form::transposed;
    const auto element = [&](std::size_t i, std::size_t j)
    { return a + (transposed ? j * stride + i : i * stride + j); };
    for (std::size_t done = 0; done < n; done += std::min(small_triangle, n - done))
    {
        const std::size_t size = std::min(small_triangle, n - done);
        const std::size_t others = n - done - size;
        const std::size_t first = of.is_forward() ? done : others;
        const std::size_t rest = of.is_forward() ? done + size : 0;
        triangular_loops<T>->solve(of, size, columns, element(first, first), stride, b + first * columns);
        lapack::gemm(of.form, lapack::form::as_stored, static_cast<int>(others), width, static_cast<int>(size), T(-1),
                     element(rest, first), a_stride, b + first * columns, width, T(1), b + rest * columns, width);
    }
}

template void solve_triangle(const triangle_form&, std::size_t, std::size_t, const float*, std::size_t, float*,
                             const char*);
template void solve_triangle(const triangle_form&, std::size_t, std::size_t, const double*, std::size_t, double*,
                             const char*);

} // namespace autograd::kernels
