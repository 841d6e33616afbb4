#pragma once

#include "examples/article/training.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace article
{

class command_line;

/// The data and the descent of the article: what moons and sweep do unless they are told otherwise.
struct experiment
{
    std::size_t points = 300;
    double noise = 0.2;
    std::size_t passes = 20000;
    double epsilon = 0.01;
    double lambda = 0.01;
    std::int64_t seed = 0;
    std::int64_t data_seed = 0;

    bool operator==(const experiment&) const = default;
};

/// Options for all of them.
void add_options(command_line& line, experiment& values);
/// An option for a seed.
void add_seed(command_line& line, const char* option, std::int64_t& value, const char* help);

/// "1 point", "300 points", "2 passes".
std::string counted(std::size_t count, const std::string& what);

/// As the article prints losses, by %f; but what is large with an exponent, not with all its digits.
std::string short_number(double number);

/// The experiment's data in words: "300 points of two moons, noise 0.2, NumPy's seed 0".
std::string data_in_words(const experiment& values);

/// As many points of two moons as asked for, from NumPy's stream of the given seed.
nn::labelled_points make_points(std::size_t count, double noise, std::int64_t seed);

/// The loss after a pass. Throws autograd::error::value_error, with advice, where it is not finite.
double finite_loss(training& training, const arrays& parameters, const experiment& values, std::size_t pass);

/// The article's loop: so many passes of gradient descent. `after_pass` is told the number of each pass, counted from
/// 0, once its update is made. Throws autograd::error::value_error where a gradient is not finite.
void descend(training& training, arrays& parameters, const experiment& values,
             const std::function<void(std::size_t)>& after_pass);

} // namespace article
