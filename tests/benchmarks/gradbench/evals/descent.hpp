#pragma once

#include "autograd/autograd.hpp"

#include <cmath>

/// Derivatives inside of derivatives: a descent that may itself be differentiated, along derivatives in either mode.
namespace gradbench
{

enum class mode
{
    reverse,
    forward
};

/// dy/dx of a scalar y: from one walk back, or from as many walks ahead as x has elements.
inline autograd::variable<double> slope(mode how, autograd::variable<double> y, autograd::variable<double> x)
{
    if (how == mode::reverse)
    {
        return gradient(y, x);
    }
    const auto directions = split(x.tape().constant(xt::eye<double>(x.size())), x.size());
    std::vector<autograd::variable<double>> slopes;
    for (const auto& direction : directions)
    {
        slopes.push_back(jvp(y, x, reshape(direction, x.shape())));
    }
    return reshape(stack(slopes), x.shape());
}

inline double length(autograd::variable<double> x)
{
    return norm_l2(x).item();
}
inline double length(const autograd::array<double>& x)
{
    return std::sqrt(xt::sum(xt::square(x))());
}

/// The descent to a minimum from x. Points are arrays, or variables where the descent is to be differentiated.
/// `evaluate(x)` gives a pair: the value at x, a number, and a function without arguments that gives the slope there, a
/// point.
template <class Point, class F>
Point descend(F evaluate, Point x)
{
    double eta = 1e-5;
    auto [value, slope_at_x] = evaluate(x);
    Point g = slope_at_x();
    for (int steps = 0; length(g) > 1e-5;)
    {
        if (steps == 10)
        {
            eta *= 2;
            steps = 0;
            continue;
        }
        const Point next = x - eta * g;
        if (length(x - next) <= 1e-5)
        {
            return x;
        }
        const auto [next_value, slope_at_next] = evaluate(next);
        if (next_value < value)
        {
            x = next;
            value = next_value;
            g = slope_at_next();
            ++steps;
        }
        else
        {
            eta /= 2;
            steps = 0;
        }
    }
    return x;
}

} // namespace gradbench
