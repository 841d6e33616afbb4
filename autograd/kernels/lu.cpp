#include "autograd/kernels/lu.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/triangular.hpp"

#include <algorithm>

namespace autograd::kernels
{

namespace
{

int* room_for_exchanges(std::size_t n, scratch_memory& scratch)
{
    return scratch.take<int>(n <= small_lu ? 0 : n);
}

/// Exchanges rows k and exchanges[k] of b.
template <class T>
void exchange_rows(std::size_t k, const T* exchanges, std::size_t columns, T* b)
{
    const auto other = static_cast<std::size_t>(exchanges[k]);
    if (other != k)
    {
        std::swap_ranges(b + k * columns, b + (k + 1) * columns, b + other * columns);
    }
}

} // namespace

template <class T>
void lu_factor(std::size_t n, const T* a, T* packed, scratch_memory scratch, const char* operation)
{
    if (n <= small_lu)
    {
        lu_loops<T>->factor(n, a, packed);
        return;
    }
    const int extent = lapack::extent(n, operation);
    int* const exchanges = room_for_exchanges(n, scratch);
    std::copy_n(a, n * n, packed);
    lapack::getrf(extent, extent, packed, extent, exchanges);
    std::transform(exchanges, exchanges + n, packed + n * n, [](int counted_from_1) { return T(counted_from_1 - 1); });
}

void lu_factor_scratch(std::size_t n, scratch_memory& scratch)
{
    room_for_exchanges(n, scratch);
}

template <class T>
void lu_solve(std::size_t n, std::size_t columns, const T* packed, bool transposed, T* b, const char* operation)
{
    using namespace lapack;
    const form read = transposed ? form::transposed : form::as_stored;
    const triangle_form lower{triangle::lower, read, diagonal::as_stored};
    const triangle_form upper{triangle::upper, read, diagonal::ones};
    const T* const exchanges = packed + n * n;
    if (transposed)
    {
        for (std::size_t k = 0; k < n; ++k)
        {
            exchange_rows(k, exchanges, columns, b);
        }
        solve_triangle(upper, n, columns, packed, n, b, operation);
        solve_triangle(lower, n, columns, packed, n, b, operation);
        return;
    }
    solve_triangle(lower, n, columns, packed, n, b, operation);
    solve_triangle(upper, n, columns, packed, n, b, operation);
    for (std::size_t k = n; k-- > 0;)
    {
        exchange_rows(k, exchanges, columns, b);
    }
}

template <class T>
int sign_of_exchanges(std::size_t n, const T* packed)
{
    int sign = 1;
    for (std::size_t k = 0; k < n; ++k)
    {
        sign = packed[n * n + k] == T(k) ? sign : -sign;
    }
    return sign;
}

#define AUTOGRAD_LU(T)                                                                                                 \
    template void lu_factor(std::size_t, const T*, T*, scratch_memory, const char*);                                   \
    template void lu_solve(std::size_t, std::size_t, const T*, bool, T*, const char*);                                 \
    template int sign_of_exchanges(std::size_t, const T*);
AUTOGRAD_LU(float)
AUTOGRAD_LU(double)
#undef AUTOGRAD_LU

} // namespace autograd::kernels
