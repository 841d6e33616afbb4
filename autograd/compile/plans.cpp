#include "autograd/compile/plans.hpp"

#include "autograd/compile/counted.hpp"

#include <algorithm>

namespace autograd
{

namespace
{

/// FNV-1a, word by word.
class fingerprint
{
public:
    void add(std::uint64_t word) { m_value = (m_value ^ word) * 0x100000001b3; }
    std::uint64_t value() const { return m_value; }

private:
    std::uint64_t m_value = 0xcbf29ce484222325;
};

template <class T>
detail::recorded_structure structure_of(const tape<T>& recording)
{
    fingerprint of_all;
    for (const instruction<T>& y : recording.instructions())
    {
        of_all.add(reinterpret_cast<std::uintptr_t>(y.op));
        for (std::uint32_t operand : recording.operands(y))
        {
            of_all.add(operand);
        }
    }
    return {recording.size(), of_all.value()};
}

} // namespace

namespace
{

/// The leaves of thing k, a part or an argument: from one number to before another.
std::pair<std::size_t, std::size_t> leaves_of(const char* what, std::size_t k, const std::vector<std::size_t>& ends)
{
    if (k >= ends.size())
    {
        throw error::value_error("compile", "the option replaces names ", what, " ", k, "; there are ", ends.size(),
                                 ", counted from 0.");
    }
    return {k == 0 ? 0 : ends[k - 1], ends[k]};
}

} // namespace

program_options detail::options_of_program(const function_options& of, const leaf_counts& counts)
{
    program_options result{.reassociate = of.reassociate,
                           .require_finite = of.require_finite,
                           .keep_on_error = of.keep_on_error,
                           .all_checks = true,
                           .constant_keys = of.constant_keys,
                           .tile = of.tile,
                           .recompute_from = of.recompute_from};
    for (const replaced_argument& each : of.replaces)
    {
        const auto [output, outputs_end] = leaves_of("part", each.part, counts.outputs);
        const auto [input, inputs_end] = leaves_of("argument", each.argument, counts.inputs);
        if (outputs_end - output != inputs_end - input)
        {
            throw error::value_error("compile", "part ", each.part, " of the result has ", outputs_end - output,
                                     " arrays and argument ", each.argument, ", which it is to replace, ",
                                     inputs_end - input, "; they must be as many.");
        }
        for (std::size_t k = 0; output + k < outputs_end; ++k)
        {
            result.replaces.push_back({output + k, input + k});
        }
    }
    return result;
}

template <class T>
detail::plans<T>::plans(const function_options& options) : m_options(options)
{
    if (options.plans == 0)
    {
        throw error::value_error("compile", "the number of plans to keep is 0; it must be 1 or more.");
    }
}

template <class T>
bool detail::plans<T>::has_form(std::size_t k, std::span<const std::size_t> form) const
{
    return std::equal(form.begin(), form.end(), m_plans[k].form.begin(), m_plans[k].form.end());
}

template <class T>
auto detail::plans<T>::use(std::size_t k) -> plan<T>&
{
    const auto first = m_plans.begin();
    std::rotate(first, first + static_cast<std::ptrdiff_t>(k), first + static_cast<std::ptrdiff_t>(k) + 1);
    return m_plans.front();
}

template <class T>
auto detail::plans<T>::add(const tape<T>& recording, std::span<const handle<T>> inputs,
                           std::span<const handle<T>> outputs, const leaf_counts& counts,
                           std::span<const std::size_t> form, std::shared_ptr<const void> types) -> plan<T>&
{
    const recorded_structure structure = structure_of(recording);
    const bool is_new = std::find(m_structures.begin(), m_structures.end(), structure) == m_structures.end();
    plan<T> made{{form.begin(), form.end()},
                 compile<T>(inputs, outputs, options_of_program(m_options, counts), location()),
                 std::move(types),
                 {}};
    m_plans.reserve(std::min(m_options.plans, m_plans.size() + 1));
    if (is_new)
    {
        m_structures.push_back(structure);
    }
    ++m_recordings; // from here on nothing throws
    if (m_plans.size() == m_options.plans)
    {
        m_plans.pop_back();
        ++m_evictions;
    }
    m_plans.push_back(std::move(made));
    return use(m_plans.size() - 1);
}

template <class T>
auto detail::plans<T>::last() const -> const plan<T>&
{
    if (m_plans.empty())
    {
        throw error::value_error("compiled function", "it was moved from; call the one that it was moved to.");
    }
    return m_plans.front();
}

template <class T>
void detail::plans<T>::require_apart() const
{
    if (!m_options.replaces.empty())
    {
        throw error::value_error("compiled function", "part ", m_options.replaces[0].part,
                                 " of its result replaces argument ", m_options.replaces[0].argument,
                                 ", so it is called with a place for the results: run_into(std::tie(...), ...).");
    }
}

template <class T>
std::string detail::plans<T>::explain() const
{
    std::string text = detail::counted(m_plans.size(), "plan") + " of at most " + std::to_string(m_options.plans) +
                       ", of " + detail::counted(m_recordings, "recording") + " with " +
                       detail::counted(m_structures.size(), "structure") + "; " + std::to_string(m_evictions) +
                       " evicted\n";
    for (const plan<T>& each : m_plans)
    {
        const autograd::program<T>& program = each.program;
        text += "   ";
        for (std::size_t k = 0; k < program.input_count(); ++k)
        {
            text += " " + to_text(program.input_shape(k));
        }
        text += " -> ";
        for (std::size_t k = 0; k < program.output_count(); ++k)
        {
            text += to_text(program.output_shape(k)) + " ";
        }
        text += "in " + detail::counted(program.step_count(), "step") + ", " +
                detail::counted(program.arena_bytes(), "byte") + "\n";
    }
    return text;
}

template <class T>
void detail::run(plan<T>& what, const arguments<T>& given, results<T>& into)
{
    const auto arrays = given.arrays();
    const auto missing = std::find_if(arrays.begin(), arrays.end(), [](const auto& x) { return !x.has_values(); });
    if (missing != arrays.end())
    {
        throw error::value_error("compiled function", "input ", missing - arrays.begin(), " of shape ",
                                 missing->shape(), " is a placeholder; to run it takes an array.");
    }
    std::optional<workspace<T>>& memory = what.memory.value;
    if (!memory)
    {
        memory.emplace(what.program.make_workspace());
    }
    what.program.run(arrays, into.arrays(), *memory);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template class detail::plans<T>;                                                                                   \
    template void detail::run(plan<T>&, const arguments<T>&, results<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
