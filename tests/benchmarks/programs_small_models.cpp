// Single numbers and short arrays, hundreds to thousands of operations: what a program costs beside its arithmetic.

#include "tests/benchmarks/programs.hpp"
#include "tests/benchmarks/programs_loops.hpp"

#include <xtensor/xadapt.hpp>

#include <utility>

namespace programs
{

namespace
{

// ------------------------------------------------------------------------------------------------- a posterior density

/// The gradient of the logarithm of the density of eight schools' effects (Rubin 1981), as Hamiltonian Monte Carlo asks
/// for it: by mu, log tau, and eight effects in units of tau around mu (see loops::eight_schools_gradient).
variables<double> eight_schools(const variables<double>& q)
{
    static const autograd::array<double> effects = xt::adapt(loops::school_effects, {8});
    static const autograd::array<double> errors = xt::adapt(loops::school_errors, {8});
    const auto mu = view(q[0], 0), log_tau = view(q[0], 1), raw = slice(q[0], 0, 2, 10);
    const auto theta = mu + exp(log_tau) * raw;
    const auto prior = log_tau - log1p(exp(2 * log_tau) / 25) - square(mu) / 50 - sum(square(raw)) / 2;
    return {gradient(prior - sum(square((effects - theta) / errors)) / 2, q[0])};
}

void add_eight_schools()
{
    const auto inputs = [] {
        return arrays<double>{xt::xarray<double>{4.5, 0.8, 1.2, 0.3, -0.7, 0.1, -0.4, -0.2, 0.9, 0.2}};
    };
    const work<double> w{"eight_schools", "us/gradient", 1, eight_schools, inputs};
    add_both(w);
    add_by_hand(w, [](const arrays<double>& q, arrays<double>& by)
                { loops::eight_schools_gradient(q[0].data(), by[0].data()); });
}

// --------------------------------------------------------------------------------------------------------- a pendulum

/// Where a pendulum is after Runge and Kutta's steps from an angle and a speed, as a distance from another state; its
/// gradient by both.
variables<double> pendulum(const variables<double>& x)
{
    constexpr double h = loops::pendulum_step;
    const auto acceleration = [](auto angle) { return -loops::pendulum_pull * sin(angle); };
    autograd::variable<double> angle = x[0], speed = x[1];
    for (std::size_t i = 0; i < loops::pendulum_steps; ++i)
    {
        const auto v1 = speed, a1 = acceleration(angle);
        const auto v2 = speed + h / 2 * a1, a2 = acceleration(angle + h / 2 * v1);
        const auto v3 = speed + h / 2 * a2, a3 = acceleration(angle + h / 2 * v2);
        const auto v4 = speed + h * a3, a4 = acceleration(angle + h * v3);
        angle = angle + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4);
        speed = speed + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4);
    }
    return gradient(square(angle - loops::pendulum_target) + square(speed), x);
}

void add_pendulum()
{
    const auto inputs = [] { return arrays<double>{1.2, -0.3}; };
    const work<double> w{"pendulum_200", "us/gradient", 1, pendulum, inputs};
    add_both(w);
    add_by_hand(w, [](const arrays<double>& x, arrays<double>& by)
                { loops::pendulum_gradient(x[0](), x[1](), by[0].data(), by[1].data()); });
}

// ------------------------------------------------------------------------------------------------------------- chains

constexpr std::size_t chain_length = 10'000;

/// Multiplications and additions of four numbers in turn.
variables<double> chain(const variables<double>& x)
{
    autograd::variable<double> y = x[0];
    for (std::size_t i = 0; i < chain_length; ++i)
    {
        y = i % 2 == 0 ? y * x[0] : y + x[0];
    }
    return {y};
}

/// 614 steps of 60 separate numbers, each made of its neighbours, with the gradient by a factor.
variables<double> recurrence(const variables<double>& x)
{
    constexpr std::size_t states = loops::recurrence_states;
    variables<double> state(x.begin() + 2, x.end());
    for (std::size_t step = 0; step < loops::recurrence_steps; ++step)
    {
        variables<double> next;
        for (std::size_t i = 0; i < states; ++i)
        {
            const auto drive = x[1] * state[i];
            const auto moved =
                x[0] * state[i] + x[1] * tanh(state[(i + states - 1) % states]) * state[(i + 1) % states];
            next.push_back(0.9 * (moved + drive));
        }
        state = std::move(next);
    }
    autograd::variable<double> total = state[0];
    for (std::size_t i = 1; i < states; ++i)
    {
        total = total + state[i];
    }
    return {gradient(total, x[0])};
}

void add_chain()
{
    const auto inputs = [] { return arrays<double>{xt::xarray<double>{0.999999, 1.0, 1.000001, 1.0}}; };
    const work<double> w{"chain", "ns/instruction", chain_length, chain, inputs};
    add_both(w);
    add_by_hand(w, [](const arrays<double>& x, arrays<double>& y)
                { loops::chain(chain_length, x[0].data(), y[0].data()); });
}

/// Two factors and the states, each by itself.
arrays<double> inputs_of_recurrence()
{
    arrays<double> result{0.7, 0.4};
    for (std::size_t i = 0; i < loops::recurrence_states; ++i)
    {
        result.emplace_back(0.2 * std::sin(static_cast<double>(i)));
    }
    return result;
}

void add_recurrence()
{
    const work<double> w{"recurrence_614x60", "us/run", 1, recurrence, inputs_of_recurrence};
    add_both(w);
    add_by_hand(w,
                [](const arrays<double>& x, arrays<double>& by)
                {
                    double states[loops::recurrence_states];
                    for (std::size_t i = 0; i < loops::recurrence_states; ++i)
                    {
                        states[i] = x[i + 2]();
                    }
                    by[0]() = loops::recurrence_gradient(x[0](), x[1](), states);
                });
}

void add_compilation(std::size_t length)
{
    measure::add(subject, "compile_" + std::to_string(length), measure::xgrad, "ns/instruction", length,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = tape->variable(xt::xarray<double>{0.5, 1.0, 1.5, 2.0});
                     autograd::variable<double> y = x;
                     for (std::size_t i = 0; i < length; ++i)
                     {
                         y = i % 2 == 0 ? y * x : y + x;
                     }
                     return [=, tape = std::move(tape)] { benchmark::DoNotOptimize(autograd::compile({x}, {y})); };
                 });
}
} // namespace

void add_small_models()
{
    add_eight_schools();
    add_pendulum();
    add_chain();
    add_recurrence();
    for (const std::size_t length : {1'000u, 10'000u, 1'000'000u})
    {
        add_compilation(length);
    }
}

} // namespace programs
