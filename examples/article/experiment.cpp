#include "examples/article/experiment.hpp"

#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace article
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What is not finite in which pass, and what to do.
[[noreturn]] void refuse_pass(const char* what, std::size_t pass, const experiment& values)
{
    // A step multiplies each weight by 1 - epsilon * lambda before the points have their say.
    if (values.epsilon * values.lambda > 2)
    {
        throw autograd::error::value_error(
            "descend", what, " is not finite in pass ", pass,
            ". The regularisation alone makes each step overshoot, since epsilon * lambda "
            "is above 2: take a smaller --epsilon or --lambda.");
    }
    throw autograd::error::value_error("descend", what, " is not finite in pass ", pass,
                                       ". Take shorter steps: a smaller --epsilon.");
}

} // namespace

void add_options(command_line& line, experiment& e)
{
    line.integer("--points", e.points, "points of the data set", std::size_t{1}, std::size_t{1000000});
    line.number("--noise", e.noise, "standard deviation of what is added to each coordinate", "a number from 0 to 1000",
                [](double x) { return x >= 0 && x <= 1000; });
    line.integer("--passes", e.passes, "passes of gradient descent", std::size_t{1}, std::size_t{1000000000});
    line.number("--epsilon", e.epsilon, "length of the steps: the learning rate", "a finite number above 0",
                [](double x) { return x > 0 && x < infinity; });
    line.number("--lambda", e.lambda, "weight of the regularisation", "a finite number, 0 or above",
                [](double x) { return x >= 0 && x < infinity; });
    add_seed(line, "--seed", e.seed, "seed of the initial weights, as in np.random.seed");
    add_seed(line, "--data-seed", e.data_seed, "seed of the data set, as in np.random.seed");
}

void add_seed(command_line& line, const char* option, std::int64_t& value, const char* help)
{
    line.integer(option, value, help, std::int64_t{0}, std::int64_t{4294967295});
}

std::string counted(std::size_t count, const std::string& what)
{
    const char* ending = count == 1 ? "" : what.ends_with('s') ? "es" : "s";
    return fmt::format("{} {}{}", count, what, ending);
}

std::string short_number(double number)
{
    constexpr double large = 1e7;
    return std::abs(number) < large ? fmt::format("{:f}", number) : fmt::format("{:.6g}", number);
}

std::string data_in_words(const experiment& values)
{
    return fmt::format("{} of two moons, noise {}, NumPy's seed {}", counted(values.points, "point"), values.noise,
                       values.data_seed);
}

nn::labelled_points make_points(std::size_t count, double noise, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    return nn::make_moons(count, noise, stream);
}

double finite_loss(training& training, const arrays& parameters, const experiment& values, std::size_t pass)
{
    const double loss = training.printed_loss(parameters);
    if (!std::isfinite(loss))
    {
        refuse_pass("the loss", pass, values);
    }
    return loss;
}

void descend(training& training, arrays& parameters, const experiment& values,
             const std::function<void(std::size_t)>& after_pass)
{
    for (std::size_t pass = 0; pass < values.passes; ++pass)
    {
        try
        {
            training.descend(parameters, values.epsilon);
        }
        catch (const autograd::error::value_error&)
        {
            refuse_pass("the gradient", pass, values);
        }
        after_pass(pass);
    }
}

} // namespace article
