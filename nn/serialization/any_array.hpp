#pragma once

#include "autograd/tape/shape.hpp"
#include "autograd/tape/xtensor.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace nn
{

/// What the elements of an array in a file can be.
enum class element_type : std::uint8_t
{
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float32,
    float64
};

/// The C++ types of those elements.
template <class T>
concept element = std::same_as<T, bool> || std::same_as<T, std::int8_t> || std::same_as<T, std::int16_t> ||
    std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t> || std::same_as<T, std::uint8_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, float> || std::same_as<T, double>;

template <element T>
constexpr element_type element_type_of()
{
    using enum element_type;
    if constexpr (std::same_as<T, bool>)
    {
        return boolean;
    }
    else if constexpr (std::floating_point<T>)
    {
        return sizeof(T) == 4 ? float32 : float64;
    }
    else
    {
        constexpr element_type of_widths[2][4] = {{uint8, uint16, uint32, uint64}, {int8, int16, int32, int64}};
        constexpr std::size_t width = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
        return of_widths[std::is_signed_v<T>][width];
    }
}

/// NumPy's name: "bool", "int8", ..., "float64".
std::string_view name_of(element_type type);

/// How many bytes an element takes.
std::size_t size_of(element_type type);

/// An array whose element type is known at run time: what a file holds, before the program says what it expects.
///
/// Its elements lie in row-major order and never change; copies share them.
class any_array
{
public:
    template <element T>
    any_array(const autograd::array<T>& values);
    template <element T>
    any_array(autograd::array<T>&& values);

    /// An array whose bytes, as many as the type and the shape ask for, `fill` writes.
    /// Throws autograd::error::memory_error if the machine does not have the memory for it.
    static any_array make(element_type type, autograd::shape_view shape, const std::function<void(std::byte*)>& fill);

    element_type type() const { return m_type; }
    autograd::shape_view shape() const { return m_shape; }
    std::size_t size() const { return m_size; }

    /// The elements as bytes of this machine, in row-major order.
    const std::byte* data() const { return m_data; }
    std::size_t bytes() const { return m_size * size_of(m_type); }

    /// The array itself, valid as long as this object or a copy of it is.
    /// Throws autograd::error::value_error unless T is exactly the type of its elements; see `to`.
    template <element T>
    const autograd::array<T>& as() const;

    /// The elements as T: float, double or std::int64_t. Integers and truth values become equal numbers or the call
    /// throws; double becomes the nearest float; a fraction never becomes an integer.
    /// Throws autograd::error::value_error with the first element that T has no number for.
    template <element T>
    autograd::array<T> to() const;

private:
    any_array(element_type type, autograd::shape_view shape, std::size_t size)
        : m_type(type), m_shape(shape), m_size(size)
    {
    }
    template <element T>
    void hold(std::shared_ptr<const autograd::array<T>> values);
    void require(element_type wanted) const;

    element_type m_type;
    autograd::shape_vector m_shape;
    std::size_t m_size;
    std::shared_ptr<const void> m_array; // an xt::xarray of elements of m_type
    const std::byte* m_data = nullptr;
};

namespace detail
{

/// any_array::to, for an array that messages call by `name`.
template <element T>
autograd::array<T> converted(const any_array& array, const char* where, std::string_view name);

extern template autograd::array<float> converted(const any_array&, const char*, std::string_view);
extern template autograd::array<double> converted(const any_array&, const char*, std::string_view);
extern template autograd::array<std::int64_t> converted(const any_array&, const char*, std::string_view);

} // namespace detail

template <element T>
const autograd::array<T>& any_array::as() const
{
    require(element_type_of<T>());
    return *static_cast<const autograd::array<T>*>(m_array.get());
}

template <element T>
autograd::array<T> any_array::to() const
{
    return detail::converted<T>(*this, "any_array::to", "the array");
}

} // namespace nn
