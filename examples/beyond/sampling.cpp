// What coaching for a test brings, y, was measured at eight schools with known errors sigma (Rubin 1981):
//
//     y_j ~ Normal(theta_j, sigma_j),   theta_j ~ Normal(mu, tau),   mu ~ Normal(0, 5),   tau ~ Cauchy(0, 5), tau > 0.
//
// Hamiltonian Monte Carlo (Neal 2011, MCMC using Hamiltonian dynamics) draws mu and log tau from their posterior.

#include "autograd/autograd.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/output_folder.hpp"

#include <fmt/format.h>
#include <xtensor/xview.hpp>

namespace
{

constexpr int chains = 100, warm_up = 20, draws = 500;
const xt::xarray<double> y{28, 8, -3, 7, -1, 1, 18, 12}, sigma{15, 10, 16, 11, 9, 11, 10, 18};
const std::filesystem::path unless_told{"output/sampling.png"};

/// The logarithm of the posterior density up to a constant, at n points q of mu and log tau, shape (2, n). The theta
/// are integrated out: y_j ~ Normal(mu, sqrt(sigma_j^2 + tau^2)). Shape (n).
autograd::variable<double> log_density(autograd::variable<double> q)
{
    const auto mu = view(q, 0), log_tau = view(q, 1), prior = log_tau - log1p(exp(2 * log_tau) / 25) - square(mu) / 50;
    const auto variance = exp(2 * expand_dims(log_tau, 1)) + sigma * sigma;
    return prior - sum(log(variance) + square(y - expand_dims(mu, 1)) / variance, {1}) / 2;
}

/// The draws of all chains, (draws, 2, chains). Chains do not mix: the gradient of a sum over them holds that of each.
xt::xarray<double> sample(autograd::tape<double>& tape, double step)
{
    const auto slope = autograd::grad([](auto q) { return sum(log_density(q)); });
    xt::xarray<double> q = xt::zeros<double>({2, chains}), all = xt::zeros<double>({warm_up + draws, 2, chains});
    autograd::random::legacy_generator stream(0);
    for (int i = 0; i < warm_up + draws; ++i)
    {
        tape.clear();
        xt::xarray<double> x = q, p = stream.randn({2, chains});
        const xt::xarray<double> before = xt::sum(p * p, {0}) / 2 - log_density(tape.constant(x)).value();
        for (int leap = 0; leap < 10; ++leap)
        {
            p += step / 2 * slope(x);
            x += step * p;
            p += step / 2 * slope(x);
        }
        const xt::xarray<double> after = xt::sum(p * p, {0}) / 2 - log_density(tape.constant(x)).value();
        xt::view(all, i) = q = xt::where(stream.rand({chains}) < xt::exp(before - after), x, q);
    }
    return xt::view(all, xt::range(warm_up, warm_up + draws));
}

constexpr auto contours = R"(
set table $levels; set contour; unset surface; set cntrparam levels discrete 0.05, 0.2, 0.4, 0.6, 0.8
set samples 161; set isosamples 161; splot [-16:24] [-14:6] density[floor(4 * x + 65.5) + 161 * floor(8 * y + 112.5)]
unset table; set xlabel '{/:Italic μ}'; set ylabel 'log {/:Italic τ}'; set key reverse Left; set yrange [-4:4]
plot [-8:16] mu using 2:(log_tau[$1]) with points pointtype 7 pointsize 0.3 linecolor rgb 0x56B4E9 title 'draws', \
  $levels with lines linewidth 2 linecolor rgb 0xD55E00 title 'density')";

void report(double step, const std::filesystem::path& figure)
{
    autograd::check_gradient(log_density, xt::ones<double>({2, 3}), {.order = 1}).require();
    fmt::print("gradient  of the logarithm of the density: that of finite differences\n");
    autograd::tape<double> tape;
    const xt::xarray<double> all = sample(tape, step), mean = xt::mean(all, {0, 2}), sd = xt::stddev(all, {0, 2});
    const xt::xarray<double> error = xt::stddev(xt::mean(all, {0}), {1}) / std::sqrt(chains);
    fmt::print("accepted  {:.2f} % of the moves\n", 100 * xt::mean(xt::not_equal(xt::diff(all, 1, 0), 0.0))());
    const auto i = tape.constant(xt::arange(161.0 * 161.0)), row = floor(i / 161), column = i - 161 * row;
    const auto q = autograd::stack({column / 4 - 16, row / 8 - 14});
    const auto l = log_density(q), density = exp(l - amax(l)), weight = density / sum(density);
    const auto exact = sum(weight * q, {1}), exact_sd = sqrt(sum(weight * square(q), {1}) - square(exact));
    fmt::print("\n            mean           by quadrature   deviation  by quadrature   effective draws\n");
    for (std::size_t k = 0; k < 2; ++k)
    {
        fmt::print("{:9}{:7.3f} +- {:.3f}{:12.3f}{:14.3f}{:12.3f}{:16.0f}\n", k == 0 ? "mu" : "log tau", mean(k),
                   error(k), exact.value()(k), sd(k), exact_sd.value()(k), std::pow(sd(k) / error(k), 2));
    }
    if (!figure.empty() && article::prepare_to_write({figure}, unless_told))
    {
        const auto data = fmt::format(
            "array density = [{:.5f}]\narray mu = [{:.3f}]\narray log_tau = [{:.3f}]", fmt::join(density.value(), ","),
            fmt::join(xt::view(all, xt::range(0, 100), 0), ","), fmt::join(xt::view(all, xt::range(0, 100), 1), ","));
        article::draw_and_report({1000, 700, 15, data, std::string(article::graph_style) + contours}, figure);
    }
}

} // namespace

int main(int argc, char** argv)
{
    double step = 0.4;
    std::filesystem::path figure = unless_told;
    article::command_line line("sampling", R"(Draws from a posterior distribution by Hamiltonian Monte Carlo.
In parentheses: what an option is unless given.)");
    line.number("--step", step, "leapfrog step", "a number from 0.1 to 1", [](double h) { return h >= 0.1 && h <= 1; });
    line.picture("--figure", figure, "draw 10000 draws to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { report(step, figure); });
}
