#pragma once

#include <cstddef>

namespace support
{

/// How many times this thread asked for memory so far: by new, by malloc, or otherwise. Where that cannot be seen,
/// under sanitizers and beside glibc, it is 0.
std::size_t allocations();

/// Whether it can be seen.
bool allocations_are_counted();

/// While one lives, the request for memory of this number is refused, and none after it: the first is 0. Where requests
/// cannot be seen, none is.
class refused_allocation
{
public:
    explicit refused_allocation(std::size_t number);
    ~refused_allocation();
    refused_allocation(const refused_allocation&) = delete;
};

/// How many times f asks for memory.
template <class F>
std::size_t allocations_of(F f)
{
    const std::size_t before = allocations();
    f();
    return allocations() - before;
}

} // namespace support
