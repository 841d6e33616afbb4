#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace autograd::detail
{

/// Blocks of this size or more are made of large pages, where the system has them: fresh memory costs a fault for each
/// page, which takes longer than what small operations write to it.
inline constexpr std::size_t large_page = std::size_t{1} << 21;
inline constexpr std::size_t cache_line = 64;

constexpr std::size_t in_large_pages(std::size_t bytes)
{
    return (bytes + large_page - 1) & ~(large_page - 1);
}

struct system_memory_release
{
    std::size_t boundary;
    void operator()(std::byte* memory) const { ::operator delete(memory, std::align_val_t(boundary)); }
};

/// Memory from the system: it begins at a large page, or at a cache line where it is smaller than that.
using system_memory = std::unique_ptr<std::byte, system_memory_release>;

/// Uninitialised. Throws std::bad_alloc.
system_memory memory_from_system(std::size_t bytes);

/// Asks for large pages; an advice, which changes nothing but time. `memory` begins at one.
void advise_large_pages(std::byte* memory, std::size_t bytes);

} // namespace autograd::detail
