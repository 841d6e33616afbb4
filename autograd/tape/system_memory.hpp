#pragma once

#include <cstddef>

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

/// Memory from the system, uninitialised: it begins at a large page, or at a cache line where it is smaller than that.
class system_memory
{
public:
    system_memory() = default;
    /// Throws std::bad_alloc.
    explicit system_memory(std::size_t bytes);
    system_memory(system_memory&& other) noexcept : m_begin(other.m_begin), m_boundary(other.m_boundary)
    {
        other.m_begin = nullptr;
    }
    system_memory& operator=(system_memory&& other) noexcept;
    ~system_memory() { release(); }

    std::byte* begin() const { return m_begin; }
    void release();

private:
    std::byte* m_begin = nullptr;
    std::size_t m_boundary = 0;
};

/// Asks for large pages; an advice, which changes nothing but time. `memory` begins at one.
void advise_large_pages(std::byte* memory, std::size_t bytes);

} // namespace autograd::detail
