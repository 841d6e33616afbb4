#pragma once

#include "autograd/tape/tape.hpp"

#include <functional>

namespace autograd
{

namespace detail
{
/// Bytes that lie side by side, to be compared with others.
struct memory_range
{
    const std::byte* first;
    const std::byte* end;

    memory_range(const void* data, std::size_t bytes) : first(static_cast<const std::byte*>(data)), end(first + bytes)
    {
    }
    /// Dense elements, real ones or integers.
    template <class T>
    static memory_range of(const void* data, shape_view shape, element_kind element)
    {
        return {data, element_count(shape) * (element == element_kind::real ? sizeof(T) : sizeof(std::int64_t))};
    }

    bool is_any() const { return first != end; }
    bool overlaps(const memory_range& other) const
    {
        const std::less<> less;
        return is_any() && other.is_any() && less(first, other.end) && less(other.first, end);
    }
};
} // namespace detail

/// An array that a program reads: dense and row-major, in memory that stays where it is while the program runs.
template <class T>
class input_array
{
public:
    /// Throw shape_error for an array that is not dense and row-major.
    input_array(const array<T>& elements) : input_array(borrow(elements)) {}
    input_array(const borrowed<T>& lent) : m_data(lent.data), m_shape(lent.shape), m_element(element_kind::real) {}
    input_array(const array<std::int64_t>& elements) : input_array(borrow(elements)) {}
    input_array(const borrowed<std::int64_t>& lent)
        : m_data(lent.data), m_shape(lent.shape), m_element(element_kind::index)
    {
    }

    const void* data() const { return m_data; }
    shape_view shape() const { return m_shape; }
    element_kind element() const { return m_element; }
    /// Not where it stands for an array that is not there yet.
    bool has_values() const { return m_data != nullptr || element_count(m_shape) == 0; }
    detail::memory_range memory() const { return detail::memory_range::of<T>(m_data, m_shape, m_element); }

private:
    const void* m_data;
    shape_vector m_shape;
    element_kind m_element;
};

/// An array that a program writes: dense and row-major. It has the shape of the output already.
template <class T>
class output_array
{
public:
    output_array(array<T>& elements) : output_array(elements.data(), borrow(elements).shape) {}
    output_array(array<std::int64_t>& elements) : output_array(elements.data(), borrow(elements).shape) {}
    output_array(T* elements, const shape_vector& shape)
        : m_data(elements), m_shape(shape), m_element(element_kind::real)
    {
    }
    output_array(std::int64_t* elements, const shape_vector& shape)
        : m_data(elements), m_shape(shape), m_element(element_kind::index)
    {
    }

    void* data() const { return m_data; }
    shape_view shape() const { return m_shape; }
    element_kind element() const { return m_element; }
    detail::memory_range memory() const { return detail::memory_range::of<T>(m_data, m_shape, m_element); }

private:
    void* m_data;
    shape_vector m_shape;
    element_kind m_element;
};

} // namespace autograd
