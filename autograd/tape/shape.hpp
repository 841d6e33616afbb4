#pragma once

#include "autograd/tape/location.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace autograd
{

/// The largest number of axes of an array (NumPy's limit, too).
inline constexpr std::size_t max_dimension = 32;

/// The extents of an array, not owned: the shape() of a variable points into its tape and is valid until
/// the instruction is cleared or rewound. Reads like a container: size() is the number of axes.
class shape_view
{
public:
    using value_type = std::size_t;
    using size_type = std::size_t;
    using const_iterator = const std::size_t*;
    using iterator = const_iterator;

    constexpr shape_view() = default;
    constexpr shape_view(const std::size_t* extents, std::size_t dimension) : m_extents(extents), m_dimension(dimension)
    {
    }

    constexpr std::size_t size() const { return m_dimension; }
    constexpr bool empty() const { return m_dimension == 0; }
    constexpr const std::size_t* data() const { return m_extents; }
    constexpr const_iterator begin() const { return m_extents; }
    constexpr const_iterator end() const { return m_extents + m_dimension; }
    constexpr std::size_t operator[](std::size_t axis) const { return m_extents[axis]; }
    constexpr std::size_t front() const { return m_extents[0]; }
    constexpr std::size_t back() const { return m_extents[m_dimension - 1]; }

    /// The axes [first, last) of this shape.
    constexpr shape_view slice(std::size_t first, std::size_t last) const { return {m_extents + first, last - first}; }

private:
    const std::size_t* m_extents = nullptr;
    std::size_t m_dimension = 0;
};

namespace detail
{
[[noreturn]] void throw_too_many_axes(std::size_t dimension, const char* operation, location where);

/// Throws shape_error, in the name of the operation, for more axes than an array has at most.
inline void require_dimension(std::size_t dimension, const char* operation = "shape", location where = {})
{
    if (dimension > max_dimension)
    {
        throw_too_many_axes(dimension, operation, where);
    }
}
} // namespace detail

/// A shape that owns its extents, inline: no allocation, at most max_dimension axes.
class shape_vector
{
public:
    using value_type = std::size_t;

    shape_vector() = default;
    shape_vector(shape_view shape) { std::copy(shape.begin(), shape.end(), resize(shape.size())); }
    shape_vector(std::initializer_list<std::size_t> extents) : shape_vector(extents.begin(), extents.end()) {}
    shape_vector(std::size_t dimension, std::size_t extent) { std::fill_n(resize(dimension), dimension, extent); }
    template <class Iterator>
        requires(!std::integral<Iterator>)
    shape_vector(Iterator first, Iterator last)
    {
        for (; first != last; ++first)
        {
            push_back(static_cast<std::size_t>(*first));
        }
    }
    shape_vector(const shape_vector& other) : shape_vector(shape_view(other)) {}
    shape_vector& operator=(const shape_vector& other)
    {
        std::copy_n(other.begin(), other.size(), resize(other.size()));
        return *this;
    }

    std::size_t size() const { return m_dimension; }
    bool empty() const { return m_dimension == 0; }
    const std::size_t* data() const { return m_extents; }
    std::size_t* begin() { return m_extents; }
    std::size_t* end() { return m_extents + m_dimension; }
    const std::size_t* begin() const { return m_extents; }
    const std::size_t* end() const { return m_extents + m_dimension; }
    std::size_t& operator[](std::size_t axis) { return m_extents[axis]; }
    std::size_t operator[](std::size_t axis) const { return m_extents[axis]; }
    std::size_t back() const { return m_extents[m_dimension - 1]; }

    /// Appends an axis. Throws shape_error beyond max_dimension.
    void push_back(std::size_t extent) { resize(m_dimension + 1)[m_dimension - 1] = extent; }
    void insert(std::size_t axis, std::size_t extent);
    void erase(std::size_t axis);
    void append(shape_view extents);

    operator shape_view() const { return {m_extents, m_dimension}; }

private:
    std::size_t* resize(std::size_t dimension)
    {
        detail::require_dimension(dimension);
        m_dimension = dimension;
        return m_extents;
    }

    std::size_t m_dimension = 0;
    std::size_t m_extents[max_dimension];
};

inline bool operator==(shape_view a, shape_view b)
{
    if (a.size() != b.size())
    {
        return false;
    }
    if (a.data() == b.data()) // those of one tape often are the same
    {
        return true;
    }
    for (std::size_t axis = 0; axis < a.size(); ++axis) // there are few: std::equal() calls a function for them
    {
        if (a[axis] != b[axis])
        {
            return false;
        }
    }
    return true;
}

/// A shape equals any container of the same integers: x.shape() == std::vector<std::size_t>{2, 3}.
template <class Container>
    requires requires(const Container& c)
    {
        {
            *c.begin()
            } -> std::convertible_to<std::size_t>;
    }
bool operator==(shape_view a, const Container& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](std::size_t x, auto y) { return x == static_cast<std::size_t>(y); });
}

/// The number of elements, computed in 64 bits: the product of the extents, 1 for (). Throws shape_error, in the name
/// of the operation, where no machine could hold them.
std::size_t element_count(shape_view shape, const char* operation = "shape", location where = {});

namespace detail
{
/// The extent that two make one behind the other, or one repeated. Throw shape_error, in the name of the operation,
/// where it does not fit in 64 bits.
std::size_t extent_sum(std::size_t a, std::size_t b, const char* operation, location where = {});
std::size_t extent_product(std::size_t a, std::size_t b, const char* operation, location where = {});
} // namespace detail

/// The shape as text, as NumPy prints it: "()", "(3,)", "(2, 3)".
std::string to_text(shape_view shape);

/// NumPy's broadcasting of two shapes: aligned at their last axes, equal extents or 1 match.
/// Throws shape_error, in the name of the operation, where they do not.
shape_vector broadcast_shapes(shape_view a, shape_view b, const char* operation);

/// Whether an array of shape `from` broadcasts to exactly the shape `to`.
bool broadcasts_to(shape_view from, shape_view to);

namespace detail
{
/// The strides by which an array of shape `from` is read as one of shape `to`: 0 where its elements repeat. Its own are
/// null when it is dense.
void broadcast_strides(shape_view from, const std::ptrdiff_t* strides, shape_view to, std::ptrdiff_t* result);
} // namespace detail

} // namespace autograd
