// F(y)_i = x_i y_{i-1}, with 1 in place of y_{-1}. Where F has the adjoint g, so has x_i g_i y_{i-1}, and y_{i-1} has
// x_i g_i.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <vector>

namespace gradbench::by_hand
{

namespace
{

using numbers = std::vector<double>;

/// k = F(y + c j).
void rate(const array& x, const numbers& y, double c, const numbers& j, numbers& k)
{
    k[0] = x.data()[0];
    for (std::size_t i = 1; i < y.size(); ++i)
    {
        k[i] = x.data()[i] * (y[i - 1] + c * j[i - 1]);
    }
}

struct steps
{
    explicit steps(const ode::input& in)
        : x(in.x), h(2 / static_cast<double>(in.s)), k1(x.size()), k2(x.size()), k3(x.size()), k4(x.size())
    {
    }

    /// The rates of a step from y.
    void compute_rates(const numbers& y)
    {
        rate(x, y, 0, y, k1);
        rate(x, y, h / 2, k1, k2);
        rate(x, y, h / 2, k2, k3);
        rate(x, y, h, k3, k4);
    }

    void step(numbers& y)
    {
        compute_rates(y);
        for (std::size_t i = 0; i < y.size(); ++i)
        {
            y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
        }
    }

    const array& x;
    double h;
    numbers k1, k2, k3, k4;
};

/// Of F(y + c j) with the adjoint g: adds those of x and y, and writes c times that of y into j_bar.
void pull_rate(const array& x, const numbers& y, double c, const numbers& j, const numbers& g, array& x_bar,
               numbers& y_bar, numbers& j_bar)
{
    const std::size_t n = y.size();
    x_bar.data()[0] += g[0];
    for (std::size_t i = 1; i < n; ++i)
    {
        x_bar.data()[i] += g[i] * (y[i - 1] + c * j[i - 1]);
    }
    for (std::size_t i = 1; i < n; ++i)
    {
        const double of_argument = g[i] * x.data()[i];
        y_bar[i - 1] += of_argument;
        j_bar[i - 1] = c * of_argument;
    }
    j_bar[n - 1] = 0;
}

} // namespace

array primal(const ode::input& in)
{
    steps solver(in);
    numbers y(in.x.size(), 0.0);
    for (std::size_t i = 0; i < in.s; ++i)
    {
        solver.step(y);
    }
    array result = array::from_shape(in.x.shape());
    std::copy(y.begin(), y.end(), result.data());
    return result;
}

array derivative(const ode::input& in)
{
    const std::size_t n = in.x.size();
    steps solver(in);
    std::vector<numbers> states{numbers(n, 0.0)};
    while (states.size() < in.s)
    {
        states.push_back(states.back());
        solver.step(states.back());
    }
    array x_bar = xt::zeros_like(in.x);
    numbers y_bar(n, 0.0), next(n), k_bar(n), j_bar(n);
    y_bar[n - 1] = 1;
    for (std::size_t step = in.s; step-- > 0;)
    {
        const numbers& y = states[step];
        const double h = solver.h;
        solver.compute_rates(y);
        next = y_bar;
        /// The adjoint of a rate is what the sum gives it, and what the next rate does.
        const auto pull = [&](double share, double c, const numbers& j)
        {
            for (std::size_t i = 0; i < n; ++i)
            {
                k_bar[i] = h / 6 * share * y_bar[i] + j_bar[i];
            }
            pull_rate(in.x, y, c, j, k_bar, x_bar, next, j_bar);
        };
        std::fill(j_bar.begin(), j_bar.end(), 0.0);
        pull(1, h, solver.k3);
        pull(2, h / 2, solver.k2);
        pull(2, h / 2, solver.k1);
        pull(1, 0, y);
        y_bar.swap(next);
    }
    return x_bar;
}

} // namespace gradbench::by_hand
