#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace autograd
{

namespace detail
{
/// A fixed number of elements known at run time: on the stack up to Inline of them, on the heap beyond. They are
/// initialised as variables without an initialiser are, or made one by one, and only as many as there are: clearing the
/// rest takes longer than what a tiny operation computes.
template <class E, std::size_t Inline>
class small_buffer
{
    static_assert(std::is_trivially_destructible_v<E>);

public:
    explicit small_buffer(std::size_t size) : small_buffer(size, unmade())
    {
        std::uninitialized_default_construct_n(m_begin, size);
    }
    /// Element k is make(k).
    template <class Make>
    small_buffer(std::size_t size, Make make) : small_buffer(size, unmade())
    {
        for (std::size_t k = 0; k < size; ++k)
        {
            std::construct_at(m_begin + k, make(k));
        }
    }
    ~small_buffer()
    {
        if (m_begin != m_inline)
        {
            std::allocator<E>().deallocate(m_begin, m_size);
        }
    }
    small_buffer(const small_buffer&) = delete;
    small_buffer& operator=(const small_buffer&) = delete;

    E* begin() { return m_begin; }
    E* end() { return m_begin + m_size; }
    const E* begin() const { return m_begin; }
    const E* end() const { return m_begin + m_size; }
    E& operator[](std::size_t i) { return m_begin[i]; }
    const E& operator[](std::size_t i) const { return m_begin[i]; }
    std::size_t size() const { return m_size; }

private:
    struct unmade
    {
    };
    small_buffer(std::size_t size, unmade)
        : m_size(size), m_begin(size > Inline ? std::allocator<E>().allocate(size) : m_inline)
    {
    }

    std::size_t m_size;
    union
    {
        E m_inline[Inline];
    };
    E* m_begin; ///< of the elements, wherever they are
};
} // namespace detail

} // namespace autograd
