#pragma once

#include "autograd/tape/tape.hpp"

#include <cstdint>
#include <ostream>
#include <string>

/// Whether the derivative that a rule declares is the derivative of its forward.
namespace autograd
{

/// How much is known of a rule's derivative.
enum class standing
{
    proved,     ///< from arithmetic, exp, and what these are inverse to: log, roots, sin, asin, ...
    assumed,    ///< the same, if a derivative that has no other definition here is right: erf', lgamma', digamma'
    refuted,    ///< vjp or jvp is not the derivative of forward
    not_decided ///< the prover cannot read the rule, or no point can be evaluated
};

/// "proved", "assumed", "refuted", "not decided".
std::string to_text(standing s);

struct derivative_proof
{
    standing outcome = standing::not_decided;
    std::string why; ///< what is assumed, what is wrong, what could not be done
    double bits = 0; ///< wrong with a probability of at most 2^-bits
    std::size_t points = 0;

    explicit operator bool() const { return outcome == standing::proved || outcome == standing::assumed; }
};

/// "proved", "refuted: the vjp is not ...": so BOOST_TEST(prove_derivative(y)) says why not.
std::ostream& operator<<(std::ostream& out, const derivative_proof& p);

/// The instruction that y stands for: its vjp and its jvp, as they are recorded, against its forward evaluated in dual
/// numbers, on random operands, cotangents and tangents, for the shapes and attributes of the recording. Kinks, where
/// the derivative is a convention, are not asked. What is recorded for it is taken back. Throws tape_error for an empty
/// or stale variable, value_error for leaves and for operations that have no derivative by declaration.
///
/// `rule` is the operation whose forward counts, where the instruction's own description is another one (a test that
/// puts wrong derivatives in its place).
derivative_proof prove_derivative(variable<double> y, std::uint64_t seed = 0, const operation<double>* rule = nullptr);

namespace prove
{
/// Whether points are looked for at which a rule branches otherwise: of many recordings of one rule, some are enough.
enum class branching
{
    everywhere,
    nearby
};

derivative_proof prove_derivative(variable<double> y, std::uint64_t seed, const operation<double>* rule,
                                  branching look);
} // namespace prove

} // namespace autograd
