#include "autograd/kernels/symmetric_eigen.hpp"

#include "autograd/kernels/unique_factors.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::kernels
{

template <class T>
T eigen_pairs<T>::rounding_level() const
{
    T largest = 0;
    for (std::size_t i = 0; i < n; ++i)
    {
        largest = std::max(largest, std::abs(values[i]));
    }
    return rounding_of_factors<T>(n) * largest;
}

template <class T>
eigen_work<T>::eigen_work(int n, scratch_memory& scratch)
    : extents(lapack::syevd_work<T>(true, n)),
      reals(scratch.take<T>(static_cast<std::size_t>(extents.reals))),
      integers(scratch.take<int>(static_cast<std::size_t>(extents.integers)))
{
}

namespace
{

/// Gives a vector its sign.
template <class T>
void orient(T* vector, std::size_t n)
{
    T largest = 0;
    for (std::size_t i = 0; i < n; ++i)
    {
        largest = std::max(largest, std::abs(vector[i]));
    }
    const T bound = deciding_part<T> * largest;
    const T* const first = std::find_if(vector, vector + n, [bound](T x) { return std::abs(x) >= bound; });
    if (first != vector + n && *first < 0)
    {
        std::transform(vector, vector + n, vector, [](T x) { return -x; });
    }
}

} // namespace

template <class T>
int symmetric_eigen(int n, T* packed, const eigen_work<T>& work)
{
    const auto rows = static_cast<std::size_t>(n);
    T* const vectors = packed + rows;
    const int status =
        lapack::syevd(true, lapack::triangle::upper, n, vectors, n, packed, work.reals, work.integers, work.extents);
    for (std::size_t k = 0; k < rows; ++k)
    {
        orient(vectors + k * rows, rows);
    }
    return status;
}

template <class T>
void eigenvector_columns(const eigen_pairs<T>& a, column_range range, const T* reached, T* columns)
{
    constexpr std::size_t tile = 16; // a cache line of each row that is written
    for (std::size_t first = 0; first < range.count; first += tile)
    {
        const std::size_t last = std::min(first + tile, range.count);
        for (std::size_t i = 0; i < a.n; ++i)
        {
            for (std::size_t j = first; j < last; ++j)
            {
                columns[i * range.count + j] = reached[j] == 0 ? 0 : a.vectors[(range.first + j) * a.n + i];
            }
        }
    }
}

template <class T>
close_pair find_close_pair(const eigen_pairs<T>& a, column_range range, const T* reached)
{
    const T level = a.rounding_level();
    const auto are_close = [&](std::size_t k) { return !(a.values[k + 1] - a.values[k] > level); };
    for (std::size_t j = 0; j < range.count; ++j)
    {
        const std::size_t k = range.first + j;
        if (reached[j] == 0)
        {
            continue;
        }
        if (k > 0 && are_close(k - 1))
        {
            return {k - 1, k};
        }
        if (k + 1 < a.n && are_close(k))
        {
            return {k, k + 1};
        }
    }
    return {0, 0};
}

template <class T>
void reduced_resolvent(const eigen_pairs<T>& a, column_range range, const T* b, const T* reached, T* x, T* work)
{
    using lapack::form;
    const int n = static_cast<int>(a.n);
    const int count = static_cast<int>(range.count);
    lapack::gemm(form::as_stored, form::as_stored, n, count, n, T(1), a.vectors, n, b, count, T(0), work, count);
    for (std::size_t i = 0; i < a.n; ++i)
    {
        T* const row = work + i * range.count;
        const T* const own = a.values + range.first;
        for (std::size_t j = 0; j < range.count; ++j)
        {
            const bool is_0 = reached[j] == 0 || range.first + j == i;
            row[j] = is_0 ? 0 : row[j] / (own[j] - a.values[i]);
        }
    }
    lapack::gemm(form::transposed, form::as_stored, n, count, n, T(1), a.vectors, n, work, count, T(0), x, count);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template struct eigen_pairs<T>;                                                                                    \
    template struct eigen_work<T>;                                                                                     \
    template int symmetric_eigen(int, T*, const eigen_work<T>&);                                                       \
    template void eigenvector_columns(const eigen_pairs<T>&, column_range, const T*, T*);                              \
    template close_pair find_close_pair(const eigen_pairs<T>&, column_range, const T*);                                \
    template void reduced_resolvent(const eigen_pairs<T>&, column_range, const T*, const T*, T*, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
