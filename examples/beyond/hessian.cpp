// The curvature of a network's loss where training ends: the eigenvalues of its Hessian by all parameters, and which of
// its directions are flat, and why.

#include "autograd/autograd.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>
#include <xtensor-blas/xlinalg.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
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

/// Moves a model to where the gradient is 0. Returns the loss there.
double minimize(autograd::tape<double>& tape, stored& model, const options& o,
                const std::function<variable<double>(const recorded&)>& loss)
{
    const nn::lbfgs method{.iterations = o.iterations, .gradient_tolerance = 1e-6, .value_tolerance = 0};
    const nn::minimization found = nn::minimize(tape, method, model, loss);
    fmt::print("loss {:.6f}, largest |gradient| {:.1e} after {} iterations of L-BFGS: {}\n\n", found.value,
               found.largest_gradient, found.iterations, nn::text_of(found.end));
    return found.value;
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
    const auto loss = [&](const recorded& m) { return loss_of(m, x, y, o.lambda); };
    const double least = minimize(tape, model, o, loss);

    const auto [numbers, names] = flattened(model);
    const xt::xarray<double> at = xt::adapt(numbers);
    const auto all = tape.variable(at);
    const xt::xarray<double> H = hessian(loss(in_pieces(all, model)), all).value();
    const auto [values, directions] = xt::linalg::eigh(H);

    // A step along each: what the loss does, beside what the eigenvalue says that it does.
    constexpr double length = 0.01;
    fmt::print("{:>12} {:>12} {:>12}  direction, its greatest components\n", "eigenvalue", "predicted", "loss changes");
    for (std::size_t k = 0; k < names.size(); ++k)
    {
        const xt::xarray<double> direction = xt::view(directions, xt::all(), k);
        const auto moved = tape.constant(at + length * direction);
        fmt::print("{:12.4e} {:12.4e} {:12.4e}{}\n", values(k), length * length / 2 * values(k),
                   loss(in_pieces(moved, model)).item() - least, described(direction, names));
    }
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
    return line.run(argc, argv, [&] { analyse(o); });
}
