#pragma once

#include "autograd/tape/error.hpp"
#include "autograd/tape/system_memory.hpp"

#include <cstddef>
#include <vector>

namespace autograd
{

namespace detail
{
/// What an arena throws; the operation that asked tells it in its own name.
class arena_exhausted : public error::memory_error
{
    using memory_error::memory_error;
};

/// Memory that is handed out in order and taken back in reverse order: a bump allocator over chunks that
/// grow with what they are asked for and are kept for reuse, so that a tape that is cleared and recorded again never
/// asks the system twice.
class arena
{
public:
    /// Where the next allocation will come from.
    struct position
    {
        std::size_t chunk = 0;
        std::size_t used = 0;
    };

    /// Blocks of a cache line or more start at a multiple of this many bytes, smaller ones at a quarter of it.
    static constexpr std::size_t alignment = cache_line;

    /// Uninitialised memory, valid until a rewind to an earlier position. Throws memory_error.
    void* allocate(std::size_t bytes)
    {
        const std::size_t boundary = bytes >= alignment ? alignment : alignment / 4;
        const std::size_t start = (m_next.used + boundary - 1) & ~(boundary - 1);
        if (m_current != nullptr && bytes <= m_current->size && start <= m_current->size - bytes)
        {
            m_next.used = start + bytes;
            return m_current->memory.begin() + start;
        }
        return allocate_elsewhere(bytes);
    }

    template <class T>
    T* allocate_array(std::size_t count)
    {
        return static_cast<T*>(allocate(count * sizeof(T)));
    }

    position mark() const { return m_next; }
    void rewind(position to)
    {
        m_next = to;
        m_current = m_chunks.data() + to.chunk;
    }

    /// Bytes held from the system, used or not.
    std::size_t capacity() const;
    /// Bytes up to where the next allocation will come from, what was passed over in order to get there included.
    std::size_t used() const;

private:
    struct chunk
    {
        system_memory memory;
        std::size_t size;
    };

    void* allocate_elsewhere(std::size_t bytes);
    std::size_t next_chunk(std::size_t bytes) const;

    const chunk* m_current = nullptr; ///< of m_chunks, where the next allocation may come from
    std::vector<chunk> m_chunks;
    position m_next;
};
} // namespace detail

} // namespace autograd
