#include "autograd/kernels/qr.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace autograd::kernels
{

namespace
{

template <class T>
struct workspace
{
    T* by_columns;  ///< a, then the reflectors, then Q: rows elements a column
    T* factors;     ///< of the reflectors
    int* exponents; ///< column j of a is by_columns' times 2^exponents[j]
    T* signs;
    int given; ///< elements of work
    T* work;

    workspace(const qr_extents& of, scratch_memory& scratch)
        : by_columns(scratch.take<T>(of.rows * std::max(of.columns, of.columns_of_q))),
          factors(scratch.take<T>(of.smaller())),
          exponents(scratch.take<int>(of.columns)),
          signs(scratch.take<T>(of.smaller())),
          given(wanted(of)),
          work(scratch.take<T>(static_cast<std::size_t>(given)))
    {
    }

    static int wanted(const qr_extents& of)
    {
        const int m = static_cast<int>(of.rows);
        const int k = static_cast<int>(of.smaller());
        return std::max({lapack::geqrf_work<T>(m, static_cast<int>(of.columns)),
                         lapack::orgqr_work<T>(m, static_cast<int>(of.columns_of_q), k), 1});
    }
};

/// to_ji = from_ij, by tiles that stay in the cache.
template <class T>
void transpose(std::size_t rows, std::size_t columns, const T* from, T* to)
{
    constexpr std::size_t tile = 16;
    for (std::size_t top = 0; top < rows; top += tile)
    {
        for (std::size_t left = 0; left < columns; left += tile)
        {
            for (std::size_t j = left; j < std::min(left + tile, columns); ++j)
            {
                for (std::size_t i = top; i < std::min(top + tile, rows); ++i)
                {
                    to[j * rows + i] = from[i * columns + j];
                }
            }
        }
    }
}

/// Takes a power of 2 out of a column whose products would leave the range, and returns its exponent: 0 for others.
template <class T>
int take_exponent(T* first, T* last)
{
    constexpr int farthest = std::numeric_limits<T>::max_exponent / 4;
    T largest = 0;
    for (const T* x = first; x != last; ++x)
    {
        largest = std::max(largest, std::abs(*x));
    }
    const int exponent = largest == 0 ? 0 : std::ilogb(largest);
    if (std::abs(exponent) <= farthest)
    {
        return 0;
    }
    std::transform(first, last, first, [exponent](T x) { return std::scalbn(x, -exponent); });
    return exponent;
}

/// What is negative on the diagonal of R turns around a row of it, and a column of Q.
template <class T>
void find_signs(const qr_extents& of, const workspace<T>& w)
{
    for (std::size_t j = 0; j < of.smaller(); ++j)
    {
        w.signs[j] = std::signbit(w.by_columns[j * of.rows + j]) ? T(-1) : T(1);
    }
}

/// R out of the upper triangle: its columns, with zeros as long as a row of Q.
template <class T>
void pack_r(const qr_extents& of, const workspace<T>& w, T* r)
{
    for (std::size_t j = 0; j < of.columns; ++j, r += of.columns_of_q)
    {
        const T* const column = w.by_columns + j * of.rows;
        const std::size_t count = std::min(j + 1, of.smaller());
        std::transform(column, column + count, w.signs, r, std::multiplies<>());
        if (w.exponents[j] != 0)
        {
            std::transform(r, r + count, r, [by = w.exponents[j]](T x) { return std::scalbn(x, by); });
        }
        std::fill(r + count, r + of.columns_of_q, T(0));
    }
}

/// Q out of the reflectors.
template <class T>
void pack_q(const qr_extents& of, const workspace<T>& w, T* q)
{
    const int m = static_cast<int>(of.rows);
    lapack::orgqr(m, static_cast<int>(of.columns_of_q), static_cast<int>(of.smaller()), w.by_columns, m, w.factors,
                  w.work, w.given);
    for (std::size_t j = 0; j < of.smaller(); ++j)
    {
        T* const column = w.by_columns + j * of.rows;
        std::transform(column, column + of.rows, column, [sign = w.signs[j]](T x) { return sign * x; });
    }
    transpose(of.columns_of_q, of.rows, w.by_columns, q);
}

} // namespace

template <class T>
void qr(const qr_extents& of, const T* a, T* packed, void* scratch)
{
    scratch_memory memory(scratch);
    const workspace<T> w(of, memory);
    const int m = static_cast<int>(of.rows);
    transpose(of.rows, of.columns, a, w.by_columns);
    for (std::size_t j = 0; j < of.columns; ++j)
    {
        w.exponents[j] = take_exponent(w.by_columns + j * of.rows, w.by_columns + (j + 1) * of.rows);
    }
    lapack::geqrf(m, static_cast<int>(of.columns), w.by_columns, m, w.factors, w.work, w.given);
    find_signs(of, w);
    pack_r(of, w, packed + of.rows * of.columns_of_q);
    pack_q(of, w, packed);
}

template <class T>
std::size_t scratch_of_qr(const qr_extents& of, const char* operation)
{
    lapack::extent(of.rows, operation);
    lapack::extent(of.columns, operation);
    scratch_memory counted;
    const workspace<T> w(of, counted);
    return counted.bytes();
}

#define AUTOGRAD_QR(T)                                                                                                 \
    template void qr(const qr_extents&, const T*, T*, void*);                                                          \
    template std::size_t scratch_of_qr<T>(const qr_extents&, const char*);
AUTOGRAD_QR(float)
AUTOGRAD_QR(double)
#undef AUTOGRAD_QR

} // namespace autograd::kernels
