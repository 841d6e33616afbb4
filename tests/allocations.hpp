#pragma once

#include <cstddef>

namespace support
{

/// How many times this thread asked for memory so far: by new, by malloc, or otherwise. Where that cannot be seen,
/// under sanitizers and beside glibc, it is 0.
std::size_t allocations();

/// Whether it can be seen.
bool allocations_are_counted();

/// How many times f asks for memory.
template <class F>
std::size_t allocations_of(F f)
{
    const std::size_t before = allocations();
    f();
    return allocations() - before;
}

} // namespace support
