#pragma once

#include "autograd/tape/tape.hpp"

namespace autograd
{

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

private:
    void* m_data;
    shape_vector m_shape;
    element_kind m_element;
};

} // namespace autograd
