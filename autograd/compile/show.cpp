#include "autograd/compile/show.hpp"

#include "autograd/compile/counted.hpp"
#include "autograd/compile/decode.hpp"
#include "autograd/display/dot.hpp"
#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace autograd
{

namespace
{

using detail::counted;

template <class T>
void set_name(const handle<T>& named, const std::string& name)
{
    if (!name.empty() && named.name().empty())
    {
        named.tape().set_name(named, name);
    }
}

/// The program on a tape without values: its outputs.
template <class T>
std::vector<handle<T>> on_tape(const detail::compiled<T>& what, tape<T>& on)
{
    const std::vector<handle<T>> inputs = detail::inputs_of_shapes(what, on);
    std::vector<handle<T>> outputs = detail::decode(what, on, std::span<const handle<T>>(inputs));
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        set_name(outputs[k], what.values.output_names()[k]);
    }
    return outputs;
}

/// The lines of explain(): a heading, and what there is under it, one line each.
class lines
{
public:
    void add(std::string_view heading, const std::string& text)
    {
        m_text += fmt::format("{:<12}{}\n", heading == m_heading ? "" : heading, text);
        m_heading = heading;
    }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
    std::string m_heading;
};

template <class T>
class explanation
{
public:
    explicit explanation(const detail::compiled<T>& what) : m(what) {}

    std::string print()
    {
        add_steps();
        add_pairs();
        add_memory();
        add_rewrites();
        add_layout();
        add_arrays();
        add_constants();
        add_checks();
        for (const location& where : m.values.observations())
        {
            m_lines.add("frozen", "a value was read at " + to_text(where) +
                                      " while recording; a branch on it is frozen. Use decide().");
        }
        return m_lines.text();
    }

private:
    void add_steps()
    {
        m_lines.add("steps", counted(m.steps.size(), "step") + " in " + counted(m.groups.size(), "group"));
        if (m.prologue_groups > 0)
        {
            const std::size_t end = m.groups[m.prologue_groups - 1].end;
            m_lines.add("steps", counted(end, "step") + " of constant inputs alone, run once");
        }
        if (m.packed.packs > 0)
        {
            m_lines.add("steps", counted(m.packed.steps, "operation") + " on single numbers as " +
                                     counted(m.packed.packs, "step") + ", side by side");
        }
        if (m.recomputed.bytes > 0)
        {
            m_lines.add("steps", counted(m.recomputed.steps, "step") + " done where they are read, or again there: " +
                                     counted(m.recomputed.bytes, "byte") + " need not be stored");
        }
        m_lines.add("flops", std::to_string(m.flops()));
        add_tiles();
    }

    /// Loops that are alike are told once.
    void add_tiles()
    {
        std::vector<std::pair<std::string, std::size_t>> loops;
        std::map<std::string, std::size_t> places;
        for (const detail::group& g : m.groups)
        {
            if (g.is_tiled())
            {
                const std::size_t rows = g.loop.rows();
                const std::string loop = counted(g.end - g.first, "step") + ", " + counted(g.tile, "element") +
                                         " at a time of " + (rows > 1 ? counted(rows, "row") + " of " : "") +
                                         std::to_string(g.loop.length);
                const auto place = places.emplace(loop, loops.size());
                if (place.second)
                {
                    loops.emplace_back(loop, 0);
                }
                ++loops[place.first->second].second;
            }
        }
        for (const auto& [loop, times] : loops)
        {
            m_lines.add("tiles", (times > 1 ? std::to_string(times) + " times " : "") + loop);
        }
    }

    void add_pairs()
    {
        std::map<std::string, std::size_t> pairs;
        for (std::size_t s = 0; s < m.steps.size(); s += m.steps[s].covers)
        {
            if (m.steps[s].covers > 1)
            {
                ++pairs[name_of(m.steps[s]) + ", " + name_of(m.steps[s + 1])];
            }
        }
        for (const auto& [names, times] : pairs)
        {
            m_lines.add("pairs", fmt::format("{} times {}", times, names));
        }
    }

    std::string name_of(const detail::step<T>& s) const
    {
        const operation<T>& op = *m.values[s.value].op;
        return op.pull_of != nullptr ? std::string(op.pull_of->name) + "'" : op.name;
    }

    void add_memory()
    {
        m_lines.add("arena", counted(m.plan.bytes, "byte") + ", of which " + std::to_string(m.plan.lower_bound) +
                                 " are in use at one time");
    }

    void add_rewrites()
    {
        for (const detail::applied_rewrite& each : m.rewrites)
        {
            m_lines.add("rewrites", fmt::format("{} times {}", each.times, each.what->name));
        }
    }

    void add_layout()
    {
        for (const detail::transposed_arrays& each : m.laid_out)
        {
            m_lines.add("layout", counted(each.arrays, "array") + " of " + std::to_string(each.rows) +
                                      " rows stored transposed: steps go along them for " +
                                      counted(each.gained, "element") + ", " + std::to_string(each.transposed) +
                                      " are transposed in each run");
        }
    }

    void add_arrays()
    {
        const std::vector<char> is_read = read_values();
        for (std::uint32_t k = 0; k < m.values.input_count(); ++k)
        {
            const bool constant =
                std::find(m.options.constant.begin(), m.options.constant.end(), k) != m.options.constant.end();
            m_lines.add("inputs", array(k, m.values[k], m.values.input_names()[k]) + (constant ? ", constant" : "") +
                                      (is_read[k] ? "" : ", not read"));
        }
        for (std::size_t k = 0; k < m.values.outputs().size(); ++k)
        {
            const std::uint32_t input = m.replaces[k];
            m_lines.add("outputs", array(k, m.values[m.values.outputs()[k]], m.values.output_names()[k]) +
                                       (input != m.none ? fmt::format(", replaces input {}", input) : ""));
        }
    }

    static std::string array(std::size_t k, const detail::scheduled_value<T>& x, const std::string& name)
    {
        return fmt::format("{}: {}{}{}", k, name, name.empty() ? "" : " ", to_text(x.shape())) +
               (x.element == element_kind::index ? ", integers" : "");
    }

    /// Of each value: whether something is made of it, or it is an output.
    std::vector<char> read_values() const
    {
        std::vector<char> is_read(m.values.values().size(), 0);
        for (const detail::scheduled_value<T>& y : m.values.values())
        {
            for (const std::uint32_t operand : m.values.operands(y))
            {
                is_read[operand] = 1;
            }
        }
        for (const std::uint32_t output : m.values.outputs())
        {
            is_read[output] = 1;
        }
        return is_read;
    }

    void add_constants()
    {
        const std::vector<char> is_read = read_values();
        for (std::uint32_t v = 0; v < is_read.size(); ++v)
        {
            const detail::scheduled_value<T>& x = m.values[v];
            if (is_read[v] && x.origin == detail::value_origin::kept)
            {
                m_lines.add("constants", constant(x) + at(x.where));
            }
        }
    }

    /// "0.5", "(300, 2) of exp"
    static std::string constant(const detail::scheduled_value<T>& x)
    {
        if (x.is_single() && x.size > 0 && x.element == element_kind::real)
        {
            return detail::print_number(*static_cast<const T*>(x.data));
        }
        return to_text(x.shape()) + (x.op->kind == rule_kind::leaf ? "" : std::string(" of ") + x.op->name);
    }

    void add_checks()
    {
        for (const detail::step<T>& s : m.steps)
        {
            const detail::scheduled_value<T>& y = m.values[s.value];
            if (y.origin == detail::value_origin::computed && y.op->checks)
            {
                const std::string attributes = y.op->print != nullptr ? " " + y.op->print(y.attributes) : "";
                m_lines.add("checks", y.op->name + attributes + at(y.where));
            }
        }
    }

    static std::string at(const location& where) { return where ? " [" + to_text(where) + "]" : ""; }

    const detail::compiled<T>& m;
    lines m_lines;
};

} // namespace

template <class T>
std::string to_text(const program<T>& of, const text_options& options)
{
    tape<T> on(recording::shapes);
    const auto outputs = on_tape(of.what(), on);
    return display::text(std::span(outputs), options);
}

template <class T>
std::string to_dot(const program<T>& of)
{
    tape<T> on(recording::shapes);
    const auto outputs = on_tape(of.what(), on);
    return display::dot(std::span(outputs), {});
}

template <class T>
std::string explain(const program<T>& of)
{
    return explanation<T>(of.what()).print();
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::string to_text(const program<T>&, const text_options&);                                              \
    template std::string to_dot(const program<T>&);                                                                    \
    template std::string explain(const program<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
