#include "autograd/tape/error.hpp"

#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>

namespace autograd::error
{

void detail::part::append_to(std::string& message) const
{
    std::visit(
        [&]<class Piece>(const Piece& piece)
        {
            if constexpr (std::floating_point<Piece>)
            {
                message += autograd::detail::print_number(piece);
            }
            else if constexpr (std::same_as<Piece, shape_view>)
            {
                message += to_text(piece);
            }
            else
            {
                message += fmt::format("{}", piece);
            }
        },
        m_piece);
}

exception::exception(location line, std::string_view where, std::initializer_list<detail::part> parts)
    : m_message(fmt::format("autograd: {}: ", where)), m_name_length(where.size())
{
    for (const detail::part& part : parts)
    {
        part.append_to(m_message);
    }
    recorded_at(line);
}

void exception::recorded_at(location where)
{
    if (where && !m_where)
    {
        m_where = where;
        m_message += fmt::format("  [{}:{}]", where.file, where.line);
    }
}

void exception::told_by(std::string_view name)
{
    m_message.replace(std::string_view("autograd: ").size(), m_name_length, name);
    m_name_length = name.size();
}

} // namespace autograd::error
