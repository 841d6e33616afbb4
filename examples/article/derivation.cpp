// The network that "Build an Artificial Neural Network (ANN) from scratch: Part 2" differentiates by hand: two inputs,
// three hidden sigmoid units, two sigmoid outputs, half the squared distance to a target. Every derivative is found in
// three ways: by the tape, by the article's formulas, and by differences; the tape's are shown as formulas; and each
// formula of the article, and of its code, is certified to be the same function as the tape's.

#include "autograd/differentiate/gradient.hpp"
#include "autograd/display/dot.hpp"
#include "autograd/display/latex.hpp"
#include "autograd/display/text.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/sigmoid_network.hpp"
#include "examples/article/softmax_formulas.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

using namespace article;

namespace
{

using array = xt::xarray<double>;
using variable = autograd::variable<double>;
template <class Leaf>
using parameters = sigmoid_network<Leaf>;

constexpr std::size_t inputs = 2;
constexpr std::size_t hidden = 3;
constexpr std::size_t outputs = 2;

/// A point and what the outputs should be there.
struct task
{
    array x; ///< shape (1, 2)
    array t; ///< shape (1, 2)
    parameters<array> start;
};

task make_task(std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    // Braces draw in this order.
    return {stream.randn({1, inputs}),
            stream.rand({1, outputs}),
            {stream.randn({inputs, hidden}), stream.randn({1, hidden}), stream.randn({hidden, outputs}),
             stream.randn({1, outputs})}};
}

variable loss(const parameters<variable>& p, const task& given)
{
    autograd::tape<double>& tape = p.w.tape();
    return forward(p, tape.constant(given.x).name("x"), tape.constant(given.t).name("t")).L;
}

double loss(const parameters<array>& p, const task& given)
{
    autograd::tape<double> tape;
    return loss(on_tape(tape, p), given).item();
}

parameters<array> by_tape(const task& given)
{
    autograd::tape<double> tape;
    const parameters<variable> p = on_tape(tape, given.start);
    const parameters<variable> slope = autograd::gradient(loss(p, given), p);
    return {slope.w.value(), slope.b_w.value(), slope.u.value(), slope.b_u.value()};
}

double squash(double a)
{
    return 1 / (1 + std::exp(-a));
}

/// sigmoid(from weights + bias), unit by unit.
array layer(const array& from, const array& weights, const array& bias)
{
    array to = bias;
    for (std::size_t j = 0; j < to.size(); ++j)
    {
        for (std::size_t i = 0; i < from.size(); ++i)
        {
            to(0, j) += from(0, i) * weights(i, j);
        }
        to(0, j) = squash(to(0, j));
    }
    return to;
}

/// dL/dweight_ij = from_i delta_j
array outer_product(const array& from, const array& delta)
{
    array product = array::from_shape({from.size(), delta.size()});
    for (std::size_t i = 0; i < from.size(); ++i)
    {
        for (std::size_t j = 0; j < delta.size(); ++j)
        {
            product(i, j) = from(0, i) * delta(0, j);
        }
    }
    return product;
}

/// The article's formulas, without a tape:
///
///     output layer   delta_j = (y_j - t_j) y_j (1 - y_j)            dL/du_ij = h_i delta_j   dL/db_u,j = delta_j
///     hidden layer   delta_j = (sum_k delta_k u_jk) h_j (1 - h_j)   dL/dw_ij = x_i delta_j   dL/db_w,j = delta_j
parameters<array> by_formula(const task& given)
{
    const array h = layer(given.x, given.start.w, given.start.b_w);
    const array y = layer(h, given.start.u, given.start.b_u);
    array of_output = y;
    for (std::size_t j = 0; j < outputs; ++j)
    {
        of_output(0, j) = (y(0, j) - given.t(0, j)) * y(0, j) * (1 - y(0, j));
    }
    array of_hidden = h;
    for (std::size_t j = 0; j < hidden; ++j)
    {
        double sum = 0;
        for (std::size_t k = 0; k < outputs; ++k)
        {
            sum += of_output(0, k) * given.start.u(j, k);
        }
        of_hidden(0, j) = sum * h(0, j) * (1 - h(0, j));
    }
    return {outer_product(given.x, of_hidden), of_hidden, outer_product(h, of_output), of_output};
}

/// Of the fourth order: (8 (L(+d) - L(-d)) - (L(+2d) - L(-2d))) / 12 d, where L depends on the coordinate.
template <class Loss>
double central_difference(const Loss& loss, double& coordinate, double d)
{
    const double middle = coordinate;
    const auto loss_at = [&](double distance)
    {
        coordinate = middle + distance;
        return loss();
    };
    const double near = loss_at(d) - loss_at(-d);
    const double far = loss_at(2 * d) - loss_at(-2 * d);
    coordinate = middle;
    return (8 * near - far) / (12 * d);
}

parameters<array> by_differences(const task& given, double d)
{
    parameters<array> moved = given.start;
    parameters<array> slope = given.start;
    const auto differentiate = [&](array& in, array& out)
    {
        for (std::size_t i = 0; i < in.size(); ++i)
        {
            out.data()[i] = central_difference([&] { return loss(moved, given); }, in.data()[i], d);
        }
    };
    differentiate(moved.w, slope.w);
    differentiate(moved.b_w, slope.b_w);
    differentiate(moved.u, slope.u);
    differentiate(moved.b_u, slope.b_u);
    return slope;
}

/// w_12, b_w,2, ...: as the article counts, from 1.
std::string name_of(const char* name, const array& a, std::size_t i)
{
    const std::size_t columns = a.shape()[1];
    return a.shape()[0] == 1 ? fmt::format("{},{}", name, i + 1)
                             : fmt::format("{}_{}{}", name, i / columns + 1, i % columns + 1);
}

/// The derivatives side by side, and how far they are apart at most.
class comparison
{
public:
    void add(const char* name, const array& tape, const array& formula, const array& differences)
    {
        for (std::size_t i = 0; i < tape.size(); ++i)
        {
            add(name_of(name, tape, i), tape.data()[i], formula.data()[i], differences.data()[i]);
        }
    }

    void print() const
    {
        fmt::print("{:<10} {:>18} {:>18} {:>18}\n{}", "", "tape", "article's formula", "finite differences", m_lines);
        fmt::print("Largest disagreement: tape and formula {:.1e}, tape and finite differences {:.1e}\n"
                   "(the largest derivative is {:.2g})\n",
                   m_worst_formula, m_worst_differences, m_largest);
    }
    const std::string& csv() const { return m_csv; }

private:
    void add(const std::string& name, double tape, double formula, double differences)
    {
        m_lines += fmt::format("dL/d{:<6} {:>18.12f} {:>18.12f} {:>18.12f}\n", name, tape, formula, differences);
        m_csv += fmt::format("\"{}\",{},{},{}\n", name, tape, formula, differences);
        m_worst_formula = std::max(m_worst_formula, std::abs(tape - formula));
        m_worst_differences = std::max(m_worst_differences, std::abs(tape - differences));
        m_largest = std::max(m_largest, std::abs(tape));
    }

    std::string m_lines;
    std::string m_csv = "weight,tape,formula,differences\n";
    double m_worst_formula = 0;
    double m_worst_differences = 0;
    double m_largest = 0;
};

struct formulas
{
    std::string text;
    std::string latex;
    std::string dot;
};

/// L, and the derivatives as the tape records them.
formulas show(const task& given)
{
    autograd::tape<double> tape;
    const parameters<variable> p = on_tape(tape, given.start);
    const variable L = loss(p, given);
    const parameters<variable> slope = autograd::gradient(L, p);
    const std::vector<variable> all{L, slope.w.name("w_bar"), slope.b_w.name("b_w_bar"), slope.u.name("u_bar"),
                                    slope.b_u.name("b_u_bar")};
    return {to_text(all), to_latex(all), to_dot(all)};
}

/// What by_formula() computes.
constexpr auto the_articles_formulas_in_latex = R"(\begin{aligned}
\text{output layer:}\quad \delta_j &= (y_j - t_j)\,y_j (1 - y_j), &
  \frac{\partial L}{\partial u_{ij}} &= h_i \delta_j, &
  \frac{\partial L}{\partial b_{u,j}} &= \delta_j \\
\text{hidden layer:}\quad \delta_j &= \Big(\sum_k \delta_k u_{jk}\Big) h_j (1 - h_j), &
  \frac{\partial L}{\partial w_{ij}} &= x_i \delta_j, &
  \frac{\partial L}{\partial b_{w,j}} &= \delta_j
\end{aligned})";

/// N, H
using samples_and_units = std::pair<std::size_t, std::size_t>;

certified_table certify_derivation(std::int64_t seed)
{
    certified_table table("Part 2, the derivation: sigmoid units, half the squared distance");
    for (const layer_sizes& sizes : {layer_sizes{inputs, hidden, outputs}, {1, 1, 1}, {3, 5, 4}, {7, 20, 10}})
    {
        autograd::tape<double> tape;
        table.add(fmt::format("{}-{}-{} units", sizes.inputs, sizes.hidden, sizes.outputs), 1,
                  sigmoid_formulas(tape, sizes, seed));
    }
    return table;
}

certified_table certify_loss(std::int64_t seed)
{
    certified_table table("Part 2, the code: softmax, and the loss that it prints");
    for (const auto& [samples, units] : {samples_and_units{20, 3}, {7, 1}})
    {
        autograd::tape<double> tape;
        table.add(fmt::format("N = {}, H = {}", samples, units), samples, loss_formulas(tape, samples, units, seed));
    }
    return table;
}

certified_table certify_code(const char* title, loss_of_part_2 loss, const std::vector<samples_and_units>& sizes,
                             std::int64_t seed)
{
    certified_table table(title);
    for (const auto& [samples, units] : sizes)
    {
        autograd::tape<double> tape;
        table.add(fmt::format("N = {}, H = {}", samples, units), samples,
                  gradient_formulas(tape, loss, samples, units, seed));
    }
    return table;
}

/// The formulas of both networks beside the tape's.
std::vector<certified_table> certify(std::int64_t seed)
{
    return {certify_derivation(seed), certify_loss(seed),
            certify_code("Part 2, the code: its gradient, beside that of the loss that it prints",
                         loss_of_part_2::printed, {{300, 3}, {200, 3}, {300, 50}, {7, 1}}, seed),
            certify_code("The code's gradient beside that of N times the loss that it prints", loss_of_part_2::summed,
                         {{300, 3}, {200, 3}}, seed),
            certify_code("The code's gradient beside that of a loss of which only the data's part is divided by N",
                         loss_of_part_2::mean_and_penalty, {{300, 3}, {200, 3}}, seed)};
}

/// The last two in short.
void print(const std::vector<certified_table>& tables)
{
    fmt::print("\nAre they the same functions? Where there is a factor, the article's formula is that times the "
               "tape's.\n");
    constexpr std::size_t whole = 3;
    for (std::size_t i = 0; i < tables.size(); ++i)
    {
        fmt::print("\n{}", i < whole ? tables[i].text() : tables[i].verdicts());
    }
}

/// The article's formulas, and what the tape records.
std::string introduction_in_latex(const std::string& of_tape)
{
    return fmt::format("The article's formulas, where $k$ in the hidden layer counts the outputs:\n\\[\n{}\n\\]\n"
                       "What the tape records for $L$ and its derivatives, $\\bar w$ for "
                       "$\\partial L / \\partial w$:\n\\[\n{}\n\\]\n",
                       the_articles_formulas_in_latex, of_tape);
}

/// v <- v - eta dL/dv for every weight v.
parameters<array> updated(parameters<array> p, const parameters<array>& slope, double eta)
{
    p.w -= eta * slope.w;
    p.b_w -= eta * slope.b_w;
    p.u -= eta * slope.u;
    p.b_u -= eta * slope.b_u;
    return p;
}

struct derivation_options
{
    std::int64_t seed = 0;
    double distance = 1e-3;
    double eta = 0.5;
    std::filesystem::path csv;
    std::filesystem::path latex;
    std::filesystem::path dot;
};

constexpr auto the_articles_formulas =
    R"(The article's formulas, with sigmoid'(a) = sigmoid(a) (1 - sigmoid(a)):
    output layer   delta_j = (y_j - t_j) y_j (1 - y_j)            dL/du_ij = h_i delta_j   dL/db_u,j = delta_j
    hidden layer   delta_j = (sum_k delta_k u_jk) h_j (1 - h_j)   dL/dw_ij = x_i delta_j   dL/db_w,j = delta_j
)";

void run(const derivation_options& o)
{
    const task given = make_task(o.seed);
    fmt::print(
        "Network   2 inputs, 3 sigmoid, 2 sigmoid; L = 1/2 sum (y - t)^2; all numbers from NumPy's seed {}\n\n{}\n",
        o.seed, the_articles_formulas);

    const parameters<array> tape = by_tape(given);
    const parameters<array> formula = by_formula(given);
    const parameters<array> differences = by_differences(given, o.distance);
    comparison all;
    all.add("w", tape.w, formula.w, differences.w);
    all.add("b_w", tape.b_w, formula.b_w, differences.b_w);
    all.add("u", tape.u, formula.u, differences.u);
    all.add("b_u", tape.b_u, formula.b_u, differences.b_u);
    all.print();
    fmt::print("\nOne update of all weights, v <- v - eta dL/dv with eta = {}: L = {:.6f} -> {:.6f}\n", o.eta,
               loss(given.start, given), loss(updated(given.start, tape, o.eta), given));

    const std::vector<certified_table> tables = certify(o.seed);
    print(tables);

    const formulas shown = show(given);
    fmt::print("\nWhat the tape records for L and its derivatives (w_bar is dL/dw):\n\n{}\n"
               "The same in LaTeX:\n\n{}\n",
               shown.text, shown.latex);
    if (!o.csv.empty())
    {
        nn::write_text(o.csv, all.csv());
    }
    if (!o.latex.empty())
    {
        nn::write_text(o.latex, latex_document(tables, introduction_in_latex(shown.latex)));
    }
    if (!o.dot.empty())
    {
        nn::write_text(o.dot, shown.dot);
    }
}

constexpr auto description =
    R"(Differentiates the sigmoid network that the article "Build an Artificial Neural Network from scratch: Part 2"
differentiates by hand, by the tape, by the article's formulas and by finite differences; certifies that the tape's
derivatives are the article's formulas as functions, and those of the article's code too; and shows the tape's formulas as
text and in LaTeX. In parentheses: what an option is unless given.)";

} // namespace

int main(int argc, char** argv)
{
    derivation_options o;
    command_line line("derivation", description);
    add_seed(line, "--seed", o.seed, "seed of the point, the target and all weights");
    line.number("--distance", o.distance, "how far the finite differences move a weight", "a number from 1e-6 to 0.1",
                [](double x) { return x >= 1e-6 && x <= 0.1; });
    line.number("--eta", o.eta, "learning rate of the one update", "a finite number above 0",
                [](double x) { return x > 0 && x < std::numeric_limits<double>::infinity(); });
    line.file("--csv", o.csv, "write all derivatives to this file, with all digits");
    line.file("--latex", o.latex, "write the formulas to this file, as a LaTeX document");
    line.file("--dot", o.dot, "write them to this file as a graph, for Graphviz: dot -Tsvg FILE");
    return line.run(argc, argv, [&] { run(o); });
}
