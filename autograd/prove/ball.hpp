#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace autograd::prove
{

/// A number, and how far rounding may have taken it from what it stands for. Of products in second order, too: what
/// cancelled to 0 squares to 0, but not without an error.
struct ball
{
    double value = 0;
    double error = 0;

    static constexpr double unit = std::numeric_limits<double>::epsilon();
    static constexpr double infinite = std::numeric_limits<double>::infinity();

    /// The error of a result whose operands' errors moved it by so much: its own rounding is added.
    static ball rounded(double value, double moved) { return {value, moved + unit * std::abs(value)}; }
    /// The same of a result that may be too small for double, if it is not 0 exactly.
    static ball rounded(double value, double moved, bool is_zero)
    {
        const bool is_small = !is_zero && std::abs(value) < std::numeric_limits<double>::min();
        return rounded(value, is_small ? moved + std::numeric_limits<double>::denorm_min() : moved);
    }

    /// f of numbers. How far it moves is seen by moving each, to both sides.
    template <class F>
    static ball of(F f, const ball& x)
    {
        const double y = f(x.value);
        return rounded(y, moved(y, f(x.value + x.error), f(x.value - x.error)) + unit * std::abs(y), x.value == 0);
    }
    template <class F>
    static ball of(F f, const ball& x, const ball& y)
    {
        const double z = f(x.value, y.value);
        return rounded(z,
                       moved(z, f(x.value + x.error, y.value), f(x.value - x.error, y.value)) +
                           moved(z, f(x.value, y.value + y.error), f(x.value, y.value - y.error)) + unit * std::abs(z),
                       x.value == 0 || y.value == 0);
    }

    friend ball operator+(const ball& x, const ball& y) { return rounded(x.value + y.value, x.error + y.error); }
    friend ball operator-(const ball& x, const ball& y) { return rounded(x.value - y.value, x.error + y.error); }
    friend ball operator-(const ball& x) { return {-x.value, x.error}; }
    friend ball operator*(const ball& x, const ball& y)
    {
        return rounded(x.value * y.value, std::abs(x.value) * y.error + std::abs(y.value) * x.error + x.error * y.error,
                       x.value == 0 || y.value == 0);
    }
    friend ball operator/(const ball& x, const ball& y)
    {
        const double z = x.value / y.value;
        const double least = std::abs(y.value) - y.error;
        return rounded(z, least > 0 ? (x.error + std::abs(z) * y.error) / least : infinite, x.value == 0);
    }

private:
    /// Beyond the end of a function's domain (the root of -1e-17) nothing is learned on that side.
    static double moved(double y, double up, double down)
    {
        const double above = std::isnan(up) ? 0 : std::abs(up - y);
        const double below = std::isnan(down) ? 0 : std::abs(down - y);
        return std::max(above, below);
    }
};

} // namespace autograd::prove
