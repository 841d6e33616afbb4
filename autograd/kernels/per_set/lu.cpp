#include "autograd/kernels/lu.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/per_set/compiled.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// A matrix of at most Width rows, each of them so many whole packs: what stands behind its columns is never chosen.
template <std::size_t Width, class T>
class elimination
{
public:
    elimination(std::size_t n, const T* a) : m_n(n)
    {
        std::iota(m_at, m_at + Width, std::size_t{0});
        for (std::size_t p = 0; p < packs; ++p)
        {
            T numbers[size];
            T bits[size];
            for (std::size_t lane = 0; lane < size; ++lane)
            {
                numbers[lane] = static_cast<T>(p * size + lane);
                bits[lane] = bits_of_place(p * size + lane);
            }
            m_column[p] = pack<T>::load(numbers);
            m_place[p] = pack<T>::load(bits);
            m_left[p] = m_column[p] < static_cast<T>(n);
            for (std::size_t i = 0; i < n; ++i)
            {
                const T* const row = a + i * n + p * size;
                const std::size_t count = n - std::min(n, p * size);
                (count >= size ? pack<T>::load(row) : load_some(row, count)).store(m_rows[i] + p * size);
            }
        }
    }

    /// Columns stay where they are until all are eliminated: what changes is which place each one has.
    void run()
    {
        for (std::size_t k = 0; k < m_n; ++k)
        {
            const std::size_t place = place_of_largest(k);
            const std::size_t pivot = m_at[place];
            m_exchanged[k] = place;
            std::swap(m_at[k], m_at[place]);
            for (std::size_t p = 0; p < packs; ++p)
            {
                const mask<T> is_moved = equal(m_column[p], static_cast<T>(m_at[place]));
                m_place[p] = select(is_moved, pack<T>(bits_of_place(place)), m_place[p]);
                m_left[p] = m_left[p] && not_equal(m_column[p], static_cast<T>(pivot));
            }
            const T divisor = m_rows[k][pivot];
            if (divisor == 0) // nothing is left in this row
            {
                continue;
            }
            pack<T> scaled[packs]; // 0 in the columns that have been pivots
            for (std::size_t p = 0; p < packs; ++p)
            {
                const pack<T> row = pack<T>::load(m_rows[k] + p * size);
                const pack<T> quotient = row / divisor;
                scaled[p] = select(m_left[p], quotient, pack<T>(0));
                select(m_left[p], quotient, row).store(m_rows[k] + p * size);
            }
            for (std::size_t i = k + 1; i < m_n; ++i)
            {
                const T factor = m_rows[i][pivot];
                for (std::size_t p = 0; p < packs; ++p)
                {
                    T* const row = m_rows[i] + p * size;
                    (pack<T>::load(row) - factor * scaled[p]).store(row);
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
                *packed++ = m_rows[i][m_at[j]];
            }
        }
        std::transform(m_exchanged, m_exchanged + m_n, packed, [](std::size_t place) { return static_cast<T>(place); });
    }

private:
    using integer = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static constexpr std::size_t size = pack<T>::size;
    static constexpr std::size_t packs = Width / size;
    static_assert(packs * size == Width);
    static constexpr integer last_bits = small_lu - 1;

    static pack<T> load_some(const T* row, std::size_t count)
    {
        return count == 0 ? pack<T>(0) : pack<T>::load_partial(row, count);
    }

    static T bits_of_place(std::size_t place) { return std::bit_cast<T>(last_bits - static_cast<integer>(place)); }

    /// The place of the column that is left and whose element is largest, but for the last bits: instead of them the
    /// place is compared, counted from behind, so that the largest of these numbers tells the first such place.
    std::size_t place_of_largest(std::size_t k) const
    {
        const pack<T> kept(std::bit_cast<T>(std::numeric_limits<integer>::max() >> 1 & ~last_bits));
        pack<T> largest(-1);
        for (std::size_t p = 0; p < packs; ++p)
        {
            const auto magnitude = pack<T>::load(m_rows[k] + p * size).m_batch & kept.m_batch;
            const pack<T> both(magnitude | m_place[p].m_batch);
            largest = select(m_left[p] && both > largest, both, largest);
        }
        const T found = detail::reduce_lanes([](T a, T b) { return a < b ? b : a; }, largest);
        const bool are_numbers = found >= 0; // something has left the range: any place will do
        return are_numbers ? last_bits - static_cast<std::size_t>(std::bit_cast<integer>(found) & last_bits) : k;
    }

    std::size_t m_n;
    std::size_t m_at[Width];        ///< the column that has a place
    std::size_t m_exchanged[Width]; ///< the place that exchanged its column with place k
    pack<T> m_column[packs];        ///< numbers of columns,
    pack<T> m_place[packs];         ///< their places, counted from behind, as bits,
    mask<T> m_left[packs];          ///< and whether they have not been pivots
    alignas(64) T m_rows[Width][Width];
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
    constexpr std::size_t narrow = std::max(pack<T>::size, small_lu / 4);
    if (n <= narrow)
    {
        factor<narrow>(n, a, packed);
    }
    else if (n <= small_lu / 2)
    {
        factor<small_lu / 2>(n, a, packed);
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
