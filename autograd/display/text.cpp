#include "autograd/display/text.hpp"

#include "autograd/display/excerpt.hpp"
#include "autograd/tape/leaves.hpp"
#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace autograd::display
{

namespace
{

/// A name as it stands in a listing: in quotes where it could be read as something else.
std::string quoted_if_needed(const std::string& name)
{
    const auto is_plain = [](char c) { return static_cast<unsigned char>(c) > ' ' && !std::strchr("\"\\,()=", c); };
    if (name[0] != '%' && name[0] != '#' && std::all_of(name.begin(), name.end(), is_plain))
    {
        return name;
    }
    std::string text = "\"";
    for (char c : name)
    {
        if (c == '\n')
        {
            text += "\\n";
        }
        else if (c == '"' || c == '\\')
        {
            text += {'\\', c};
        }
        else
        {
            text += c;
        }
    }
    return text + '"';
}

/// The number of characters of a text in UTF-8.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void pad(std::string& text, std::size_t from, std::size_t to)
{
    text.append(to > from ? to - from : 0, ' ');
}

/// Where element i of an array in row-major order lies.
std::ptrdiff_t offset(const array_view& x, std::size_t i)
{
    if (x.dense())
    {
        return static_cast<std::ptrdiff_t>(i);
    }
    std::ptrdiff_t result = 0;
    for (std::size_t axis = x.shape.size(); axis-- > 0;)
    {
        result += static_cast<std::ptrdiff_t>(i % x.shape[axis]) * x.strides[axis];
        i /= x.shape[axis];
    }
    return result;
}

/// How many axes begin at element i of an array in row-major order (or end before it).
std::size_t axes_beginning_at(std::size_t i, shape_view shape)
{
    std::size_t count = 0;
    std::size_t block = 1;
    for (std::size_t axis = shape.size(); axis-- > 0; ++count)
    {
        block *= shape[axis];
        if (i % block != 0)
        {
            break;
        }
    }
    return count;
}

std::string print_element(std::floating_point auto x)
{
    return detail::print_number(x);
}

std::string print_element(std::int64_t x)
{
    return std::to_string(x);
}

/// The first elements, as many as fit: "0.5", "[1, 2, 3]", "[[1, 2, 3, 4], [5, 6, ...]]".
template <class E>
std::string first_values(const array_view& x)
{
    constexpr std::size_t most = 6;
    constexpr std::size_t longest = 56; // characters, unless one element alone has more
    if (x.data == nullptr)
    {
        return "";
    }
    if (x.size == 0)
    {
        return "[]";
    }
    std::string text;
    std::size_t depth = 0;
    std::size_t i = 0;
    for (; i < std::min(x.size, most); ++i)
    {
        const std::string element = print_element(x.as<E>()[offset(x, i)]);
        const std::size_t opened = axes_beginning_at(i, x.shape);
        if (i > 0 && text.size() + 2 + opened + element.size() > longest)
        {
            break;
        }
        text += i == 0 ? "" : ", ";
        text.append(opened, '[');
        text += element;
        const std::size_t closed = axes_beginning_at(i + 1, x.shape);
        text.append(closed, ']');
        depth += opened;
        depth -= closed;
    }
    if (i < x.size)
    {
        text += ", ...";
        text.append(depth, ']');
    }
    return text;
}

template <class T>
class listing
{
public:
    listing(const excerpt<T>& program, const text_options& options) : m_program(program), m_options(options)
    {
        for (const bool leaves : {true, false})
        {
            for (std::size_t i = 0; i < program.size(); ++i)
            {
                if (program.is_leaf(i) == leaves && !program.is_number(i))
                {
                    m_lines.push_back(i);
                }
            }
        }
        label_steps();
        find_widths();
    }

    std::string print() const
    {
        std::string text;
        for (std::size_t i : m_lines)
        {
            print_line(text, i);
        }
        if (m_program.outputs().size() > 1)
        {
            text += "return ";
            for (std::size_t k = 0; k < m_program.outputs().size(); ++k)
            {
                text += (k == 0 ? "" : ", ") + m_labels[m_program.outputs()[k]];
            }
            text += '\n';
        }
        return text;
    }

private:
    // A single long name, or a concatenation of a hundred arrays, does not push the columns out of sight.
    static constexpr std::size_t widest_label = 24;
    static constexpr std::size_t widest_expression = 56;
    static constexpr std::size_t widest_shape = 24;
    static constexpr std::size_t widest_values = 64;

    void label_steps()
    {
        m_labels.resize(m_program.size());
        std::size_t number = 0;
        for (std::size_t i : m_lines)
        {
            m_labels[i] =
                m_program.name(i).empty() ? fmt::format("%{}", ++number) : quoted_if_needed(m_program.name(i));
        }
    }

    void find_widths()
    {
        const auto widen = [](std::size_t& column, const std::string& text, std::size_t most)
        {
            const std::size_t needed = width(text);
            column = needed <= most ? std::max(column, needed) : column;
        };
        for (std::size_t i : m_lines)
        {
            widen(m_label_width, m_labels[i], widest_label);
            widen(m_expression_width, expression(i), widest_expression);
            widen(m_shape_width, to_text(m_program[i].shape()), widest_shape);
            widen(m_values_width, values(i), widest_values);
        }
    }

    /// "sum(%2) axes {0, 1}"
    std::string expression(std::size_t i) const
    {
        std::string text = m_program.operation_name(i);
        const auto operands = m_program.operands(i);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            text += (k == 0 ? "(" : ", ") + operand(i, k);
        }
        text += operands.empty() ? "" : ")";
        if (m_program[i].op == &leaves<T>::full)
        {
            text += "(" + detail::print_number(m_program.number(i)) + ")";
        }
        const std::string attributes = m_program.attributes(i);
        return attributes.empty() ? text : text + " " + attributes;
    }

    std::string operand(std::size_t i, std::size_t k) const
    {
        const std::uint32_t x = m_program.operands(i)[k];
        if (!m_program.is_number(x))
        {
            return m_labels[x];
        }
        return m_program.needs_shape(i, k) ? fmt::format("full({}, {})", detail::print_number(m_program.number(x)),
                                                         to_text(m_program[x].shape()))
                                           : detail::print_number(m_program.number(x));
    }

    std::string values(std::size_t i) const
    {
        if (!m_options.values)
        {
            return "";
        }
        const array_view x = m_program.values(i);
        return m_program[i].op->element == element_kind::real ? first_values<T>(x) : first_values<std::int64_t>(x);
    }

    /// "# moons.cpp:41"
    std::string source_line(std::size_t i) const
    {
        const location where = m_program[i].where();
        if (!m_options.source_lines || !where)
        {
            return "";
        }
        return "# " + to_text(where);
    }

    void print_line(std::string& text, std::size_t i) const
    {
        const std::string cells[] = {expression(i), to_text(m_program[i].shape()), values(i), source_line(i)};
        const std::size_t widths[] = {m_expression_width, m_shape_width, m_values_width, 0};
        text += m_labels[i];
        pad(text, width(m_labels[i]), m_label_width);
        text += " = ";
        std::size_t gap = 0;
        for (std::size_t column = 0; column < std::size(cells); ++column)
        {
            if (cells[column].empty())
            {
                gap += widths[column] == 0 ? 0 : widths[column] + 2;
                continue;
            }
            text.append(gap, ' ');
            text += cells[column];
            gap = 2 + std::max(widths[column], width(cells[column])) - width(cells[column]);
        }
        text += '\n';
    }

    const excerpt<T>& m_program;
    const text_options& m_options;
    std::vector<std::size_t> m_lines;
    std::vector<std::string> m_labels;
    std::size_t m_label_width = 0;
    std::size_t m_expression_width = 0;
    std::size_t m_shape_width = 0;
    std::size_t m_values_width = 0;
};

} // namespace

template <class T>
std::string text(std::span<const handle<T>> outputs, const text_options& options)
{
    const excerpt<T> program(outputs, "to_text", options.expand_pulls);
    return listing<T>(program, options).print();
}

template std::string text(std::span<const handle<float>>, const text_options&);
template std::string text(std::span<const handle<double>>, const text_options&);

} // namespace autograd::display
