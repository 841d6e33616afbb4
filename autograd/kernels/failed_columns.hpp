#pragma once

#include "autograd/kernels/chain_walk.hpp"
#include "autograd/kernels/lines.hpp"

/// Which lines of a tile have to be walked again in numbers with exponents.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Columns, of which at most column_tile are walked side by side.
template <class T>
class failed_columns
{
public:
    /// Marks the columns from c on where `next`, which is or contains a * b, lost digits.
    void watch(pack<T> next, pack<T> a, pack<T> b, std::size_t c)
    {
        const mask<T> small = abs(next) < smallest_normal<T>;
        if (any(small)) [[unlikely]]
        {
            mark(small && not_equal(a, 0) && not_equal(b, 0), c);
        }
    }
    /// Marks those where a number is infinite or NaN: at the end of a walk, since it stays so.
    void watch_finite(pack<T> last, std::size_t c) { mark(!isfinite(last), c); }

    /// f(walk, place) for the marked ones of `width`, where the place is that in columns of `rows` numbers.
    template <class F>
    void walk_again(const chain_operands<T>& of, const chain& how, const line_place& columns, std::size_t width, F f)
    {
        if (!m_any)
        {
            return;
        }
        careful_walk<T> walk(of, how, {});
        for (std::size_t c = 0; c < width; ++c)
        {
            if (m_failed[c])
            {
                f(walk, line_place{c, columns.length, columns.stride, c});
            }
        }
    }

private:
    void mark(mask<T> lanes, std::size_t c)
    {
        if (!any(lanes))
        {
            return;
        }
        if (!m_any)
        {
            std::fill_n(m_failed, column_tile, false);
            m_any = true;
        }
        bool failed[pack<T>::size];
        lanes.m_batch.store_unaligned(failed);
        for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
        {
            m_failed[c + lane] |= failed[lane];
        }
    }

    bool m_any = false;
    bool m_failed[column_tile];
};

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
