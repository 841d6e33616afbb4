// The perceptron of "Build an Artificial Neural Network (ANN) from scratch: Part 1": who of seven people has diabetes,
// by three answers of yes or no. The same points, initial weights and steps; the gradients come from a tape.
//
// It is trained twice. The article differentiates sigmoid(a) to sigmoid'(z) with z = sigmoid(a), where the chain rule
// wants sigmoid'(a) = z (1 - z). Its printed predictions are those of this rule, so they are only found with it: as a
// function whose derivative the user gives.

#include "autograd/check/check_gradient.hpp"
#include "autograd/differentiate/custom_vjp.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "examples/article/perceptron_formulas.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace article;

namespace
{

using array = xt::xarray<double>;
using variable = autograd::variable<double>;

struct perceptron_options
{
    std::size_t passes = 25000;
    double rate = 0.05;
    std::int64_t seed = 42;
    std::filesystem::path csv;
    std::filesystem::path latex;
    std::filesystem::path figure{"output/perceptron.png"}; ///< empty: none
};

struct perceptron
{
    array weights; ///< shape (3, 1)
    array bias;    ///< shape (1)
};

/// Smoking, obesity, exercise.
const array& points()
{
    static const array all{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 1, 0}, {1, 1, 1}, {0, 1, 1}, {0, 1, 0}};
    return all;
}
const array& targets()
{
    static const array column = []
    {
        array all{1, 0, 0, 1, 1, 0, 1};
        all.reshape({7, 1});
        return all;
    }();
    return column;
}

/// np.random.seed(seed); weights = rand(3, 1); bias = rand(1)
perceptron initial_perceptron(std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    return {stream.rand({3, 1}), stream.rand({1})};
}

variable true_sigmoid(variable a)
{
    return sigmoid(a);
}

/// The value of a sigmoid with the slope that the article's code gives it.
variable articles_sigmoid(variable a)
{
    const auto rule = [](variable, variable z, variable g)
    {
        const variable s = sigmoid(z);
        return g * s * (1 - s);
    };
    return autograd::custom_vjp(true_sigmoid, rule)(a);
}

using activation = variable (*)(variable);

variable predict(activation squash, variable x, variable weights, variable bias)
{
    return squash(matmul(x, weights) + bias);
}

/// 1/2 sum (z - t)^2
variable half_squared_error(activation squash, variable weights, variable bias)
{
    autograd::tape<double>& tape = weights.tape();
    const variable z = predict(squash, tape.constant(points()), weights, bias);
    return sum(square(z - tape.constant(targets()))) / 2;
}

void step(array& parameter, variable slope, double rate)
{
    for (std::size_t i = 0; i < parameter.size(); ++i)
    {
        parameter.data()[i] -= rate * slope.data()[i];
    }
}

/// The loss after a pass.
struct loss_after
{
    std::size_t pass;
    double loss;
};

struct learning
{
    perceptron end;
    std::vector<loss_after> losses; ///< as many of each decade of passes
};

double loss(const perceptron& p)
{
    autograd::tape<double> tape;
    return half_squared_error(true_sigmoid, tape.constant(p.weights), tape.constant(p.bias)).item();
}

/// Throws value_error where steps were so long that parameters are none any more.
void require_finite(const perceptron& p, std::size_t pass)
{
    const auto is_finite = [](double x) { return std::isfinite(x); };
    if (!std::all_of(p.weights.begin(), p.weights.end(), is_finite) || !is_finite(p.bias(0)))
    {
        throw autograd::error::value_error("perceptron", "a parameter is not finite after pass ", pass,
                                           "; take shorter steps: a smaller --rate.");
    }
}

learning train(activation squash, const perceptron& start, const perceptron_options& o)
{
    learning result{start, {}};
    perceptron& p = result.end;
    autograd::tape<double> tape;
    constexpr double growth = 1.05;
    double next = 1;
    for (std::size_t pass = 1; pass <= o.passes; ++pass)
    {
        tape.clear();
        const variable weights = tape.variable(p.weights);
        const variable bias = tape.variable(p.bias);
        const auto slopes = gradient(half_squared_error(squash, weights, bias), {weights, bias});
        step(p.weights, slopes[0], o.rate);
        step(p.bias, slopes[1], o.rate);
        require_finite(p, pass);
        if (static_cast<double>(pass) >= next || pass == o.passes)
        {
            result.losses.push_back({pass, loss(p)});
            next *= growth;
        }
    }
    return result;
}

/// What it says of all eight points: those of which the lowest bit is exercise.
array predict_all(const perceptron& p)
{
    array all = array::from_shape({8, 3});
    for (std::size_t i = 0; i < 8; ++i)
    {
        for (std::size_t bit : {0u, 1u, 2u})
        {
            all(i, bit) = static_cast<double>(i >> (2 - bit) & 1);
        }
    }
    autograd::tape<double> tape;
    return predict(true_sigmoid, tape.constant(all), tape.constant(p.weights), tape.constant(p.bias)).value();
}

void print_parameters(const char* when, const perceptron& p)
{
    fmt::print("{:<24} weights {}   bias {}   loss {:.6g}\n", when, fmt::join(p.weights, " "), p.bias(0), loss(p));
}

void print_check(const char* what, activation squash, const perceptron& start)
{
    const auto f = [squash](variable weights, variable bias) { return half_squared_error(squash, weights, bias); };
    autograd::check_options options;
    options.order = 1;
    fmt::print("{:<24} {}\n", what, to_text(check_gradient(f, {start.weights, start.bias}, options)));
}

/// Prints what both say of all eight points, and returns it with all digits.
std::string print_predictions(const perceptron& by_tape, const perceptron& by_article)
{
    const array ours = predict_all(by_tape);
    const array theirs = predict_all(by_article);
    std::string table = "smoking,obesity,exercise,by_tape,by_article\n";
    fmt::print("\nsmoking obesity exercise   prediction   by the article's rule\n");
    for (std::size_t i = 0; i < 8; ++i)
    {
        fmt::print("{:>7} {:>7} {:>8}   {:>10.8f}   {:>10.8f}   {}\n", i >> 2, i >> 1 & 1, i & 1, ours(i, 0),
                   theirs(i, 0), ours(i, 0) > 0.5 ? "diabetic" : "not diabetic");
        table += fmt::format("{},{},{},{},{}\n", i >> 2, i >> 1 & 1, i & 1, ours(i, 0), theirs(i, 0));
    }
    return table;
}

constexpr auto figure_style = R"(
set logscale xy
set format x '10^{%T}'
set format y '10^{%T}'
unset mytics
set rmargin 4
set xrange [1:passes]
set yrange [*:2]
set xlabel 'passes'
set ylabel 'loss ½ Σ ({/:Italic z} − {/:Italic t})^2'
set key inside bottom left reverse Left samplen 2.5 spacing 1.3
set title 'The perceptron learns by its gradient, and by a rule that is not its gradient'
plot $by_tape with lines linewidth 2.5 linecolor rgb 0x0072B2 title "the gradient, by the tape", \
     $by_article with lines linewidth 2.5 linecolor rgb 0xD55E00 title "the article's rule")";

std::string data_block(const char* name, const learning& from)
{
    std::string text = fmt::format("${} << END\n", name);
    for (const loss_after& each : from.losses)
    {
        text += fmt::format("{} {:.6g}\n", each.pass, each.loss);
    }
    return text + "END\n";
}

/// How both learn.
void draw(const learning& by_tape, const learning& by_article, const perceptron_options& o)
{
    if (o.figure.empty() || !prepare_to_write({o.figure}, perceptron_options().figure))
    {
        return;
    }
    const article::drawing picture{1000, 600, 15,
                                   fmt::format("passes = {}\n", std::max<std::size_t>(o.passes, 2)) +
                                       data_block("by_tape", by_tape) + data_block("by_article", by_article),
                                   std::string(graph_style) + figure_style};
    draw_and_report(picture, o.figure);
}

certified_table certify(std::int64_t seed)
{
    certified_table table("Part 1: beside the gradient of half the summed squares, as functions");
    for (const auto& [samples, inputs] : {std::pair<std::size_t, std::size_t>{7, 3}, {1, 1}, {20, 5}})
    {
        autograd::tape<double> tape;
        table.add(fmt::format("X of shape ({}, {})", samples, inputs), samples,
                  perceptron_formulas(tape, samples, inputs, seed));
    }
    return table;
}

void run(const perceptron_options& o)
{
    const perceptron start = initial_perceptron(o.seed);
    fmt::print("Perceptron   3 inputs, 1 sigmoid, NumPy's seed {}; {} passes, learning rate {}\n\n"
               "Is it the gradient of 1/2 sum (z - t)^2? Against finite differences, before training:\n",
               o.seed, o.passes, o.rate);
    print_check("  the tape's", true_sigmoid, start);
    print_check("  the article's", articles_sigmoid, start);

    const certified_table table_of_formulas = certify(o.seed);
    fmt::print("\n{}", table_of_formulas.text());
    if (!o.latex.empty())
    {
        nn::write_text(o.latex, latex_document({table_of_formulas}));
    }

    const learning by_tape = train(true_sigmoid, start, o);
    const learning by_article = train(articles_sigmoid, start, o);
    fmt::print("\n");
    print_parameters("Before training", start);
    print_parameters("By the tape's gradient", by_tape.end);
    print_parameters("By the article's rule", by_article.end);
    const std::string table = print_predictions(by_tape.end, by_article.end);
    if (!o.csv.empty())
    {
        nn::write_text(o.csv, table);
    }
    draw(by_tape, by_article, o);
}

constexpr auto description =
    R"(Trains the perceptron of the article "Build an Artificial Neural Network from scratch: Part 1" as the article does,
with the gradients from a tape, and by the article's own rule, whose derivative of the sigmoid is taken at the wrong
place. Prints both predictions for all eight points. In parentheses: what an option is unless given.)";

} // namespace

int main(int argc, char** argv)
{
    perceptron_options o;
    command_line line("perceptron", description);
    line.integer("--passes", o.passes, "passes of gradient descent over all seven points", std::size_t{1},
                 std::size_t{1000000000});
    line.number("--rate", o.rate, "learning rate", "a finite number above 0",
                [](double x) { return x > 0 && x < std::numeric_limits<double>::infinity(); });
    add_seed(line, "--seed", o.seed, "seed of the initial weights, as in np.random.seed");
    line.file("--csv", o.csv, "write the predictions to this file, with all digits");
    line.file("--latex", o.latex, "write the formulas and the verdicts to this file, as a LaTeX document");
    line.picture("--figure", o.figure,
                 "draw the loss over the passes to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { run(o); });
}
