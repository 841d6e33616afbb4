#pragma once

#include "autograd/kernels/per_set/chain_walk.hpp"
#include "autograd/kernels/per_set/column_walk.hpp"
#include "autograd/kernels/per_set/lines.hpp"

/// Walks in the arithmetic of T, and which lines have to be walked again in numbers with exponents.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// The walk down columns in the arithmetic of T, which notices whether it is enough: nothing small, infinite or NaN.
/// start(part, c), step(part, row, c, state, factor) and finish(part, c, state) as in walk_columns; a step is or
/// contains the state times the factor that it gives back.
template <class T>
class plain_columns
{
public:
    template <class Start, class Step, class Finish>
    void walk(std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Start start, Step step,
              Finish finish)
    {
        look(walk_columns<seen_states<T>, T>(rows, from, stride, width, start, without_factor(step), finish));
    }

    template <class Step>
    void walk_into(T* y, std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Step step)
    {
        look(walk_columns_into<seen_states<T>>(y, rows, from, stride, width, without_factor(step)));
    }

    bool was_enough() const { return m_was_enough; }

private:
    template <class Step>
    static auto without_factor(Step step)
    {
        return [step](auto part, std::ptrdiff_t row, std::size_t c, pack<T> state)
        {
            pack<T> factor;
            return step(part, row, c, state, factor);
        };
    }
    void look(const seen_states<T>& seen) { m_was_enough = m_was_enough && seen.were_normal(); }

    bool m_was_enough = true;
};

/// The same walk, which marks the columns in which a product loses digits, or that come to something infinite.
template <class T>
class failed_columns
{
public:
    template <class Start, class Step, class Finish>
    void walk(std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Start start, Step step,
              Finish finish)
    {
        walk_columns<unseen_states, T>(rows, from, stride, width, start, marking(step),
                                       [this, finish](auto part, std::size_t c, pack<T> state)
                                       {
                                           mark(!isfinite(state), c);
                                           finish(part, c, state);
                                       });
    }

    template <class Step>
    void walk_into(T* y, std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Step step)
    {
        walk_columns_into<unseen_states>(
            y, rows, from, stride, width,
            [this, step = marking(step)](auto part, std::ptrdiff_t row, std::size_t c, pack<T> state)
            {
                const pack<T> next = step(part, row, c, state);
                mark(!isfinite(next), c);
                return next;
            });
    }

    /// f(walk, place) for the marked ones of `width`, where the place is that in columns of `rows` numbers.
    template <class F>
    void walk_again(const chain_operands<T>& of, const chain& how, std::size_t rows, std::size_t stride,
                    std::size_t width, F f)
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
                f(walk, line_place{c, rows, stride, c});
            }
        }
    }

private:
    template <class Step>
    auto marking(Step step)
    {
        return [this, step](auto part, std::ptrdiff_t row, std::size_t c, pack<T> state)
        {
            pack<T> factor;
            const pack<T> next = step(part, row, c, state, factor);
            mark(lost_digits(next, factor, state), c);
            return next;
        };
    }

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

/// walk(columns) goes along all of `width` columns: with plain_columns, and where that was not enough, with
/// failed_columns; again(walk, place) along the marked ones, with exponents.
template <class T, class Walk, class Again>
void walk_columns_carefully(const chain_operands<T>& of, const chain& how, std::size_t rows, std::size_t stride,
                            std::size_t width, Walk walk, Again again)
{
    plain_columns<T> plain;
    walk(plain);
    if (!plain.was_enough()) [[unlikely]]
    {
        failed_columns<T> failed;
        walk(failed);
        failed.walk_again(of, how, rows, stride, width, again);
    }
}

/// A line that was walked in the plainest way, with something small or infinite on it: f(walk) with a walk that tells
/// digits that were lost from exact zeros, and where it says so, with one in numbers with exponents.
template <class T, class F>
[[gnu::noinline]] void walk_line_again(const chain_operands<T>& of, const chain& how, F f)
{
    chain_walk<T, plain_arithmetic<T>, no_directions> plain(of, how, {});
    if (!f(plain))
    {
        careful_walk<T> careful(of, how, {});
        f(careful);
    }
}

/// f(direction), 1 or -1 as a constant.
template <class F>
void in_direction(bool reverse, F f)
{
    if (reverse)
    {
        f(std::integral_constant<std::ptrdiff_t, -1>());
    }
    else
    {
        f(std::integral_constant<std::ptrdiff_t, 1>());
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
