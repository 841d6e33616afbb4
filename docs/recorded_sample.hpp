#pragma once

#include "autograd/check/samples.hpp"

#include <string>
#include <vector>

// Operations as docs/operations.md shows them: recorded on one of their samples, with their derivatives behind them.

namespace docs
{

using autograd::check::sample;
using autograd::check::sampled_operation;
using instruction = autograd::instruction<double>;
using operation = autograd::operation<double>;
using variable = autograd::variable<double>;
using indices = autograd::indices<double>;

/// A sample on a tape of shapes: its operands are called x, y, z, its integers i, j, its result as the next letter
/// says, or as the part that it is.
class recorded_sample
{
public:
    explicit recorded_sample(const sample& of);

    /// The operation of an instruction of another tape, with its attributes, on operands of one shape.
    explicit recorded_sample(const instruction& like);

    /// The last instruction of an operation; null if there is none.
    const instruction* find(const operation* op) const;
    const instruction& last() const { return m_tape[m_result.index()]; }
    bool is_real() const { return last().op->element == autograd::element_kind::real; }

    /// What was recorded so far, instruction by instruction.
    std::vector<const operation*> operations() const;

    /// The value as a formula.
    std::string value();
    /// What flows to each operand, as formulas; nothing for those to which nothing does.
    std::vector<std::string> derivatives();
    /// The value and what flows to the operands, as a program.
    std::string program();
    /// Records the derivatives by all operands, in both modes.
    void differentiate();

private:
    void add_operand(variable x);
    void name_result(autograd::handle<double> result, const std::string& part = "");
    variable flowing_to(std::size_t k);

    autograd::tape<double> m_tape{autograd::recording::shapes};
    std::vector<variable> m_operands;
    autograd::handle<double> m_result;
    std::string m_name;
    variable m_cotangent;
};

/// Neither refused nor a list of kinks.
bool is_ordinary(const sample& s);

/// The samples that show an operation: those that say so, one for each part of the result, or else the first on arrays
/// with elements that records it.
std::vector<const sample*> shown_samples(const sampled_operation& of);
const sample& typical_sample(const sampled_operation& of);

bool is_elementwise(const sampled_operation& of);

/// Calls show(recorded, sample) with the operation recorded as the page shows it: once, or for each part.
template <class F>
void with_recorded(const sampled_operation& of, F show)
{
    for (const sample* each : shown_samples(of))
    {
        recorded_sample recorded(*each);
        if (is_elementwise(of))
        {
            recorded_sample alone(*recorded.find(of.on_double));
            show(alone, *each);
        }
        else
        {
            show(recorded, *each);
        }
    }
}

/// Where links to the operation go: families have operations of equal names, and headings the names of operations.
std::string anchor(const sampled_operation& of);

} // namespace docs
