#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace autograd
{

namespace detail
{
/// A fixed number of elements known at run time: on the stack up to Inline of them, on the heap beyond. They are
/// initialised as variables without an initialiser are, and only as many as there are: clearing the rest takes longer
/// than what a tiny operation computes.
template <class E, std::size_t Inline>
class small_buffer
{
    static_assert(std::is_trivially_destructible_v<E>);

public:
    explicit small_buffer(std::size_t size) : m_size(size)
    {
        if (size > Inline)
        {
            m_heap = std::make_unique<E[]>(size);
        }
        else
        {
            std::uninitialized_default_construct_n(m_inline, size);
        }
    }
    small_buffer(const small_buffer&) = delete;
    small_buffer& operator=(const small_buffer&) = delete;

    E* begin() { return m_size > Inline ? m_heap.get() : m_inline; }
    E* end() { return begin() + m_size; }
    const E* begin() const { return m_size > Inline ? m_heap.get() : m_inline; }
    E& operator[](std::size_t i) { return begin()[i]; }
    const E& operator[](std::size_t i) const { return begin()[i]; }
    std::size_t size() const { return m_size; }

private:
    std::size_t m_size;
    union
    {
        E m_inline[Inline];
    };
    std::unique_ptr<E[]> m_heap;
};
} // namespace detail

} // namespace autograd
