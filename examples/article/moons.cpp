// The article's network on the article's data: "Build an Artificial Neural Network (ANN) from scratch: Part 2"
// (KDnuggets, March 2020). The same points, the same initial weights, the same 20,000 passes of gradient descent, but
// not one derivative written by hand: those of the article serve to check the tape's before the training begins.

#include "examples/article/command_line.hpp"
#include "examples/article/decision_regions.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/hand_derived.hpp"
#include "examples/article/moons_options.hpp"
#include "examples/article/moons_report.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>

using namespace article;

namespace
{

constexpr auto description =
    R"(Trains the network of the article "Build an Artificial Neural Network from scratch: Part 2" on two moons,
as the article does, with the gradients from a tape. In parentheses: what an option is unless given.)";

void add_options(command_line& line, moons_options& o)
{
    add_options(line, static_cast<experiment&>(o));
    line.integer("--hidden", o.hidden, "tanh units in the hidden layer", std::size_t{1}, std::size_t{10000});
    line.integer("--every", o.every, "passes from one printed loss to the next", std::size_t{1},
                 std::size_t{1000000000});
    line.integer("--check-every", o.check_every,
                 "passes from one comparison with the article's gradients to the next; 0: only before training",
                 std::size_t{0}, std::size_t{1000000000});
    line.file("--csv", o.csv, "write the printed losses to this file, with all digits");
    line.picture("--figure", o.figure,
                 "draw the decision regions to this .png or .svg file, its script beside it; or none");
}

/// Returns the printed losses as lines of "pass,loss".
std::string train(training& training, arrays& parameters, const nn::labelled_points& data, const moons_options& o)
{
    std::string table = "pass,loss\n";
    const auto after_pass = [&](std::size_t pass)
    {
        if (pass % o.every == 0)
        {
            const double loss = finite_loss(training, parameters, o, pass);
            fmt::print("Loss after iteration {}: {}\n", pass, short_number(loss));
            table += fmt::format("{},{}\n", pass, loss);
        }
        if (o.check_every != 0 && pass % o.check_every == 0)
        {
            check_gradients(training, parameters, hand_derived_gradient(parameters, data, o.lambda), pass);
        }
    };
    descend(training, parameters, o, after_pass);
    return table;
}

void draw(const nn::labelled_points& data, const arrays& parameters, const moons_options& o,
          const std::string& subtitle)
{
    if (!o.figure.empty() && prepare_to_write({o.figure}, moons_options().figure))
    {
        const caption above{fmt::format("Hidden Layer size {}", o.hidden), subtitle};
        report_pictures(draw_decision_regions(parameters, data, above, o.figure), {o.figure}, script_of(o.figure));
    }
}

void run(const moons_options& options)
{
    const nn::labelled_points data = make_points(options.points, options.noise, options.data_seed);
    arrays parameters = initial_network(options.hidden, options.seed);
    training training(data, options.lambda);
    print_task(options);
    compare_gradients(training, parameters, hand_derived_gradient(parameters, data, options.lambda));

    const auto begin = std::chrono::steady_clock::now();
    const std::string table = train(training, parameters, data, options);
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
    moons_options options;
    command_line line("moons", description);
    add_options(line, options);
    return line.run(argc, argv, [&] { run(options); });
}
