#include "autograd/kernels/cholesky.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/triangular.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace autograd::kernels
{

namespace
{

/// The lower triangle, and zeros above.
template <class T>
void copy_lower(std::size_t n, const T* from, T* to)
{
    for (std::size_t i = 0; i < n; ++i, from += n, to += n)
    {
        std::fill(std::copy_n(from, i + 1, to), to + n, T(0));
    }
}

/// The order of the first leading minor of a whose pivot is not positive and finite, or 0. LAPACK's status tells, but
/// for NaN, which it passes over.
template <class T>
std::size_t first_not_positive(std::size_t n, const T* l, int status)
{
    const std::size_t told = status == 0 ? n : static_cast<std::size_t>(status) - 1;
    for (std::size_t i = 0; i < told; ++i)
    {
        if (!(l[i * n + i] > 0) || !std::isfinite(l[i * n + i]))
        {
            return i + 1;
        }
    }
    return static_cast<std::size_t>(status);
}

/// The pivot of the leading minor of that order, of which the one before has a factor. Row order - 1 of l is spoilt.
template <class T>
T pivot_of_minor(std::size_t n, std::size_t order, const T* a, T* l)
{
    const std::size_t last = order - 1;
    T* const row = l + last * n;
    std::copy_n(a + last * n, order, row);
    triangular_loops<T>->solve({lapack::triangle::lower, lapack::form::as_stored, lapack::diagonal::as_stored}, last, 1,
                               l, n, row);
    return std::accumulate(row, row + last, row[last], [](T rest, T each) { return rest - each * each; });
}

/// A pullback by blocks, in place: `bar` is g, and becomes what flows into the lower triangle of a.
template <class T>
class blocked_pull
{
public:
    blocked_pull(std::size_t n, const T* l, T* bar, std::size_t stride, T* symmetric)
        : m_l(l), m_bar(bar), m_n(static_cast<int>(n)), m_stride(static_cast<int>(stride)), m_symmetric(symmetric)
    {
    }

    static std::size_t block_of(std::size_t n) { return n > wide ? 2 * small_cholesky : small_cholesky; }

    /// With rows and columns in the order: done, block, behind,
    ///
    ///     L = |  .         |      D D^T = A_D - R R^T,   C D^T = A_C - B R^T
    ///         |  R   D     |
    ///         |  B   C   . |
    ///
    /// is factorized from the first block to the last, and so pulled from the last to the first.
    void run() const
    {
        const auto block = static_cast<int>(block_of(static_cast<std::size_t>(m_n)));
        for (int end = m_n; end > 0;)
        {
            const int begin = (end - 1) / block * block;
            pull_block(begin, end);
            end = begin;
        }
    }

private:
    static constexpr std::size_t wide = 256;

    std::ptrdiff_t place(int i, int j) const { return std::ptrdiff_t{i} * m_stride + j; }

    void pull_block(int begin, int end) const
    {
        using namespace lapack;
        const int size = end - begin;
        const int behind = m_n - end;
        const T* const d = m_l + place(begin, begin);
        const T* const r = m_l + place(begin, 0);
        const T* const b = m_l + place(end, 0);
        const T* const c = m_l + place(end, begin);
        T* const d_bar = m_bar + place(begin, begin);
        T* const r_bar = m_bar + place(begin, 0);
        T* const b_bar = m_bar + place(end, 0);
        T* const c_bar = m_bar + place(end, begin); // becomes A_C's
        if (behind > 0)
        {
            trsm(side::right, triangle::lower, form::as_stored, diagonal::as_stored, behind, size, T(1), d, m_stride,
                 c_bar, m_stride);
            subtract(form::as_stored, behind, begin, size, c_bar, r, b_bar);
            subtract(form::transposed, size, begin, behind, c_bar, b, r_bar);
            subtract(form::transposed, size, size, behind, c_bar, c, d_bar);
        }
        pull_diagonal(static_cast<std::size_t>(size), d, d_bar);
        if (begin > 0)
        {
            for (int i = 0; i < size; ++i)
            {
                for (int j = 0; j <= i; ++j)
                {
                    const T both = d_bar[place(i, j)];
                    m_symmetric[i * size + j] = i == j ? 2 * both : both;
                    m_symmetric[j * size + i] = m_symmetric[i * size + j];
                }
            }
            gemm(form::as_stored, form::as_stored, size, begin, size, T(-1), m_symmetric, size, r, m_stride, T(1),
                 r_bar, m_stride);
        }
    }

    /// c -= op(a) b, all of them blocks.
    void subtract(lapack::form a_form, int rows, int columns, int inner, const T* a, const T* b, T* c) const
    {
        if (columns > 0)
        {
            lapack::gemm(a_form, lapack::form::as_stored, rows, columns, inner, T(-1), a, m_stride, b, m_stride, T(1),
                         c, m_stride);
        }
    }

    void pull_diagonal(std::size_t size, const T* d, T* d_bar) const
    {
        const auto stride = static_cast<std::size_t>(m_stride);
        if (size <= small_cholesky)
        {
            cholesky_loops<T>->pull(size, d, d_bar, stride);
        }
        else
        {
            blocked_pull(size, d, d_bar, stride, m_symmetric).run();
            for (std::size_t i = 0; i < size; ++i) // a product stands there
            {
                std::fill(d_bar + i * stride + i + 1, d_bar + i * stride + size, T(0));
            }
        }
    }

    const T* m_l;
    T* m_bar;
    int m_n;
    int m_stride;
    T* m_symmetric; ///< room for a block
};

template <class T>
T* room_for_block(std::size_t n, scratch_memory& scratch)
{
    const std::size_t block = blocked_pull<T>::block_of(n);
    return scratch.take<T>(n <= small_cholesky ? 0 : block * block);
}

} // namespace

template <class T>
cholesky_outcome<T> cholesky(std::size_t n, const T* a, T* l, const char* operation)
{
    if (n <= small_cholesky)
    {
        return cholesky_loops<T>->factor(n, a, l);
    }
    const int extent = lapack::extent(n, operation);
    copy_lower(n, a, l);
    // The lower triangle by rows is the upper one by columns.
    const int status = lapack::potrf(lapack::triangle::upper, extent, l, extent);
    const std::size_t minor = first_not_positive(n, l, status);
    return {minor, minor == 0 ? T(1) : pivot_of_minor(n, minor, a, l)};
}

template <class T>
void cholesky_pull(std::size_t n, const T* l, const T* g, T* a_bar, scratch_memory scratch, const char* operation)
{
    lapack::extent(n, operation);
    copy_lower(n, g, a_bar);
    if (n <= small_cholesky)
    {
        cholesky_loops<T>->pull(n, l, a_bar, n);
    }
    else
    {
        blocked_pull<T>(n, l, a_bar, n, room_for_block<T>(n, scratch)).run();
    }
}

template <class T>
void cholesky_pull_scratch(std::size_t n, scratch_memory& scratch)
{
    room_for_block<T>(n, scratch);
}

#define AUTOGRAD_CHOLESKY(T)                                                                                           \
    template cholesky_outcome<T> cholesky(std::size_t, const T*, T*, const char*);                                     \
    template void cholesky_pull(std::size_t, const T*, const T*, T*, scratch_memory, const char*);                     \
    template void cholesky_pull_scratch<T>(std::size_t, scratch_memory&);
AUTOGRAD_CHOLESKY(float)
AUTOGRAD_CHOLESKY(double)
#undef AUTOGRAD_CHOLESKY

} // namespace autograd::kernels
