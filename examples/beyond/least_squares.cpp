// How certain are parameters that were fitted by least squares? The volume y of a gas that a surface takes up under a
// pressure x, in one layer of molecules, is
//     y = b1 (1 - exp(-b2 x)) + error
// With r what the curve leaves of the data and J the Jacobian of the curve by b, a step d of Levenberg and Marquardt's
//     (J^T J + lambda diag(J^T J)) d = J^T r
// leads to the least sum of squares; there, the errors being alike and independent, b has the covariance s^2 (J^T J)^-1
// with s^2 = r^T r / (n - 2). Does b scatter so? Data are drawn anew around the curve that was found, a thousand times,
// and all of them are fitted at once: J is a batch of matrices then. (The data are Misra1a of NIST's Statistical
// Reference Datasets, which certify b1 = 238.94212918 +- 2.7070075241, b2 = 0.00055015643181 +- 0.0000072668688436.)

#include "autograd/linalg.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/beyond/short_program.hpp"

#include <fmt/format.h>

namespace
{

using autograd::einsum, autograd::variable;
using array = xt::xarray<double>;
constexpr std::size_t drawn = 1000;

const array pressure{77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
const array volume{10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};

/// The curves of parameters b, a pair or a batch of pairs.
variable<double> curve(variable<double> b)
{
    return slice(b, -1, 0, 1) * (1 - exp(-slice(b, -1, 1, 2) * pressure));
}

/// What each of the curves changes by with its own parameters: derivatives along both of them.
variable<double> jacobian_of_each(variable<double> y, variable<double> b)
{
    const auto along = [&](const array& parameter)
    { return jvp(y, b, b.tape().constant(xt::broadcast(parameter, variable<double>::extents_of(b.shape())))); };
    return autograd::stack({along({1.0, 0.0}), along({0.0, 1.0})}, -1);
}

/// J^T J of each curve, and the step from its parameters to the data.
auto step(variable<double> b, const array& data, double lambda)
{
    const auto y = curve(b), J = jacobian_of_each(y, b), JJ = einsum("...ni,...nj->...ij", {J, J});
    const auto damped = JJ * (1 + lambda * array(xt::eye<double>(2)));
    return std::pair{JJ, squeeze(solve(damped, expand_dims(einsum("...ni,...n->...i", {J, data - y}), -1)), -1)};
}

double sum_of_squares(const array& b)
{
    autograd::tape<double> tape;
    return sum(square(volume - curve(tape.constant(b)))).item();
}

/// The parameters with the least sum of squares, from others.
array fitted(array b)
{
    double lambda = 1e-3;
    for (std::size_t steps = 1; lambda < 1e12 && steps < 1000; ++steps)
    {
        autograd::tape<double> tape;
        const array d = step(tape.variable(b), volume, lambda).second.value(), next = b + d;
        if (xt::amax(xt::abs(d / b))() < 1e-10)
        {
            fmt::print("fitted   in {} steps of Levenberg and Marquardt's\n", steps);
            return b;
        }
        const bool is_better = sum_of_squares(next) < sum_of_squares(b);
        b = is_better ? next : b;
        lambda *= is_better ? 0.5 : 3;
    }
    throw std::runtime_error("least_squares: found no minimum; start nearer to it, with --b1 and --b2");
}

constexpr auto plots = R"(
set title 'Parameters found, and those of data that were drawn anew around their curve'
set xlabel 'b1 (volume of a whole layer)'; set ylabel 'b2, times 10000'; set key top right reverse Left samplen 2
plot $cloud using 1:($2 * 1e4) with points pointtype 7 pointsize 0.4 linecolor rgb 0x9CC5E0 title 'data drawn anew', \
     $ellipse using 1:($2 * 1e4) with lines linewidth 2.5 linecolor rgb 0xD55E00 title '95 % of them, by the covariance', \
     $found using 1:($2 * 1e4) with points pointtype 7 pointsize 1.6 linecolor rgb 0x000000 title 'found')";

void fit(const array& start, const beyond::short_program& program)
{
    autograd::check_gradient([](auto b) { return curve(b); }, start, {.order = 1}).require();
    const array b = fitted(start);
    autograd::tape<double> tape;
    const double s = std::sqrt(sum_of_squares(b) / static_cast<double>(volume.size() - 2));
    const auto precision = step(tape.variable(b), volume, 0).first / (s * s), covariance = inverse(precision);
    const array error = sqrt(diagonal(covariance)).value();

    autograd::random::legacy_generator stream(program.seed());
    const array data = curve(tape.constant(b)).value() + s * stream.randn({drawn, volume.size()});
    array cloud = xt::broadcast(b, {drawn, std::size_t{2}});
    for (int i = 0; i < 8; ++i)
    {
        cloud += step(tape.variable(cloud), data, 0).second.value();
    }
    const array scatter = xt::stddev(cloud, {0});
    fmt::print("b1       {:.5f} +- {:.5f}, of data drawn anew +- {:.5f}\n", b(0), error(0), scatter(0));
    fmt::print("b2       {:.5e} +- {:.5e}, of data drawn anew +- {:.5e}\n", b(1), error(1), scatter(1));
    fmt::print("of a measurement the error is {:.6f}\n", s);

    // 95 % are where x^T C^-1 x < 5.991, and on the edge x = L u with C = L L^T and u on a circle.
    const auto angle = tape.constant(xt::linspace(0.0, 6.2832, 101));
    const auto circle = matmul(cholesky(covariance), std::sqrt(5.991) * autograd::stack({cos(angle), sin(angle)}));
    const auto away = tape.constant(cloud - b);
    const auto inside = einsum("ni,ij,nj->n", {away, precision, away}) < 5.991;
    fmt::print("{} of {} within the ellipse of 95 %\n", sum(inside).item(), drawn);
    program.draw(plots, beyond::data_block("$cloud", {cloud}) +
                            beyond::data_block("$ellipse", {transpose(circle).value() + b}) +
                            beyond::data_block("$found", {{b(0)}, {b(1)}}));
}

} // namespace

int main(int argc, char** argv)
{
    array start{500, 1e-4};
    beyond::short_program program("least_squares", "Fits a curve to data, and tells how certain its parameters are.",
                                  "data drawn anew", "the parameters");
    program.number("--b1", start(0), "b1 to start from", "a number from 1 to 10000",
                   [](double x) { return x >= 1 && x <= 1e4; });
    program.number("--b2", start(1), "b2 to start from", "a number from 0.000001 to 0.01",
                   [](double x) { return x >= 1e-6 && x <= 1e-2; });
    return program.run(argc, argv, [&] { fit(start, program); });
}
