#pragma once

#include "autograd/tape/tape.hpp"

#include <array>
#include <initializer_list>

namespace autograd
{

/// A recorded instruction as the author of a derivative rule sees it: its operands and its result as variables, its
/// attributes, never its values.
template <class T>
class recorded
{
public:
    recorded(autograd::tape<T>& tape, std::uint32_t index) : m_tape(tape), m_index(index) {}

    autograd::tape<T>& tape() const { return m_tape; }
    const instruction<T>& get() const { return m_tape[m_index]; }
    shape_view shape() const { return get().shape(); }
    variable<T> output() const { return variable<T>(m_tape.handle_of(m_index)); }

    std::size_t operand_count() const { return get().operand_count; }
    std::uint32_t operand_index(std::size_t k) const { return m_tape.operands(get())[k]; }
    handle<T> operand_handle(std::size_t k) const { return m_tape.handle_of(operand_index(k)); }
    variable<T> operand(std::size_t k) const { return variable<T>(operand_handle(k)); }
    indices<T> index_operand(std::size_t k) const { return indices<T>(operand_handle(k)); }
    shape_view operand_shape(std::size_t k) const { return m_tape[operand_index(k)].shape(); }

    template <class A>
    const A& attributes() const
    {
        return *static_cast<const A*>(get().attributes);
    }

    /// The same operation with the same attributes on other operands of the same shapes.
    variable<T> again(std::span<const handle<T>> operands) const
    {
        const shape_vector same_shape(shape());
        return variable<T>(
            m_tape.record(*get().op, operands, payload::shared(get().attributes), get().where(), &same_shape));
    }
    /// The same operation with operand k replaced.
    variable<T> with_operand(std::size_t k, variable<T> replacement) const;

private:
    autograd::tape<T>& m_tape;
    std::uint32_t m_index;
};

/// What a vjp rule gets: the instruction, the cotangent g of its result, and where to put those of its operands.
template <class T>
class pullback : public recorded<T>
{
public:
    pullback(autograd::tape<T>& tape, std::uint32_t index, variable<T> g, std::span<const bool> wanted,
             std::span<variable<T>> given)
        : recorded<T>(tape, index), m_g(g), m_wanted(wanted), m_given(given)
    {
    }

    variable<T> cotangent() const { return m_g; }
    /// Whether the cotangent of operand k is needed; the others need not be recorded.
    bool wanted(std::size_t k) const { return m_wanted[k]; }
    /// The cotangent of operand k, of its shape. Not giving one means that it is zero.
    void give(std::size_t k, variable<T> cotangent) { m_given[k] = cotangent; }

private:
    variable<T> m_g;
    std::span<const bool> m_wanted;
    std::span<variable<T>> m_given;
};

/// What a jvp rule gets: the instruction and the tangents of its operands.
template <class T>
class pushforward : public recorded<T>
{
public:
    pushforward(autograd::tape<T>& tape, std::uint32_t index, std::span<const variable<T>> tangents)
        : recorded<T>(tape, index), m_tangents(tangents)
    {
    }

    /// The tangent of operand k; empty when it is zero.
    variable<T> tangent(std::size_t k) const { return m_tangents[k]; }
    bool has_tangent(std::size_t k) const { return !m_tangents[k].empty(); }

private:
    std::span<const variable<T>> m_tangents;
};

template <class T>
variable<T> recorded<T>::with_operand(std::size_t k, variable<T> replacement) const
{
    std::vector<handle<T>> operands;
    for (std::size_t i = 0; i < operand_count(); ++i)
    {
        operands.push_back(i == k ? replacement : operand_handle(i));
    }
    return again(operands);
}

} // namespace autograd
