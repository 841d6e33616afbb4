#pragma once

#include "autograd/tape/system_memory.hpp"

#include <cstddef>

namespace autograd::detail
{

/// Memory that is kept from one use to the next, and replaced by a larger piece where more is wanted.
class spare_memory
{
public:
    /// For so many elements, not initialised; what was there may be lost. Throws std::bad_alloc.
    template <class E>
    E* provide(std::size_t count)
    {
        const std::size_t bytes = count * sizeof(E);
        if (bytes > m_bytes)
        {
            m_memory = system_memory(bytes >= large_page ? in_large_pages(bytes) : bytes);
            m_bytes = bytes;
        }
        return reinterpret_cast<E*>(m_memory.begin());
    }

private:
    system_memory m_memory;
    std::size_t m_bytes = 0;
};

} // namespace autograd::detail
