#pragma once

#include "autograd/check/check_samples.hpp"

#include <map>
#include <string>
#include <vector>

/// Descriptions of operations with wrong derivatives, made at run time out of the right ones: for the tests of the
/// checker.
namespace autograd::check
{

/// One mistake that the author of a derivative may make.
struct fault
{
    enum kind
    {
        none,
        flipped_sign, ///< -c instead of the contribution c
        doubled,      ///< 2 c
        lost_factor,  ///< the cotangent itself, where it has the shape of c
        forgotten,    ///< nothing
        swapped       ///< the contributions of two operands of one shape exchanged
    };
    kind what = none;
    std::size_t operand = 0;
    std::size_t other = 0; ///< of a swap

    std::string text() const;
};

/// The derivative that is wrong. An author who writes one pull for both gets both wrong alike: then the two modes
/// agree.
enum class mode
{
    reverse,
    forward,
    both
};
std::string text_of(mode in);

/// The modes that can be wrong by themselves: where forward mode is the transpose of the recorded vjp, a wrong vjp
/// makes both wrong.
std::vector<mode> modes_of(const operation<double>& right);

/// A copy of a description with a wrong derivative. Must outlive the tapes that it is put on.
struct wrong_operation : operation<double>
{
    wrong_operation(const operation<double>& copied, const fault& with, mode in);

    const operation<double>* right;
    fault mistake;
};

/// Puts the wrong operation in place of the right one, everywhere on the tape.
void replace(tape<double>& tape, const operation<double>& right, const wrong_operation& wrong);

/// What a rule does, by its structure: found by watching it on its samples, but never by the values that it computes.
struct rule_facts
{
    struct of_operand
    {
        bool wanted = false;   ///< a derivative was asked for
        bool gives = false;    ///< anything at all
        bool passes_on = true; ///< the very variable that is the cotangent
        bool can_lose = false; ///< something else, of the cotangent's shape
    };
    struct of_pair
    {
        bool can_swap = false; ///< two different variables get contributions of the same shape
        bool same = true;      ///< which are the very same variable
    };
    std::vector<of_operand> operands;
    std::map<std::pair<std::size_t, std::size_t>, of_pair> pairs;
};
rule_facts facts_of(const operation<double>& right, const std::vector<sample>& samples);

/// All faults that apply to a rule.
std::vector<fault> faults_of(const operation<double>& right, const rule_facts& facts);

/// Why a fault makes no difference, by the mathematics of the rule; null when it makes one.
const char* why_equivalent(const operation<double>& right, const fault& of, const rule_facts& facts);

/// The gradient of a sample as a sample of its own: what it records are the rules of derivatives.
sample gradient_of(const sample& of);

/// The pulls of an operation that its samples record as one instruction.
std::vector<const operation<double>*> pulls_in(const std::vector<sample>& samples, const operation<double>* of);

/// Flips the signs of what each instruction that a sample records gives, one at a time. `caught` collects, by the name
/// of the operation and its place among those of the same name, whether any sample noticed.
void try_each_instruction(const sample& of, std::map<std::string, bool>& caught);

} // namespace autograd::check
