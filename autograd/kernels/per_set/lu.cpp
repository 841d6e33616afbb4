#include "autograd/kernels/lu.hpp"

#include "autograd/kernels/per_set/compiled.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// A matrix of at most Width rows, with zeros behind its columns: loops over a row are of constant length.
template <std::size_t Width, class T>
class elimination
{
public:
    elimination(std::size_t n, const T* a) : m_n(n)
    {
        for (std::size_t i = 0; i < n; ++i)
        {
            std::copy_n(a + i * n, n, m_rows[i]);
            std::fill(m_rows[i] + n, m_rows[i] + Width, T(0));
        }
        std::fill_n(m_left, n, T(1));
        std::fill(m_left + n, m_left + Width, T(0));
    }

    /// Columns stay where they are until all are eliminated.
    void run()
    {
        for (std::size_t k = 0; k < m_n; ++k)
        {
            const std::size_t pivot = column_of_largest(m_rows[k]);
            m_order[k] = pivot;
            m_left[pivot] = 0;
            const T divisor = m_rows[k][pivot];
            if (divisor == 0) // nothing is left in this row
            {
                continue;
            }
            T scaled[Width];
            for (std::size_t j = 0; j < Width; ++j)
            {
                const T quotient = m_rows[k][j] / divisor;
                scaled[j] = m_left[j] != 0 ? quotient : T(0);
                m_rows[k][j] = m_left[j] != 0 ? quotient : m_rows[k][j];
            }
            for (std::size_t i = k + 1; i < m_n; ++i)
            {
                const T factor = m_rows[i][pivot];
                for (std::size_t j = 0; j < Width; ++j)
                {
                    m_rows[i][j] -= factor * scaled[j];
                }
            }
        }
    }

    void write(T* packed) const
    {
        for (std::size_t i = 0; i < m_n; ++i)
        {
            for (std::size_t j = 0; j < m_n; ++j)
            {
                *packed++ = m_rows[i][m_order[j]];
            }
        }
        std::size_t at[Width];    // the column that stands at a place,
        std::size_t place[Width]; // and the place where a column stands
        std::iota(at, at + m_n, std::size_t{0});
        std::iota(place, place + m_n, std::size_t{0});
        for (std::size_t k = 0; k < m_n; ++k)
        {
            const std::size_t from = place[m_order[k]];
            *packed++ = static_cast<T>(from);
            at[from] = at[k];
            place[at[k]] = from;
        }
    }

private:
    /// Of the columns that are left, the first one whose element is the largest.
    std::size_t column_of_largest(const T* row) const
    {
        T size[Width];
        T largest[Width];
        for (std::size_t j = 0; j < Width; ++j)
        {
            const T magnitude = std::abs(row[j]);
            size[j] = m_left[j] != 0 ? magnitude : T(-1);
            largest[j] = size[j];
        }
        for (std::size_t half = Width / 2; half > 0; half /= 2)
        {
            for (std::size_t j = 0; j < half; ++j)
            {
                largest[j] = largest[j] < largest[j + half] ? largest[j + half] : largest[j];
            }
        }
        // What overflowed on the way may be NaN, which is no largest: any column will do then.
        const T* const column = *largest >= 0 ? std::find(size, size + m_n, *largest)
                                              : std::find_if(size, size + m_n, [](T each) { return each != -1; });
        return static_cast<std::size_t>(column - size);
    }

    std::size_t m_n;
    std::size_t m_order[Width];
    alignas(64) T m_rows[Width][Width];
    alignas(64) T m_left[Width]; ///< 1 for the columns that have not been pivots
};

template <std::size_t Width, class T>
void factor(std::size_t n, const T* a, T* packed)
{
    elimination<Width, T> of(n, a);
    of.run();
    of.write(packed);
}

template <class T>
void lu_factor(std::size_t n, const T* a, T* packed)
{
    if (n <= 8)
    {
        factor<8>(n, a, packed);
    }
    else if (n <= 16)
    {
        factor<16>(n, a, packed);
    }
    else
    {
        factor<small_lu>(n, a, packed);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const lu_kernels<T> compiled<lu_kernels<T>>::kernels{.factor = lu_factor<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
