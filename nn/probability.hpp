#pragma once

#include "autograd/operations/record.hpp"

namespace nn
{

namespace detail
{

/// Probabilities may be off by so much, by rounding: what is beyond 0 or 1 by no more counts as 0 or 1.
inline constexpr double slack = 1e-3;

/// A probability without its rounding: 0 or 1 where it is beyond them by no more than the slack, so that a formula
/// meets the very numbers at which it knows what 0 times infinity is. What is farther away stays, as NaN does. The
/// cotangent passes: the derivative is that of the formula at the bound, on either side of it.
struct probability_rule : autograd::elementwise
{
    static constexpr auto name = "probability";
    static constexpr auto forward = [](auto x)
    { return select(x < 0 && x >= -slack, 0, select(x > 1 && x <= 1 + slack, 1, x)); };
    static constexpr auto pulls = autograd::per_operand{[](auto, auto, auto g) { return g; }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return autograd::record<probability_rule>({}, x); };
        s.unary("x", f, {-20.0, -0.01, 0.25, 0.75, 1.5, s.inf, -s.inf, s.nan});
        s.call("rounded", "np.array([0, 0, 0, 1, 1, 1])", f,
               s.array({6}, {-0.0009, -1e-9, 0.0, 1.0, 1.0 + 1.0 / 8388608, 1.0009}))
            .up_to_order(0);
        s.kinks(f, {{-1e-9, 1.0}, {0.0, 1.0}, {1.0, 1.0}, {1.0 + 1.0 / 8388608, 1.0}});
    }
};

/// Probabilities from 0 to 1, of what is that up to rounding. Shape: that of x. Gradient: g.
template <class T>
autograd::variable<T> probability(autograd::variable<T> x, autograd::location where = autograd::location::current())
{
    return autograd::record<probability_rule, T>(where, x);
}

} // namespace detail

} // namespace nn

namespace autograd
{
extern template struct description<nn::detail::probability_rule, float>;
extern template struct description<nn::detail::probability_rule, double>;
} // namespace autograd
