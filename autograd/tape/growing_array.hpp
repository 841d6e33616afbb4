#pragma once

#include "autograd/tape/growing_memory.hpp"

#include <new>
#include <span>
#include <type_traits>

namespace autograd::detail
{

/// The end of which grows and shrinks by plain structs, side by side. Memory is kept until it is destroyed, and does
/// not move once it is large (growing_memory).
template <class E>
class growing_array
{
    static_assert(std::is_trivially_copyable_v<E> && std::is_trivially_destructible_v<E>);

public:
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    E* data() { return reinterpret_cast<E*>(m_memory.begin()); }
    const E* data() const { return reinterpret_cast<const E*>(m_memory.begin()); }
    E& operator[](std::size_t i) { return data()[i]; }
    const E& operator[](std::size_t i) const { return data()[i]; }
    E& back() { return data()[m_size - 1]; }
    const E& back() const { return data()[m_size - 1]; }
    operator std::span<const E>() const { return {data(), m_size}; }

    /// Bytes held from the system.
    std::size_t memory() const { return m_memory.capacity(); }

    /// One more, whose members nobody has set. Throws std::bad_alloc, and is then what it was.
    E& append()
    {
        if ((m_size + 1) * sizeof(E) > m_memory.capacity())
        {
            m_memory.grow((m_size + 1) * sizeof(E), m_size * sizeof(E));
        }
        return *::new (data() + m_size++) E;
    }
    /// Forgets all but the first.
    void shrink(std::size_t size) { m_size = size; }

private:
    growing_memory m_memory;
    std::size_t m_size = 0;
};

} // namespace autograd::detail
