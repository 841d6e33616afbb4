// Where is something that two instruments see inexactly, and how inexact are they? Its state s = (position, velocity)
// moves on, driven by accelerations at random, and each instrument shows the position with an error of its own:
//     s' = F s + w,   cov(w) = Q;        y = H s + v,   cov(v) = R = diag(r1^2, r2^2)
// Kalman's filter keeps the mean m and the covariance P of the state, given what was seen so far:
//     m <- F m, P <- F P F^T + Q;   with S = H P H^T + R = L L^T, e = L^-1 (y - H m), U = L^-1 H P:
//     m <- m + U^T e, P <- P - U^T U
// and y was as likely as log p = -e^T e / 2 - sum of log L_ii - log(2 pi). The sum over all times has a gradient by the
// parameters through all steps of the filter, and is greatest at the most likely ones. (Durbin and Koopman, Time Series
// Analysis by State Space Methods, 2012, chapters 4 and 7.)

#include "autograd/linalg.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/beyond/short_program.hpp"
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>

namespace
{

using autograd::einsum, autograd::variable;
using array = xt::xarray<double>;
constexpr double log_two_pi = 1.8378770664093453;

const array F{{1, 1}, {0, 1}}, H{{1, 0}, {1, 0}};
const array Q_of_one{{1.0 / 3, 0.5}, {0.5, 1}}; // of accelerations of 1 in a step of 1
const array first_mean{0, 0}, first_covariance{{100, 0}, {0, 1}};
const array truth{0.1, 1, 3}; // acceleration, r1, r2

/// What is known after each time, and of all that was seen the logarithm of the likelihood.
struct filtered
{
    std::vector<variable<double>> means, covariances;
    variable<double> log_likelihood;
};

/// Of p, the logarithms of acceleration, r1 and r2, and y of a row for each time.
filtered filter(variable<double> p, const array& seen)
{
    const auto y = p.tape().constant(seen);
    const auto Q = exp(2 * view(p, 0)) * Q_of_one, R = diag(exp(2 * slice(p, 0, 1, 3)));
    auto m = p.tape().constant(first_mean), P = p.tape().constant(first_covariance);
    filtered all;
    std::vector<variable<double>> parts;
    for (std::size_t t = 0; t < y.shape(0); ++t)
    {
        m = matmul(F, m);
        P = einsum("ik,kl,jl->ij", F, P, F) + Q;
        const auto L = cholesky(einsum("ik,kl,jl->ij", H, P, H) + R);
        const auto e = triangular_solve(L, view(y, t) - matmul(H, m)), U = triangular_solve(L, matmul(H, P));
        m = m + einsum("ki,k->i", {U, e});
        P = P - einsum("ki,kj->ij", {U, U});
        parts.push_back(-sum(square(e)) / 2 - sum(log(diagonal(L))) - log_two_pi);
        all.means.push_back(m);
        all.covariances.push_back(P);
    }
    all.log_likelihood = sum(autograd::stack(parts));
    return all;
}

/// The positions, and what is seen of them.
std::pair<array, array> simulate(std::size_t times, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const array a = truth(0) * stream.randn({times, std::size_t{2}}), errors = stream.randn({times, std::size_t{2}});
    array position = xt::zeros<double>({times}), seen = errors;
    double x = 0, velocity = 1;
    for (std::size_t t = 0; t < times; ++t)
    {
        x += velocity + a(t, 0) / 2 + a(t, 1) / std::sqrt(12.0); // w = (a1 / 2 + a2 / sqrt 12, a1) has covariance Q
        velocity += a(t, 0);
        position(t) = x;
        seen(t, 0) = x + truth(1) * errors(t, 0);
        seen(t, 1) = x + truth(2) * errors(t, 1);
    }
    return {position, seen};
}

constexpr auto plots = R"(
set title 'What two instruments show, and where it is: beside the true position'
set xlabel 'time'; set ylabel 'distance from the true position'; set yrange [-9:13]; set key top left reverse Left samplen 2
plot $path using 1:(-1.96 * $5):(1.96 * $5) with filledcurves fillcolor rgb 0xF3D9C7 title '95 %', \
     $path using 1:($4 - $2) with points pointtype 7 pointsize 0.6 linecolor rgb 0x9CC5E0 title 'instrument 2', \
     $path using 1:($3 - $2) with points pointtype 7 pointsize 0.6 linecolor rgb 0x0072B2 title 'instrument 1', \
     $path using 1:($6 - $2) with lines linewidth 2.5 linecolor rgb 0xD55E00 title 'filtered')";

void run(std::size_t times, const beyond::short_program& program)
{
    const auto [position, seen] = simulate(times, program.seed());
    const auto f = [&seen = seen](auto p) { return -filter(p, seen).log_likelihood; };
    array found{0, 0, 0};
    autograd::check_gradient(f, found).require(); // and the Hessian
    autograd::tape<double> tape;
    const auto end = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-6, .change_tolerance = 0}, found, f);
    const auto p = tape.variable(found);
    const auto curvature = hessian(f(p), p);
    if (!(end.largest_gradient < 1e-4 && amin(diagonal(curvature)).item() > 0))
    {
        throw std::runtime_error("kalman: found no maximum of the likelihood; take more --times");
    }
    const array value = xt::exp(found), error = value * sqrt(diagonal(inverse(curvature))).value();
    fmt::print("gradient and Hessian through {} steps of the filter: those of finite differences\n", times);
    fmt::print("L-BFGS   {} iterations, {} evaluations: {}\n", end.iterations, end.evaluations, to_text(end.end));
    fmt::print("log likelihood {:.6f}\n", -end.value);
    for (std::size_t k = 0; k < 3; ++k)
    {
        constexpr const char* names[] = {"acceleration", "error of 1", "error of 2"};
        fmt::print("{:12} {:.5f} +- {:.5f}, true: {}\n", names[k], value(k), error(k), truth(k));
    }
    const auto all = filter(p, seen);
    const array m = view(autograd::stack(all.means), xt::all(), 0).value();
    const array deviation = sqrt(view(autograd::stack(all.covariances), xt::all(), 0, 0)).value();
    fmt::print("position at the end {:.5f} +- {:.5f}, true: {:.5f}\n", m(times - 1), deviation(times - 1),
               position(times - 1));
    program.draw(plots, beyond::data_block("$path", {xt::arange<double>(1.0, 1.0 + static_cast<double>(times)),
                                                     position, seen, deviation, m}));
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t times = 200;
    beyond::short_program program("kalman", "Finds where something is that two inexact instruments see.",
                                  "path and errors", "what is seen and what is found of it");
    program.integer("--times", times, "times at which it is seen", std::size_t{20}, std::size_t{5000});
    return program.run(argc, argv, [&] { run(times, program); });
}
