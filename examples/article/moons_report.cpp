#include "examples/article/moons_report.hpp"

#include "examples/article/hand_derived.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace article
{

namespace
{

double largest_entry(const xt::xarray<double>& a)
{
    return std::abs(
        *std::max_element(a.begin(), a.end(), [](double x, double y) { return std::abs(x) < std::abs(y); }));
}

/// Where the descent has come to rest, the points' shares cancel: what is left of their sum is small, and relative to
/// it the rounding of the shares, each of them of the order of 1, is large.
bool agree_but_for_rounding(const xt::xarray<double>& a, const xt::xarray<double>& b, std::size_t points)
{
    const double scale = static_cast<double>(points) + std::max(largest_entry(a), largest_entry(b));
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        if (!(std::abs(a.data()[i] - b.data()[i]) <= 1e-10 * scale))
        {
            return false;
        }
    }
    return true;
}

bool agree_but_for_rounding(const arrays& a, const arrays& b, std::size_t points)
{
    return agree_but_for_rounding(a.W1, b.W1, points) && agree_but_for_rounding(a.b1, b.b1, points) &&
           agree_but_for_rounding(a.W2, b.W2, points) && agree_but_for_rounding(a.b2, b.b2, points);
}

/// The last printed pass up to which five NumPy runs of the article's own network print the same six digits, though
/// their initial weights differ by one part in 1e15: until then their losses are within 1e-6 of each other;
/// tests/data/article_moons300.json has the figures. `always` where they agree throughout, and nothing for a size that
/// is not among them.
constexpr std::size_t always = std::numeric_limits<std::size_t>::max();

std::optional<std::size_t> printed_the_same_until(std::size_t hidden)
{
    switch (hidden)
    {
    case 2:
        return 0;
    case 3:
    case 4:
        return 1000;
    case 5:
        return 3000;
    case 1:
    case 20:
    case 50:
        return always;
    default:
        return std::nullopt;
    }
}

} // namespace

void print_task(const moons_options& o)
{
    fmt::print("Data       {}\n"
               "Network    2 inputs, {} tanh, softmax over 2 classes, NumPy's seed {}\n"
               "Descent    {}, epsilon {}, lambda {}\n\n",
               data_in_words(o), o.hidden, o.seed, counted(o.passes, "pass"), o.epsilon, o.lambda);
}

void compare_gradients(training& training, const arrays& start, const arrays& by_hand)
{
    const arrays by_tape = training.gradient(start);
    const arrays of_printed = training.gradient_of_printed_loss(start);
    double worst = 0;
    double scaled = 0;
    fmt::print("Gradients at the start   largest entry   tape against the article's formulas\n");
    const auto compare = [&](const char* name, const auto& tape, const auto& hand, const auto& printed)
    {
        const double difference = relative_difference(tape, hand);
        fmt::print("    {}                  {:>13}   {:.1e}\n", name, short_number(largest_entry(tape)), difference);
        worst = std::max(worst, difference);
        scaled = std::max(scaled, relative_difference(tape, static_cast<double>(training.count()) * printed));
    };
    compare("dW1", by_tape.W1, by_hand.W1, of_printed.W1);
    compare("db1", by_tape.b1, by_hand.b1, of_printed.b1);
    compare("dW2", by_tape.W2, by_hand.W2, of_printed.W2);
    compare("db2", by_tape.b2, by_hand.b2, of_printed.b2);
    fmt::print(
        "Largest relative difference: {:.1e}\n"
        "The loss below is divided by the number of points, N = {}; the gradient that is descended is not. It is\n"
        "N times the gradient of the printed loss (relative difference: {:.1e}).\n\n",
        worst, training.count(), scaled);
}

void check_gradients(training& training, const arrays& parameters, const arrays& by_hand, std::size_t pass)
{
    const arrays by_tape = training.gradient(parameters);
    const double difference = relative_difference(by_tape, by_hand);
    fmt::print("Gradient check after iteration {}: largest relative difference {:.1e}\n", pass, difference);
    if (!agree_but_for_rounding(by_tape, by_hand, training.count()))
    {
        throw autograd::error::value_error("moons", "in pass ", pass,
                                           " the tape and the article's formulas give different gradients.");
    }
}

std::string report(training& training, const arrays& parameters, const moons_options& o, double seconds)
{
    const double loss = finite_loss(training, parameters, o, o.passes - 1);
    const std::size_t correct = training.correct(parameters);
    const double percent = 100 * static_cast<double>(correct) / static_cast<double>(training.count());
    fmt::print("\nFinal loss {:.12g}, training accuracy {:.2f} % ({} of {})\n"
               "{} in {:.2f} s: {:.1f} us a pass\n",
               loss, percent, correct, counted(training.count(), "point"), counted(o.passes, "pass"), seconds,
               1e6 * seconds / static_cast<double>(o.passes));
    return fmt::format("{}, {}: loss {}, training accuracy {:.2f} %", counted(training.count(), "point"),
                       counted(o.passes, "pass"), short_number(loss), percent);
}

void warn_of_rounding(const moons_options& o)
{
    experiment article;
    article.passes = o.passes;
    const bool is_articles = static_cast<const experiment&>(o) == article;
    const std::optional<std::size_t> last = is_articles ? printed_the_same_until(o.hidden) : std::nullopt;
    constexpr std::size_t some_hundred = 300;
    if (!last && o.passes > some_hundred)
    {
        fmt::print(
            "With steps this long rounding may decide the losses after some hundred passes: examples/run rounding\n"
            "with these options tells.\n");
    }
    else if (last && *last != always && o.passes > *last + 1)
    {
        fmt::print(
            "With steps this long the run does not settle: NumPy runs whose initial weights differ by one part in\n"
            "1e15 print the same until pass {}, and then each its own. After it, rounding decides the digits.\n",
            *last);
    }
}

} // namespace article
