#pragma once

#include "autograd/parallel/pool.hpp"
#include "autograd/parallel/threads.hpp"

#include <algorithm>

/// How work is divided: into blocks that follow from its shape alone, never from the number of threads. Work is counted
/// in elements, of which one takes a part of a nanosecond.
namespace autograd::parallel
{

/// The least that a block is worth: some microseconds.
inline constexpr std::size_t least_block = std::size_t{1} << 13;

/// From here on work is divided.
inline constexpr std::size_t least_work = 4 * least_block;

/// Enough for many threads to end at about one time.
inline constexpr std::size_t most_blocks = 256;

/// Whether work is worth dividing, and there is somebody to share it.
inline bool is_divided(std::size_t elements)
{
    return elements >= least_work && threads() > 1;
}

/// f(k) for all k < count, at one time or one after the other.
template <class F>
void for_each_block(std::size_t count, const F& f)
{
    run_blocks(
        count, [](const void* context, std::size_t k) { (*static_cast<const F*>(context))(k); }, &f);
}

/// f(first, last) for ranges that make up [0, count) and begin at multiples of `unit`: all of it where that many
/// elements are no work to be divided.
template <class F>
void for_each_range(std::size_t count, std::size_t elements, std::size_t unit, const F& f)
{
    if (!is_divided(elements))
    {
        f(std::size_t{0}, count);
        return;
    }
    const std::size_t units = (count + unit - 1) / unit;
    const std::size_t blocks = std::min({units, elements / least_block, most_blocks});
    for_each_block(blocks,
                   [&](std::size_t k)
                   {
                       // The first blocks have one unit more.
                       const auto begin = [&](std::size_t block)
                       { return std::min(count, unit * (units / blocks * block + std::min(block, units % blocks))); };
                       f(begin(k), begin(k + 1));
                   });
}

/// f(first, last) for ranges of items that have so many elements each. Of few large ones, which f divides itself, it is
/// called for all.
template <class F>
void for_each_range_of_items(std::size_t items, std::size_t elements_of_item, std::size_t unit, const F& f)
{
    constexpr std::size_t few = 16;
    if (items < few && elements_of_item >= least_work)
    {
        f(std::size_t{0}, items);
    }
    else
    {
        for_each_range(items, items * elements_of_item, unit, f);
    }
}

} // namespace autograd::parallel
