// The last figure of "Build an Artificial Neural Network (ANN) from scratch: Part 2": the same network with 1, 2, 3, 4,
// 5, 20 and 50 hidden units. The article supposes that small ones do better on points that they were not trained on;
// here such points are drawn, and counted.

#include "examples/article/command_line.hpp"
#include "examples/article/decision_regions.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace article;

namespace
{

struct sweep_options : experiment
{
    std::vector<std::size_t> hidden{1, 2, 3, 4, 5, 20, 50};
    std::size_t held_out = 10000;
    std::int64_t held_out_seed = 1;
    std::filesystem::path csv;
    std::filesystem::path figure{"output/sweep"}; ///< without its ending; empty: none
};

constexpr auto description =
    R"(Trains the network of the article "Build an Artificial Neural Network from scratch: Part 2" with several hidden sizes,
and tries each on points that none was trained on. In parentheses: what an option is unless given.)";

void add_options(command_line& line, sweep_options& o)
{
    add_options(line, static_cast<experiment&>(o));
    line.integers("--hidden", o.hidden, "tanh units in the hidden layer of each network", 1, 10000);
    line.integer("--held-out", o.held_out, "points that no network is trained on", std::size_t{1},
                 std::size_t{1000000});
    add_seed(line, "--held-out-seed", o.held_out_seed, "seed of those points; not --data-seed");
    line.check(
        [&o]
        {
            return o.held_out_seed == o.data_seed
                       ? fmt::format("--held-out-seed {}: must not be --data-seed, or no point is held out",
                                     o.held_out_seed)
                       : "";
        });
    line.file("--csv", o.csv, "write the table to this file, with all digits");
    line.pictures("--figure", o.figure,
                  "draw the decision regions to FILE.png and FILE.svg, the script FILE.gp beside them; or none",
                  {".png", ".svg", ".gp"});
}

/// How well a network does.
struct result
{
    std::size_t hidden;
    double loss; ///< as the article prints it
    double on_training;
    double on_held_out;
};

double accuracy(training& on, const arrays& parameters)
{
    return static_cast<double>(on.correct(parameters)) / static_cast<double>(on.count());
}

arrays train(training& training, std::size_t hidden, const sweep_options& o)
{
    arrays parameters = initial_network(hidden, o.seed);
    descend(training, parameters, o, [](std::size_t) {});
    return parameters;
}

void print_row(const result& r)
{
    fmt::print("{:>12}   {:>10}   {:>15.2f} %   {:>15.2f} %\n", r.hidden, short_number(r.loss), 100 * r.on_training,
               100 * r.on_held_out);
    std::fflush(stdout);
}

std::string as_csv(const std::vector<result>& all)
{
    std::string table = "hidden,loss,training_accuracy,held_out_accuracy\n";
    for (const result& r : all)
    {
        table += fmt::format("{},{},{},{}\n", r.hidden, r.loss, r.on_training, r.on_held_out);
    }
    return table;
}

/// What the held-out points say, and how surely: of n points, a share p is counted to sqrt(p (1 - p) / n).
void print_verdict(const std::vector<result>& all, const sweep_options& o)
{
    const auto best = std::max_element(all.begin(), all.end(),
                                       [](const result& a, const result& b) { return a.on_held_out < b.on_held_out; });
    const double p = best->on_held_out;
    fmt::print("Most held-out points right: {} hidden ({:.2f} %; a standard error is {:.2f} %).\n", best->hidden,
               100 * p, 100 * std::sqrt(p * (1 - p) / static_cast<double>(o.held_out)));
}

panel panel_of(const result& r, const arrays& parameters)
{
    return {{fmt::format("Hidden Layer size {}", r.hidden),
             fmt::format("accuracy: training {:.1f} %, held out {:.1f} %", 100 * r.on_training, 100 * r.on_held_out)},
            parameters};
}

void draw(const std::vector<panel>& panels, const nn::labelled_points& data, const sweep_options& o)
{
    if (o.figure.empty())
    {
        return;
    }
    const auto with = [](const std::filesystem::path& figure, const char* ending)
    { return std::filesystem::path(figure.string() + ending); };
    const std::vector<std::filesystem::path> figures{with(o.figure, ".png"), with(o.figure, ".svg")};
    if (prepare_to_write(figures, with(sweep_options().figure, ".png")))
    {
        report_pictures(draw_panels(panels, data, figures), figures, script_of(figures.front()));
    }
}

void run(const sweep_options& o)
{
    const nn::labelled_points data = make_points(o.points, o.noise, o.data_seed);
    training training(data, o.lambda);
    article::training held_out(make_points(o.held_out, o.noise, o.held_out_seed), o.lambda);
    fmt::print("Data       {}; held out: {}, seed {}\n"
               "Descent    {}, epsilon {}, lambda {}, NumPy's seed {}\n\n"
               "hidden units   final loss   training accuracy   held-out accuracy\n",
               data_in_words(o), counted(o.held_out, "point"), o.held_out_seed, counted(o.passes, "pass"), o.epsilon,
               o.lambda, o.seed);
    std::vector<result> results;
    std::vector<panel> panels;
    for (const std::size_t hidden : o.hidden)
    {
        const arrays parameters = train(training, hidden, o);
        results.push_back({hidden, finite_loss(training, parameters, o, o.passes - 1), accuracy(training, parameters),
                           accuracy(held_out, parameters)});
        print_row(results.back());
        panels.push_back(panel_of(results.back(), parameters));
    }
    print_verdict(results, o);
    if (!o.csv.empty())
    {
        nn::write_text(o.csv, as_csv(results));
    }
    draw(panels, data, o);
}

} // namespace

int main(int argc, char** argv)
{
    sweep_options o;
    command_line line("sweep", description);
    add_options(line, o);
    return line.run(argc, argv, [&] { run(o); });
}
