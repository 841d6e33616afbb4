#include "autograd/tape/arena.hpp"

#include <algorithm>
#include <new>

namespace autograd
{

namespace
{
constexpr std::size_t smallest_chunk = std::size_t{1} << 16;
constexpr std::size_t largest_step = std::size_t{1} << 26;
} // namespace

/// Twice the last one, but no more than a few blocks like this one need, or a small part of what is held: what is left
/// of the last chunk is memory that nobody uses.
std::size_t detail::arena::next_chunk(std::size_t bytes) const
{
    if (m_chunks.empty())
    {
        return std::max(bytes, smallest_chunk);
    }
    const std::size_t enough =
        std::max({large_page, 8 * std::min(bytes, largest_step), in_large_pages(capacity() / 16)});
    return std::max(bytes, std::min({2 * m_chunks.back().size, enough, largest_step}));
}

void* detail::arena::allocate_elsewhere(std::size_t bytes)
{
    // A chunk that was kept from an earlier recording and is large enough; those passed over stay empty this time.
    std::size_t next = m_chunks.empty() ? 0 : m_next.chunk + 1;
    while (next < m_chunks.size() && m_chunks[next].size < bytes)
    {
        ++next;
    }
    if (next == m_chunks.size())
    {
        const std::size_t size = next_chunk(bytes);
        try
        {
            m_chunks.reserve(m_chunks.size() + 1);
            m_chunks.push_back({system_memory(size), size});
        }
        catch (const std::bad_alloc&)
        {
            throw arena_exhausted("tape", size, " bytes could not be allocated; the tape holds ", capacity(),
                                  ". Clear it, or record less at a time.");
        }
    }
    m_next = {next, bytes};
    m_current = &m_chunks[next];
    return m_current->memory.begin();
}

std::size_t detail::arena::capacity() const
{
    std::size_t bytes = 0;
    for (const chunk& each : m_chunks)
    {
        bytes += each.size;
    }
    return bytes;
}

std::size_t detail::arena::used() const
{
    std::size_t bytes = m_next.used;
    for (std::size_t i = 0; i < m_next.chunk; ++i)
    {
        bytes += m_chunks[i].size;
    }
    return bytes;
}

} // namespace autograd
