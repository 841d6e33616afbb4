#include "tests/benchmarks/gradbench/evals/ode.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

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

/// y after a step of length h: y + h / 6 (k1 + 2 k2 + 2 k3 + k4).
variable<double> step(variable<double> x, variable<double> y, double h)
{
    const auto k1 = rate(x, y), k2 = rate(x, fma(k1, h / 2, y)), k3 = rate(x, fma(k2, h / 2, y));
    const auto k4 = rate(x, fma(k3, h, y));
    return fma(fma(k2 + k3, 2.0, k1 + k4), h / 6, y);
}

constexpr std::size_t block = 1024;

/// Elements `first` to `last` - 1 of y after a step. A step looks four elements back, once for each rate: so it reads
/// those of x and y from `begin` on, and what it makes of the first four, for which others would be needed, is left
/// out.
struct part
{
    part(tape<double>& tape, const ode::input& in, const array& before, std::size_t first, std::size_t last)
        : begin(first - std::min(first, std::size_t{4})),
          x(lent(tape, in.x, last)),
          y(lent(tape, before, last)),
          next(slice(step(x, y, 2 / static_cast<double>(in.s)), 0, first - begin, last - begin))
    {
    }

    std::size_t begin;
    variable<double> x, y, next;

private:
    variable<double> lent(tape<double>& tape, const array& whole, std::size_t last) const
    {
        return tape.variable(borrowed<double>(whole.data() + begin, {last - begin}));
    }
};

/// All of y after a step.
array after_step(tape<double>& tape, const ode::input& in, const array& y)
{
    array next = array::from_shape(y.shape());
    for_each_block(y.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       const part of(tape, in, y, first, last);
                       std::copy_n(of.next.data(), last - first, next.data() + first);
                   });
    return next;
}

/// Adds what a part of an array is to get.
void add(variable<double> what, double* to)
{
    std::transform(what.data(), what.data() + what.size(), to, to, std::plus());
}

} // namespace

array ode::primal(tape<double>& tape, const input& in)
{
    array y = xt::zeros_like(in.x);
    for (std::size_t i = 0; i < in.s; ++i)
    {
        y = after_step(tape, in, y);
    }
    return y;
}

/// What each step begins with is kept, and the step is recorded again on the way back.
array ode::gradient(tape<double>& tape, const input& in)
{
    std::vector<array> states{xt::zeros_like(in.x)};
    while (states.size() < in.s)
    {
        states.push_back(after_step(tape, in, states.back()));
    }
    array x_bar = xt::zeros_like(in.x), y_bar = x_bar;
    y_bar(in.x.size() - 1) = 1;
    for (; !states.empty(); states.pop_back())
    {
        array before = xt::zeros_like(y_bar);
        for_each_block(in.x.size(), block,
                       [&](std::size_t first, std::size_t last)
                       {
                           tape.clear();
                           const part of(tape, in, states.back(), first, last);
                           const auto g = tape.constant(borrowed<double>(y_bar.data() + first, {last - first}));
                           const auto [by_x, by_y] = vjp(of.next, {of.x, of.y}, g);
                           add(by_x, x_bar.data() + of.begin);
                           add(by_y, before.data() + of.begin);
                       });
        y_bar = before;
    }
    return x_bar;
}

} // namespace gradbench
