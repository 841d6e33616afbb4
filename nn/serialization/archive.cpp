#include "nn/serialization/archive.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/printable.hpp"

#include <algorithm>

namespace nn
{

archive::archive() = default;
archive::archive(const archive&) = default;
archive::archive(archive&&) noexcept = default;
archive& archive::operator=(const archive&) = default;
archive& archive::operator=(archive&&) noexcept = default;
archive::~archive() = default;

archive::archive(std::string origin) : m_origin(std::move(origin)) {}

bool archive::contains(std::string_view name) const
{
    return m_places.contains(name);
}

void archive::add(std::string name, any_array array)
{
    if (name.empty() || !detail::is_plain_text(name))
    {
        throw autograd::error::value_error("archive", "the name \"", detail::printable(name),
                                           "\" cannot be one; a name is UTF-8 without control characters, not empty.");
    }
    if (!m_places.emplace(name, m_items.size()).second)
    {
        throw autograd::error::value_error("archive", "there are two arrays with the name \"", name,
                                           "\"; each needs its own.");
    }
    m_items.push_back({std::move(name), std::move(array)});
}

const any_array& archive::at(std::string_view name) const
{
    const auto place = m_places.find(name);
    if (place != m_places.end())
    {
        return m_items[place->second].array;
    }
    constexpr std::size_t most_shown = 20;
    std::string names;
    for (std::size_t i = 0; i < std::min(size(), most_shown); ++i)
    {
        names += (i == 0 ? "" : ", ") + m_items[i].name;
    }
    throw autograd::error::file_error("archive", "there is no ", described(detail::printable(name)),
                                      names.empty() ? "; it is empty" : "; there are ", names,
                                      size() > most_shown ? ", ..." : "", ".");
}

std::string archive::described(std::string_view name) const
{
    return "array \"" + std::string(name) + "\"" + (m_origin.empty() ? "" : " in " + m_origin);
}

} // namespace nn
