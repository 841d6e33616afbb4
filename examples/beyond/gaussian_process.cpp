// What function lies behind a few inexact observations y of it, and where is that uncertain? A Gaussian process takes
// its values for normal, the closer two points the more alike,
//     cov(f(x), f(x')) = k(x, x') = height^2 exp(-(x - x')^2 / (2 length^2)),     y = f(x) + noise,
// so y is normal, and with K = k(X, X) + noise^2 I = L L^T (Cholesky's factor) and z = L^-1 y
//     -log likelihood = z^T z / 2 + sum of log L_ii + n log(2 pi) / 2.
// Height, length and noise are those that are most likely, found by its gradient. Given y, f at other points is normal,
//     mean = V^T z,   variance = height^2 - sum of squares of V by columns,   with V = L^-1 k(X, others)
// (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1).

#include "autograd/linalg.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/beyond/short_program.hpp"
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>

namespace
{

using autograd::variable;
using array = xt::xarray<double>;
constexpr double log_two_pi = 1.8378770664093453;

/// Where a function was observed, and what was seen there.
struct observations
{
    array x, y;
};

/// k between points, of p = (log height, log length, log noise).
variable<double> covariance(variable<double> p, const array& a, const array& b)
{
    const auto apart = expand_dims(p.tape().constant(a), 1) - b;
    return exp(2 * view(p, 0) - square(apart) / 2 * exp(-2 * view(p, 1)));
}

/// Cholesky's factor of the covariance of observations, and what it makes of them.
auto whitened(variable<double> p, const observations& seen)
{
    const array ones = xt::eye<double>(seen.x.size());
    const auto L = cholesky(covariance(p, seen.x, seen.x) + exp(2 * view(p, 2)) * ones);
    return std::pair{L, triangular_solve(L, p.tape().constant(seen.y))};
}

/// Minus the logarithm of their likelihood.
struct misfit
{
    observations seen;
    variable<double> operator()(variable<double> p) const
    {
        const auto [L, z] = whitened(p, seen);
        return sum(square(z)) / 2 + sum(log(diagonal(L))) + log_two_pi / 2 * static_cast<double>(seen.x.size());
    }
};

array truth(const array& x)
{
    return xt::sin(x) + 0.1 * x;
}

/// The function with errors of 0.2 at random points, of which none is between 5 and 7.
observations observe(std::size_t points, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const array u = stream.uniform(0, 8, {points});
    const array x = xt::where(u < 5.0, u, u + 2.0);
    return {x, truth(x) + 0.2 * stream.randn({points})};
}

constexpr auto plots = R"(
set title 'A function, inexact observations of it, and what they tell'
set xlabel 'x'; set ylabel 'f(x)'; set xrange [-1:12]; set yrange [-2.5:3]; set key top left reverse Left samplen 2
plot $function using 1:4:5 with filledcurves fillcolor rgb 0xC9DFF0 title '95 % of the functions', \
     $function using 1:2 with lines linewidth 2 dashtype 3 linecolor rgb 0x000000 title 'the function', \
     $function using 1:3 with lines linewidth 2.5 linecolor rgb 0x0072B2 title 'mean', \
     $seen with points pointtype 7 pointsize 0.9 linecolor rgb 0xD55E00 title 'observed')";

void run(const observations& seen, const beyond::short_program& program)
{
    const misfit f{seen};
    array found{0, 0, -1};
    autograd::check_gradient(f, found).require(); // and the Hessian
    autograd::tape<double> tape;
    const auto end = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-7, .change_tolerance = 0}, found, f);
    const auto p = tape.variable(found);
    const auto H = hessian(f(p), p);
    if (!(end.largest_gradient < 1e-4 && amin(diagonal(H)).item() > 0))
    {
        throw std::runtime_error("gaussian_process: found no maximum of the likelihood; take more --points");
    }
    const array value = xt::exp(found), error = value * sqrt(diagonal(inverse(H))).value();
    fmt::print("gradient and Hessian: those of finite differences\n");
    fmt::print("L-BFGS   {} iterations, {} evaluations: {}\n", end.iterations, end.evaluations, to_text(end.end));
    fmt::print("log likelihood {:.6f}\n", -end.value);
    fmt::print("height   {:.5f} +- {:.5f}\nlength   {:.5f} +- {:.5f}\nnoise    {:.5f} +- {:.5f}, true: 0.2\n", value(0),
               error(0), value(1), error(1), value(2), error(2));

    const array x = xt::linspace(-1.0, 12.0, 131);
    const auto [L, z] = whitened(p, seen);
    const auto V = triangular_solve(L, covariance(p, seen.x, x));
    const array mean = matmul(z, V).value(), deviation = sqrt(exp(2 * view(p, 0)) - sum(square(V), 0)).value();
    for (const std::size_t i : {40, 70, 120})
    {
        fmt::print("f({}) = {:.5f} +- {:.5f}, true: {:.5f}\n", x(i), mean(i), deviation(i), truth(x)(i));
    }
    program.draw(
        plots, beyond::data_block("$function", {x, truth(x), mean, mean - 1.96 * deviation, mean + 1.96 * deviation}) +
                   beyond::data_block("$seen", {seen.x, seen.y}));
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t points = 40;
    beyond::short_program program("gaussian_process", "Finds a function behind inexact observations of it.",
                                  "the observations", "the function and what is known of it");
    program.integer("--points", points, "observations", std::size_t{10}, std::size_t{1000});
    return program.run(argc, argv, [&] { run(observe(points, program.seed()), program); });
}
