#pragma once

#include "autograd/tape/tape.hpp"

#include <array>
#include <initializer_list>

namespace autograd
{

/// A recorded instruction as the author of a derivative rule sees it: its operands and its result as variables, its
/// attributes, never its values. It is there while the rule runs, on tapes of shapes, too. Whatever the rule computes
/// of the variables is recorded behind all else.
template <class T>
class recorded
{
public:
    recorded(autograd::tape<T>& tape, std::uint32_t index) : m_tape(tape), m_index(index) {}

    /// For what has no operands: y.tape().full(shape, number).
    autograd::tape<T>& tape() const { return m_tape; }
    /// The instruction itself; the reference is good until something is recorded.
    const instruction<T>& get() const { return m_tape[m_index]; }

    /// The result, of the shape shape(): for derivatives that are written with it, as y for exp(x).
    variable<T> output() const { return variable<T>(m_tape.handle_of(m_index)); }
    shape_view shape() const { return get().shape(); }

    /// The operands, k < operand_count(), as they were recorded: elementwise operations have theirs broadcast to one
    /// shape. As a variable, as integers where the operand is `indices`, or as what may be either.
    std::size_t operand_count() const { return get().operand_count; }
    variable<T> operand(std::size_t k) const { return variable<T>(operand_handle(k)); }
    indices<T> index_operand(std::size_t k) const { return indices<T>(operand_handle(k)); }
    handle<T> operand_handle(std::size_t k) const { return m_tape.handle_of(operand_index(k)); }
    shape_view operand_shape(std::size_t k) const { return m_tape[operand_index(k)].shape(); }
    /// Its place on the tape: equal for operands that are one variable.
    std::uint32_t operand_index(std::size_t k) const { return m_tape.operands(get())[k]; }

    /// The rule's attributes, for rules that have some: y.template attributes<attributes>().
    template <class A>
    const A& attributes() const
    {
        return *static_cast<const A*>(get().attributes());
    }

    /// The same operation with the same attributes on other operands of the same shapes.
    variable<T> again(std::span<const handle<T>> operands) const
    {
        const shape_vector same_shape(shape());
        return variable<T>(
            m_tape.record(*get().op, operands, payload::shared(get().attributes()), get().where(), &same_shape));
    }
    /// The same operation with operand k replaced by another of its shape.
    variable<T> with_operand(std::size_t k, variable<T> replacement) const;

private:
    autograd::tape<T>& m_tape;
    std::uint32_t m_index;
};

/// What a vjp rule gets: the instruction, the cotangent of its result, and where to put those of its operands. The rule
/// is called once for each derivative that comes through the instruction, in either mode. It gives what is linear in
/// cotangent(), and made by recorded operations: so it has derivatives, and by transposition a jvp.
template <class T>
class pullback : public recorded<T>
{
public:
    pullback(autograd::tape<T>& tape, std::uint32_t index, variable<T> g, std::span<const bool> wanted,
             std::span<variable<T>> given)
        : recorded<T>(tape, index), m_g(g), m_wanted(wanted), m_given(given)
    {
    }

    /// What flows into the result, of the shape shape().
    variable<T> cotangent() const { return m_g; }
    /// Whether the cotangent of operand k is needed; the others need not be recorded, and what is given is dropped.
    bool wanted(std::size_t k) const { return m_wanted[k]; }
    /// The cotangent of operand k, which must have the shape operand_shape(k); for an operand that was recorded twice,
    /// of each use its own. Not giving one means that it is zero, and a second one takes the place of the first.
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
