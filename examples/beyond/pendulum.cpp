// What length and friction has a pendulum whose swing was observed? The angle obeys
//
//     angle'' = -(g / length) sin(angle) - damping angle'
//
// and is integrated by Runge and Kutta's method on a tape, so that the misfit between the computed and the observed
// angles has a gradient through all the steps, and a Hessian, which says how certain the answer is.

#include "autograd/autograd.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace
{

using autograd::variable;

struct options
{
    double length = 1.0;
    double damping = 0.2;
    double guessed_length = 0.7;
    double guessed_damping = 0.5;
    double angle = 1.2;
    std::size_t steps = 200;
    double step = 0.02;
    double noise = 0.01;
    std::size_t iterations = 1000;
    std::int64_t seed = 0;
    std::filesystem::path figure{"output/pendulum.png"}; ///< empty: none
};

constexpr double gravity = 9.81;

/// The unknowns, by their logarithms: whatever step an optimizer takes, both stay positive.
template <class Leaf>
struct pendulum
{
    Leaf log_length;
    Leaf log_damping;
    NN_MEMBERS(log_length, log_damping)
};

/// The angles after each of the steps, shape (steps,), from rest at the first angle. Classical Runge-Kutta, order 4.
variable<double> swing(const pendulum<variable<double>>& p, const options& o)
{
    const variable<double> pull = gravity * exp(-p.log_length);
    const variable<double> damping = exp(p.log_damping);
    const auto acceleration = [&](auto angle, auto speed) { return -(pull * sin(angle) + damping * speed); };

    const double h = o.step;
    variable<double> angle = pull.tape().constant(o.angle);
    variable<double> speed = pull.tape().constant(0.0);
    std::vector<variable<double>> angles;
    for (std::size_t i = 0; i < o.steps; ++i)
    {
        const auto v1 = speed;
        const auto a1 = acceleration(angle, v1);
        const auto v2 = speed + h / 2 * a1;
        const auto a2 = acceleration(angle + h / 2 * v1, v2);
        const auto v3 = speed + h / 2 * a2;
        const auto a3 = acceleration(angle + h / 2 * v2, v3);
        const auto v4 = speed + h * a3;
        const auto a4 = acceleration(angle + h * v3, v4);
        angle = angle + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4);
        speed = speed + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4);
        angles.push_back(angle);
    }
    return stack(angles);
}

pendulum<xt::xarray<double>> pendulum_of(double length, double damping)
{
    return {std::log(length), std::log(damping)};
}

xt::xarray<double> angles_of(const pendulum<xt::xarray<double>>& p, const options& o)
{
    autograd::tape<double> tape;
    return swing(nn::on_tape(tape, p), o).value();
}

/// What is observed: the true pendulum's angles, each with an error of its own.
xt::xarray<double> observe(const options& o)
{
    autograd::random::legacy_generator stream(o.seed);
    return angles_of(pendulum_of(o.length, o.damping), o) + o.noise * stream.randn({o.steps});
}

/// Minus the logarithm of the observations' likelihood, up to a constant: sum (angle - observed)^2 / (2 noise^2).
variable<double> misfit(const pendulum<variable<double>>& p, const xt::xarray<double>& observed, const options& o)
{
    return sum(square(swing(p, o) - observed)) / (2 * o.noise * o.noise);
}

/// The same as a function of the vector (log length, log damping), as checks take it.
auto misfit_of_vector(const xt::xarray<double>& observed, const options& o)
{
    return [&](variable<double> x) { return misfit({view(x, 0), view(x, 1)}, observed, o); };
}

/// What was found, with standard errors.
struct estimate
{
    double length;
    double damping;
    double length_error;
    double damping_error;
    bool without_damping; ///< the misfit still falls where the damping ends, at 0: errors hold for no damping
};

/// The standard errors are the roots of the diagonal of the inverse of the misfit's Hessian by length and damping
/// themselves. That is so where the misfit has a minimum: the gradient then is 0, and a step of Newton's leads nowhere.
/// By their logarithms it is 0 at damping 0, too, whatever the misfit would do beyond.
estimate with_errors(const pendulum<xt::xarray<double>>& found, const xt::xarray<double>& observed, const options& o)
{
    const xt::xarray<double> at{std::exp(found.log_length()), std::exp(found.log_damping())};
    autograd::tape<double> tape;
    const auto x = tape.variable(at);
    const auto value = misfit({log(view(x, 0)), log(view(x, 1))}, observed, o);
    const xt::xarray<double> slope = autograd::gradient(value, x).value();
    const xt::xarray<double> H = hessian(value, x).value();
    const double determinant = H(0, 0) * H(1, 1) - H(0, 1) * H(1, 0);
    estimate e{at(0), at(1), std::sqrt(H(1, 1) / determinant), std::sqrt(H(0, 0) / determinant), false};

    // One tenth of its error is nothing to go on for.
    const double newton_length = -(H(1, 1) * slope(0) - H(0, 1) * slope(1)) / determinant;
    const double newton_damping = -(H(0, 0) * slope(1) - H(1, 0) * slope(0)) / determinant;
    e.without_damping = e.damping < 1e-3 && !(std::abs(newton_damping) < 0.1 * e.damping_error);
    if (e.without_damping)
    {
        e.length_error = 1 / std::sqrt(H(0, 0));
    }
    const bool is_minimum = H(0, 0) > 0 && (e.without_damping || determinant > 1e-10 * H(0, 0) * H(1, 1));
    if (!is_minimum)
    {
        throw std::runtime_error(
            "pendulum: the misfit has no minimum here that would tell how certain length and damping "
            "are; observe for a longer time, or with smaller errors");
    }
    if (!e.without_damping &&
        !(std::abs(newton_length) < 0.1 * e.length_error && std::abs(newton_damping) < 0.1 * e.damping_error))
    {
        throw std::runtime_error("pendulum: L-BFGS stopped before it came to the minimum; give it more --iterations");
    }
    return e;
}

void print(const estimate& e, const options& o)
{
    fmt::print("guessed   length {:.5f}              damping {:.5f}\n", o.guessed_length, o.guessed_damping);
    fmt::print("found     length {:.5f} +- {:.5f}   damping {:.5f}", e.length, e.length_error, e.damping);
    e.without_damping ? fmt::print(", no error given\n") : fmt::print(" +- {:.5f}\n", e.damping_error);
    fmt::print("true      length {:.5f}              damping {:.5f}\n", o.length, o.damping);
    if (e.without_damping)
    {
        fmt::print(
            "\nThe damping ended at 0, the end of its range, where the misfit has no minimum: its curvature says\n"
            "nothing of how certain the damping is, and of the length only if there is no damping.\n");
    }
    else if (e.length_error > 0.5 * e.length || e.damping_error > 0.5 * e.damping)
    {
        fmt::print(
            "\nAn error that is not small beside what was found is a rough one: far from the minimum the misfit\n"
            "is no parabola, and less than 0 is impossible.\n");
    }
}

/// A line for each time: time, the observed angle, that of the true and that of the found pendulum.
std::string lines_of(const pendulum<xt::xarray<double>>& found, const xt::xarray<double>& observed, const options& o)
{
    const xt::xarray<double> true_angles = angles_of(pendulum_of(o.length, o.damping), o);
    const xt::xarray<double> found_angles = angles_of(found, o);
    std::string lines;
    for (std::size_t i = 0; i < o.steps; ++i)
    {
        fmt::format_to(std::back_inserter(lines), "{:.6g} {:.6g} {:.6g} {:.6g}\n", static_cast<double>(i + 1) * o.step,
                       observed(i), true_angles(i), found_angles(i));
    }
    return lines;
}

/// Above the angles over time, below what is left of the observed ones when those of the found pendulum are subtracted.
constexpr auto two_panels = R"(
set xrange [0:duration]
set lmargin at screen 0.12
set rmargin at screen 0.97
set multiplot
set tmargin at screen 0.93
set bmargin at screen 0.45
set format x ''
set ylabel 'angle (rad)'
set key at screen 0.545,0.03 center center horizontal reverse Left samplen 2 font ',13'
plot $swing using 1:2 with points pointtype 6 pointsize marker linecolor rgb 0x56B4E9 title 'observed', \
     $swing using 1:4 with lines linewidth 2 linecolor rgb 0xD55E00 title found, \
     $swing using 1:3 with lines linewidth 2 dashtype 3 linecolor rgb 0x000000 title truth
unset title
unset key
set tmargin at screen 0.40
set bmargin at screen 0.18
set format x '%g'
set xlabel 'time (s)'
set ylabel "observed − found"
set yrange [-4 * noise:4 * noise]
set ytics 2 * noise
plot $swing using 1:($2 - $4) with points pointtype 7 pointsize marker / 2 linecolor rgb 0x56B4E9, \
     0 with lines linewidth 2 linecolor rgb 0xD55E00, \
     $swing using 1:($3 - $4) with lines linewidth 2 dashtype 3 linecolor rgb 0x000000
unset multiplot)";

void draw(const pendulum<xt::xarray<double>>& found, const xt::xarray<double>& observed, const estimate& e,
          const options& o)
{
    if (o.figure.empty() || !article::prepare_to_write({o.figure}, options().figure))
    {
        return;
    }
    const std::string data =
        fmt::format("$swing << END\n{}END\nmarker = {:.2g}\nnoise = {}\nduration = {}\n"
                    "found = 'found: {:.4f} m, {:.3f} s^{{−1}}'\ntruth = 'true: {} m, {} s^{{−1}}'\n",
                    lines_of(found, observed, o), o.steps <= 400 ? 1.2 : 0.6, o.noise,
                    static_cast<double>(o.steps) * o.step, e.length, e.damping, o.length, o.damping);
    const std::string title =
        fmt::format("set title '{} angles with errors of {} rad, and the pendulum found from them'", o.steps, o.noise);
    article::draw_and_report({1000, 720, 15, data, title + article::graph_style + two_panels}, o.figure);
}

void require_explained(double distance, const options& o)
{
    fmt::print("\nroot mean square of computed minus observed: {:.4f} rad\n", distance);
    if (!(distance < 2 * o.noise))
    {
        throw std::runtime_error(
            "pendulum: this is a local minimum that does not explain the observations; guess a length "
            "nearer to the true one, or observe for a shorter time");
    }
}

/// Compares the gradient with finite differences, which know a slope but for the rounding of the values that they are
/// taken of. Throws std::runtime_error where that leaves nothing of the slope.
void require_gradient(const std::function<variable<double>(variable<double>)>& misfit, const xt::xarray<double>& at)
{
    autograd::tape<double> tape;
    const auto p = tape.variable(at);
    const auto value = misfit(p);
    const double flattest = amin(abs(gradient(value, p))).item();
    const double rounding = 1e-11 * value.item() / flattest;
    if (!(rounding < 1e-2))
    {
        throw std::runtime_error("pendulum: what is observed hardly depends on length and damping; observe for a "
                                 "longer time");
    }
    autograd::check_gradient(misfit, at, {.order = 1, .tolerance = std::max(1e-6, rounding)}).require();
}

void fit(const options& o)
{
    const xt::xarray<double> observed = observe(o);
    auto p = pendulum_of(o.guessed_length, o.guessed_damping);
    const xt::xarray<double> start{p.log_length(), p.log_damping()};
    require_gradient(misfit_of_vector(observed, o), start);
    fmt::print("observed  {} angles, {} s apart, with errors of {} rad\n", o.steps, o.step, o.noise);
    fmt::print("gradient  through {} steps of the integrator: that of finite differences\n", o.steps);

    autograd::tape<double> tape;
    const auto loss = [&](const auto& m) { return misfit(m, observed, o); };
    const nn::minimization found =
        nn::minimize(tape, nn::lbfgs{.iterations = o.iterations, .gradient_tolerance = 1e-4}, p, loss);
    fmt::print("L-BFGS    {} iterations, {} evaluations: {}\n\n", found.iterations, found.evaluations,
               nn::to_text(found.end));
    const estimate e = with_errors(p, observed, o);
    print(e, o);
    require_explained(o.noise * std::sqrt(2 * found.value / static_cast<double>(o.steps)), o);
    draw(p, observed, e, o);
}

} // namespace

int main(int argc, char** argv)
{
    options o;
    article::command_line line(
        "pendulum",
        R"(Observes the swing of a pendulum, with errors, and finds its length (m) and damping (1/s) again from a guess:
L-BFGS with the gradient through the steps of a Runge-Kutta integrator.
In parentheses: what an option is unless given.)");
    const auto positive = [&](const char* option, double& value, const char* help) {
        line.number(option, value, help, "a number from 0.0001 to 100", [](double x) { return x >= 1e-4 && x <= 100; });
    };
    positive("--length", o.length, "true length");
    positive("--damping", o.damping, "true damping");
    positive("--guessed-length", o.guessed_length, "length to start from");
    positive("--guessed-damping", o.guessed_damping, "damping to start from");
    line.number("--angle", o.angle, "first angle, in rad", "a number from 0.01 to 3.1",
                [](double x) { return x >= 0.01 && x <= 3.1; });
    line.integer("--steps", o.steps, "steps of the integrator, and observations", std::size_t{10}, std::size_t{100000});
    line.number("--step", o.step, "time of a step, in s", "a number from 0.0001 to 0.1",
                [](double x) { return x >= 1e-4 && x <= 0.1; });
    line.number("--noise", o.noise, "standard deviation of the errors of the observed angles, in rad",
                "a number from 0.000001 to 1", [](double x) { return x >= 1e-6 && x <= 1; });
    line.integer("--iterations", o.iterations, "iterations of L-BFGS at most", std::size_t{1}, std::size_t{1000000});
    article::add_seed(line, "--seed", o.seed, "seed of those errors");
    line.picture("--figure", o.figure,
                 "draw the observed, true and found angles to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { fit(o); });
}
