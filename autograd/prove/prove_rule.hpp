#pragma once

#include "autograd/check/samples.hpp"
#include "autograd/prove/prove_derivative.hpp"

#include <functional>

namespace autograd
{

/// What is known of a rule's derivative, from all its samples.
struct rule_proof
{
    standing outcome = standing::not_decided;
    std::string why;              ///< what is assumed, or wrong (and in which sample), or could not be done
    std::size_t instructions = 0; ///< for so many recordings of the rule it is known

    explicit operator bool() const { return outcome == standing::proved || outcome == standing::assumed; }
};

/// prove_derivative for each instruction of the rule that its samples record: their shapes and attributes count, not
/// their numbers. One that is refuted refutes the rule; those without a point that can be evaluated (inputs that are no
/// numbers) are passed over. All branches are looked at for the first four. `prepare` is called with each tape before,
/// to put another description in the place of the rule's. Throws what the samples throw.
rule_proof prove_rule(const check::sampled_operation& of, const operation<double>& rule,
                      const std::function<void(tape<double>&)>& prepare = {});

} // namespace autograd
