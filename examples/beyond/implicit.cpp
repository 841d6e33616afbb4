// How large should the penalty exp(s) of a ridge regression be? So large that weights fitted to some points do best on
// others. They are given by an equation, not by a formula of s, and that is enough for a derivative. From
//     F(w, A, b) = A w - b = 0   with   A = X^T X / n + exp(s) I,   b = X^T y / n
// follows F_w dw + F_A dA + F_b db = 0 (the implicit function theorem): a cotangent g of w goes on to A and b as
//     -lambda^T F_A = -lambda w^T   and   -lambda^T F_b = lambda   with   F_w^T lambda = A^T lambda = g,
// one linear system, however w was found. (Y. Bengio, Gradient-based optimization of hyperparameters, 2000.)

#include "autograd/autograd.hpp"
#include "examples/beyond/short_program.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>
#include <xtensor-blas/xlinalg.hpp>

namespace
{

using autograd::variable;
using array = xt::xarray<double>;

/// The w with A w = b. The adjoint system is solved by the same function, so it has derivatives of every order.
variable<double> solve(variable<double> A, variable<double> b)
{
    const auto solution = [](auto a, auto c)
    { return a.tape().constant(xt::linalg::solve(array(a.value()), array(c.value()))); };
    const auto rule = [](auto a, auto, auto w, auto g)
    {
        const auto lambda = solve(transpose(a), g);
        return std::array{-outer(lambda, w), lambda};
    };
    return autograd::custom_vjp(solution, rule)(A, b);
}

constexpr auto plots = R"(
set title 'The loss on points that were not fitted, and its slope by the implicit function theorem'
set logscale x; set format x '10^{%T}'; set xrange [4e-4:1e2]; set yrange [0:]; set key bottom left reverse Left samplen 2
set xlabel 'penalty'; set ylabel 'mean squared error'
plot $curve using 1:2 with lines linewidth 2.5 linecolor rgb 0x0072B2 title 'loss', \
     $curve every 8 using ($1/2):($2-log(2)*$3):($1*1.5):(log(4)*$3) with vectors nohead linewidth 2.5 \
         linecolor rgb 0xE69F00 title 'slope', \
     $best with points pointtype 7 pointsize 1.8 linecolor rgb 0xD55E00 title 'least')";

void run(double penalty, const beyond::short_program& program)
{
    autograd::random::legacy_generator stream(program.seed());
    const auto data = nn::make_regression({330, 20, 5, 1, 0.0, 100, false}, stream); // of 20 features 5 matter
    const array X = data.points, y = data.targets / 100, fitted = xt::view(X, xt::range(0, 30));
    const array XX = xt::linalg::dot(xt::transpose(fitted), fitted) / 30;
    const array Xy = xt::linalg::dot(xt::transpose(fitted), xt::view(y, xt::range(0, 30))) / 30;
    const auto A = [&](auto s) { return XX + exp(s) * array(xt::eye<double>(20)); };
    const auto w = [&](auto s) { return solve(A(s), s.tape().constant(Xy)); };
    const auto loss = [&](auto v) { return mean(square(slice(matmul(v.tape().constant(X), v) - y, 0, 30, 330))); };
    const auto f = [&](auto s) { return loss(w(s)); };
    array best = std::log(penalty);
    autograd::check_gradient(f, best, {.order = 1}).require();

    autograd::tape<double> tape;
    const auto s = tape.variable(best);
    fmt::print("slope at penalty {}\n  implicitly {:20.8f}, as by differences\n", penalty, gradient(f(s), s).item());
    for (const int steps : {10, 100, 1000})
    {
        auto v = tape.constant(xt::zeros_like(Xy));
        for (int i = 0; i < steps; ++i)
        {
            v = v - (matmul(A(s), v) - Xy) / (4 + penalty); // gradient descent
        }
        fmt::print("  through {:4} steps {:12.8f}\n", steps, gradient(loss(v), s).item());
    }
    const auto end = nn::minimize(tape, nn::lbfgs{.change_tolerance = 0}, best, f);
    const auto at = tape.variable(best);
    const double curvature = hessian(f(at), at).item();
    fmt::print("L-BFGS   {} iterations, {} evaluations: {}\n", end.iterations, end.evaluations, to_text(end.end));
    fmt::print("best     penalty {:.6f}, loss {:.6f}, curvature {:.6f}\n", std::exp(best()), end.value, curvature);
    if (!(end.largest_gradient < 1e-6 && curvature > 1e-4))
    {
        throw std::runtime_error("implicit: this is no minimum; start from another --penalty");
    }
    array grid = xt::linspace(-7.0, 4.0, 56), values = grid, slopes = grid;
    for (std::size_t i = 0; i < grid.size(); ++i)
    {
        const auto here = tape.variable(grid(i));
        values(i) = f(here).item();
        slopes(i) = gradient(f(here), here).item();
    }
    program.draw(plots, beyond::data_block("$curve", {xt::exp(grid), values, slopes}) +
                            beyond::data_block("$best", {{std::exp(best())}, {end.value}}));
}

} // namespace

int main(int argc, char** argv)
{
    double penalty = 0.01;
    beyond::short_program program("implicit", "Finds the penalty of a ridge regression that is best for new points.",
                                  "the points", "the loss over the penalty");
    program.number("--penalty", penalty, "penalty to start from", "a number from 0.0001 to 100",
                   [](double x) { return x >= 1e-4 && x <= 100; });
    return program.run(argc, argv, [&] { run(penalty, program); });
}
