#include "autograd/tape/system_memory.hpp"

#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace autograd
{

detail::system_memory::system_memory(std::size_t bytes) : m_boundary(bytes >= large_page ? large_page : cache_line)
{
    m_begin = static_cast<std::byte*>(::operator new(bytes, std::align_val_t(m_boundary)));
    if (m_boundary == large_page)
    {
        advise_large_pages(m_begin, bytes - bytes % large_page);
    }
}

detail::system_memory& detail::system_memory::operator=(system_memory&& other) noexcept
{
    std::swap(m_begin, other.m_begin);
    std::swap(m_boundary, other.m_boundary);
    return *this;
}

void detail::system_memory::release()
{
    if (m_begin != nullptr)
    {
        ::operator delete(m_begin, std::align_val_t(m_boundary));
        m_begin = nullptr;
    }
}

void detail::advise_large_pages([[maybe_unused]] std::byte* memory, [[maybe_unused]] std::size_t bytes)
{
#if defined(__linux__)
    ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

} // namespace autograd
