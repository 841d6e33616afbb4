#pragma once

#include <cstddef>

namespace autograd::kernels
{

/// Arrays in the memory that a kernel asked for (operation::scratch), one behind the other. Without memory it counts:
/// a kernel takes the same arrays to tell how many bytes it wants, and to have them.
class scratch_memory
{
public:
    scratch_memory(void* memory = nullptr) : m_memory(static_cast<std::byte*>(memory)) {}

    /// The next elements, not initialised; null where there is no memory.
    template <class E>
    E* take(std::size_t count)
    {
        static_assert(alignof(E) <= alignment);
        const std::size_t start = m_bytes;
        std::size_t bytes = 0;
        const bool is_less = !__builtin_mul_overflow(count, sizeof(E), &bytes) && bytes <= most - m_bytes;
        m_bytes = is_less ? m_bytes + (bytes + alignment - 1) / alignment * alignment : most;
        return m_memory == nullptr ? nullptr : reinterpret_cast<E*>(m_memory + start);
    }

    /// How many those take that were taken, in whole cache lines.
    std::size_t bytes() const { return m_bytes; }

private:
    static constexpr std::size_t alignment = 64;

    /// What no machine has stays so, however much is taken.
    static constexpr std::size_t most = ~std::size_t{0} / 4 / alignment * alignment;

    std::byte* m_memory;
    std::size_t m_bytes = 0;
};

} // namespace autograd::kernels
