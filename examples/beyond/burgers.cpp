// A differential equation solved by a network that is shown no solution: Burgers' equation, of a wave that steepens,
//
//     u_t + u u_x = nu u_xx    for -1 < x < 1, 0 < t < 1,    u(x, 0) = -sin(pi x),    u(-1, t) = u(1, t) = 0.
//
// Initial and boundary values are built in, u = -sin(pi x) + t (1 - x^2) N(x, t), and the network N is trained until
// the equation's residual vanishes on a grid (Lagaris, Likas & Fotiadis 1998; Raissi, Perdikaris & Karniadakis 2019).

#include "autograd/autograd.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>

namespace
{

using autograd::variable;
constexpr double pi = xt::numeric_constants<double>::PI, nu = 0.05;
const std::filesystem::path unless_told{"output/burgers.png"};

/// The middles of the cells of a grid, row by row: all x and all t, shape (2, columns * rows).
variable<double> grid(autograd::tape<double>& tape, double columns, double rows)
{
    const auto i = tape.constant(xt::arange(columns * rows)), row = floor(i / columns), column = i - columns * row;
    return autograd::stack({(2 * column + 1) / columns - 1, (2 * row + 1) / (2 * rows)});
}

/// u at n points, shape (n), with N = tanh(tanh((x, t) W1 + b1) W2 + b2) w3.
variable<double> solution(std::span<const variable<double>> w, variable<double> points)
{
    const auto x = view(points, 0), t = view(points, 1), hidden = tanh(matmul(transpose(points), w[0]) + w[1]);
    return -sin(pi * x) + t * (1 - square(x)) * matmul(tanh(matmul(hidden, w[2]) + w[3]), w[4]);
}

/// u_t + u u_x - nu u_xx, shape (n), of a u that was recorded from the points. What u is at a point depends on no other
/// point: so the gradient of the sum of all u holds the derivatives of each.
variable<double> residual(variable<double> u, variable<double> points)
{
    const auto slopes = gradient(sum(u), points), u_x = view(slopes, 0), u_t = view(slopes, 1);
    return u_t + u * u_x - nu * view(gradient(sum(u_x), points), 0);
}

/// Cole's and Hopf's u: the mean of -sin(pi y), y = x - z sqrt(4 nu t), weighted by exp(-z^2 - cos(pi y) / (2 pi nu)).
variable<double> exact(variable<double> points)
{
    const auto x = expand_dims(view(points, 0), 1), t = expand_dims(view(points, 1), 1);
    const auto z = points.tape().constant(xt::linspace(-6.0, 6.0, 121)), y = x - z * sqrt(4 * nu * t);
    const auto weight = exp(-square(z) - cos(pi * y) / (2 * pi * nu));
    return -sum(weight * sin(pi * y), {1}) / sum(weight, {1});
}

constexpr auto curves = R"(
set xlabel '{/:Italic x}'; set ylabel '{/:Italic u}'; set title 'Lines: the network. Circles: exact'; unset colorbox
set key outside right center reverse Left samplen 2; set palette defined (0 '#56B4E9', 1 '#0072B2', 2 '#000000')
plot [-1:1] -sin(pi * x) with lines linewidth 1.5 dashtype 2 linecolor rgb 0x808080 title '{/:Italic t} = 0', \
     for [k = 0:4] $u using ($0 / 50 - 0.99):1 every ::100*k::100*k+99 with lines linewidth 2.5 \
       linecolor palette fraction k / 4.0 title sprintf('{/:Italic t} = %.1f', 0.1 + 0.2 * k), \
     for [k = 0:4] $exact using ($0 * 3 / 50 - 0.99):1 every 3::100*k::100*k+99 with points pointtype 6 \
       linecolor rgb 0xD55E00 notitle)";

void solve(std::int64_t seed, const std::filesystem::path& figure)
{
    nn::random_stream stream(seed);
    std::vector<xt::xarray<double>> w{stream.randn({2, 20}), stream.randn({20}), stream.randn({20, 20}) / std::sqrt(20),
                                      stream.randn({20}), stream.randn({20}) / std::sqrt(20)};
    const auto loss = [](const auto& v, auto points) { return mean(square(residual(solution(v, points), points))); };
    const auto on_few = [&](const auto& v) { return loss(v, grid(v[0].tape(), 6, 3)); };
    autograd::check_gradient(on_few, w, {.order = 1, .coordinates = 5}).require();
    fmt::print("gradient  of the residual's mean square: that of finite differences\n");
    autograd::tape<double> tape;
    const auto points = grid(tape, 30, 15), shown = grid(tape, 100, 5);
    fmt::print("residual  {:.8f} before the training, mean square\n", loss(nn::on_tape(tape, w), points).item());
    const auto found = nn::minimize(tape, nn::lbfgs{.iterations = 600}, w, [&](auto& v) { return loss(v, points); });
    fmt::print("residual  {:.8f} after {} iterations of L-BFGS\n", found.value, found.iterations);
    const auto u = solution(nn::on_tape(tape, w), shown), truth = exact(shown);
    fmt::print("solution  {:.5f} from the exact one at most, whose residual is {:.0e} at most\n",
               amax(abs(u - truth)).item(), amax(abs(residual(truth, shown))).item());
    if (!figure.empty() && article::prepare_to_write({figure}, unless_told))
    {
        const auto data = fmt::format("$u << END\n{:.5f}\nEND\n$exact << END\n{:.5f}\nEND", fmt::join(u.value(), "\n"),
                                      fmt::join(truth.value(), "\n"));
        article::draw_and_report({1000, 560, 15, data, std::string(article::graph_style) + curves}, figure);
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::int64_t seed = 0;
    std::filesystem::path figure = unless_told;
    article::command_line line("burgers", R"(Trains a network until it solves Burgers' equation, and draws it.
In parentheses: what an option is unless given.)");
    article::add_seed(line, "--seed", seed, "seed of the weights before training");
    line.picture("--figure", figure, "draw u at five times to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { solve(seed, figure); });
}
