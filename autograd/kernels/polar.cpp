#include "autograd/kernels/polar.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/kernels/unique_factors.hpp"

#include <algorithm>

namespace autograd::kernels
{

using lapack::form;

namespace
{

constexpr auto name = "polar";

/// What lyapunov works in: two matrices of its size.
template <class T>
struct lyapunov_scratch
{
    T* half;
    T* coefficients;

    lyapunov_scratch(const svd_extents& of, scratch_memory& memory)
        : half(memory.take<T>(of.count() * of.count())), coefficients(memory.take<T>(of.count() * of.count()))
    {
    }
};

} // namespace

template <class T>
void polar_factor(const svd_extents& of, const T* block, T* q)
{
    const std::size_t rank = rank_of(of, block, rounding_of_factors<T>(of.larger()));
    if (rank == 0)
    {
        std::fill_n(q, of.rows * of.columns, T(0));
        return;
    }
    const int n = lapack::extent(of.columns, name);
    lapack::gemm(form::as_stored, form::as_stored, lapack::extent(of.rows, name), n, static_cast<int>(rank), T(1),
                 of.u(block), lapack::extent(of.count(), name), of.vt(block), n, T(0), q, n);
}

template <class T>
std::size_t scratch_of_lyapunov(const svd_extents& of)
{
    scratch_memory counted;
    lyapunov_scratch<T>(of, counted);
    return counted.bytes();
}

template <class T>
void lyapunov(const svd_extents& of, const T* block, const T* k, T* z, void* scratch)
{
    const std::size_t count = of.count();
    if (count == 0)
    {
        return;
    }
    scratch_memory memory(scratch);
    const lyapunov_scratch<T> used(of, memory);
    const int n = lapack::extent(count, name);
    // The eigenvectors of |a|: in rows, those of V, or in columns, those of U.
    const bool tall = of.rows >= of.columns;
    const T* const w = tall ? of.vt(block) : of.u(block);
    const form to = tall ? form::as_stored : form::transposed;
    const form back = tall ? form::transposed : form::as_stored;
    const T* const s = of.s(block);
    lapack::gemm(to, form::as_stored, n, n, n, T(1), w, n, k, n, T(0), used.half, n);
    lapack::gemm(form::as_stored, back, n, n, n, T(1), used.half, n, w, n, T(0), used.coefficients, n);
    for (std::size_t i = 0; i < count; ++i)
    {
        for (std::size_t j = 0; j < count; ++j)
        {
            used.coefficients[i * count + j] /= s[i] + s[j];
        }
    }
    lapack::gemm(back, form::as_stored, n, n, n, T(1), w, n, used.coefficients, n, T(0), used.half, n);
    lapack::gemm(form::as_stored, to, n, n, n, T(1), used.half, n, w, n, T(0), z, n);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void polar_factor(const svd_extents&, const T*, T*);                                                      \
    template std::size_t scratch_of_lyapunov<T>(const svd_extents&);                                                   \
    template void lyapunov(const svd_extents&, const T*, const T*, T*, void*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
