#include "autograd/display/dot.hpp"

#include "autograd/display/excerpt.hpp"
#include "autograd/tape/leaves.hpp"
#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace autograd::display
{

namespace
{

/// A text as a string of the DOT language; lines are centred.
std::string quoted(std::string_view text)
{
    std::string result = "\"";
    for (char c : text)
    {
        switch (c)
        {
        case '\n':
            result += "\\n";
            break;
        case '"':
        case '\\':
            result += {'\\', c};
            break;
        case '&': // begins an entity of HTML: "&lt;" would be drawn as <
            result += "&amp;";
            break;
        case '\0': // would end the text
            result += "\\\\0";
            break;
        default:
            result += c;
        }
    }
    return result + '"';
}

/// "encoder.layer" as "encoder", "layer".
std::vector<std::string_view> parts_of(std::string_view path)
{
    std::vector<std::string_view> parts;
    while (!path.empty())
    {
        const std::size_t dot = std::min(path.find('.'), path.size());
        parts.push_back(path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return parts;
}

template <class T>
class graph
{
public:
    explicit graph(const excerpt<T>& program) : m_program(program) {}

    std::string print()
    {
        m_text = "digraph {\n"
                 "    graph [ordering=in, fontname=\"Helvetica\", fontsize=11, color=gray60, fontcolor=gray40]\n"
                 "    node [fontname=\"Helvetica\", fontsize=11, shape=ellipse]\n"
                 "    edge [fontname=\"Helvetica\", fontsize=9, fontcolor=gray40, arrowsize=0.7]\n";
        print_nodes();
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            print_edges(i);
        }
        return m_text + "}\n";
    }

private:
    /// The nodes, those of a scope together in its frame.
    void print_nodes()
    {
        std::map<std::vector<std::string_view>, std::vector<std::size_t>> by_scope;
        std::vector<std::string> scopes(m_program.size());
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (!m_program.is_number(i))
            {
                scopes[i] = m_program.scope(i);
                by_scope[parts_of(scopes[i])].push_back(i);
            }
        }
        std::vector<std::string_view> open;
        for (const auto& [scope, nodes] : by_scope) // a scope comes directly before those inside of it
        {
            enter(open, scope);
            for (std::size_t i : nodes)
            {
                indent(open.size());
                m_text += fmt::format("n{} [{}]\n", i, appearance(i));
            }
        }
        enter(open, {});
    }

    /// Closes and opens frames.
    void enter(std::vector<std::string_view>& open, const std::vector<std::string_view>& scope)
    {
        const auto common = static_cast<std::size_t>(
            std::mismatch(open.begin(), open.end(), scope.begin(), scope.end()).first - open.begin());
        while (open.size() > common)
        {
            open.pop_back();
            indent(open.size());
            m_text += "}\n";
        }
        while (open.size() < scope.size())
        {
            indent(open.size());
            m_text += fmt::format("subgraph cluster_{} {{\n", m_frames++);
            open.push_back(scope[open.size()]);
            indent(open.size());
            m_text += fmt::format("label={}\n", quoted(open.back()));
        }
    }

    void indent(std::size_t depth) { m_text.append(4 * (depth + 1), ' '); }

    std::string shape(std::size_t i) const { return to_text(m_program[i].shape()); }

    /// The attributes of the node of step i.
    std::string appearance(std::size_t i) const
    {
        const std::string name = own_name(i);
        if (m_program.is_leaf(i))
        {
            const bool is_variable = m_program[i].op == &leaves<T>::variable;
            return fmt::format("label={}, shape=box{}{}",
                               quoted((name.empty() ? leaf_text(i) : name) + "\n" + shape(i)),
                               is_variable ? ", style=filled, fillcolor=gray92" : "", outline(i));
        }
        const std::string attributes = m_program.attributes(i);
        std::string label = (name.empty() ? "" : name + " = ") + m_program.operation_name(i);
        label += attributes.empty() ? "" : "\n" + attributes;
        label += m_program.is_output(i) ? "\n" + shape(i) : "";
        return fmt::format("label={}{}{}", quoted(label), m_program[i].op->pull_of != nullptr ? ", style=dashed" : "",
                           outline(i));
    }

    /// "constant", "full(0.5)"
    std::string leaf_text(std::size_t i) const
    {
        return m_program[i].op == &leaves<T>::full ? detail::print_number(m_program.number(i))
                                                   : m_program.operation_name(i);
    }

    /// The name without the scopes that the frames show.
    std::string own_name(std::size_t i) const
    {
        const std::string& name = m_program.name(i);
        const std::size_t dot = name.rfind('.');
        return dot == std::string::npos || m_program.scope(i).empty() ? name : name.substr(dot + 1);
    }

    std::string outline(std::size_t i) const { return m_program.is_output(i) ? ", peripheries=2" : ""; }

    void print_edges(std::size_t i)
    {
        const auto operands = m_program.operands(i);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const std::uint32_t x = operands[k];
            const std::string_view port = arrives_at(k, operands.size());
            if (m_program.is_number(x))
            {
                const std::string number = detail::print_number(m_program.number(x));
                const std::string label = m_program.needs_shape(i, k) ? number + "\n" + shape(x) : number;
                m_text += fmt::format("    n{0}_{1} [label={2}, shape=plaintext]\n    n{0}_{1} -> n{0}{3}\n", i, k,
                                      quoted(label), port);
            }
            else
            {
                m_text += fmt::format("    n{} -> n{}{}{}\n", x, i, port,
                                      changes_shape(x) ? fmt::format(" [label={}]", quoted(" " + shape(x))) : "");
            }
        }
    }

    /// Which side of a node the edge of its operand k comes to. Graphviz keeps the order of edges (ordering=in) where
    /// it can, but not inside of frames; what is divided by what must not depend on that.
    static std::string_view arrives_at(std::size_t k, std::size_t operands)
    {
        static constexpr std::string_view of_two[] = {":nw", ":ne"};
        static constexpr std::string_view of_three[] = {":nw", ":n", ":ne"};
        return operands == 2 ? of_two[k] : operands == 3 ? of_three[k] : "";
    }

    /// Whether the shape of step i is news to a reader who knows those of its operands.
    bool changes_shape(std::size_t i) const
    {
        const auto operands = m_program.operands(i);
        return !m_program.is_leaf(i) &&
               std::none_of(operands.begin(), operands.end(),
                            [&](std::uint32_t x) { return m_program[x].shape() == m_program[i].shape(); });
    }

    const excerpt<T>& m_program;
    std::string m_text;
    std::size_t m_frames = 0;
};

} // namespace

template <class T>
std::string dot(std::span<const handle<T>> outputs, const dot_options& options)
{
    const excerpt<T> program(outputs, "to_dot", options.expand_pulls);
    return graph<T>(program).print();
}

template std::string dot(std::span<const handle<float>>, const dot_options&);
template std::string dot(std::span<const handle<double>>, const dot_options&);

} // namespace autograd::display
