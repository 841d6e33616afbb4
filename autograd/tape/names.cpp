#include "autograd/tape/names.hpp"

#include <algorithm>
#include <bit>

namespace autograd::detail
{

namespace
{

std::string joined(std::string_view outer, std::string_view name)
{
    std::string full(outer);
    if (!outer.empty() && !name.empty())
    {
        full += '.';
    }
    return full.append(name);
}

} // namespace

names::names() : m_of_instructions(m_allocator), m_numbers(m_allocator), m_scopes(m_allocator), m_open(m_allocator)
{
    number_of(""); // outside of all
}

names::~names() = default;

std::uint64_t names::open(std::string_view name)
{
    m_open.reserve(std::bit_ceil(m_open.size() + 1));
    m_scope = number_of(joined(*m_scopes[m_scope], name));
    m_open.push_back({++m_opened, m_scope});
    return m_opened;
}

void names::close(std::uint64_t opened)
{
    const auto last = std::find_if(m_open.rbegin(), m_open.rend(), [&](auto& each) { return each.opened == opened; });
    m_open.erase(std::prev(last.base()));
    m_scope = m_open.empty() ? 0 : m_open.back().scope;
}

std::uint32_t names::number_of(std::string_view full_name)
{
    if (const auto known = m_numbers.find(full_name); known != m_numbers.end())
    {
        return known->second;
    }
    m_scopes.reserve(std::bit_ceil(m_scopes.size() + 1)); // so that the name is not known without its number
    const std::uint32_t number = scope_count();
    const auto added = m_numbers.emplace(text(full_name, m_allocator), number).first;
    m_scopes.push_back(&added->first);
    return number;
}

void names::name(std::uint32_t index, std::string_view name)
{
    if (name.empty())
    {
        m_of_instructions.erase(index);
    }
    else
    {
        m_of_instructions.insert_or_assign(index, text(name, m_allocator));
    }
}

std::string names::full_name(std::uint32_t index, std::uint32_t scope) const
{
    const auto found = m_of_instructions.find(index);
    return found == m_of_instructions.end() ? "" : joined(*m_scopes[scope], found->second);
}

void names::rewind(std::size_t instructions, std::size_t scopes)
{
    m_of_instructions.erase(m_of_instructions.lower_bound(instructions), m_of_instructions.end());
    if (scopes < m_scopes.size())
    {
        forget_scopes(scopes);
    }
}

// Those that are open move up to the places that have become free.
void names::forget_scopes(std::size_t from)
{
    auto kept = static_cast<std::uint32_t>(from);
    for (std::uint32_t scope = kept; scope < m_scopes.size(); ++scope)
    {
        const auto entry = m_numbers.find(*m_scopes[scope]);
        if (is_open(scope))
        {
            entry->second = kept;
            m_scopes[kept] = m_scopes[scope];
            renumber(scope, kept++);
        }
        else
        {
            m_numbers.erase(entry);
        }
    }
    m_scopes.resize(kept);
}

bool names::is_open(std::uint32_t scope) const
{
    return std::any_of(m_open.begin(), m_open.end(), [&](const open_scope& each) { return each.scope == scope; });
}

void names::renumber(std::uint32_t from, std::uint32_t to)
{
    for (open_scope& each : m_open)
    {
        each.scope = each.scope == from ? to : each.scope;
    }
    m_scope = m_scope == from ? to : m_scope;
}

} // namespace autograd::detail
