#include "docs/directory.hpp"
#include "docs/markdown.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <set>

namespace docs
{

namespace
{

namespace error = autograd::error;

/// The group of operations that no function is named after.
const std::string group_of_others = "inside";

bool contains(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string rule_of(const sampled_operation& of)
{
    return of.name + "_rule";
}

/// "`x + y`, `x += y`"
std::string codes(const std::vector<std::string>& texts, std::string_view between)
{
    std::vector<std::string> parts;
    for (const std::string& text : texts)
    {
        parts.push_back(code(text));
    }
    return joined(parts, between);
}

std::string link(const std::string& text, const std::string& target)
{
    return fmt::format("[{}]({})", text, target);
}

std::string link_to(const sampled_operation& of)
{
    return link(of.name, "#" + anchor(of));
}

/// "a, b, c", or "a, b, c, d and 9 others"
std::string some_of(const std::vector<std::string>& all)
{
    constexpr std::size_t most = 5;
    return all.size() <= most ? joined(all, ", ")
                              : fmt::format("{} and {} others", joined({all.begin(), all.begin() + most - 1}, ", "),
                                            all.size() - most + 1);
}

/// The value as the page shows it: "z = x + y".
std::string formula_of(const sampled_operation& of)
{
    std::string formula;
    with_recorded(of, [&](recorded_sample& y, const sample&) { formula = math(y.value()); });
    return formula;
}

/// "x of a x = b. `.transposed`: the transpose is the matrix of the system."
std::string described(const documented_function& f)
{
    std::string text = in_cell(f.summary);
    for (const documented_field& each : f.options)
    {
        text += fmt::format(" {}: {}.", code("." + each.name), in_cell(each.meaning));
    }
    return text;
}

} // namespace

directory::directory(const std::vector<sampled_operation>& table, const declarations& all)
    : m_table(table), m_groups(groups(all))
{
    for (const documented_scope& scope : all.scopes)
    {
        m_comments.emplace(scope.name == "autograd" ? scope.header : scope.name, scope.documentation);
    }
    std::set<std::string> headers;
    for (const sampled_operation& of : table)
    {
        for (const char* folder : {"autograd/operations/", "autograd/linalg/", "autograd/differentiate/"})
        {
            if (const std::string header = folder + of.family + ".hpp"; m_comments.count(header) != 0)
            {
                m_headers[of.family] = header;
                headers.insert(header);
            }
        }
        if (m_headers.count(of.family) == 0)
        {
            throw error::value_error("operations_page", "the header of the family ", of.family,
                                     " has no comment in front of its namespace autograd.");
        }
    }
    m_functions = documented_functions(all, headers);
    add_functions();
    add_operations_without_function();
    std::stable_sort(m_entries.begin(), m_entries.end(),
                     [](const entry& a, const entry& b) { return a.header < b.header; });
}

std::string directory::introduction_of(const std::string& header) const
{
    return without_groups(m_comments.at(header));
}

/// The operation that has the function's name and header, or is recorded by these operators; null if there is none.
const sampled_operation* directory::operation_of(const documented_function& f) const
{
    const auto found = std::find_if(m_table.begin(), m_table.end(),
                                    [&](const sampled_operation& of) {
                                        return f.name.empty() ? contains(f.rules, rule_of(of))
                                                              : f.name == of.name && f.header == header_of(of.family);
                                    });
    return found == m_table.end() ? nullptr : &*found;
}

/// An operation of the function's own family whose rule stands in its body; null if there is none.
const sampled_operation* directory::recorded_by(const documented_function& f) const
{
    const auto found = std::find_if(m_table.begin(), m_table.end(),
                                    [&](const sampled_operation& of)
                                    { return f.header == header_of(of.family) && contains(f.rules, rule_of(of)); });
    return found == m_table.end() ? nullptr : &*found;
}

/// What the comment in front of the function says, or else that in front of its header's namespace.
std::vector<std::string> directory::groups_of(const documented_function& f, const std::string& header) const
{
    const auto comment = m_comments.find(header);
    const std::vector<std::string> names = !f.groups.empty()             ? f.groups
                                           : comment != m_comments.end() ? groups_in(comment->second)
                                                                         : std::vector<std::string>();
    if (names.empty())
    {
        throw error::value_error("operations_page", header, ": ", f.signatures.front(),
                                 " is in no group; name one with \\ingroup in the comment in front of it or of its "
                                 "namespace. The groups are in autograd/operations/operations.hpp.");
    }
    for (const std::string& name : names)
    {
        require_group(name, header + ": " + f.signatures.front());
    }
    return names;
}

void directory::require_group(const std::string& name, const std::string& whose) const
{
    if (std::none_of(m_groups.begin(), m_groups.end(), [&](const group& each) { return each.name == name; }))
    {
        throw error::value_error("operations_page", whose, " is in the group ", name,
                                 ", which autograd/operations/operations.hpp does not define.");
    }
}

void directory::add_functions()
{
    for (const documented_function& f : m_functions)
    {
        const sampled_operation* of = operation_of(f);
        if (f.name.empty() && of == nullptr)
        {
            throw error::value_error("operations_page", f.header, ": ", f.signatures.front(), " records ",
                                     f.rules.front(), ", which is not in the table of operations.");
        }
        const std::string header = of == nullptr ? f.header : header_of(of->family);
        const sampled_operation* shown = of != nullptr ? of : recorded_by(f);
        const std::string target = shown == nullptr ? "../" + f.header : "#" + anchor(*shown);
        const std::string summary = f.name.empty() ? formula_of(*of) : described(f);
        m_entries.push_back({header, groups_of(f, header), {link(codes(f.signatures, ", "), target), summary}});
    }
}

void directory::add_operations_without_function()
{
    for (const sampled_operation& of : m_table)
    {
        if (!has_function(of))
        {
            require_group(group_of_others, of.name);
            m_entries.push_back(
                {header_of(of.family), {group_of_others}, {link(code(of.name), "#" + anchor(of)), recorders_of(of)}});
        }
    }
}

bool directory::has_function(const sampled_operation& of) const
{
    return std::any_of(m_functions.begin(), m_functions.end(),
                       [&](const documented_function& f) { return operation_of(f) == &of; });
}

/// Who records an operation that no function is named after: functions in whose bodies its rule stands, or else other
/// operations, when they are recorded or differentiated, or else what the comment in front of the rule says.
std::string directory::recorders_of(const sampled_operation& of) const
{
    std::vector<std::string> functions;
    for (const documented_function& f : m_functions)
    {
        if (contains(f.rules, rule_of(of)))
        {
            const sampled_operation* named = operation_of(f);
            functions.push_back(named == nullptr ? link(f.name, "../" + f.header) : link_to(*named));
        }
    }
    return functions.empty() ? users_of(of) : "recorded by " + joined(functions, ", ");
}

std::string directory::users_of(const sampled_operation& of) const
{
    std::vector<std::string> in_value;
    std::vector<std::string> in_derivatives;
    for (const sampled_operation& user : m_table)
    {
        if (!has_function(user))
        {
            continue;
        }
        recorded_sample y(typical_sample(user));
        if (y.find(of.on_double) != nullptr)
        {
            in_value.push_back(link_to(user));
            continue;
        }
        y.differentiate();
        if (y.find(of.on_double) != nullptr)
        {
            in_derivatives.push_back(link_to(user));
        }
    }
    const auto comment = m_comments.find(rule_of(of));
    if (in_value.empty() && in_derivatives.empty() && comment == m_comments.end())
    {
        throw error::value_error("operations_page", of.name, " has no function of its name in ", header_of(of.family),
                                 ", and no other operation records it, nor do their derivatives; say in a comment in "
                                 "front of ",
                                 rule_of(of), " who does.");
    }
    return !in_value.empty()         ? "recorded by " + some_of(in_value)
           : !in_derivatives.empty() ? "in derivatives of " + some_of(in_derivatives)
                                     : in_cell(summary_of(comment->second));
}

std::string directory::call_of(const sampled_operation& of) const
{
    std::vector<std::string> signatures;
    bool is_operator = false;
    for (const documented_function& f : m_functions)
    {
        if (operation_of(f) == &of)
        {
            signatures.insert(signatures.end(), f.signatures.begin(), f.signatures.end());
            is_operator = f.name.empty();
        }
    }
    return signatures.empty() ? code(of.name) + "<br>" + recorders_of(of)
           : is_operator      ? code(of.name) + "<br>" + codes(signatures, ", ")
                              : codes(signatures, "<br>");
}

void directory::print_index(std::string& page) const
{
    std::vector<std::string> titles;
    for (const group& each : m_groups)
    {
        titles.push_back(link(each.title, "#task-" + each.name));
    }
    page += "\n" + joined(titles, ", ") + "\n";
    for (const group& each : m_groups)
    {
        page += fmt::format("\n<a name=\"task-{}\"></a>**{}**\n\n", each.name, each.title);
        page += each.about.empty() ? "" : each.about + "\n\n";
        print_head(page, {"call", "what it gives"});
        for (const entry& row : m_entries)
        {
            if (contains(row.groups, each.name))
            {
                print_row(page, row.cells);
            }
        }
    }
}

} // namespace docs
