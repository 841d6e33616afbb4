#pragma once

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Words, formulas, numbers and tables of docs/operations.md in Markdown.

namespace docs
{

/// text with every `from` replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// A formula in Markdown. GitHub takes $...$ apart where it could be Markdown, too, so those get its other quotes; and
/// it refuses \operatorname.
inline std::string math(const std::string& latex)
{
    const std::string formula = replaced(replaced(latex, "\n", " "), R"(\operatorname{)", R"(\mathrm{)");
    const bool is_ambiguous = formula.find_first_of("*|<_") != std::string::npos ||
                              formula.find(R"(\\)") != std::string::npos || formula.find(R"(\{)") != std::string::npos;
    return is_ambiguous ? "$`" + formula + "`$" : "$" + formula + "$";
}

inline std::string code(const std::string& text)
{
    return "`" + replaced(text, "|", R"(\|)") + "`";
}

/// Plain text in a cell of a table.
inline std::string in_cell(std::string text)
{
    for (const char* sign : {"|", "*", "<"})
    {
        text = replaced(text, sign, std::string("\\") + sign);
    }
    return text;
}

inline std::string number(double x)
{
    return std::isnan(x) ? "NaN" : std::isinf(x) ? (x < 0 ? "-∞" : "∞") : fmt::format("{:.6g}", x);
}

/// A result: without the sign of zero, in which instruction sets differ.
inline std::string computed(double x)
{
    return number(x + 0.0);
}

inline std::string joined(const std::vector<std::string>& parts, std::string_view between)
{
    return fmt::format("{}", fmt::join(parts, between));
}

/// "3" or "(3, 4)"
inline std::string point(const std::vector<double>& numbers, std::string (*text_of)(double))
{
    std::vector<std::string> parts;
    for (double x : numbers)
    {
        parts.push_back(text_of(x));
    }
    return parts.size() == 1 ? parts[0] : "(" + joined(parts, ", ") + ")";
}

/// "[[1, 2], [3, 4]]"
inline std::string array(const std::vector<std::size_t>& shape, std::span<const double> values, std::size_t axis = 0)
{
    if (axis == shape.size())
    {
        return computed(values[0]);
    }
    std::vector<std::string> parts;
    const std::size_t size = shape[axis] == 0 ? 0 : values.size() / shape[axis];
    for (std::size_t i = 0; i < shape[axis]; ++i)
    {
        parts.push_back(array(shape, values.subspan(i * size, size), axis + 1));
    }
    return "[" + joined(parts, ", ") + "]";
}

inline void print_row(std::string& page, const std::vector<std::string>& cells)
{
    page += "| " + joined(cells, " | ") + " |\n";
}

inline void print_head(std::string& page, const std::vector<std::string>& cells)
{
    print_row(page, cells);
    page += "|" + joined(std::vector<std::string>(cells.size(), "---"), "|") + "|\n";
}

} // namespace docs
