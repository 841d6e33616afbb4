#pragma once

#include "autograd/tape/error.hpp"
#include "autograd/tape/location.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <type_traits>
#include <utility>

/// Axes, extents and counts as xtensor's functions take them: an integer of any type, integers in braces, or a
/// container of them.
namespace autograd
{

template <class C>
concept axis_container = requires(const std::remove_cvref_t<C>& c)
{
    c.end();
    requires std::integral<std::remove_cvref_t<decltype(*c.begin())>>;
};

namespace detail
{
/// An integer of any type as one with a sign. One that is too great, as 0u - 1 in 64 bits is, becomes the greatest
/// there is, which no axis has and no machine can hold: it is refused, not taken for a negative one, which would count
/// from the end.
template <std::integral I>
constexpr std::int64_t signed_integer(I number)
{
    using limits = std::numeric_limits<std::int64_t>;
    return std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number) : limits::max();
}
} // namespace detail

/// An integer of any type in a braced list whose elements may differ in type: {rows, -1}.
struct integer
{
    template <std::integral I>
    integer(I number) : value(detail::signed_integer(number))
    {
    }
    std::int64_t value;
};

/// A list of axes or extents as given: possibly negative, possibly out of range, in the order given.
class axes_list
{
public:
    axes_list() = default;
    axes_list(std::initializer_list<integer> axes, const char* operation = "axes", location where = {})
    {
        for (integer axis : axes)
        {
            push_back(axis.value, operation, where);
        }
    }
    template <std::integral I>
    explicit axes_list(I axis)
    {
        push_back(axis, "axes", {});
    }
    template <std::integral I, std::size_t N>
    explicit axes_list(const I (&axes)[N], const char* operation = "axes", location where = {})
    {
        for (I axis : axes)
        {
            push_back(axis, operation, where);
        }
    }
    template <axis_container C>
    explicit axes_list(const C& axes, const char* operation = "axes", location where = {})
    {
        for (auto axis : axes)
        {
            push_back(axis, operation, where);
        }
    }

    std::size_t size() const { return m_size; }
    std::int64_t operator[](std::size_t i) const { return m_axes[i]; }
    std::int64_t* begin() { return m_axes; }
    std::int64_t* end() { return m_axes + m_size; }
    const std::int64_t* begin() const { return m_axes; }
    const std::int64_t* end() const { return m_axes + m_size; }

private:
    template <class I>
    void push_back(I axis, const char* operation, location where)
    {
        if (m_size == max_dimension)
        {
            throw error::shape_error(where, operation, "more than ", max_dimension, " axes given.");
        }
        m_axes[m_size++] = detail::signed_integer(axis);
    }

    std::size_t m_size = 0;
    std::int64_t m_axes[max_dimension];
};

/// The axis in [0, dimension) that a possibly negative one means. Throws shape_error, in the name of the operation:
/// "autograd: sum: axis 2 is outside of shape (3, 4); it must be from -2 to 1."
std::size_t normalized_axis(std::int64_t axis, shape_view shape, const char* operation, location where = {});

namespace detail
{
/// Extents as a shape. Throws shape_error for negative ones, in the name of the operation.
shape_vector extents_of(const axes_list& extents, const char* operation, location where);

/// A number of elements, parts or repetitions. Throws shape_error for a negative one, in the name of the operation:
/// "autograd: repeat: count is -1; it must be 0 or more."
template <std::integral I>
std::size_t count_of(I number, const char* what, const char* operation, location where)
{
    if (std::cmp_less(number, 0))
    {
        throw error::shape_error(where, operation, what, " is ", number, "; it must be 0 or more.");
    }
    return static_cast<std::size_t>(number);
}
} // namespace detail

/// The list as text, as NumPy prints a shape: "(2, -1)".
std::string to_text(const axes_list& list);

} // namespace autograd
