#pragma once

#include <array>
#include <cstddef>
#include <memory>

namespace autograd
{

/// A fixed number of elements known at run time: on the stack up to Inline of them, on the heap beyond.
template <class E, std::size_t Inline>
class small_buffer
{
public:
    explicit small_buffer(std::size_t size) : m_size(size)
    {
        if (size > Inline)
        {
            m_heap = std::make_unique<E[]>(size);
        }
    }
    small_buffer(const small_buffer&) = delete;
    small_buffer& operator=(const small_buffer&) = delete;

    E* begin() { return m_size > Inline ? m_heap.get() : m_inline.data(); }
    E* end() { return begin() + m_size; }
    const E* begin() const { return m_size > Inline ? m_heap.get() : m_inline.data(); }
    E& operator[](std::size_t i) { return begin()[i]; }
    const E& operator[](std::size_t i) const { return begin()[i]; }
    std::size_t size() const { return m_size; }

private:
    std::size_t m_size;
    std::array<E, Inline> m_inline;
    std::unique_ptr<E[]> m_heap;
};

} // namespace autograd
