#include "autograd/tape/shared_parts.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace autograd::detail
{

template <class T>
std::uint64_t shared_parts<T>::hash_of_form(const instruction_form& form)
{
    const auto extents = std::bit_cast<std::uintptr_t>(form.extents);
    const auto attributes = std::bit_cast<std::uintptr_t>(form.attributes);
    const std::uint64_t line = static_cast<std::uint32_t>(form.line) + 1024 * std::uint64_t{form.scope} +
                               (std::uint64_t{form.derivative} << 20);
    return (extents ^ attributes) / 8 ^ line << 32;
}

template <class T>
const instruction_form* shared_parts<T>::search(const instruction_form& like)
{
    m_last = m_forms.find(hash_of_form(like), [&](const instruction_form& each) { return alike(each, like); });
    return m_last;
}

template <class T>
std::uint64_t shared_parts<T>::hash_of_shape(const layout& shape)
{
    std::uint64_t hash = shape.dimension;
    for (std::size_t extent : shape.shape())
    {
        hash = 1000003 * hash + extent;
    }
    return hash;
}

template <class T>
std::uint64_t shared_parts<T>::hash_of_number(const T& number)
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof(T));
    return bits ^ bits >> 32;
}

template <class T>
bool shared_parts<T>::same_strides(const std::ptrdiff_t* a, const std::ptrdiff_t* b, std::size_t dimension)
{
    return a != nullptr && b != nullptr && std::equal(a, a + dimension, b);
}

template <class T>
const layout* shared_parts<T>::find(shape_view like) const
{
    const layout wanted{like.data(), 0, static_cast<std::uint8_t>(like.size())};
    return m_shapes.find(hash_of_shape(wanted), [&](const layout& each) { return each.shape() == like; });
}

template <class T>
const T* shared_parts<T>::find(T like) const
{
    return m_numbers.find(hash_of_number(like),
                          [&](const T& each) { return std::memcmp(&each, &like, sizeof(T)) == 0; });
}

template <class T>
void shared_parts<T>::add(const instruction_form& form)
{
    m_forms.add(form);
}

template <class T>
void shared_parts<T>::add(const layout& shape)
{
    m_shapes.add(shape);
}

template <class T>
void shared_parts<T>::add(const T& number)
{
    m_numbers.add(number);
}

template <class T>
void shared_parts<T>::forget()
{
    m_forms.clear();
    m_shapes.clear();
    m_numbers.clear();
    m_last = nullptr;
}

template class shared_parts<float>;
template class shared_parts<double>;

} // namespace autograd::detail
