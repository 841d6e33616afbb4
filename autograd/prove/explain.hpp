#pragma once

#include "autograd/prove/trial.hpp"

#include <string>
#include <vector>

/// What a report says of a recording: terms, names, the first difference, the slip that explains it.
namespace autograd::prove
{

/// A summand of a step, and its sign.
struct term
{
    std::size_t step;
    int sign;
};

/// The summands that a step is made of by additions, subtractions and changes of sign.
std::vector<term> terms_of(const computation& of, std::size_t step);

/// "1/300"
std::string text_of(const fraction& c);

/// multiply at model.cpp:41; tanh at model.cpp:12 ("a") if somebody named it; x of an input.
std::string name_of(const computation& of, std::size_t step);

struct explanation
{
    std::size_t step = 0; ///< the first of the right side that is in question
    std::string did_you_mean;
};

/// Where the right side of a pair leaves the left one, seen at the point where they differ.
explanation explain(trial& of, std::size_t pair, const site& where, bool suggest);

} // namespace autograd::prove
