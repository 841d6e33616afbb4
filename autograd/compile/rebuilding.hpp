#pragma once

#include "autograd/compile/schedule.hpp"

#include <utility>
#include <vector>

namespace autograd
{

namespace detail
{

/// Puts the values of a schedule into it anew: in another order, or with others between them. With each goes whether
/// it depends on constant inputs only.
template <class T>
class rebuilder
{
public:
    /// Takes all values out; their memory stays.
    rebuilder(schedule<T>& steps, std::vector<char>& constant)
        : m_steps(steps),
          m_constant(constant),
          m_old_values(std::exchange(steps.m_values, {})),
          m_old_operands(std::exchange(steps.m_operands, {})),
          m_old_constant(std::exchange(constant, {})),
          m_new(m_old_values.size(), none)
    {
    }
    rebuilder(const rebuilder&) = delete;
    rebuilder& operator=(const rebuilder&) = delete;

    /// \name What was there
    /// \{
    std::uint32_t old_count() const { return static_cast<std::uint32_t>(m_old_values.size()); }
    const scheduled_value<T>& old(std::uint32_t v) const { return m_old_values[v]; }
    std::span<const std::uint32_t> old_operands(std::uint32_t v) const
    {
        return std::span(m_old_operands).subspan(m_old_values[v].first_operand, m_old_values[v].operand_count);
    }
    bool was_constant(std::uint32_t v) const { return m_old_constant[v] != 0; }
    /// \}

    const scheduled_value<T>& operator[](std::uint32_t v) const { return m_steps.m_values[v]; }
    bool is_constant(std::uint32_t v) const { return m_constant[v] != 0; }
    /// What is now in the place of a value, or none.
    std::uint32_t& now(std::uint32_t old) { return m_new[old]; }
    std::uint32_t now(std::uint32_t old) const { return m_new[old]; }

    /// The number of a value that is put behind all others. Where its elements are another value's, it has its offset
    /// behind the operand's.
    std::uint32_t append(scheduled_value<T> y, std::span<const std::uint32_t> of, bool constant)
    {
        const auto place = static_cast<std::uint32_t>(m_steps.m_values.size());
        y.first_operand = static_cast<std::uint32_t>(m_steps.m_operands.size());
        y.operand_count = static_cast<std::uint32_t>(of.size());
        y.memory = y.is_elsewhere() ? m_steps.m_values[of[0]].memory : place;
        y.offset = y.is_elsewhere() ? m_steps.m_values[of[0]].offset + y.offset : 0;
        m_steps.m_operands.insert(m_steps.m_operands.end(), of.begin(), of.end());
        m_steps.m_values.push_back(y);
        m_constant.push_back(constant);
        return place;
    }

    /// A value that was there, of what `operand` gives for its operands.
    template <class F>
    std::uint32_t append_old(std::uint32_t v, const F& operand)
    {
        std::vector<std::uint32_t> of;
        for (const std::uint32_t each : old_operands(v))
        {
            of.push_back(operand(each));
        }
        scheduled_value<T> y = old(v);
        y.offset = y.is_elsewhere() ? y.offset - old(old_operands(v)[0]).offset : 0;
        return append(y, of, was_constant(v));
    }

    /// A value that was there, as it was.
    void keep(std::uint32_t v)
    {
        m_new[v] = append_old(v, [&](std::uint32_t operand) { return m_new[operand]; });
    }

    /// Outputs are what they have become.
    void finish()
    {
        for (std::uint32_t& output : m_steps.m_outputs)
        {
            output = m_new[output];
        }
    }

    /// Memory that lives as long as the schedule.
    template <class A>
    A* allocate(std::size_t count)
    {
        return m_steps.m_memory.template allocate_array<A>(count);
    }

private:
    schedule<T>& m_steps;
    std::vector<char>& m_constant;
    std::vector<scheduled_value<T>> m_old_values;
    std::vector<std::uint32_t> m_old_operands;
    std::vector<char> m_old_constant;
    std::vector<std::uint32_t> m_new;
};

} // namespace detail

} // namespace autograd
