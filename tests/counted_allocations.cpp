// The operators new of the test program, which count.

#include "counted_allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

namespace
{
thread_local std::size_t count = 0;

void* allocate(std::size_t size, std::size_t alignment)
{
    ++count;
    void* memory = nullptr;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__)
    {
        memory = std::malloc(std::max<std::size_t>(size, 1));
    }
    else if (size <= std::numeric_limits<std::size_t>::max() - alignment)
    {
        memory = std::aligned_alloc(alignment, (size / alignment + 1) * alignment);
    }
    return memory != nullptr ? memory : throw std::bad_alloc();
}
} // namespace

std::size_t support::allocations()
{
    return count;
}

// Those of arrays, and those that do not throw, call these.
void* operator new(std::size_t size)
{
    return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}
