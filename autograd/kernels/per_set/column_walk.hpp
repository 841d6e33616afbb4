#pragma once

#include "autograd/kernels/per_set/fold.hpp"

#include <utility>

/// Columns, walked side by side in packs; and the lowest magnitude of what a walk comes to.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Numbers less than this have less digits than others.
template <class T>
inline constexpr T smallest_normal = std::numeric_limits<T>::min();

/// The lower one of `lowest`, which is not negative, and the magnitude of x; either, where one of them is NaN.
template <class T>
pack<T> lower_magnitude(pack<T> lowest, pack<T> x)
{
#if defined(__AVX512DQ__)
    constexpr int of_magnitudes = 0b1010; // in one instruction
    if constexpr (std::same_as<T, double>)
    {
        return typename pack<T>::batch_type(
            _mm512_maskz_range_pd(static_cast<__mmask8>(-1), lowest.m_batch, x.m_batch, of_magnitudes));
    }
    else
    {
        return typename pack<T>::batch_type(
            _mm512_maskz_range_ps(static_cast<__mmask16>(-1), lowest.m_batch, x.m_batch, of_magnitudes));
    }
#else
    return detail::primitive::min(lowest.m_batch, abs(x).m_batch);
#endif
}

/// The lowest magnitude of all.
template <class T>
pack<T> lowest_magnitude(pack<T> x)
{
    return abs(x);
}
template <class T, class... Rest>
pack<T> lowest_magnitude(pack<T> x, Rest... rest)
{
    return lower_magnitude(lowest_magnitude(rest...), x);
}

/// What is seen of walks whose states, once infinite or NaN, stay so.
template <class T>
class seen_states
{
public:
    void pass(pack<T> state, auto... more) { m_lowest = lower_magnitude(m_lowest, lowest_magnitude(state, more...)); }
    void end(pack<T> state) { m_is_finite = m_is_finite && isfinite(state); }

    /// Whether none was zero, subnormal, infinite or NaN.
    bool were_normal() const { return all(m_is_finite && m_lowest >= smallest_normal<T>); }

private:
    pack<T> m_lowest = std::numeric_limits<T>::max();
    mask<T> m_is_finite = true;
};

struct unseen_states
{
    void pass(auto...) {}
    void end(auto) {}
};

/// For every pack of `width` columns, at most column_tile: state = start(part, c), then down the rows
/// state = step(part, row, c, state), where row = from, from + stride, ..., and finish(part, c, state) behind the last.
/// Up to four rows are gone down before the next pack: states are seldom stored. Returns what was seen of them.
template <class Seen, class T, class Start, class Step, class Finish>
Seen walk_columns(std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Start start,
                  Step step, Finish finish)
{
    Seen seen;
    alignas(pack<T>) T kept[column_tile];
    std::size_t left = rows;
    const auto go = [&]<std::size_t... K>(std::index_sequence<K...>)
    {
        constexpr std::size_t count = sizeof...(K);
        const bool is_first = left == rows;
        const bool is_last = left == count;
        for_each_pack<T>(
            width,
            [&](auto part, std::size_t c)
            {
                pack<T> states[count + 1];
                states[0] = is_first ? start(part, c) : pack<T>::load(kept + c);
                ((states[K + 1] = step(part, from + static_cast<std::ptrdiff_t>(K) * stride, c, states[K])), ...);
                if constexpr (count > 0)
                {
                    seen.pass(states[K + 1]...);
                }
                if (!is_last)
                {
                    states[count].store(kept + c);
                    return;
                }
                seen.end(states[count]);
                finish(part, c, states[count]);
            });
        left -= count;
        from += static_cast<std::ptrdiff_t>(count) * stride;
    };
    switch (rows % 4)
    {
    case 1:
        go(std::make_index_sequence<1>());
        break;
    case 2:
        go(std::make_index_sequence<2>());
        break;
    case 3:
        go(std::make_index_sequence<3>());
        break;
    default:
        if (rows == 0)
        {
            go(std::index_sequence<>());
        }
    }
    while (left > 0)
    {
        go(std::make_index_sequence<4>());
    }
    return seen;
}

/// The same where the states are what is put out: y[row] = step(part, row, c, y[row before]), where the row before the
/// first is there already. Stores that change between rows are slow: rows of four packs or more are gone along one
/// behind the other.
template <class Seen, class T, class Step>
Seen walk_columns_into(T* y, std::size_t rows, std::ptrdiff_t from, std::ptrdiff_t stride, std::size_t width, Step step)
{
    constexpr std::size_t lanes = pack<T>::size;
    const auto state_before = [=](auto part, std::ptrdiff_t row, std::size_t c)
    { return part.load(y + (row - stride) + c); };
    const auto store_step = [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> state)
    {
        const pack<T> next = step(part, row, c, state);
        part.store(next, y + row + c);
        return next;
    };
    if (width < 4 * lanes || rows == 0)
    {
        return walk_columns<Seen, T>(
            rows, from, stride, width, [=](auto part, std::size_t c) { return state_before(part, from, c); },
            store_step, [](auto, std::size_t, pack<T>) {});
    }
    Seen seen;
    std::ptrdiff_t row = from;
    for (; rows > 0; --rows, row += stride)
    {
        const auto next = [=](auto part, std::size_t c)
        { return store_step(part, row, c, state_before(part, row, c)); };
        const whole_pack<T> whole;
        std::size_t c = 0;
        for (; c + 4 * lanes <= width; c += 4 * lanes)
        {
            const pack<T> states[] = {next(whole, c), next(whole, c + lanes), next(whole, c + 2 * lanes),
                                      next(whole, c + 3 * lanes)};
            seen.pass(states[0], states[1], states[2], states[3]);
        }
        for_each_pack<T>(width - c, [&](auto part, std::size_t rest) { seen.pass(next(part, c + rest)); });
    }
    for_each_pack<T>(width, [&](auto part, std::size_t c) { seen.end(state_before(part, row, c)); });
    return seen;
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
