#include "tests/benchmarks/gradbench/evals/ode.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// x_0, x_1 y_0, x_2 y_1, ...
variable<double> rate(variable<double> x, variable<double> y)
{
    return x * concatenate({x.tape().full({1}, 1.0), slice(y, 0, 0, -1)});
}

variable<double> step(variable<double> x, variable<double> y, double h)
{
    const auto k1 = rate(x, y), k2 = rate(x, y + h / 2 * k1), k3 = rate(x, y + h / 2 * k2), k4 = rate(x, y + h * k3);
    return y + h / 6 * (k1 + 2 * (k2 + k3) + k4);
}

double length_of_step(const ode::input& in)
{
    return 2 / static_cast<double>(in.s);
}

} // namespace

array ode::primal(tape<double>& tape, const input& in)
{
    array y = xt::zeros_like(in.x);
    for (std::size_t i = 0; i < in.s; ++i)
    {
        tape.clear();
        y = step(tape.constant(borrow(in.x)), tape.constant(borrow(y)), length_of_step(in)).value();
    }
    return y;
}

/// One step is on the tape at a time: what a step began with is kept, and the step is recorded again on the way back.
array ode::gradient(tape<double>& tape, const input& in)
{
    std::vector<array> states{xt::zeros_like(in.x)};
    while (states.size() < in.s)
    {
        tape.clear();
        states.push_back(
            step(tape.constant(borrow(in.x)), tape.constant(borrow(states.back())), length_of_step(in)).value());
    }
    array x_bar = xt::zeros_like(in.x), y_bar = x_bar;
    y_bar(in.x.size() - 1) = 1;
    for (; !states.empty(); states.pop_back())
    {
        tape.clear();
        const auto x = tape.variable(borrow(in.x)), y = tape.variable(borrow(states.back()));
        const auto [by_x, by_y] = vjp(step(x, y, length_of_step(in)), {x, y}, tape.constant(borrow(y_bar)));
        x_bar += by_x.value();
        y_bar = by_y.value();
    }
    return x_bar;
}

} // namespace gradbench
