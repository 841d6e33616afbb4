// How long does a ball bearing last at its rated load? Tests at higher loads are shorter: each bearing runs until it
// fails, or the test ends. Lives have Weibull's distribution, whose scale falls with a power of the load:
//     P(life > t) = exp(-(t / scale)^shape),    log scale = a + b log load
// A bearing that failed at t adds its density there to the likelihood, another one this probability at the end:
//     log likelihood = sum over failures (log shape - log t + z) - sum over all exp(z),   z = shape (log t - log scale)
// The inverse of the Hessian of minus that is the covariance C of the estimates; what is computed from them, with the
// Jacobian J, has J C J^T (Meeker and Escobar, Statistical Methods for Reliability Data, 1998, chapters 8 and 17).

#include "autograd/autograd.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/beyond/short_program.hpp"
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>
#include <xtensor-blas/xlinalg.hpp>

namespace
{

using autograd::variable;
using array = xt::xarray<double>;
const array truth{std::log(40000.0), -3, std::log(1.5)}; // a, b, log shape

/// Minus the logarithm of the likelihood of p = (a, b, log shape).
struct misfit
{
    array log_load, log_time, failed; ///< failed is 1, or 0 where the time is that of the end
    variable<double> operator()(variable<double> p) const
    {
        const auto z = exp(view(p, 2)) * (log_time - view(p, 0) - view(p, 1) * log_load);
        return sum(exp(z)) - sum(failed * (view(p, 2) - log_time + z));
    }
};

misfit test(std::size_t bearings, std::size_t hours, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const array x = xt::log(stream.uniform(1.5, 5, {bearings}));
    const array log_life = truth(0) + truth(1) * x + xt::log(-xt::log(stream.rand({bearings}))) / std::exp(truth(2));
    const double end = std::log(static_cast<double>(hours));
    return {x, xt::minimum(log_life, end), xt::cast<double>(log_life < end)};
}

constexpr auto plots = R"(
set title 'A test of bearings at higher loads, and what it tells of the rated one'
set logscale xy; set format y '10^{%T}'; set xrange [0.9:5.5]; set xtics (1, 1.5, 2, 3, 4, 5); set pointsize 1.2
set xlabel 'load / rated load'; set ylabel 'life (h)'; set key top right reverse Left samplen 2
plot $median using 1:4:5 with filledcurves fillcolor rgb 0xF3D9C7 title '95 % confidence', \
     $median using 1:3 with lines linewidth 2.5 linecolor rgb 0xD55E00 title 'median, found', \
     $median using 1:2 with lines linewidth 2 dashtype 3 linecolor rgb 0x000000 title 'median, true', \
     $lives using 1:($3 == 1 ? $2 : NaN) with points pointtype 7 linecolor rgb 0x0072B2 title 'failed', \
     $lives using 1:($3 == 0 ? $2 : NaN) with points pointtype 8 linecolor rgb 0x0072B2 title 'not failed')";

void fit(const misfit& f, const beyond::short_program& program)
{
    array found{xt::mean(f.log_time)(), 0, 0};
    autograd::check_gradient(f, found).require(); // and the Hessian
    autograd::tape<double> tape;
    const auto end = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-6, .change_tolerance = 0}, found, f);
    const auto p = tape.variable(found);
    const array H = hessian(f(p), p).value(), slope = autograd::gradient(f(p), p).value();
    if (!(xt::linalg::eigvalsh(H)(0) > 0 && xt::amax(xt::abs(xt::linalg::solve(H, slope)))() < 1e-4))
    {
        throw std::runtime_error("likelihood: found no maximum; take more --bearings, or more --hours until the end");
    }
    const auto C = tape.constant(xt::linalg::inv(H));
    const auto error = [&](auto y) { return array(sqrt(sum(matmul(jacobian(y, p), C) * jacobian(y, p), 1)).value()); };
    fmt::print("test     {} bearings, {} failed\n", f.failed.size(), xt::sum(f.failed)());
    fmt::print("gradient and Hessian: those of finite differences\n");
    fmt::print("L-BFGS   {} iterations, {} evaluations: {}\n\n", end.iterations, end.evaluations, to_text(end.end));
    fmt::print("{:>19}{:>11}{:>11}\n", "a", "b", "log shape");
    fmt::print("found   {:11.5f}\n+-      {:11.5f}\n", fmt::join(found, ""), fmt::join(error(p), ""));
    fmt::print("true    {:11.5f}\n\n", fmt::join(truth, ""));

    const array load = xt::logspace(0.0, std::log10(5.0), 50), log_load = xt::log(load);
    const auto log_median = [&](auto q) // P(life > median) = 1/2
    { return view(q, 0) + view(q, 1) * log_load + std::log(std::log(2.0)) * exp(-view(q, 2)); };
    const array life = exp(log_median(p)).value(), known = exp(log_median(tape.constant(truth))).value();
    const array by = xt::exp(1.96 * error(log_median(p))), low = life / by, high = life * by;
    fmt::print(
        "median life at the rated load: {:.5g} h, with 95 % confidence from {:.5g} to {:.5g} h; true: {:.5g} h\n",
        life(0), low(0), high(0), known(0));
    program.draw(plots, beyond::data_block("$median", {load, known, life, low, high}) +
                            beyond::data_block("$lives", {xt::exp(f.log_load), xt::exp(f.log_time), f.failed}));
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t bearings = 100, hours = 3000;
    beyond::short_program program("likelihood", "Estimates the life of bearings from a test at higher loads.",
                                  "loads and lives", "lives and medians over the load");
    program.integer("--bearings", bearings, "bearings in the test", std::size_t{10}, std::size_t{100000});
    program.integer("--hours", hours, "end of the test, in h", std::size_t{100}, std::size_t{100000});
    return program.run(argc, argv, [&] { fit(test(bearings, hours, program.seed()), program); });
}
