#pragma once

#include "autograd/tape/tape.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace autograd::display
{

/// What some outputs depend on, in an order that does not depend on the order of recording (which differs between
/// compilers, since they evaluate arguments in different orders): depth first from the outputs, operands from left to
/// right, each step after its operands. Linear in the number of steps, and without recursion.
template <class T>
class excerpt
{
public:
    /// With expand_pulls, fused derivatives are replaced by the elementary operations that they stand for.
    /// Throws tape_error, in the name of the caller, for empty or stale outputs and for those of different tapes.
    excerpt(std::span<const handle<T>> outputs, const char* caller, bool expand_pulls = false);

    std::size_t size() const { return m_steps.size(); }
    const instruction<T>& operator[](std::size_t i) const { return *m_steps[i].recorded; }
    /// The steps that step i is applied to.
    std::span<const std::uint32_t> operands(std::size_t i) const
    {
        return {m_operands.data() + m_steps[i].first_operand, m_steps[i].recorded->operand_count};
    }
    std::span<const std::uint32_t> outputs() const { return m_outputs; }
    bool is_output(std::size_t i) const { return m_steps[i].is_output; }
    bool is_leaf(std::size_t i) const { return m_steps[i].recorded->op->kind == rule_kind::leaf; }

    /// The name that step i was given, or "". A name that was given several times is told apart: "w", "w#2".
    const std::string& name(std::size_t i) const;
    /// The scope that step i was recorded in: "encoder.attention", or "" for none.
    std::string scope(std::size_t i) const;
    /// The values of step i, with data null where there are none: on tapes that record shapes, in expansions.
    array_view values(std::size_t i) const;

    /// Whether step i is one number in every element, which nobody named: it is shown where it is used.
    bool is_number(std::size_t i) const;
    T number(std::size_t i) const { return *static_cast<const T*>(m_steps[i].recorded->attributes()); }
    /// Whether the number shows the shape of operand k of step i as well: that operation does not take it from others.
    bool needs_shape(std::size_t i, std::size_t k) const;

    /// The operation of step i: "tanh"; for fused derivatives "tanh'", or "divide'2" for the derivative with respect to
    /// the second of several operands.
    std::string operation_name(std::size_t i) const;
    /// The attributes of step i as they stand in a listing, or "".
    std::string attributes(std::size_t i) const;

private:
    struct step
    {
        const instruction<T>* recorded;
        std::uint32_t first_operand;
        std::uint32_t origin; ///< on the user's tape; in an expansion, what was expanded
        bool is_expansion;    ///< an intermediate result of an expansion
        bool is_output;
    };

    void add_steps(const tape<T>& from, std::span<const std::uint32_t> order, std::span<const std::uint32_t> outputs);
    void add_expanded(std::span<const std::uint32_t> order, std::span<const std::uint32_t> outputs);
    void name_steps();
    void find_scopes();

    const tape<T>* m_tape = nullptr;
    std::unique_ptr<tape<T>> m_expanded; ///< the steps again, without values, with derivatives expanded
    std::vector<step> m_steps;
    std::vector<std::uint32_t> m_operands;
    std::vector<std::uint32_t> m_outputs;
    std::unordered_map<std::size_t, std::string> m_names;
    std::unordered_map<std::uint32_t, std::string> m_scopes; ///< by the scope's number on the tape
};

} // namespace autograd::display
