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
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>

#include <cmath>

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
    std::int64_t seed = 0;
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

/// What is observed: the true pendulum's angles, each with an error of its own.
xt::xarray<double> observe(const options& o)
{
    autograd::tape<double> tape;
    autograd::random::legacy_generator stream(o.seed);
    const auto truth = nn::on_tape(tape, pendulum_of(o.length, o.damping));
    return swing(truth, o).value() + o.noise * stream.randn({o.steps});
}

/// Minus the logarithm of the observations' likelihood, up to a constant: sum (angle - observed)^2 / (2 noise^2).
variable<double> misfit(const pendulum<variable<double>>& p, const xt::xarray<double>& observed, const options& o)
{
    return sum(square(swing(p, o) - observed)) / (2 * o.noise * o.noise);
}

/// The same as a function of the vector (log length, log damping), as second derivatives and checks take it.
auto misfit_of_vector(const xt::xarray<double>& observed, const options& o)
{
    return [&](variable<double> x) { return misfit({view(x, 0), view(x, 1)}, observed, o); };
}

/// The standard errors of the logarithms, which are the relative ones of length and damping: the roots of the diagonal
/// of the inverse of the misfit's Hessian.
std::pair<double, double> standard_errors(const xt::xarray<double>& at, const xt::xarray<double>& observed,
                                          const options& o)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(at);
    const xt::xarray<double> H = hessian(misfit_of_vector(observed, o)(x), x).value();
    const double determinant = H(0, 0) * H(1, 1) - H(0, 1) * H(1, 0);
    return {std::sqrt(H(1, 1) / determinant), std::sqrt(H(0, 0) / determinant)};
}

void fit(const options& o)
{
    const xt::xarray<double> observed = observe(o);
    auto p = pendulum_of(o.guessed_length, o.guessed_damping);
    const xt::xarray<double> start{p.log_length(), p.log_damping()};
    autograd::check_gradient(misfit_of_vector(observed, o), start, {.order = 1}).require();
    fmt::print("observed  {} angles, {} s apart, with errors of {} rad\n", o.steps, o.step, o.noise);
    fmt::print("gradient  through {} steps of the integrator: that of finite differences\n", o.steps);

    autograd::tape<double> tape;
    const auto loss = [&](const auto& m) { return misfit(m, observed, o); };
    const nn::minimization found = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-4}, p, loss);
    const xt::xarray<double> end{p.log_length(), p.log_damping()};
    const auto [length_error, damping_error] = standard_errors(end, observed, o);
    const double length = std::exp(end(0));
    const double damping = std::exp(end(1));
    const double distance = o.noise * std::sqrt(2 * found.value / static_cast<double>(o.steps));
    fmt::print("L-BFGS    {} iterations, {} evaluations: {}\n\n", found.iterations, found.evaluations,
               nn::text_of(found.end));
    fmt::print("guessed   length {:.5f}              damping {:.5f}\n", o.guessed_length, o.guessed_damping);
    fmt::print("found     length {:.5f} +- {:.5f}   damping {:.5f} +- {:.5f}\n", length, length * length_error, damping,
               damping * damping_error);
    fmt::print("true      length {:.5f}              damping {:.5f}\n", o.length, o.damping);
    fmt::print("\nroot mean square of computed minus observed: {:.4f} rad\n", distance);
    if (!(distance < 2 * o.noise))
    {
        throw std::runtime_error(
            "pendulum: this is a local minimum that does not explain the observations; guess a length "
            "nearer to the true one, or observe for a shorter time");
    }
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
    article::add_seed(line, "--seed", o.seed, "seed of those errors");
    return line.run(argc, argv, [&] { fit(o); });
}
