#pragma once

#include "autograd/tape/system_memory.hpp"

#include <cstddef>

namespace autograd::detail
{

/// Memory that grows at its end and is kept. Small, it is from operator new and moves as it grows; large, it stays
/// where it is: a range of addresses is reserved and given pages from its beginning on, so that nothing is copied, and
/// nothing held that is not used. Where addresses are limited it moves as it did when it was small.
class growing_memory
{
public:
    /// Beyond this size it does not move.
    static constexpr std::size_t large = large_page;

    growing_memory() = default;
    ~growing_memory();
    growing_memory(const growing_memory&) = delete;

    std::byte* begin() const { return m_begin; }
    /// Bytes held from the system.
    std::size_t capacity() const { return m_capacity; }

    /// Makes the capacity `bytes` or more; the first `used` of them are kept. Throws std::bad_alloc, and is then what
    /// it was.
    void grow(std::size_t bytes, std::size_t used);

private:
    /// Addresses that are ours; pages are given to them from the first large page on.
    struct range
    {
        std::byte* addresses = nullptr;
        std::size_t size = 0;
        std::byte* begin() const;
        std::size_t usable() const;
    };
    static range reserve(std::size_t bytes);
    static void release(const range& addresses);
    static bool commit(const range& addresses, std::size_t from, std::size_t to);

    bool move_to_range(std::size_t bytes, std::size_t used);
    void move_to_heap(std::size_t bytes, std::size_t used);

    std::byte* m_begin = nullptr;
    std::size_t m_capacity = 0;
    system_memory m_heap;
    range m_range;
};

} // namespace autograd::detail
