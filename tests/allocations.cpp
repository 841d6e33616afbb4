#include "allocations.hpp"

#include <cerrno>
#include <cstdlib>
#include <limits>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SUPPORT_COUNTS_ALLOCATIONS
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#undef SUPPORT_COUNTS_ALLOCATIONS
#endif
#endif

namespace
{
constexpr auto never = std::numeric_limits<std::size_t>::max();
thread_local std::size_t count = 0;
thread_local std::size_t refused = never;

#if defined(SUPPORT_COUNTS_ALLOCATIONS)
/// Whether this request is refused.
bool is_refused()
{
    return count++ == refused;
}
#endif
} // namespace

std::size_t support::allocations()
{
    return count;
}

support::refused_allocation::refused_allocation(std::size_t number)
{
    refused = count + number;
}
support::refused_allocation::~refused_allocation()
{
    refused = never;
}

#if defined(SUPPORT_COUNTS_ALLOCATIONS)

bool support::allocations_are_counted()
{
    return true;
}

// The functions of this name in the program are those that everybody calls, libraries too; glibc's stand behind.
extern "C"
{
    void* __libc_malloc(std::size_t);
    void* __libc_calloc(std::size_t, std::size_t);
    void* __libc_realloc(void*, std::size_t);
    void* __libc_memalign(std::size_t, std::size_t);

    void* malloc(std::size_t bytes) noexcept
    {
        return is_refused() ? nullptr : __libc_malloc(bytes);
    }
    void* calloc(std::size_t number, std::size_t bytes) noexcept
    {
        return is_refused() ? nullptr : __libc_calloc(number, bytes);
    }
    void* realloc(void* memory, std::size_t bytes) noexcept
    {
        return is_refused() ? nullptr : __libc_realloc(memory, bytes);
    }
    void* memalign(std::size_t boundary, std::size_t bytes) noexcept
    {
        return is_refused() ? nullptr : __libc_memalign(boundary, bytes);
    }
    void* aligned_alloc(std::size_t boundary, std::size_t bytes) noexcept
    {
        return is_refused() ? nullptr : __libc_memalign(boundary, bytes);
    }
    int posix_memalign(void** memory, std::size_t boundary, std::size_t bytes) noexcept
    {
        void* const found = is_refused() ? nullptr : __libc_memalign(boundary, bytes);
        if (found == nullptr)
        {
            return ENOMEM;
        }
        *memory = found;
        return 0;
    }
}

#else

bool support::allocations_are_counted()
{
    return false;
}

#endif
