#pragma once

#include "tests/benchmarks/gradbench/evals/runner.hpp"

#include "autograd/autograd.hpp"

#include <xtensor/xfixed.hpp>

#include <cmath>
#include <utility>

/// Derivatives inside of derivatives: a descent that may itself be differentiated, along slopes in either mode.
namespace gradbench
{

enum class mode
{
    reverse,
    forward
};

/// dy/dx of a scalar y by a scalar or a vector: one walk back, or a walk ahead for each element of x.
inline autograd::variable<double> slope(mode how, autograd::variable<double> y, autograd::variable<double> x)
{
    if (how == mode::reverse)
    {
        return gradient(y, x);
    }
    if (x.dimension() == 0)
    {
        return jvp(y, x, x.tape().constant(1.0));
    }
    std::vector<autograd::variable<double>> slopes;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        xt::xarray<double> direction = xt::zeros<double>({x.size()});
        direction(i) = 1;
        slopes.push_back(jvp(y, x, x.tape().constant(direction)));
    }
    return stack(slopes);
}

/// The Euclidean distance between two points, arrays or variables; that to the origin.
template <class Point>
double distance(const Point& a, const Point& b)
{
    double squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        squares += (a.data()[i] - b.data()[i]) * (a.data()[i] - b.data()[i]);
    }
    return std::sqrt(squares);
}
template <class Point>
double length(const Point& x)
{
    double squares = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        squares += x.data()[i] * x.data()[i];
    }
    return std::sqrt(squares);
}

/// The descent to a minimum from x. Points are arrays, or variables where the descent is to be differentiated.
/// `evaluate(x)` gives a pair: the value at x, a number, and a function without arguments that gives the slope there, a
/// point. `note(x, eta)` is called for each step that is taken, from x.
template <class Point, class F, class Note>
Point descend(F evaluate, Point x, Note note)
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
        }
        const Point next = x - eta * g;
        if (!(distance(x, next) > 1e-5)) // as NaN is not
        {
            return x;
        }
        const auto [next_value, slope_at_next] = evaluate(next);
        if (next_value < value)
        {
            note(x, eta);
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
template <class Point, class F>
Point descend(F evaluate, Point x)
{
    return descend(evaluate, std::move(x), [](const Point&, double) {});
}

/// \name Pairs of numbers that programs read and write
/// \{
using pair = xt::xtensor_fixed<double, xt::xshape<2>>;

inline autograd::borrowed<double> lent(const pair& x)
{
    return {x.data(), {2}};
}
inline autograd::borrowed<double> lent(const double& x)
{
    return {&x, {}};
}
inline autograd::output_array<double> place(pair& x)
{
    return {x.data(), {2}};
}
inline autograd::output_array<double> place(double& x)
{
    return {&x, {}};
}

inline const autograd::placeholder<double> a_pair{2}, a_number{};
/// \}

} // namespace gradbench
