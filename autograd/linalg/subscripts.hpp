#pragma once

#include "autograd/tape/error.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The grammar of einsum: NumPy's.
namespace autograd
{

/// The subscripts of einsum, and the line of source where they were given.
class einsum_subscripts
{
public:
    einsum_subscripts(const char* text, location where = location::current()) : m_text(text), m_where(where) {}
    einsum_subscripts(std::string_view text, location where = location::current()) : m_text(text), m_where(where) {}
    einsum_subscripts(const std::string& text, location where = location::current()) : m_text(text), m_where(where) {}
    einsum_subscripts(std::nullptr_t, location = {}) = delete;

    std::string_view text() const { return m_text; }
    location where() const { return m_where; }

private:
    std::string_view m_text;
    location m_where;
};

/// The most operands of one einsum.
inline constexpr std::size_t most_einsum_operands = 64;

namespace detail
{

/// A number for each name of an axis.
using extents_of_names = std::array<std::size_t, 256>;
inline std::size_t& at(extents_of_names& of, char name)
{
    return of[static_cast<unsigned char>(name)];
}
inline std::size_t at(const extents_of_names& of, char name)
{
    return of[static_cast<unsigned char>(name)];
}

/// What subscripts mean for operands of certain shapes: a name for each axis. Those that an ellipsis stands for are
/// unnamed_axis(k), the k-th from the last.
struct named_operands
{
    std::vector<std::string> operands; ///< a name may occur several times in one: its diagonal is meant
    std::string result;
    extents_of_names extents; ///< 1 only where it is in all operands that have the name
};

/// Throws value_error for subscripts that are none or do not fit the number of operands, shape_error for operands whose
/// shapes do not fit.
named_operands read_subscripts(const einsum_subscripts& subscripts, std::span<const shape_view> shapes,
                               const char* operation);

} // namespace detail

} // namespace autograd
