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
#include <array>
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
    line.integer("--every", o.every, "passes from one comparison to the next", std::size_t{1}, std::size_t{1000000000});
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

comparisons compare_runs(const nn::labelled_points& data, std::size_t hidden, const rounding_options& o)
{
    training training(data, o.lambda);
    comparisons all;
    for (std::size_t k = 0; k < o.runs; ++k)
    {
        arrays parameters = changed(initial_network(hidden, o.seed), k);
        const auto after_pass = [&](std::size_t pass)
        {
            if (pass % o.every != 0)
            {
                return;
            }
            const double loss = finite_loss(training, parameters, o, pass);
            if (k == 0)
            {
                all.push_back({pass, loss, loss, o.epsilon * sharpness(parameters, data, o.lambda)});
                return;
            }
            comparison& here = all[pass / o.every];
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
            table += fmt::format("{},{},{:.17g},{:.17g},{:.6g}\n", hidden[k], c.pass, c.lowest, c.highest, c.step);
        }
    }
    return table;
}

/// Okabe and Ito's colours that are seen on white; the last sizes lie on top. Where there are more sizes than colours,
/// the dashes differ.
constexpr std::array colours{"#000000", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#0072B2"};

constexpr auto upper_half = R"(
set border 3 linewidth 1 linecolor rgb 0x808080
set tics out nomirror textcolor rgb 0x404040
set grid ytics linecolor rgb 0xE0E0E0 linewidth 1
set lmargin 10
set rmargin 21
set tmargin 2.5
set format x ''
set multiplot layout 2,1
set logscale y
unset mytics
set xrange [0:last]
set yrange [1e-16:100]
set format y '10^{%T}'
set ytics 1e4
set ylabel 'spread of the losses'
set key at graph 1.02, graph 1 left top title 'hidden units' left reverse Left samplen 3
set label 2 'determined below this line' at graph 0.99, first 1e-9 right offset 0,-0.7 textcolor rgb 0x404040 front
)";
constexpr auto lower_half = R"(
unset logscale y
unset key
unset title
unset label 2
set format y '%g'
set format x '%g'
set tmargin 0.5
set bmargin 4
set ylabel 'epsilon × sharpness'
set xlabel 'pass'
set label 1 "above 2, no minimum\nholds the descent" at graph 1.02, first 2 left textcolor rgb 0x404040
)";

std::string curves(const std::vector<std::size_t>& hidden, int column)
{
    std::string text = column == 2 ? "plot 1e-9 with lines linecolor rgb 0x606060 dashtype 2 notitle"
                                   : "plot 2 with lines linecolor rgb 0x606060 dashtype 2 notitle";
    for (std::size_t k = 0; k < hidden.size(); ++k)
    {
        text += fmt::format(
            ", \\\n     $runs_{} using 1:{} with lines linewidth 2 linecolor rgb '{}' dashtype {} title '{}'", k,
            column, colours[k % colours.size()], 1 + k / colours.size(), hidden[k]);
    }
    return text + "\n";
}

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
                       logarithmic ? "set logscale y\nset ytics autofreq" : "set ytics 1");
}

/// As many sizes as there are in the key must have room in it.
int letters_of_key(std::size_t sizes)
{
    constexpr std::size_t with_room = 12;
    constexpr int usual = 15;
    return sizes <= with_room ? usual : std::max(5, usual * static_cast<int>(with_room) / static_cast<int>(sizes));
}

void draw(const std::vector<std::size_t>& hidden, const std::vector<comparisons>& all, const rounding_options& o)
{
    if (o.figure.empty())
    {
        return;
    }
    const std::vector<std::filesystem::path> figures{o.figure.string() + ".png", o.figure.string() + ".svg"};
    const std::filesystem::path script = o.figure.string() + ".gp";
    if (!prepare_to_write(figures, rounding_options().figure.string() + ".png"))
    {
        return;
    }
    std::string text = begin_script(script, figures.front(), 1200, 800, 15) + fmt::format("last = {}\n", o.passes);
    for (std::size_t k = 0; k < hidden.size(); ++k)
    {
        text += fmt::format("$runs_{} << END\n", k);
        for (const comparison& c : all[k])
        {
            text += fmt::format("{} {:.3g} {:.4g}\n", c.pass, std::max(c.spread(), 1e-16), c.step);
        }
        text += "END\n";
    }
    text += upper_half +
            fmt::format("set key font ',{}'\n"
                        "set title '{} runs of each network from weights that differ by parts in 10^{{15}}'\n",
                        letters_of_key(hidden.size()), o.runs) +
            curves(hidden, 2) + lower_half + lower_axis(all) + curves(hidden, 3) + "unset multiplot\nunset output\n";
    report_pictures(article::draw(text, script, figures), figures, script);
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
    fmt::print("\nThe spread is (highest - lowest) / lowest loss after a pass; determined: it is at most {:g}, "
               "compared every\n"
               "{} passes. The last column is the largest; above 2, no minimum holds the descent.\n",
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
