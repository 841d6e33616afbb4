#include "tests/benchmarks/gradbench/evals/particle.hpp"

#include "tests/benchmarks/gradbench/evals/descent.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// The square of where the particle comes down. It moves by steps of Euler's method, and what drives it is minus the
/// slope of the potential.
variable<double> squared_distance(mode inner, variable<double> w)
{
    constexpr double h = 0.1;
    tape<double>& tape = w.tape();
    const auto charges = array{{10.0, 10.0}, {10.0, 0.0}} - array{{0.0, 1.0}, {0.0, 0.0}} * w;
    auto x = tape.variable(array{0.0, 8.0}), v = tape.variable(array{0.75, 0.0});
    for (int step = 0; step < 10000; ++step)
    {
        const auto potential = sum(rsqrt(norm_sq(x - charges, 1)));
        const auto upward = slope(inner, potential, x);
        x = fma(v, h, x);
        if (x.value()(1) <= 0)
        {
            return square(view(x, 0) - view(x, 1) / view(v, 1) * view(v, 0));
        }
        v = fma(upward, -h, v);
    }
    throw std::runtime_error("particle: after 10000 steps the particle has not come down; try another w");
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
