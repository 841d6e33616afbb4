#include "autograd/tape/growing_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

// ThreadSanitizer holds memory of its own for every address that is reserved.
#if defined(__SANITIZE_THREAD__)
#define AUTOGRAD_RESERVES_ADDRESSES 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AUTOGRAD_RESERVES_ADDRESSES 0
#endif
#endif
#if !defined(AUTOGRAD_RESERVES_ADDRESSES) && defined(__linux__)
#define AUTOGRAD_RESERVES_ADDRESSES 1
#endif

#if AUTOGRAD_RESERVES_ADDRESSES
#include <sys/mman.h>
#include <sys/resource.h>
#endif

namespace autograd
{

namespace
{
/// Addresses cost nothing: as many as one tape on a large machine will ever fill, for thousands of tapes at a time.
constexpr std::size_t first_range = std::size_t{1} << 34;
constexpr std::size_t smallest = std::size_t{1} << 11;
} // namespace

detail::growing_memory::~growing_memory()
{
    release(m_range);
}

void detail::growing_memory::grow(std::size_t bytes, std::size_t used)
{
    if (bytes <= m_capacity)
    {
        return;
    }
    if (const std::size_t larger = detail::in_large_pages(bytes); larger <= m_range.usable())
    {
        if (!commit(m_range, m_capacity, larger))
        {
            throw std::bad_alloc();
        }
        m_capacity = larger;
    }
    else if (bytes <= large || !move_to_range(larger, used))
    {
        move_to_heap(std::max({bytes, smallest, 2 * m_capacity}), used);
    }
}

bool detail::growing_memory::move_to_range(std::size_t bytes, std::size_t used)
{
    const range addresses = reserve(std::max(first_range, 2 * bytes));
    if (addresses.size == 0)
    {
        return false;
    }
    if (!commit(addresses, 0, bytes))
    {
        release(addresses);
        return false;
    }
    std::memcpy(addresses.begin(), m_begin, used);
    release(m_range);
    m_heap.release();
    m_range = addresses;
    m_begin = addresses.begin();
    m_capacity = bytes;
    return true;
}

void detail::growing_memory::move_to_heap(std::size_t bytes, std::size_t used)
{
    system_memory memory(bytes);
    if (used > 0)
    {
        std::memcpy(memory.begin(), m_begin, used);
    }
    release(m_range);
    m_range = {};
    m_heap = std::move(memory);
    m_begin = m_heap.begin();
    m_capacity = bytes;
}

std::byte* detail::growing_memory::range::begin() const
{
    return std::bit_cast<std::byte*>(in_large_pages(std::bit_cast<std::size_t>(addresses)));
}

std::size_t detail::growing_memory::range::usable() const
{
    return size == 0 ? 0 : size - large_page; // it may begin anywhere in a large page
}

#if AUTOGRAD_RESERVES_ADDRESSES

auto detail::growing_memory::reserve(std::size_t bytes) -> range
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
    {
        return {}; // addresses are counted, and others need them
    }
    const std::size_t size = bytes + large_page;
    void* const memory = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
    {
        return {};
    }
    const range addresses{static_cast<std::byte*>(memory), size};
    advise_large_pages(addresses.begin(), addresses.usable());
    return addresses;
}

void detail::growing_memory::release(const range& addresses)
{
    if (addresses.size > 0)
    {
        ::munmap(addresses.addresses, addresses.size);
    }
}

bool detail::growing_memory::commit(const range& addresses, std::size_t from, std::size_t to)
{
    return ::mprotect(addresses.begin() + from, to - from, PROT_READ | PROT_WRITE) == 0;
}

#else

auto detail::growing_memory::reserve(std::size_t) -> range
{
    return {};
}

void detail::growing_memory::release(const range&) {}

bool detail::growing_memory::commit(const range&, std::size_t, std::size_t)
{
    return false;
}

#endif

} // namespace autograd
