#include "tests/benchmarks/gradbench/evals/particle.hpp"

#include "tests/benchmarks/gradbench/evals/descent.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// The square of where the particle comes down. Its force is minus the slope of the potential, and it moves by steps of
/// Euler's method.
variable<double> squared_distance(mode inner, variable<double> w)
{
    tape<double>& tape = w.tape();
    const auto charges = array{{10.0, 10.0}, {10.0, 0.0}} - array{{0.0, 1.0}, {0.0, 0.0}} * w;
    constexpr double h = 0.1;
    auto x = tape.variable(array{0.0, 8.0}), v = tape.constant(array{0.75, 0.0});
    for (;;)
    {
        const auto potential = sum(1.0 / norm_l2(x - charges, 1));
        const auto force = -slope(inner, potential, x);
        x += h * v;
        if (x.value()(1) <= 0)
        {
            const auto tau = -view(x, 1) / view(v, 1);
            return square(view(x, 0) + tau * view(v, 0));
        }
        v += h * force;
    }
}

double best(tape<double>& tape, mode outer, mode inner, double start)
{
    const auto distance = [&](const array& at)
    {
        tape.clear();
        const auto w = tape.variable(at);
        const auto value = squared_distance(inner, w);
        return std::pair(value.item(), [=] { return array(slope(outer, value, w).value()); });
    };
    return descend(distance, array(start))();
}

} // namespace

double particle::rr(tape<double>& tape, const input& in)
{
    return best(tape, mode::reverse, mode::reverse, in.w);
}
double particle::rf(tape<double>& tape, const input& in)
{
    return best(tape, mode::reverse, mode::forward, in.w);
}
double particle::fr(tape<double>& tape, const input& in)
{
    return best(tape, mode::forward, mode::reverse, in.w);
}
double particle::ff(tape<double>& tape, const input& in)
{
    return best(tape, mode::forward, mode::forward, in.w);
}

} // namespace gradbench
