#pragma once

#include "nn/serialization/any_array.hpp"

#include <map>
#include <string>
#include <vector>

namespace nn
{

/// Arrays with names, in order: what models, optimizers and data sets are written to files as.
class archive
{
public:
    struct item
    {
        std::string name;
        any_array array;
    };

    archive();
    archive(const archive&);
    archive(archive&&) noexcept;
    archive& operator=(const archive&);
    archive& operator=(archive&&) noexcept;
    ~archive();

    /// An archive that messages call by its origin, the file that it comes from.
    explicit archive(std::string origin);

    /// Appends an array.
    /// Throws autograd::error::value_error unless the name is UTF-8 without control characters, not empty, and new.
    void add(std::string name, any_array array);

    bool contains(std::string_view name) const;

    /// The array of that name. Throws autograd::error::file_error, with the names that there are, if there is none.
    const any_array& at(std::string_view name) const;

    /// The array of that name as float, double or std::int64_t (see any_array::to).
    /// Throws autograd::error::file_error if there is none, value_error if T has no number for an element of it.
    template <element T>
    autograd::array<T> get(std::string_view name) const
    {
        return detail::converted<T>(at(name), "archive", described(name));
    }

    std::size_t size() const { return m_items.size(); }
    bool empty() const { return m_items.empty(); }
    auto begin() const { return m_items.begin(); }
    auto end() const { return m_items.end(); }

    /// The file that the arrays come from, empty if there is none.
    const std::string& origin() const { return m_origin; }

private:
    std::string described(std::string_view name) const;

    std::vector<item> m_items;
    std::map<std::string, std::size_t, std::less<>> m_places;
    std::string m_origin;
};

} // namespace nn
