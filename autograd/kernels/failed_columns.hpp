#pragma once

#include "autograd/kernels/chain_walk.hpp"
#include "autograd/kernels/lines.hpp"

/// Walks in the arithmetic of T, and which lines have to be walked again in numbers with exponents.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Whether one of four numbers is small; what is said of NaN does not matter: it stays, and is found at the end.
template <class T>
bool any_small(pack<T> a, pack<T> b, pack<T> c, pack<T> d)
{
    return any(least(least(abs(a), abs(b)), least(abs(c), abs(d))) < smallest_normal<T>);
}

/// The numbers of a row as the state of a walk, in whole packs.
template <class T>
void start_columns(T* state, const T* numbers, std::size_t width)
{
    std::copy_n(numbers, width, state);
    std::fill_n(state + width, in_packs<T>(width) - width, *numbers);
}

/// Columns, of which at most column_tile are walked side by side.
template <class T>
class failed_columns
{
public:
    /// Walks down `rows` rows of `width` numbers. row(k) is the step at one of them, a function: state = step(part,
    /// column, state, factor), which is or contains the state times the factor that it gives back. Columns in which
    /// such a product loses digits are marked.
    template <class Row>
    void walk(std::size_t rows, std::size_t width, T* state, Row row)
    {
        std::size_t k = 0;
        for (; k + 4 <= rows; k += 4)
        {
            for_each_pack<T>(width,
                             [&, a = row(k), b = row(k + 1), d = row(k + 2), e = row(k + 3)](auto part, std::size_t c)
                             {
                                 pack<T> factors[4];
                                 const pack<T> start = pack<T>::load(state + c);
                                 const pack<T> one = a(part, c, start, factors[0]);
                                 const pack<T> two = b(part, c, one, factors[1]);
                                 const pack<T> three = d(part, c, two, factors[2]);
                                 const pack<T> four = e(part, c, three, factors[3]);
                                 if (any_small(one, two, three, four)) [[unlikely]]
                                 {
                                     mark(lost_digits(one, factors[0], start) || lost_digits(two, factors[1], one) ||
                                              lost_digits(three, factors[2], two) ||
                                              lost_digits(four, factors[3], three),
                                          c);
                                 }
                                 four.store(state + c);
                             });
        }
        for (; k < rows; ++k)
        {
            for_each_pack<T>(width,
                             [&, step = row(k)](auto part, std::size_t c)
                             {
                                 pack<T> factor;
                                 const pack<T> before = pack<T>::load(state + c);
                                 const pack<T> next = step(part, c, before, factor);
                                 mark(lost_digits(next, factor, before), c);
                                 next.store(state + c);
                             });
        }
        // What is infinite or NaN stays so.
        for_each_pack<T>(width, [&](auto, std::size_t c) { mark(!isfinite(pack<T>::load(state + c)), c); });
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
