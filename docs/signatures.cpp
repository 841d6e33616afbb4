#include "docs/signatures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace docs
{

namespace
{

constexpr std::string_view mark_of_groups = "\\ingroup ";
constexpr std::string_view mark_of_definition = "\\defgroup ";

// --------------------------------------------------------------------------------------------------------- signatures

/// The parameters of one overload, or of several together.
struct overload
{
    std::vector<parameter> parameters;
    std::vector<bool> may_be_left_out; ///< by parameter
};

std::vector<std::string> names_of(const std::vector<parameter>& parameters)
{
    std::vector<std::string> names;
    for (const parameter& each : parameters)
    {
        names.push_back(each.name);
    }
    return names;
}

std::size_t defaults_of(const std::vector<parameter>& parameters)
{
    return static_cast<std::size_t>(std::count_if(parameters.begin(), parameters.end(),
                                                  [](const parameter& each) { return !each.default_value.empty(); }));
}

/// Adds an overload: of those that have the same names, the one with the most defaults says what the others say.
void add(std::vector<overload>& all, const std::vector<parameter>& parameters)
{
    for (overload& each : all)
    {
        if (names_of(each.parameters) == names_of(parameters))
        {
            if (defaults_of(each.parameters) < defaults_of(parameters))
            {
                each.parameters = parameters;
            }
            return;
        }
    }
    all.push_back({parameters, std::vector<bool>(parameters.size(), false)});
}

std::vector<parameter> without(const std::vector<parameter>& parameters, unsigned left_out)
{
    std::vector<parameter> rest;
    for (std::size_t i = 0; i < parameters.size(); ++i)
    {
        if (((left_out >> i) & 1) == 0)
        {
            rest.push_back(parameters[i]);
        }
    }
    return rest;
}

/// Where among all the overload is that does without some parameters (bit i for parameter i) of a longer one.
std::size_t place_of(const std::vector<overload>& all, const std::vector<parameter>& longer, unsigned left_out)
{
    const std::vector<std::string> names = names_of(without(longer, left_out));
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const overload& each) { return names_of(each.parameters) == names; });
    return static_cast<std::size_t>(found - all.begin());
}

/// Whether there is an overload for each choice among some parameters.
bool may_be_left_out(const std::vector<overload>& all, const std::vector<parameter>& longest, unsigned some)
{
    bool is_so = true;
    for (unsigned choice = some; choice != 0; choice = (choice - 1) & some)
    {
        is_so = is_so && place_of(all, longest, choice) < all.size();
    }
    return is_so;
}

/// One in place of several: f(x), f(x, axis), f(x, keep_dims) and f(x, axis, keep_dims) are f(x[, axis][, keep_dims]).
/// Parameters that have defaults may be left out as it is.
std::vector<overload> together(std::vector<overload> all)
{
    std::vector<overload> result;
    while (!all.empty())
    {
        overload longest = *std::max_element(all.begin(), all.end(),
                                             [](const overload& a, const overload& b)
                                             { return a.parameters.size() < b.parameters.size(); });
        unsigned optional = 0;
        for (unsigned some = 0; some < 1U << longest.parameters.size(); ++some)
        {
            const bool is_better = std::popcount(some) > std::popcount(optional);
            optional = is_better && may_be_left_out(all, longest.parameters, some) ? some : optional;
        }
        for (unsigned choice = optional; choice != 0; choice = (choice - 1) & optional)
        {
            all.erase(all.begin() + static_cast<std::ptrdiff_t>(place_of(all, longest.parameters, choice)));
        }
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(place_of(all, longest.parameters, 0)));
        for (std::size_t i = 0; i < longest.parameters.size(); ++i)
        {
            longest.may_be_left_out[i] = ((optional >> i) & 1) != 0;
        }
        result.push_back(longest);
    }
    return result;
}

std::string text_of(const std::string& called, const overload& of)
{
    std::string list;
    for (std::size_t i = 0; i < of.parameters.size(); ++i)
    {
        const auto& [name, default_value, type] = of.parameters[i];
        const std::string part = (i == 0 ? "" : ", ") + name + (default_value.empty() ? "" : " = " + default_value);
        list += of.may_be_left_out[i] ? "[" + part + "]" : part;
    }
    return called + "(" + list + ")";
}

/// "x + y", "-x" of operator+ and operator-
std::string text_of_operator(const declared_function& f)
{
    const std::string symbol = f.name.substr(std::string_view("operator").size());
    return f.parameters.size() == 1 ? symbol + f.parameters[0].name
                                    : f.parameters[0].name + " " + symbol + " " + f.parameters[1].name;
}

// ----------------------------------------------------------------------------------------------------------- comments

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::stringstream rest(text);
    for (std::string line; std::getline(rest, line);)
    {
        lines.push_back(line);
    }
    return lines;
}

/// "random", of the example "const autograd::counter_generator random(tape.index(step));"
std::string object_in(const documented_scope& of_class)
{
    std::smatch found;
    if (!std::regex_search(of_class.documentation, found, std::regex(of_class.name + R"( (\w+)\()")))
    {
        throw std::runtime_error(
            fmt::format("{}: the comment in front of {} has no example that makes an object of it, "
                        "on which its functions are called.",
                        of_class.header, of_class.name));
    }
    return found[1];
}

/// The rules that a body records: their names stand behind a <.
std::vector<std::string> rules_in(const std::string& body)
{
    static const std::regex rule(R"(<(\w+_rule)\b)");
    std::vector<std::string> rules;
    for (std::sregex_iterator found(body.begin(), body.end(), rule), end; found != end; ++found)
    {
        rules.push_back((*found)[1]);
    }
    return rules;
}

// ---------------------------------------------------------------------------------------------------------- functions

/// A function in the making.
struct collected
{
    std::string key;    ///< what its overloads have in common
    std::string called; ///< "clip", "random.uniform"
    documented_function function;
    std::vector<overload> overloads;
    bool is_of_variables = false; ///< the overload that the summary is of takes a variable first
};

collected& with_key(std::vector<collected>& all, const std::string& key)
{
    const auto known = std::find_if(all.begin(), all.end(), [&](const collected& each) { return each.key == key; });
    return known != all.end() ? *known : all.emplace_back(collected{key, "", {}, {}, false});
}

void add_operator(std::vector<collected>& all, const declared_function& f)
{
    for (const std::string& rule : rules_in(f.body))
    {
        documented_function& of = with_key(all, rule).function;
        of.header = f.header;
        of.rules = {rule};
        const std::string text = text_of_operator(f);
        if (std::find(of.signatures.begin(), of.signatures.end(), text) == of.signatures.end())
        {
            of.signatures.push_back(text);
        }
    }
}

/// The fields of the structure that a parameter takes by default, {} in its place: solve_options, {.transposed =
/// false}. None where it is no such parameter.
std::vector<documented_field> options_of(const declarations& all, const parameter& each)
{
    std::vector<documented_field> options;
    if (each.type.ends_with("_options") && each.default_value == "{}")
    {
        std::copy_if(all.fields.begin(), all.fields.end(), std::back_inserter(options),
                     [&](const documented_field& field) { return field.of_class == each.type; });
    }
    return options;
}

std::string text_of(const std::vector<documented_field>& options)
{
    std::string list;
    for (const auto& [of_class, name, default_value, meaning] : options)
    {
        list += (list.empty() ? "." : ", .") + name + (default_value.empty() ? "" : " = " + default_value);
    }
    return "{" + list + "}";
}

void add_function(std::vector<collected>& all, declared_function f, const documented_scope* of_class,
                  const declarations& declared)
{
    if (std::any_of(f.parameters.begin(), f.parameters.end(), [](const parameter& each) { return each.name.empty(); }))
    {
        throw std::runtime_error(
            fmt::format("{}: a parameter of {} has no name, and its call none to show.", f.header, f.name));
    }
    collected& of = with_key(all, f.header + " " + f.of_class + " " + f.name);
    of.function.header = f.header;
    of.function.name = f.name;
    of.called = of_class == nullptr ? f.name : object_in(*of_class) + "." + f.name;
    const bool is_of_variables = !f.parameters.empty() && f.parameters.front().type == "variable<T>";
    if (of.function.summary.empty() || (is_of_variables && !of.is_of_variables && !f.documentation.empty()))
    {
        of.function.summary = summary_of(f.documentation);
        of.function.groups = groups_in(of_class == nullptr ? f.documentation : of_class->documentation);
        of.is_of_variables = is_of_variables;
    }
    for (parameter& each : f.parameters)
    {
        if (const std::vector<documented_field> options = options_of(declared, each); !options.empty())
        {
            each.default_value = text_of(options);
            of.function.options = options;
        }
    }
    for (const std::string& rule : rules_in(f.body))
    {
        of.function.rules.push_back(rule);
    }
    add(of.overloads, f.parameters);
}

/// The class that a function is of, where its functions are called on an object: it says to what group they belong.
const documented_scope* class_with_groups(const declarations& all, const declared_function& f)
{
    const auto found = std::find_if(all.scopes.begin(), all.scopes.end(),
                                    [&](const documented_scope& each)
                                    {
                                        return !f.of_class.empty() && each.name == f.of_class &&
                                               each.header == f.header && !groups_in(each.documentation).empty();
                                    });
    return found == all.scopes.end() ? nullptr : &*found;
}

} // namespace

std::vector<documented_function> documented_functions(const declarations& all, const std::set<std::string>& headers)
{
    std::vector<collected> found;
    for (const declared_function& f : all.functions)
    {
        const documented_scope* of_class = class_with_groups(all, f);
        if (f.of_class == "operators")
        {
            add_operator(found, f);
        }
        else if ((f.of_class.empty() && headers.count(f.header) != 0) || of_class != nullptr)
        {
            add_function(found, f, of_class, all);
        }
    }
    std::vector<documented_function> result;
    for (collected& each : found)
    {
        for (const overload& one : together(each.overloads))
        {
            each.function.signatures.push_back(text_of(each.called, one));
        }
        if (each.function.name.empty() || !each.function.summary.empty())
        {
            result.push_back(each.function);
        }
    }
    return result;
}

std::vector<std::string> groups_in(const std::string& documentation)
{
    std::vector<std::string> names;
    for (const std::string& line : lines_of(documentation))
    {
        if (line.starts_with(mark_of_groups))
        {
            std::stringstream rest(line.substr(mark_of_groups.size()));
            for (std::string name; rest >> name;)
            {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::string without_groups(const std::string& documentation)
{
    std::string text;
    for (const std::string& line : lines_of(documentation))
    {
        text += line.starts_with(mark_of_groups) ? "" : line + "\n";
    }
    return text;
}

/// The first sentence of the first paragraph. A sentence ends where the next begins with a capital letter.
std::string summary_of(const std::string& documentation)
{
    std::string paragraph;
    for (const std::string& line : lines_of(without_groups(documentation)))
    {
        if (line.empty())
        {
            break;
        }
        paragraph += (paragraph.empty() ? "" : " ") + line;
    }
    std::smatch end;
    static const std::regex next_sentence(R"([.] [A-Z])");
    return std::regex_search(paragraph, end, next_sentence) ? std::string(end.prefix()) + "." : paragraph;
}

std::vector<group> groups(const declarations& all)
{
    std::vector<group> result;
    for (const documented_scope& scope : all.scopes)
    {
        bool is_definition = false;
        for (const std::string& line : lines_of(scope.documentation))
        {
            if (line.starts_with(mark_of_definition))
            {
                const std::string rest = line.substr(mark_of_definition.size());
                const std::size_t end = rest.find(' ');
                result.push_back({rest.substr(0, end), rest.substr(std::min(end, rest.size() - 1) + 1), ""});
                is_definition = true;
            }
            else if (is_definition)
            {
                result.back().about += (result.back().about.empty() ? "" : " ") + line;
            }
        }
    }
    return result;
}

} // namespace docs
