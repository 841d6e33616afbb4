#include "autograd/tape/arena.hpp"

#include <algorithm>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace autograd
{

namespace
{
constexpr std::size_t smallest_chunk = std::size_t{1} << 16;
constexpr std::size_t largest_step = std::size_t{1} << 26;
} // namespace

auto detail::arena::from_system(std::size_t size) -> chunk
{
    const std::size_t boundary = size >= large_page ? large_page : alignment;
    auto* memory = static_cast<std::byte*>(::operator new(size, std::align_val_t(boundary)));
#if defined(__linux__)
    if (boundary == large_page)
    {
        ::madvise(memory, size - size % large_page, MADV_HUGEPAGE); // an advice: without, pages are small
    }
#endif
    return {{memory, release{boundary}}, size};
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
        const std::size_t grown = m_chunks.empty() ? smallest_chunk : std::min(2 * m_chunks.back().size, largest_step);
        const std::size_t size = std::max(bytes, grown);
        try
        {
            m_chunks.reserve(m_chunks.size() + 1);
            m_chunks.push_back(from_system(size));
        }
        catch (const std::bad_alloc&)
        {
            throw arena_exhausted("tape", size, " bytes could not be allocated; the tape holds ", capacity(),
                                  ". Clear it, or record less at a time.");
        }
    }
    m_next = {next, bytes};
    return m_chunks[next].memory.get();
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
