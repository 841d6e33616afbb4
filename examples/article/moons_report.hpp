#pragma once

#include "examples/article/moons_options.hpp"
#include "examples/article/training.hpp"

#include <string>

// What the example says on standard output, but for the losses.
namespace article
{

/// What is about to be done.
void print_task(const moons_options& options);

/// The tape's gradients at the start beside the article's, and beside those of the loss that is printed.
void compare_gradients(training& training, const arrays& start, const arrays& by_hand);

/// One line: how far both are apart after a pass. Throws autograd::error::value_error where rounding does not explain
/// it.
void check_gradients(training& training, const arrays& parameters, const arrays& by_hand, std::size_t pass);

/// How it ended. Returns that in one line.
std::string report(training& training, const arrays& parameters, const moons_options& options, double seconds);

/// From where on the digits are an accident of rounding, if this is the article's own run; else, that they may be.
void warn_of_rounding(const moons_options& options);

} // namespace article
