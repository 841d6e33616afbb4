// The curvature of a network's loss where training ends: the eigenvalues of its Hessian by all parameters, and which of
// its directions are flat, and why.

#include "autograd/autograd.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>
#include <xtensor-blas/xlinalg.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>

namespace
{

using autograd::variable;

struct options
{
    std::size_t hidden = 3;
    std::size_t points = 300;
    double lambda = 0.01;
    std::size_t iterations = 2000;
    std::int64_t seed = 0;
    std::filesystem::path figure{"output/hessian.png"}; ///< empty: none
};

/// The network of the article: scores of two classes, tanh(x W1 + b1) W2 + b2.
template <class Leaf>
struct network
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};
using stored = network<xt::xarray<double>>;
using recorded = network<variable<double>>;

/// The network whose parameters are the pieces of one vector: second derivatives are taken by that.
recorded in_pieces(variable<double> all, const stored& model)
{
    std::size_t first = 0;
    return nn::map_leaves(
        [&](const std::string&, nn::role, const xt::xarray<double>& leaf)
        {
            const variable<double> piece = slice(all, 0, first, first + leaf.size());
            first += leaf.size();
            return reshape(piece, autograd::shape_vector(leaf.shape().begin(), leaf.shape().end()));
        },
        model);
}

/// All parameters, one after the other, and where each comes from: "output.bias(1)".
std::pair<std::vector<double>, std::vector<std::string>> flattened(const stored& model)
{
    std::vector<double> numbers;
    std::vector<std::string> names;
    nn::for_each_parameter(model,
                           [&](const std::string& name, const xt::xarray<double>& leaf)
                           {
                               for (std::size_t i = 0; i < leaf.size(); ++i)
                               {
                                   numbers.push_back(leaf.data()[i]);
                                   const std::size_t columns = leaf.shape().back();
                                   names.push_back(leaf.dimension() == 2
                                                       ? fmt::format("{}({},{})", name, i / columns, i % columns)
                                                       : fmt::format("{}({})", name, i));
                               }
                           });
    return {numbers, names};
}

/// The direction by its greatest components.
std::string described(const xt::xarray<double>& direction, const std::vector<std::string>& names)
{
    std::vector<std::size_t> order(names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::abs(direction(a)) > std::abs(direction(b)); });
    std::string text;
    for (std::size_t k = 0; k < 2; ++k)
    {
        text += fmt::format("  {:+.2f} {}", direction(order[k]), names[order[k]]);
    }
    return text;
}

/// The article's loss, of a network on the tape, over all points.
variable<double> loss_of(const recorded& m, variable<double> points, autograd::indices<double> labels, double lambda)
{
    return nn::cross_entropy(m(points), labels, {.reduce = nn::reduction::sum}) +
           nn::l2_penalty(lambda, {m.hidden.weight, m.output.weight});
}

/// Where L-BFGS stopped.
struct stop
{
    double loss;
    bool is_minimum; ///< the gradient is 0 there, but for rounding, and the loss has a minimum
};

/// Whether a model gives each point its label.
bool tells_all_apart(const recorded& m, variable<double> points, autograd::indices<double> labels)
{
    return mean(equal(argmax(m(points), 1), labels)).item() == 1;
}

/// Moves a model to where the gradient is 0, and says whether it came there and whether that is a minimum: where all
/// points are told apart and nothing keeps the weights short, longer output weights lower the loss on and on, and there
/// is none.
stop minimize(autograd::tape<double>& tape, stored& model, const options& o,
              const std::function<variable<double>(const recorded&)>& loss,
              const std::function<bool(const recorded&)>& is_solved)
{
    constexpr double flat = 1e-4; // rounding may hide from L-BFGS what is between its own tolerance and this
    const nn::lbfgs method{.iterations = o.iterations, .gradient_tolerance = 1e-6, .change_tolerance = 0};
    const nn::minimization found = nn::minimize(tape, method, model, loss);
    fmt::print("loss {:.6f}, largest |gradient| {:.1e} after {} of L-BFGS: {}\n\n", found.value, found.largest_gradient,
               article::counted(found.iterations, "iteration"), nn::to_text(found.end));
    const bool is_endless = o.lambda == 0 && is_solved(nn::on_tape(tape, model));
    const bool is_minimum = found.largest_gradient <= flat && !is_endless;
    if (!is_minimum)
    {
        fmt::print("THIS IS NO MINIMUM: the largest |gradient| is {:.1e}{}.\nWhat follows is the Hessian where L-BFGS "
                   "stopped; the loss changes by the gradient along each direction, too.\n\n",
                   found.largest_gradient,
                   is_endless ? ", and as all points are told apart, longer output weights\nlower the loss on and on"
                              : "");
    }
    return {found.value, is_minimum};
}

/// Eigenvalues below this are 0 up to rounding.
double zero_of(const xt::xarray<double>& values)
{
    return 1e-11 * std::abs(values(values.size() - 1));
}

/// The eigenvalues for a logarithmic axis, a line each: number, absolute value, sign. What is 0 has a place of its own,
/// a decade below the others.
struct spectrum
{
    explicit spectrum(const xt::xarray<double>& values)
    {
        const double zero = zero_of(values);
        double least = std::abs(values(values.size() - 1));
        for (std::size_t k = 0; k < values.size(); ++k)
        {
            const double size = std::abs(values(k));
            const int sign = size <= zero ? 0 : values(k) < 0 ? -1 : 1;
            least = sign == 0 ? least : std::min(least, size);
            greatest = std::max(greatest, size);
            has_negative = has_negative || sign < 0;
            has_zero = has_zero || sign == 0;
            fmt::format_to(std::back_inserter(lines), "{} {:.6g} {}\n", k + 1, size, sign);
        }
        constexpr double rounding = 1.001; // 0.01 may be a little less than that
        lowest_decade = std::pow(10, std::floor(std::log10(least * rounding)));
    }

    std::string lines;
    double lowest_decade = 1;
    double greatest = 0;
    bool has_negative = false;
    bool has_zero = false;
};

constexpr auto figure_style = R"(
set logscale y
set format y '10^{%T}'
set ytics lowest, 10
unset mytics
set xtics 1, 1
set rmargin 4
set xrange [0.3:last + 0.7]
set xlabel 'direction, by its curvature'
set ylabel 'eigenvalue of the Hessian'
set key inside top left reverse Left samplen 2 spacing 1.3
)";

/// Hollow markers for 0; what is negative by its absolute value, in another colour.
std::string curves(const spectrum& shown, double lambda)
{
    std::string text = "plot $values using 1:($3 > 0 ? $2 : NaN) with points pointtype 7 pointsize 1.6 linecolor rgb "
                       "0x0072B2 title 'positive'";
    text += shown.has_negative ? ", \\\n     $values using 1:($3 < 0 ? $2 : NaN) with points pointtype 5 pointsize 1.6 "
                                 "linecolor rgb 0xD55E00 title 'negative: its absolute value'"
                               : "";
    text += shown.has_zero ? ", \\\n     $values using 1:($3 == 0 ? lowest / 10 : NaN) with points pointtype 6 "
                             "pointsize 1.6 linewidth 2 linecolor rgb 0x404040 title '0, but for rounding'"
                           : "";
    if (lambda > 0)
    {
        text += fmt::format(", \\\n     {0} with lines dashtype 2 linecolor rgb 0x606060 title '{{/:Italic λ}} = {0}, "
                            "the weight of the regularisation'",
                            lambda);
    }
    return text;
}

void draw(const xt::xarray<double>& values, const stop& at, const options& o)
{
    if (o.figure.empty() || !article::prepare_to_write({o.figure}, options().figure))
    {
        return;
    }
    const spectrum shown(values);
    const std::string data = fmt::format("$values << END\n{}END\nlast = {}\nlowest = {:.3g}\n", shown.lines,
                                         values.size(), shown.lowest_decade);
    const std::string range = fmt::format("set yrange [{}:{:.3g}]\n{}set title 'The Hessian of the loss {}: {}'\n",
                                          shown.has_zero ? "lowest / 30" : "lowest / 2", shown.greatest * 4,
                                          shown.has_zero ? "set ytics add ('0' lowest / 10)\n" : "",
                                          at.is_minimum ? "at a minimum" : "where L-BFGS stopped, no minimum",
                                          article::counted(o.hidden, "hidden unit"));
    article::draw_and_report(
        {1000, 640, 15, data, std::string(article::graph_style) + figure_style + range + curves(shown, o.lambda)},
        o.figure);
}

/// What a loss does near a model: its gradient and the eigenvalues of its Hessian by all parameters in one vector.
struct curvature
{
    std::vector<std::string> names; ///< of the parameters
    xt::xarray<double> at;
    xt::xarray<double> slope;
    xt::xarray<double> values;     ///< ascending
    xt::xarray<double> directions; ///< column k belongs to value k
};

using loss_function = std::function<variable<double>(const recorded&)>;

curvature curvature_at(autograd::tape<double>& tape, const stored& model, const loss_function& loss)
{
    const auto [numbers, names] = flattened(model);
    const xt::xarray<double> at = xt::adapt(numbers);
    const auto all = tape.variable(at);
    const auto here = loss(in_pieces(all, model));
    const auto [values, directions] = xt::linalg::eigh(xt::xarray<double>(hessian(here, all).value()));
    return {names, at, autograd::gradient(here, all).value(), values, directions};
}

/// A step along each direction: what the loss does, beside what the eigenvalue says that it does.
void print_steps(const curvature& found, const stop& stopped,
                 const std::function<double(const xt::xarray<double>&)>& loss)
{
    constexpr double length = 0.01;
    fmt::print("{:>12} {:>12} {:>12}  direction, its greatest components\n", "eigenvalue", "predicted", "loss changes");
    for (std::size_t k = 0; k < found.names.size(); ++k)
    {
        const xt::xarray<double> direction = xt::view(found.directions, xt::all(), k);
        const double by_slope = stopped.is_minimum ? 0 : length * xt::sum(found.slope * direction)();
        fmt::print("{:12.4e} {:12.4e} {:12.4e}{}\n", found.values(k), by_slope + length * length / 2 * found.values(k),
                   loss(found.at + length * direction) - stopped.loss, described(direction, found.names));
    }
}

/// Throws std::runtime_error where the training did not end in a minimum: the exit code says so, too.
void require_minimum(const curvature& found, const stop& stopped)
{
    if (!stopped.is_minimum)
    {
        throw std::runtime_error("hessian: L-BFGS came to no minimum; give it more --iterations, or a --lambda above "
                                 "0, without which there may be none");
    }
    if (found.values(0) < -std::max(1e-5, zero_of(found.values)))
    {
        throw std::runtime_error("hessian: the gradient is 0 and an eigenvalue is negative: this is a saddle, no "
                                 "minimum; start with another --seed");
    }
}

void analyse(const options& o)
{
    nn::random_stream stream(o.seed);
    const nn::labelled_points data = article::make_points(o.points, 0.2, 0);
    stored model{nn::make_linear(2, o.hidden, stream, nn::init::lecun_normal()),
                 nn::make_linear(o.hidden, 2, stream, nn::init::lecun_normal())};

    autograd::tape<double> tape;
    const auto x = tape.constant(data.points);
    const auto y = tape.index(data.labels);
    const loss_function loss = [&](const recorded& m) { return loss_of(m, x, y, o.lambda); };
    const stop stopped = minimize(tape, model, o, loss, [&](const recorded& m) { return tells_all_apart(m, x, y); });
    const curvature found = curvature_at(tape, model, loss);
    print_steps(found, stopped,
                [&](const xt::xarray<double>& moved) { return loss(in_pieces(tape.constant(moved), model)).item(); });
    draw(found.values, stopped, o);
    require_minimum(found, stopped);
}

} // namespace

int main(int argc, char** argv)
{
    options o;
    article::command_line line(
        "hessian",
        R"(Trains a small network on two moons to a minimum of its loss, and prints the eigenvalues of the Hessian
there: how much the loss curves along each direction. In parentheses: what an option is unless given.)");
    line.integer("--hidden", o.hidden, "tanh units in the hidden layer", std::size_t{1}, std::size_t{50});
    line.integer("--points", o.points, "points of the data set", std::size_t{2}, std::size_t{100000});
    line.number("--lambda", o.lambda, "weight of the regularisation", "a number from 0 to 1000",
                [](double x) { return x >= 0 && x <= 1000; });
    line.integer("--iterations", o.iterations, "iterations of L-BFGS at most", std::size_t{1}, std::size_t{1000000});
    article::add_seed(line, "--seed", o.seed, "seed of the initial weights");
    line.picture("--figure", o.figure, "draw the eigenvalues to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { analyse(o); });
}
