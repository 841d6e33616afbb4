#include "autograd/kernels/cholesky.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/per_set/compiled.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// At most Width rows of at most Width numbers, with zeros behind them, so that a row is so many whole packs.
template <std::size_t Width, class T>
struct padded_rows
{
    static constexpr std::size_t size = pack<T>::size;
    static constexpr std::size_t packs = Width / size;
    static_assert(packs * size == Width);

    alignas(64) T rows[Width][Width];

    T* operator[](std::size_t i) { return rows[i]; }

    /// Row i, less so many times another one.
    void subtract(std::size_t i, T factor, const T* other)
    {
        for (std::size_t p = 0; p < packs; ++p)
        {
            T* const row = rows[i] + p * size;
            (pack<T>::load(row) - factor * pack<T>::load(other + p * size)).store(row);
        }
    }

    void divide(std::size_t i, T divisor)
    {
        for (std::size_t p = 0; p < packs; ++p)
        {
            T* const row = rows[i] + p * size;
            (pack<T>::load(row) / divisor).store(row);
        }
    }
};

/// The columns of L are rows here: those behind lose multiples of the one that is done. The next pivot is computed
/// before them, since everything else waits for its root.
template <std::size_t Width, class T>
cholesky_outcome<T> factor(std::size_t n, const T* a, T* l)
{
    padded_rows<Width, T> columns;
    for (std::size_t j = 0; j < n; ++j)
    {
        std::fill_n(columns[j], Width, T(0));
        for (std::size_t i = j; i < n; ++i)
        {
            columns[j][i] = a[i * n + j];
        }
    }
    T pivot = n > 0 ? *a : T(1);
    for (std::size_t k = 0; k < n; ++k)
    {
        if (!(pivot > 0) || std::isinf(pivot))
        {
            return {k + 1, pivot};
        }
        const T root = std::sqrt(pivot);
        if (k + 1 < n)
        {
            const T beside = columns[k][k + 1] / root;
            pivot = columns[k + 1][k + 1] - beside * beside;
        }
        columns.divide(k, root);
        for (std::size_t j = k + 1; j < n; ++j)
        {
            columns.subtract(j, columns[k][j], columns[k]);
        }
    }
    for (std::size_t i = 0; i < n; ++i, l += n)
    {
        for (std::size_t j = 0; j <= i; ++j)
        {
            l[j] = columns[j][i];
        }
        std::fill(l + i + 1, l + n, T(0));
    }
    return {0, pivot};
}

/// A row that is being made of others, in registers.
template <std::size_t Width, class T>
class row_in_registers
{
public:
    explicit row_in_registers(const T* row)
    {
        for_each_pack([&](std::size_t p) { m_packs[p] = pack<T>::load(row + p * size); });
    }
    void add(T factor, const T* other)
    {
        for_each_pack([&](std::size_t p)
                      { m_packs[p] = fma(pack<T>(factor), pack<T>::load(other + p * size), m_packs[p]); });
    }
    void scale(T factor)
    {
        for_each_pack([&](std::size_t p) { m_packs[p] = m_packs[p] * factor; });
    }
    void store(T* row) const
    {
        for_each_pack([&](std::size_t p) { m_packs[p].store(row + p * size); });
    }

private:
    static constexpr std::size_t size = pack<T>::size;
    static constexpr std::size_t packs = Width / size;

    static void for_each_pack(const auto& f)
    {
        for (std::size_t p = 0; p < packs; ++p)
        {
            f(p);
        }
    }

    pack<T> m_packs[packs];
};

/// x = L^-T x, from the last row up. A row waits for the one behind it, so that comes last of those which it loses, and
/// is multiplied by what was divided before.
template <std::size_t Width, class T>
void solve_transposed(std::size_t n, const T* l, std::size_t stride, const T* inverse_diagonal,
                      padded_rows<Width, T>& x)
{
    for (std::size_t i = n; i-- > 0;)
    {
        row_in_registers<Width, T> row(x[i]);
        for (std::size_t k = n; --k > i;)
        {
            row.add(-l[k * stride + i], x[k]);
        }
        row.scale(inverse_diagonal[i]);
        row.store(x[i]);
    }
}

/// With M = phi(L^T g), which keeps the lower triangle and half of the diagonal, and S = L^-T M L^-1: the lower
/// triangle of S + S^T, with half of its diagonal.
template <std::size_t Width, class T>
void pull(std::size_t n, const T* l, T* bar, std::size_t stride)
{
    padded_rows<Width, T> x;
    T inverse_diagonal[Width] = {};
    for (std::size_t i = 0; i < n; ++i)
    {
        std::fill(std::copy_n(bar + i * stride, i + 1, x[i]), x[i] + Width, T(0));
        inverse_diagonal[i] = 1 / l[i * stride + i]; // of a root, which is never out of range
    }
    for (std::size_t i = 0; i < n; ++i) // from g to M, of which a row needs those of g from its own on
    {
        row_in_registers<Width, T> row(x[i]);
        row.scale(l[i * stride + i]);
        for (std::size_t k = i + 1; k < n; ++k)
        {
            row.add(l[k * stride + i], x[k]);
        }
        row.store(x[i]);
        x[i][i] /= 2;
        std::fill(x[i] + i + 1, x[i] + n, T(0));
    }
    solve_transposed(n, l, stride, inverse_diagonal, x); // S L,
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < i; ++j)
        {
            std::swap(x[i][j], x[j][i]);
        }
    }
    solve_transposed(n, l, stride, inverse_diagonal, x); // and S^T
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            bar[i * stride + j] = j < i ? x[i][j] + x[j][i] : j == i ? x[i][i] : T(0);
        }
    }
}

/// f(the narrowest width that holds n numbers, a constant)
template <class T, class F>
auto with_width(std::size_t n, const F& f)
{
    constexpr std::size_t narrow = std::max(pack<T>::size, small_cholesky / 4);
    return n <= narrow               ? f(std::integral_constant<std::size_t, narrow>())
           : n <= small_cholesky / 2 ? f(std::integral_constant<std::size_t, small_cholesky / 2>())
                                     : f(std::integral_constant<std::size_t, small_cholesky>());
}

template <class T>
cholesky_outcome<T> factor_small(std::size_t n, const T* a, T* l)
{
    return with_width<T>(n, [&](auto width) { return factor<width>(n, a, l); });
}

template <class T>
void pull_small(std::size_t n, const T* l, T* bar, std::size_t stride)
{
    with_width<T>(n, [&](auto width) { pull<width>(n, l, bar, stride); });
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const cholesky_kernels<T> compiled<cholesky_kernels<T>>::kernels{.factor = factor_small<T>,              \
                                                                               .pull = pull_small<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
