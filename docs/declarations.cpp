#include "docs/declarations.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace docs
{

namespace
{

// ------------------------------------------------------------------------------------------------- words and brackets

constexpr std::size_t nowhere = std::string_view::npos;

bool is_blank(char c)
{
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool is_of_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_blank(text.front()))
    {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back()))
    {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view first_word(std::string_view text)
{
    const auto end = std::find_if_not(text.begin(), text.end(), is_of_word);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string_view last_word(std::string_view text)
{
    const auto begin = std::find_if_not(text.rbegin(), text.rend(), is_of_word);
    return text.substr(static_cast<std::size_t>(text.rend() - begin));
}

/// The place behind the comment, the literal or the single character that stands at `at`.
std::size_t behind(std::string_view text, std::size_t at)
{
    const auto behind_next = [&](std::string_view end, std::size_t from)
    {
        const std::size_t found = text.find(end, from);
        return found == nowhere ? text.size() : found + end.size();
    };
    const std::string_view rest = text.substr(at);
    const bool is_in_word = at > 0 && is_of_word(text[at - 1]);
    if (rest.starts_with("//"))
    {
        return behind_next("\n", at);
    }
    if (rest.starts_with("/*"))
    {
        return behind_next("*/", at + 2);
    }
    if (rest.starts_with("R\"") && !is_in_word)
    {
        return behind_next(")" + std::string(rest.substr(2, rest.find('(') - 2)) + "\"", at);
    }
    if (rest.front() == '"' || (rest.front() == '\'' && !is_in_word)) // 1'000 is a number
    {
        std::size_t end = at + 1;
        while (end < text.size() && text[end] != rest.front())
        {
            end += text[end] == '\\' ? 2 : 1;
        }
        return std::min(end + 1, text.size());
    }
    return at + 1;
}

/// How deep in brackets what follows c is, if it was `depth` before. Angle brackets count, so this is for declarators.
int depth_behind(char c, int depth)
{
    return std::string_view("([{<").find(c) != nowhere   ? depth + 1
           : std::string_view(")]}>").find(c) != nowhere ? depth - 1
                                                         : depth;
}

/// The place behind the bracket that closes the one at `at`. In parentheses < and > may be comparisons.
std::size_t behind_brackets(std::string_view text, std::size_t at)
{
    const char open = text[at];
    int depth = 0;
    int in_parentheses = 0;
    for (; at < text.size(); ++at)
    {
        const char c = text[at];
        in_parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
        const bool counts = open == '(' ? c == '(' || c == ')' : in_parentheses == 0 && (c == '<' || c == '>');
        depth = counts ? depth_behind(c, depth) : depth;
        if (depth == 0)
        {
            return at + 1;
        }
    }
    return at;
}

/// The first such character outside of brackets.
std::size_t find_outside(std::string_view text, char wanted, std::size_t from = 0)
{
    int depth = 0;
    for (std::size_t at = from; at < text.size(); ++at)
    {
        if (depth == 0 && text[at] == wanted)
        {
            return at;
        }
        depth = depth_behind(text[at], depth);
    }
    return nowhere;
}

// -------------------------------------------------------------------------------------------------------- declarators

/// "variable<T> f(variable<T> x)" of "template <class T> requires(...) variable<T> f(variable<T> x)"
std::string_view without_template(std::string_view head)
{
    for (const std::string_view word : {"template", "requires"})
    {
        while (first_word(head) == word)
        {
            const std::size_t open = head.find(word == "template" ? '<' : '(');
            head = open == nowhere ? std::string_view() : trimmed(head.substr(behind_brackets(head, open)));
        }
    }
    return head;
}

/// Where the list of parameters begins; nowhere, if this declares no function.
std::size_t place_of_parameters(std::string_view declarator)
{
    const std::size_t word = declarator.find("operator");
    if (word != nowhere && last_word(declarator.substr(0, word)).empty())
    {
        const std::size_t symbol = declarator.find_first_not_of(' ', word + std::string_view("operator").size());
        return symbol == nowhere ? nowhere : declarator.find('(', symbol + 1);
    }
    const std::size_t place = find_outside(declarator, '(');
    return find_outside(declarator, '=') < place ? nowhere : place;
}

/// "pow", "operator+"; "" for a constructor, and for a definition of what is declared elsewhere.
std::string name_of(std::string_view before_parameters, const std::string& of_class)
{
    const std::size_t word = before_parameters.find("operator");
    if (word != nowhere && last_word(before_parameters.substr(0, word)).empty())
    {
        std::string name(before_parameters.substr(word));
        name.erase(std::remove_if(name.begin(), name.end(), is_blank), name.end());
        return name;
    }
    before_parameters = trimmed(before_parameters);
    const std::string_view name = last_word(before_parameters);
    const std::string_view type = before_parameters.substr(0, before_parameters.size() - name.size());
    return type.empty() || type.ends_with("::") || name == of_class ? "" : std::string(name);
}

parameter parameter_of(std::string_view text)
{
    const std::size_t sign = find_outside(text, '=');
    std::string_view declarator = trimmed(text.substr(0, sign));
    const std::string_view otherwise = sign == nowhere ? "" : trimmed(text.substr(sign + 1));
    if (declarator.ends_with(']')) // const I(&shape)[N]
    {
        declarator = trimmed(declarator.substr(0, declarator.rfind('[')));
    }
    if (declarator.ends_with(')'))
    {
        declarator.remove_suffix(1);
    }
    const std::string_view name = last_word(declarator);
    const std::string_view type = trimmed(declarator.substr(0, declarator.size() - name.size()));
    return {type.empty() ? "" : std::string(name) + (type.ends_with("...") ? "..." : ""), std::string(otherwise),
            std::string(type)};
}

/// Whether a function is there for mistakes only (autograd/tape/mistakes.hpp): nobody is to call it.
bool is_mistake(std::string_view declarator)
{
    return declarator.starts_with("mistake::") || declarator.starts_with("autograd::mistake::");
}

bool is_location(std::string_view parameter)
{
    return first_word(trimmed(parameter)) == "location";
}

/// Of "(variable<T> x, I axis = 0, location where = location::current()) const".
std::vector<parameter> parameters_of(std::string_view list)
{
    list = list.substr(1, behind_brackets(list, 0) - 2);
    std::vector<parameter> result;
    while (!trimmed(list).empty())
    {
        const std::size_t comma = find_outside(list, ',');
        const std::string_view each = list.substr(0, comma);
        if (!is_location(each))
        {
            result.push_back(parameter_of(each));
        }
        list = comma == nowhere ? std::string_view() : list.substr(comma + 1);
    }
    return result;
}

// ----------------------------------------------------------------------------------------------------------- headers

/// Walks through one header, from scope to scope.
class header_reader
{
public:
    header_reader(std::string header, std::string_view text, declarations& into)
        : m_header(std::move(header)), m_text(text), m_into(into)
    {
    }

    void read()
    {
        while (m_at < m_text.size())
        {
            step();
        }
        add_scope("");
    }

private:
    struct scope
    {
        std::string name;
        bool is_class;
        bool is_open; ///< to users
    };

    void step()
    {
        const std::string_view rest = m_text.substr(m_at);
        if (rest.starts_with("///"))
        {
            read_documentation();
        }
        else if (is_blank(rest.front()) || rest.starts_with("//") || rest.starts_with("/*") || rest.front() == ';')
        {
            m_at = behind(m_text, m_at);
        }
        else if (rest.front() == '{') // behind the initialisers of a constructor
        {
            read_braces();
        }
        else if (rest.front() == '}')
        {
            m_at += 1;
            m_documentation.clear();
            if (!m_scopes.empty())
            {
                m_scopes.pop_back();
            }
        }
        else if (!read_access())
        {
            if (read_declaration())
            {
                m_documentation.clear();
            }
        }
    }

    void read_documentation()
    {
        end_documentation_before_blank_lines();
        const std::size_t end = behind(m_text, m_at);
        std::string_view line = m_text.substr(m_at + 3, end - m_at - 3);
        m_at = m_end_of_documentation = end;
        if (line.starts_with('<')) // that is said of what stands before
        {
            if (m_field_is_last)
            {
                m_into.fields.back().meaning = trimmed(line.substr(1));
            }
            return;
        }
        line.remove_prefix(line.starts_with(' ') ? 1 : 0);
        m_documentation += line;
    }

    /// A comment is in front of what follows it without a blank line.
    void end_documentation_before_blank_lines()
    {
        if (m_text.substr(m_end_of_documentation, m_at - m_end_of_documentation).find('\n') != nowhere)
        {
            add_scope("");
            m_documentation.clear();
        }
    }

    bool read_access()
    {
        for (const std::string_view label : {"public:", "protected:", "private:"})
        {
            if (m_text.substr(m_at).starts_with(label) && !m_scopes.empty())
            {
                m_scopes.back().is_open = label == "public:";
                m_at += label.size();
                return true;
            }
        }
        return false;
    }

    /// Up to what ends a declaration, or begins what stands in braces behind it.
    std::string read_head()
    {
        std::string head;
        int depth = 0;
        while (m_at < m_text.size() && (depth > 0 || (m_text[m_at] != ';' && m_text[m_at] != '{')))
        {
            const std::size_t end = behind(m_text, m_at);
            const std::string_view token = m_text.substr(m_at, end - m_at);
            depth += token == "(" ? 1 : token == ")" ? -1 : 0;
            head += token.starts_with("//") || token.starts_with("/*") ? " " : token == "\n" ? " " : token;
            m_at = end;
        }
        return head;
    }

    std::string read_braces()
    {
        const std::size_t begin = m_at;
        int depth = 0;
        do
        {
            depth += m_text[m_at] == '{' ? 1 : m_text[m_at] == '}' ? -1 : 0;
            m_at = behind(m_text, m_at);
        } while (m_at < m_text.size() && depth > 0);
        return std::string(m_text.substr(begin, m_at - begin));
    }

    /// Whether it is what the documentation before it is of: a mistake is not, be it the first that a macro declares.
    bool read_declaration()
    {
        end_documentation_before_blank_lines();
        m_field_is_last = false;
        const std::string head = read_head();
        const std::string_view declarator = trimmed(without_template(head));
        const std::string_view word = first_word(declarator);
        const bool has_braces = m_at < m_text.size() && m_text[m_at] == '{';
        if (has_braces && (word == "namespace" || declarator.starts_with("inline namespace")))
        {
            open(last_word(declarator), false, true);
        }
        else if (has_braces && (word == "struct" || word == "class"))
        {
            const std::string_view name = first_word(trimmed(declarator.substr(word.size())));
            open(name, true, word == "struct");
        }
        else if (const std::size_t list = place_of_parameters(declarator); list != nowhere)
        {
            const std::string of_class = m_scopes.empty() || !m_scopes.back().is_class ? "" : m_scopes.back().name;
            const std::string name = name_of(declarator.substr(0, list), of_class);
            const std::string body = has_braces ? read_braces() : "";
            if (is_mistake(declarator))
            {
                return false;
            }
            if (!name.empty() && is_open())
            {
                m_into.functions.push_back(
                    {m_header, of_class, name, parameters_of(declarator.substr(list)), m_documentation, body});
            }
        }
        else
        {
            add_field(declarator);
            while (m_at < m_text.size() && m_text[m_at] != ';')
            {
                m_text[m_at] == '{' ? void(read_braces()) : void(m_at = behind(m_text, m_at));
            }
        }
        return true;
    }

    /// Of a class that is open, but no using, no static and no friend.
    void add_field(std::string_view declarator)
    {
        const std::string_view word = first_word(declarator);
        const bool is_other = word == "using" || word == "static" || word == "friend" || word == "enum";
        if (const parameter field = parameter_of(declarator);
            !is_other && !field.name.empty() && !m_scopes.empty() && m_scopes.back().is_class && is_open())
        {
            m_into.fields.push_back({m_scopes.back().name, field.name, field.default_value, ""});
            m_field_is_last = true;
        }
    }

    void open(std::string_view name, bool is_class, bool is_open)
    {
        add_scope(std::string(name));
        m_scopes.push_back({std::string(name), is_class, is_open && name != "detail"});
        m_at += 1;
    }

    void add_scope(const std::string& name)
    {
        if (!m_documentation.empty())
        {
            m_into.scopes.push_back({m_header, name, m_documentation});
        }
    }

    bool is_open() const
    {
        return std::all_of(m_scopes.begin(), m_scopes.end(), [](const scope& each) { return each.is_open; });
    }

    std::string m_header;
    std::string_view m_text;
    declarations& m_into;
    std::size_t m_at = 0;
    std::vector<scope> m_scopes;
    std::string m_documentation;
    std::size_t m_end_of_documentation = 0;
    bool m_field_is_last = false; ///< what was declared last is a field
};

/// Header and text of each header that lies under root's autograd/.
std::vector<std::pair<std::string, std::string>> headers_of(std::istream& preprocessed, const std::string& root)
{
    std::vector<std::pair<std::string, std::string>> headers;
    std::string* text = nullptr;
    for (std::string line; std::getline(preprocessed, line);)
    {
        if (!line.starts_with('#'))
        {
            text == nullptr ? void() : void(*text += line + "\n");
            continue;
        }
        const std::size_t quote = line.find('"');
        if (!line.starts_with("# ") || quote == nowhere) // #pragma
        {
            continue;
        }
        const std::filesystem::path path = line.substr(quote + 1, line.rfind('"') - quote - 1);
        const std::string header = path.lexically_normal().lexically_relative(root).generic_string();
        const auto known =
            std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == header; });
        text = !header.starts_with("autograd/") ? nullptr
               : known != headers.end()         ? &known->second
                                                : &headers.emplace_back(header, "").second;
    }
    return headers;
}

} // namespace

declarations read_declarations(std::istream& preprocessed, const std::string& root)
{
    declarations result;
    for (const auto& [header, text] : headers_of(preprocessed, root))
    {
        header_reader(header, text, result).read();
    }
    return result;
}

} // namespace docs
