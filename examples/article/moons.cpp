// The article's network on the article's data: "Build an Artificial Neural Network (ANN) from scratch: Part 2"
// (KDnuggets, March 2020). The same points, the same initial weights, the same 20,000 passes of gradient descent, but
// not one derivative written by hand: those of the article serve to check the tape's before the training begins.

#include "examples/article/decision_regions.hpp"
#include "examples/article/hand_derived.hpp"
#include "examples/article/moons_options.hpp"
#include "examples/article/training.hpp"
#include "examples/article/write_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

using namespace article;

namespace
{

nn::labelled_points make_data(const moons_options& options)
{
    autograd::random::legacy_generator stream(options.data_seed);
    return nn::make_moons(options.points, options.noise, stream);
}

void print_task(const moons_options& o)
{
    fmt::print("Data       {} points of two moons, noise {}, NumPy's seed {}\n"
               "Network    2 inputs, {} tanh, softmax over 2 classes, NumPy's seed {}\n"
               "Descent    {} passes, epsilon {}, lambda {}\n\n",
               o.points, o.noise, o.data_seed, o.hidden, o.seed, o.passes, o.epsilon, o.lambda);
}

double largest_entry(const xt::xarray<double>& a)
{
    return std::abs(*std::max_element(a.begin(), a.end(), [](double x, double y) { return std::abs(x) < std::abs(y); }));
}

/// The tape's gradients at the start beside the article's, and beside those of the loss that is printed.
void compare_gradients(training& training, const arrays& start, const arrays& by_hand)
{
    const arrays by_tape = training.gradient(start);
    const arrays of_printed = training.gradient_of_printed_loss(start);
    double worst = 0;
    double scaled = 0;
    fmt::print("Gradients at the start   largest entry   tape against the article's formulas\n");
    const auto compare = [&](const char* name, const auto& tape, const auto& hand, const auto& printed) {
        const double difference = relative_difference(tape, hand);
        fmt::print("    {}                  {:13.6f}   {:.1e}\n", name, largest_entry(tape), difference);
        worst = std::max(worst, difference);
        scaled = std::max(scaled, relative_difference(tape, static_cast<double>(training.count()) * printed));
    };
    compare("dW1", by_tape.W1, by_hand.W1, of_printed.W1);
    compare("db1", by_tape.b1, by_hand.b1, of_printed.b1);
    compare("dW2", by_tape.W2, by_hand.W2, of_printed.W2);
    compare("db2", by_tape.b2, by_hand.b2, of_printed.b2);
    fmt::print("Largest relative difference: {:.1e}\n"
               "The loss below is divided by the number of points, N = {}; the gradient that is descended is not. It is\n"
               "N times the gradient of the printed loss (relative difference: {:.1e}).\n\n",
               worst, training.count(), scaled);
}

/// The article's loop. Returns the printed losses as lines of "pass,loss".
std::string descend(training& training, arrays& parameters, const moons_options& o)
{
    std::string table = "pass,loss\n";
    for (std::size_t pass = 0; pass < o.passes; ++pass)
    {
        try
        {
            training.descend(parameters, o.epsilon);
        }
        catch (const autograd::error::value_error&)
        {
            throw autograd::error::value_error("moons", "the gradient is not finite in pass ", pass,
                                               ". Take shorter steps: a smaller --epsilon.");
        }
        if (pass % o.every == 0)
        {
            const double loss = training.printed_loss(parameters);
            fmt::print("Loss after iteration {}: {:f}\n", pass, loss);
            table += fmt::format("{},{:.17g}\n", pass, loss);
        }
    }
    return table;
}

void report(training& training, const arrays& parameters, const moons_options& o, double seconds)
{
    const std::size_t correct = training.correct(parameters);
    const auto count = static_cast<double>(training.count());
    fmt::print("\nFinal loss {:.12g}, training accuracy {:.2f} % ({} of {} points)\n"
               "{} passes in {:.2f} s: {:.1f} us a pass\n",
               training.printed_loss(parameters), 100 * static_cast<double>(correct) / count, correct, training.count(),
               o.passes, seconds, 1e6 * seconds / static_cast<double>(o.passes));
}

/// What is known of the article's own run: see the table of perturbed runs in tests/data/article_moons300.json.
void warn_of_rounding(const moons_options& o)
{
    moons_options same = o;
    same.csv.clear();
    same.figure = moons_options().figure;
    if (same == moons_options())
    {
        fmt::print("With steps this long the run does not settle, and from pass 2000 on rounding decides what is printed: \n"
                   "NumPy itself prints other numbers when its initial weights differ by one part in 1e15.\n");
    }
}

void draw(const nn::labelled_points& data, const arrays& parameters, const moons_options& o, const std::string& subtitle)
{
    if (o.figure.empty())
    {
        return;
    }
    std::error_code failed;
    if (o.figure == moons_options().figure)
    {
        std::filesystem::create_directories(o.figure.parent_path(), failed);
    }
    if (const std::string reason = why_unwritable(o.figure); !reason.empty())
    {
        fmt::print("No picture: {} cannot be written: {}\n", o.figure.string(), reason);
    }
    else if (draw_decision_regions(parameters, data, {fmt::format("Hidden layer size {}", o.hidden), subtitle}, o.figure))
    {
        fmt::print("Picture: {}, made by {}\n", o.figure.string(), script_of(o.figure).string());
    }
    else
    {
        fmt::print("No picture: gnuplot is not installed. With it: gnuplot {}\n", script_of(o.figure).string());
    }
}

void run(const moons_options& options)
{
    const nn::labelled_points data = make_data(options);
    arrays parameters = initial_network(options.hidden, options.seed);
    training training(data, options.lambda);
    print_task(options);
    compare_gradients(training, parameters, hand_derived_gradient(parameters, data, options.lambda));

    const auto begin = std::chrono::steady_clock::now();
    const std::string table = descend(training, parameters, options);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;

    report(training, parameters, options, time.count());
    warn_of_rounding(options);
    if (!options.csv.empty())
    {
        write_text(options.csv, table);
    }
    draw(data, parameters, options, "");
}

} // namespace

int main(int argc, char** argv)
{
    try
    {
        const moons_command command = read_command_line(argc, argv);
        if (command.options)
        {
            run(*command.options);
        }
        return std::fflush(stdout) == 0 ? command.exit_code : 1;
    }
    catch (const std::exception& e)
    {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
}
