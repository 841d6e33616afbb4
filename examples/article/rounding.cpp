// How far the tables of "Build an Artificial Neural Network (ANN) from scratch: Part 2" are determined. Each network is
// trained several times from initial weights that differ by parts in 1e15, as the rounding of two correct programs may
// well do. Where the printed losses agree, they are properties of the network; where they do not, they are accidents.
//
// Why they part: the article descends the sum over all points with steps of 0.01. Where the loss bends so sharply that
// epsilon * sharpness > 2, no minimum can hold the descent: it hops from one side to the other, and what rounding does
// decides where it lands.

#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "examples/article/sharpness.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

using namespace article;

namespace
{

struct rounding_options : experiment
{
    std::vector<std::size_t> hidden{1, 2, 3, 4, 5, 20, 50};
    std::size_t runs = 5;
    std::size_t every = 100;
    std::filesystem::path csv;
    std::filesystem::path figure{"output/rounding"}; ///< without its ending; empty: none
};

constexpr auto description =
    R"(Trains the networks of the article "Build an Artificial Neural Network from scratch: Part 2" several times from initial
weights that differ by parts in 1e15, and says up to which pass their losses agree. In parentheses: what an option is
unless given.)";

void add_options(command_line& line, rounding_options& o)
{
    add_options(line, static_cast<experiment&>(o));
    line.integers("--hidden", o.hidden, "tanh units in the hidden layer of each network", 1, 10000);
    line.integer("--runs", o.runs, "runs of each network", std::size_t{2}, std::size_t{1000});
    line.integer("--every", o.every,
                 "passes from one comparison to the next; each is of two passes, one after the other", std::size_t{1},
                 std::size_t{1000000000});
    line.file("--csv", o.csv, "write all comparisons to this file");
    line.pictures("--figure", o.figure, "draw them to FILE.png and FILE.svg, the script FILE.gp beside them; or none",
                  {".png", ".svg", ".gp"});
}

/// The runs of one network after a pass.
struct comparison
{
    std::size_t pass;
    double lowest; ///< loss
    double highest;
    double step; ///< epsilon * sharpness, of the run that is not changed

    double spread() const { return (highest - lowest) / lowest; }
};

using comparisons = std::vector<comparison>;

/// Losses within so much of each other are the same but for rounding.
constexpr double same = 1e-9;

/// Every weight of run k is the article's, times 1 + k 1e-15.
arrays changed(arrays start, std::size_t k)
{
    const double factor = 1 + static_cast<double>(k) * 1e-15;
    start.W1 *= factor;
    start.W2 *= factor;
    return start;
}

/// Two passes, one after the other: where the descent hops from one side of a minimum to the other, they differ.
bool is_compared(std::size_t pass, std::size_t every)
{
    return pass % every <= 1;
}

comparisons compare_runs(const nn::labelled_points& data, std::size_t hidden, const rounding_options& o)
{
    training training(data, o.lambda);
    comparisons all;
    for (std::size_t k = 0; k < o.runs; ++k)
    {
        arrays parameters = changed(initial_network(hidden, o.seed), k);
        std::size_t next = 0;
        const auto after_pass = [&](std::size_t pass)
        {
            if (!is_compared(pass, o.every))
            {
                return;
            }
            const double loss = finite_loss(training, parameters, o, pass);
            if (k == 0)
            {
                all.push_back({pass, loss, loss, o.epsilon * sharpness(parameters, data, o.lambda)});
                return;
            }
            comparison& here = all[next++];
            here.lowest = std::min(here.lowest, loss);
            here.highest = std::max(here.highest, loss);
        };
        descend(training, parameters, o, after_pass);
    }
    return all;
}

/// The last compared pass up to which all runs agree; none if they do not after the first.
std::optional<std::size_t> determined_until(const comparisons& all)
{
    const auto parted = std::find_if(all.begin(), all.end(), [](const comparison& c) { return !(c.spread() <= same); });
    return parted == all.begin() ? std::nullopt : std::optional(std::prev(parted)->pass);
}

void print_row(std::size_t hidden, const comparisons& all)
{
    const std::optional<std::size_t> until = determined_until(all);
    const auto by_spread = [](const comparison& a, const comparison& b) { return a.spread() < b.spread(); };
    const auto by_step = [](const comparison& a, const comparison& b) { return a.step < b.step; };
    fmt::print("{:>12}   {:>16}   {:>14.1e}   {:>14.1e}   {:>10.2f}\n", hidden, until ? fmt::to_string(*until) : "-",
               std::max_element(all.begin(), all.end(), by_spread)->spread(), all.back().spread(),
               std::max_element(all.begin(), all.end(), by_step)->step);
    std::fflush(stdout);
}

std::string as_csv(const std::vector<std::size_t>& hidden, const std::vector<comparisons>& all)
{
    std::string table = "hidden,pass,lowest_loss,highest_loss,epsilon_times_sharpness\n";
    for (std::size_t k = 0; k < hidden.size(); ++k)
    {
        for (const comparison& c : all[k])
        {
            table += fmt::format("{},{},{},{},{}\n", hidden[k], c.pass, c.lowest, c.highest, c.step);
        }
    }
    return table;
}

constexpr auto style = R"(
set xrange [0:last / 1000.0]
set xtics last / 2000.0
set ylabel offset 0.5
unset key
)";

/// The spread of the runs' losses.
constexpr auto upper_row = R"(
set logscale y
unset mytics
set yrange [1e-16:100]
set ytics 1e4
)";

/// From which to which value epsilon * sharpness goes, and how the axis shows it: 1 to 4.5 holds the article's.
std::string lower_axis(const std::vector<comparisons>& all)
{
    double least = 1;
    double greatest = 4.5;
    for (const comparisons& of_network : all)
    {
        for (const comparison& c : of_network)
        {
            if (std::isfinite(c.step) && c.step > 0)
            {
                least = std::min(least, c.step / 1.04);
                greatest = std::max(greatest, c.step * 1.04);
            }
        }
    }
    constexpr double widest_linear = 20;
    const bool logarithmic = greatest / least > widest_linear;
    return fmt::format("set yrange [{:.3g}:{:.3g}]\n{}\n", least, greatest,
                       logarithmic ? "set logscale y\nset ytics autofreq" : "unset logscale y\nset ytics 1");
}

/// Numbers and labels stand beside the first panel of a row only.
std::string beside_first(std::size_t k, const char* format, const char* label)
{
    return k == 0 ? fmt::format("set format y '{}'\nset ylabel '{}'\n", format, label)
                  : "set format y ''\nunset ylabel\n";
}

std::string upper_panel(std::size_t k, std::size_t hidden)
{
    return beside_first(k, "10^{%T}", "spread of the losses") +
           fmt::format("set title '{}'\nplot 1e-9 with lines linewidth 1.5 linecolor rgb 0x606060 dashtype 2, \\\n"
                       "     $runs_{} using ($1 / 1000):2 with lines linewidth 2 linecolor rgb 0x202020\n",
                       counted(hidden, "unit"), k);
}

/// The lines of the data are those of a pass and of the next by turns.
std::string lower_panel(std::size_t k)
{
    return beside_first(k, "%g", "{/:Italic ε} × sharpness") +
           fmt::format(
               "plot $runs_{0} every 2::1 using ($1 / 1000):3 with lines linewidth 1.5 linecolor rgb 0xE69F00, "
               "\\\n     $runs_{0} every 2 using ($1 / 1000):3 with lines linewidth 1.5 linecolor rgb 0x0072B2, "
               "\\\n     2 with lines linewidth 1.5 linecolor rgb 0x606060 dashtype 2\n"
               "unset label\n",
               k);
}

/// Stands with the first panel of the lower row, below all of them.
constexpr auto below_all = R"(
set label 'thousand passes' at screen 0.5,0.085 center
set label '{/:Bold —} after a pass' at screen 0.47,0.03 right textcolor rgb 0x0072B2
set label '{/:Bold —} after the next pass' at screen 0.53,0.03 left textcolor rgb 0xE69F00
)";

std::string data_of(const std::vector<comparisons>& all, std::size_t passes)
{
    std::string text = fmt::format("last = {}\n", passes);
    for (std::size_t k = 0; k < all.size(); ++k)
    {
        text += fmt::format("$runs_{} << END\n", k);
        for (const comparison& c : all[k])
        {
            text += fmt::format("{} {:.3g} {:.4g}\n", c.pass, std::max(c.spread(), 1e-16), c.step);
        }
        text += "END\n";
    }
    return text;
}

/// A column of two panels for each network.
article::drawing panels(const std::vector<std::size_t>& hidden, const std::vector<comparisons>& all,
                        const rounding_options& o)
{
    const int width = std::max(620, 150 + 165 * static_cast<int>(hidden.size()));
    const double w = width;
    std::string plots =
        graph_style + std::string(style) +
        fmt::format(
            "set multiplot layout 2,{} margins {:.4f},{:.4f},0.17,0.83 spacing {:.4f},0.05 title \"{} runs of each "
            "network, from weights that differ by parts in 10^{{15}}\\n{{/=13 Upper row: below the line all runs "
            "agree. Lower row: above the line no minimum holds the descent.}}\" font ',17'\nset format x ''\n",
            hidden.size(), 115 / w, 1 - 25 / w, 32 / w, o.runs) +
        upper_row;
    for (std::size_t k = 0; k < hidden.size(); ++k)
    {
        plots += upper_panel(k, hidden[k]);
    }
    plots += "unset title\nset format x '%g'\n" + lower_axis(all) + below_all;
    for (std::size_t k = 0; k < hidden.size(); ++k)
    {
        plots += lower_panel(k);
    }
    return {width, 660, 14, data_of(all, o.passes), plots + "unset multiplot"};
}

void draw(const std::vector<std::size_t>& hidden, const std::vector<comparisons>& all, const rounding_options& o)
{
    if (o.figure.empty())
    {
        return;
    }
    const std::vector<std::filesystem::path> figures{o.figure.string() + ".png", o.figure.string() + ".svg"};
    const std::filesystem::path script = o.figure.string() + ".gp";
    if (prepare_to_write(figures, rounding_options().figure.string() + ".png"))
    {
        report_pictures(article::draw(panels(hidden, all, o), script, figures), figures, script);
    }
}

void run(const rounding_options& o)
{
    const nn::labelled_points data = make_points(o.points, o.noise, o.data_seed);
    fmt::print("Data       {}\n"
               "Descent    {}, epsilon {}, lambda {}; {} runs of each network, the weights times 1, 1 + 1e-15, ...\n\n"
               "hidden units   determined until   largest spread   spread at last   epsilon * sharpness\n",
               data_in_words(o), counted(o.passes, "pass"), o.epsilon, o.lambda, o.runs);
    std::vector<comparisons> all;
    for (const std::size_t hidden : o.hidden)
    {
        all.push_back(compare_runs(data, hidden, o));
        print_row(hidden, all.back());
    }
    fmt::print(
        "\nThe spread is (highest - lowest) / lowest loss after a pass; determined: it is at most {}, "
        "compared every\n"
        "{} passes, in that one and the next. The last column is the largest; above 2, no minimum holds the descent.\n",
        same, o.every);
    if (!o.csv.empty())
    {
        nn::write_text(o.csv, as_csv(o.hidden, all));
    }
    draw(o.hidden, all, o);
}

} // namespace

int main(int argc, char** argv)
{
    rounding_options o;
    command_line line("rounding", description);
    add_options(line, o);
    return line.run(argc, argv, [&] { run(o); });
}
