#pragma once

#include "autograd/tape/location.hpp"
#include "autograd/tape/shape.hpp"

#include <concepts>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

/// What this library throws. Every message has one form:
///     autograd: where: what, with the numbers; the rule; the remedy if one is likely.
/// and, where a line of the user's source is known, "  [file:line]" behind it.
namespace autograd::error
{

namespace detail
{
/// What messages are strung together from: texts, shapes and numbers. It refers to what it is made of.
class part
{
public:
    part(std::string_view text) : m_piece(text) {}
    part(shape_view shape) : m_piece(shape) {}
    template <std::signed_integral I>
    part(I number) : m_piece(std::int64_t{number})
    {
    }
    template <std::unsigned_integral I>
    part(I number) : m_piece(std::uint64_t{number})
    {
    }
    part(float number) : m_piece(number) {}
    part(double number) : m_piece(number) {}
    part(long double number) : m_piece(static_cast<double>(number)) {}

    void append_to(std::string& message) const;

private:
    std::variant<std::string_view, shape_view, std::int64_t, std::uint64_t, float, double> m_piece;
};
} // namespace detail

/// The base of all errors. `where` is the operation or function that refuses; the parts are strung together. The line
/// of the user's source is given first by those who know it; recording adds it to what is thrown without.
class exception : public std::exception
{
public:
    template <class... Parts>
    explicit exception(std::string_view where, const Parts&... parts) : exception(location(), where, parts...)
    {
    }
    template <class... Parts>
    exception(location line, std::string_view where, const Parts&... parts)
        : exception(line, where, std::initializer_list<detail::part>{detail::part(parts)...})
    {
    }

    const char* what() const noexcept override { return m_message.c_str(); }

    /// The line of the user's source that recorded what failed, if known.
    location where() const { return m_where; }

    /// Adds the line of the user's source, once.
    void recorded_at(location where);

    /// Tells the error in the name of another: of the operation that the user called, which is made of the one that
    /// refuses.
    void told_by(std::string_view name);

private:
    exception(location line, std::string_view where, std::initializer_list<detail::part> parts);

    std::string m_message;
    std::size_t m_name_length;
    location m_where;
};

#define AUTOGRAD_ERROR(name)                                                                                           \
    class name : public exception                                                                                      \
    {                                                                                                                  \
    public:                                                                                                            \
        using exception::exception;                                                                                    \
    };

/// Shapes, axes, element counts that break an operation's rule.
AUTOGRAD_ERROR(shape_error)
/// Variables of different tapes, or of instructions that were cleared or rewound; values that were not recorded.
AUTOGRAD_ERROR(tape_error)
/// A derivative that does not exist by declaration, or an input that the output does not depend on.
AUTOGRAD_ERROR(not_differentiable)
/// A gradient that does not agree with finite differences.
AUTOGRAD_ERROR(gradient_check_error)
/// An index outside of its axis.
AUTOGRAD_ERROR(index_error)
/// An argument that is not a shape, an axis or an index, and out of its domain.
AUTOGRAD_ERROR(value_error)
/// Memory that the machine does not have.
AUTOGRAD_ERROR(memory_error)
/// A file that cannot be read or written, or holds what it should not.
AUTOGRAD_ERROR(file_error)

#undef AUTOGRAD_ERROR

} // namespace autograd::error
