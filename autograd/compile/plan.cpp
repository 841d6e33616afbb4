#include "autograd/compile/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <new>
#include <numeric>
#include <queue>
#include <set>

namespace autograd
{

namespace
{

using detail::arena_plan;
using detail::lifetime;

/// Throws std::bad_alloc for more bytes together than can be counted.
void require_countable(std::span<const lifetime> values)
{
    std::size_t all = 0;
    for (const lifetime& each : values)
    {
        if (__builtin_add_overflow(all, each.bytes + arena_plan::alignment, &all) || all > PTRDIFF_MAX)
        {
            throw std::bad_alloc();
        }
    }
}

std::size_t aligned(std::size_t bytes)
{
    return (bytes + arena_plan::alignment - 1) / arena_plan::alignment * arena_plan::alignment;
}

/// Gaps of a block of memory that grows at its end: by offset, to join neighbours, and by size, to find the smallest
/// that holds something.
class gaps
{
public:
    std::size_t take(std::size_t bytes)
    {
        const auto found = m_by_size.lower_bound({bytes, 0});
        if (found == m_by_size.end())
        {
            return grow(bytes);
        }
        const auto [size, offset] = *found;
        remove(offset, size);
        if (size > bytes)
        {
            add(offset + bytes, size - bytes);
        }
        return offset;
    }

    void give_back(std::size_t offset, std::size_t bytes)
    {
        const auto behind = m_by_offset.lower_bound(offset);
        if (behind != m_by_offset.end() && offset + bytes == behind->first)
        {
            bytes += behind->second;
            remove(behind->first, behind->second);
        }
        const auto next = m_by_offset.lower_bound(offset);
        if (next != m_by_offset.begin())
        {
            const auto [before, size] = *std::prev(next);
            if (before + size == offset)
            {
                remove(before, size);
                offset = before;
                bytes += size;
            }
        }
        add(offset, bytes);
    }

    std::size_t end() const { return m_end; }

private:
    /// Where the last gap reaches the end, it is a part of what is taken.
    std::size_t grow(std::size_t bytes)
    {
        std::size_t offset = m_end;
        if (!m_by_offset.empty())
        {
            const auto [last, size] = *m_by_offset.rbegin();
            if (last + size == m_end)
            {
                offset = last;
                remove(last, size);
            }
        }
        m_end = offset + bytes;
        return offset;
    }
    void add(std::size_t offset, std::size_t bytes)
    {
        m_by_offset.emplace(offset, bytes);
        m_by_size.emplace(bytes, offset);
    }
    void remove(std::size_t offset, std::size_t bytes)
    {
        m_by_offset.erase(offset);
        m_by_size.erase({bytes, offset});
    }

    std::map<std::size_t, std::size_t> m_by_offset;
    std::set<std::pair<std::size_t, std::size_t>> m_by_size;
    std::size_t m_end = 0;
};

/// Lifetimes in the order in which they end.
class still_alive
{
public:
    explicit still_alive(std::span<const lifetime> values) : m_values(values) {}

    void add(std::size_t k) { m_queue.emplace(m_values[k].last, k); }
    /// Calls f(k) for those that end before a step, and forgets them.
    template <class F>
    void end_before(std::uint32_t step, F f)
    {
        while (!m_queue.empty() && m_queue.top().first < step)
        {
            f(m_queue.top().second);
            m_queue.pop();
        }
    }

private:
    using ending = std::pair<std::uint32_t, std::size_t>;
    std::span<const lifetime> m_values;
    std::priority_queue<ending, std::vector<ending>, std::greater<>> m_queue;
};

arena_plan in_order(std::span<const lifetime> values)
{
    arena_plan plan;
    plan.offsets.resize(values.size());
    gaps free;
    still_alive alive(values);
    for (std::size_t k = 0; k < values.size(); ++k)
    {
        alive.end_before(values[k].first,
                         [&](std::size_t j) { free.give_back(plan.offsets[j], aligned(values[j].bytes)); });
        if (values[k].bytes > 0)
        {
            plan.offsets[k] = free.take(aligned(values[k].bytes));
            alive.add(k);
        }
    }
    plan.bytes = free.end();
    return plan;
}

/// All values, in the order of a measure from the greatest on.
template <class Measure>
std::vector<std::size_t> greatest_first(std::span<const lifetime> values, Measure measure)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return measure(values[a]) > measure(values[b]); });
    return order;
}

/// Each value in turn into the lowest gap.
arena_plan one_by_one(std::span<const lifetime> values, const std::vector<std::size_t>& order)
{
    arena_plan plan;
    plan.offsets.resize(values.size());
    std::vector<std::size_t> placed; // by offset
    for (std::size_t k : order)
    {
        const std::size_t bytes = aligned(values[k].bytes);
        std::size_t offset = 0;
        for (std::size_t j : placed)
        {
            const bool together = values[j].first <= values[k].last && values[k].first <= values[j].last;
            if (together && plan.offsets[j] < offset + bytes)
            {
                offset = std::max(offset, plan.offsets[j] + aligned(values[j].bytes));
            }
        }
        plan.offsets[k] = offset;
        plan.bytes = std::max(plan.bytes, offset + bytes);
        if (bytes > 0)
        {
            placed.insert(std::upper_bound(placed.begin(), placed.end(), k,
                                           [&](std::size_t a, std::size_t b)
                                           { return plan.offsets[a] < plan.offsets[b]; }),
                          k);
        }
    }
    return plan;
}

/// Those that end highest are placed first in the next try: they had come when there was no room below.
void place_highest_first(std::span<const lifetime> values, std::vector<std::size_t> order, std::size_t bound,
                         arena_plan& best)
{
    constexpr std::size_t tries = 16;
    arena_plan plan = best;
    for (std::size_t k = 0; k < tries && best.bytes - bound > best.bytes / 100; ++k)
    {
        std::stable_partition(order.begin(), order.end(),
                              [&](std::size_t j) { return plan.offsets[j] + aligned(values[j].bytes) == plan.bytes; });
        plan = one_by_one(values, order);
        if (plan.bytes < best.bytes)
        {
            best = plan;
        }
    }
}

std::size_t most_alive(std::span<const lifetime> values)
{
    std::size_t now = 0;
    std::size_t most = 0;
    still_alive alive(values);
    for (std::size_t k = 0; k < values.size(); ++k)
    {
        alive.end_before(values[k].first, [&](std::size_t j) { now -= aligned(values[j].bytes); });
        now += aligned(values[k].bytes);
        alive.add(k);
        most = std::max(most, now);
    }
    return most;
}

} // namespace

detail::arena_plan detail::plan_arena(std::span<const lifetime> values)
{
    require_countable(values);
    constexpr std::size_t few = 4096;
    arena_plan plan = in_order(values);
    const std::size_t bound = most_alive(values);
    const auto try_order = [&](auto measure)
    {
        if (plan.bytes > bound && values.size() <= few)
        {
            arena_plan other = one_by_one(values, greatest_first(values, measure));
            if (other.bytes < plan.bytes)
            {
                plan = std::move(other);
            }
        }
    };
    const auto bytes = [](const lifetime& x) { return x.bytes; };
    const auto steps = [](const lifetime& x) { return std::size_t{x.last} - x.first; };
    const auto both = [&](const lifetime& x) { return x.bytes * (steps(x) + 1); };
    try_order(bytes);
    try_order(steps);
    try_order(both);
    constexpr std::size_t very_few = 128;
    if (values.size() <= very_few)
    {
        place_highest_first(values, greatest_first(values, steps), bound, plan);
        place_highest_first(values, greatest_first(values, bytes), bound, plan);
        place_highest_first(values, greatest_first(values, both), bound, plan);
    }
    plan.lower_bound = bound;
    return plan;
}

} // namespace autograd
