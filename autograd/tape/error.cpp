#include "autograd/tape/error.hpp"

#include <fmt/format.h>

namespace autograd::error
{

std::string detail::part(double number)
{
    return fmt::format("{:.6g}", number);
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
    m_unnamed = false;
}

void exception::named(std::string_view name)
{
    if (m_unnamed)
    {
        told_by(name);
    }
}

} // namespace autograd::error
