// The article's network on the article's data: "Build an Artificial Neural Network (ANN) from scratch: Part 2"
// (KDnuggets, March 2020). The same points, the same initial weights, the same 20,000 passes of gradient descent, but
// not one derivative written by hand: those of the article serve to check the tape's before the training begins.

#include "examples/article/decision_regions.hpp"
#include "examples/article/hand_derived.hpp"
#include "examples/article/moons_options.hpp"
#include "examples/article/moons_report.hpp"
#include "examples/article/training.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <chrono>
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

void draw(const nn::labelled_points& data, const arrays& parameters, const moons_options& o,
          const std::string& subtitle)
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
    if (const std::string reason = nn::why_unwritable(o.figure); !reason.empty())
    {
        fmt::print("No picture: {} cannot be written: {}\n", o.figure.string(), reason);
    }
    else if (draw_decision_regions(parameters, data, {fmt::format("Hidden layer size {}", o.hidden), subtitle},
                                   o.figure))
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

    const std::string summary = report(training, parameters, options, time.count());
    warn_of_rounding(options);
    if (!options.csv.empty())
    {
        nn::write_text(options.csv, table);
    }
    draw(data, parameters, options, summary);
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
