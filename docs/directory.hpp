#pragma once

#include "docs/recorded_sample.hpp"
#include "docs/signatures.hpp"

#include <map>
#include <string>
#include <vector>

// How the operations of the table are called, and what for.

namespace docs
{

/// The functions that headers declare, and the operations that they record. Throws value_error, which says what to add,
/// for an operation of which nothing tells who records it, and for a function that is in no group.
class directory
{
public:
    directory(const std::vector<sampled_operation>& table, const declarations& all);

    /// "autograd/operations/power.hpp", the header of a family.
    const std::string& header_of(const std::string& family) const { return m_headers.at(family); }

    /// The comment in front of the header's namespace, which says what the family is.
    std::string introduction_of(const std::string& header) const;

    /// "`pow(x, y)`<br>`pow(x, exponent)`"; or the name of one that only others record, and which these are.
    std::string call_of(const sampled_operation& of) const;

    /// A table for each group: calls, and what they give.
    void print_index(std::string& page) const;

private:
    /// A row of the index.
    struct entry
    {
        std::string header;
        std::vector<std::string> groups;
        std::vector<std::string> cells;
    };

    const sampled_operation* operation_of(const documented_function& f) const;
    const sampled_operation* recorded_by(const documented_function& f) const;
    bool has_function(const sampled_operation& of) const;
    std::vector<std::string> groups_of(const documented_function& f, const std::string& header) const;
    void require_group(const std::string& name, const std::string& whose) const;
    std::string recorders_of(const sampled_operation& of) const;
    std::string users_of(const sampled_operation& of) const;
    void add_functions();
    void add_operations_without_function();

    const std::vector<sampled_operation>& m_table;
    std::map<std::string, std::string> m_headers;  ///< by family
    std::map<std::string, std::string> m_comments; ///< in front of namespaces, by header; of rules, by their names
    std::vector<documented_function> m_functions;
    std::vector<group> m_groups;
    std::vector<entry> m_entries;
};

} // namespace docs
