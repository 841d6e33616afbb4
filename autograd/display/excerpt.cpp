#include "autograd/display/excerpt.hpp"

#include "autograd/operations/recorded.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>

namespace autograd::display
{

namespace
{

/// The instructions that the outputs depend on, operands before their users.
template <class T>
std::vector<std::uint32_t> depth_first(const tape<T>& tape, std::span<const std::uint32_t> outputs)
{
    struct visit
    {
        std::uint32_t index;
        std::uint32_t next_operand;
    };
    std::vector<std::uint32_t> order;
    std::vector<visit> path;
    std::vector<bool> seen(outputs.empty() ? 0 : *std::max_element(outputs.begin(), outputs.end()) + std::size_t{1});
    const auto enter = [&](std::uint32_t index)
    {
        if (!seen[index])
        {
            seen[index] = true;
            path.push_back({index, 0});
        }
    };
    for (std::uint32_t output : outputs)
    {
        enter(output);
        while (!path.empty())
        {
            visit& top = path.back();
            const auto operands = tape.operands(tape[top.index]);
            if (top.next_operand < operands.size())
            {
                enter(operands[top.next_operand++]);
            }
            else
            {
                order.push_back(top.index);
                path.pop_back();
            }
        }
    }
    return order;
}

} // namespace

template <class T>
excerpt<T>::excerpt(std::span<const handle<T>> outputs, const char* caller, bool expand_pulls)
{
    std::vector<std::uint32_t> indices;
    for (const handle<T>& y : outputs)
    {
        y.checked(caller);
        if (y.tape_pointer() != outputs.front().tape_pointer())
        {
            throw error::tape_error(caller, "the outputs live on different tapes; show each tape by itself.");
        }
        indices.push_back(y.index());
    }
    if (outputs.empty())
    {
        return;
    }
    m_tape = outputs.front().tape_pointer();
    const std::vector<std::uint32_t> order = depth_first(*m_tape, std::span<const std::uint32_t>(indices));
    if (expand_pulls)
    {
        add_expanded(order, indices);
    }
    else
    {
        add_steps(*m_tape, order, indices);
    }
    for (std::uint32_t output : m_outputs)
    {
        m_steps[output].is_output = true;
    }
    name_steps();
    find_scopes();
}

template <class T>
void excerpt<T>::add_steps(const tape<T>& from, std::span<const std::uint32_t> order,
                           std::span<const std::uint32_t> outputs)
{
    std::vector<std::uint32_t> step_of(order.empty() ? 0
                                                     : *std::max_element(order.begin(), order.end()) + std::size_t{1});
    for (std::uint32_t index : order)
    {
        step_of[index] = static_cast<std::uint32_t>(m_steps.size());
        m_steps.push_back({&from[index], static_cast<std::uint32_t>(m_operands.size()), index, false, false});
        for (std::uint32_t operand : from.operands(from[index]))
        {
            m_operands.push_back(step_of[operand]);
        }
    }
    for (std::uint32_t output : outputs)
    {
        m_outputs.push_back(step_of[output]);
    }
}

// Expanding records. So the steps are recorded again on a tape of their own, which keeps no values; the user's stays as
// it is.
template <class T>
void excerpt<T>::add_expanded(std::span<const std::uint32_t> order, std::span<const std::uint32_t> outputs)
{
    m_expanded = std::make_unique<tape<T>>(recording::shapes);
    tape<T>& copy = *m_expanded;
    std::vector<std::uint32_t> copy_of(*std::max_element(order.begin(), order.end()) + std::size_t{1});
    std::vector<std::uint32_t> origins;
    std::vector<handle<T>> operands;
    for (std::uint32_t index : order)
    {
        const instruction<T>& y = (*m_tape)[index];
        operands.clear();
        for (std::uint32_t operand : m_tape->operands(y))
        {
            operands.push_back(copy.handle_of(copy_of[operand]));
        }
        const shape_vector shape(y.shape());
        handle<T> result = copy.record(*y.op, operands, payload::shared(y.attributes()), y.where(), &shape);
        if (y.op->pull_of != nullptr)
        {
            const typename tape<T>::as_if_at here(copy, y.where());
            result = y.op->expand(recorded<T>(copy, result.index()));
        }
        copy_of[index] = result.index();
        origins.resize(copy.size(), index);
    }

    std::vector<std::uint32_t> copied_outputs;
    for (std::uint32_t output : outputs)
    {
        copied_outputs.push_back(copy_of[output]);
    }
    const std::vector<std::uint32_t> copied_order = depth_first(copy, std::span<const std::uint32_t>(copied_outputs));
    add_steps(copy, copied_order, copied_outputs);
    for (step& s : m_steps)
    {
        const std::uint32_t index = s.origin;
        s.origin = origins[index];
        s.is_expansion = copy_of[s.origin] != index;
    }
}

template <class T>
void excerpt<T>::name_steps()
{
    std::unordered_map<std::string, std::size_t> times_taken; // of each name, so that many equal ones take linear time
    for (std::size_t i = 0; i < m_steps.size(); ++i)
    {
        const std::string name = m_steps[i].is_expansion ? "" : m_tape->name_of(m_steps[i].origin);
        if (name.empty())
        {
            continue;
        }
        std::string unique = name;
        while (!times_taken.try_emplace(unique, 1).second)
        {
            unique = name + "#" + std::to_string(++times_taken[name]);
        }
        m_names[i] = unique;
    }
}

template <class T>
const std::string& excerpt<T>::name(std::size_t i) const
{
    static const std::string none;
    const auto found = m_names.find(i);
    return found == m_names.end() ? none : found->second;
}

namespace
{

std::string_view without_last_part(std::string_view dotted)
{
    const std::size_t dot = dotted.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : dotted.substr(0, dot);
}

/// What two dotted paths begin with, in whole parts.
std::string_view common_parts(std::string_view a, std::string_view b)
{
    while (a != b)
    {
        (a.size() > b.size() ? a : b) = without_last_part(a.size() > b.size() ? a : b);
    }
    return a;
}

} // namespace

// A full name is its scope's and, after a dot, its own; so the names of a scope tell what it is called.
template <class T>
void excerpt<T>::find_scopes()
{
    for (const auto& [i, name] : m_names)
    {
        const std::uint32_t scope = (*m_tape)[m_steps[i].origin].scope();
        if (scope != 0)
        {
            const std::string_view path = without_last_part(name);
            const auto [known, is_new] = m_scopes.try_emplace(scope, path);
            known->second = is_new ? std::string(path) : std::string(common_parts(known->second, path));
        }
    }
}

template <class T>
std::string excerpt<T>::scope(std::size_t i) const
{
    if (const auto named = m_names.find(i); named != m_names.end())
    {
        return std::string(without_last_part(named->second));
    }
    const auto found = m_scopes.find((*m_tape)[m_steps[i].origin].scope());
    return found == m_scopes.end() ? "" : found->second;
}

template <class T>
array_view excerpt<T>::values(std::size_t i) const
{
    array_view view = (*m_tape)[m_steps[i].origin].view();
    view.data = m_steps[i].is_expansion ? nullptr : view.data;
    return view;
}

template <class T>
bool excerpt<T>::is_number(std::size_t i) const
{
    return m_steps[i].recorded->op == &leaves<T>::full && !m_steps[i].is_output && !m_names.contains(i);
}

template <class T>
bool excerpt<T>::needs_shape(std::size_t i, std::size_t k) const
{
    return m_steps[i].recorded->op->kind != rule_kind::elementwise &&
           m_steps[operands(i)[k]].recorded->dimension() != 0;
}

template <class T>
std::string excerpt<T>::operation_name(std::size_t i) const
{
    const operation<T>& op = *m_steps[i].recorded->op;
    if (op.pull_of == nullptr)
    {
        return op.name;
    }
    const std::uint64_t pulled = op.pull_of->differentiable;
    const bool by_one_only = (pulled & (pulled - 1)) == 0;
    return std::string(op.pull_of->name) + "'" + (by_one_only ? "" : std::to_string(op.pulled_operand + 1));
}

template <class T>
std::string excerpt<T>::attributes(std::size_t i) const
{
    const instruction<T>& y = *m_steps[i].recorded;
    const operation<T>& rule = y.op->pull_of != nullptr ? *y.op->pull_of : *y.op;
    return rule.print != nullptr && y.attributes() != nullptr ? rule.print(y.attributes()) : "";
}

template class excerpt<float>;
template class excerpt<double>;

} // namespace autograd::display
