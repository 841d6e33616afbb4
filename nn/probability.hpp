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

/// weight * x, but 0 where an infinite x has the weight 0: an impossible event. So it is of an infinite cotangent or
/// tangent: log(q) has one at the smallest q, where it is finite itself.
struct weighted_rule : autograd::elementwise
{
    static constexpr auto name = "weighted";
    static constexpr auto forward = [](auto weight, auto x)
    { return weight * select(equal(weight, 0) && isinf(x), 0, x); };
    static constexpr auto pulls = autograd::per_operand{
        [](auto weight, auto x, auto, auto g) { return g * select(equal(weight, 0) && isinf(x), 0, x); },
        [](auto weight, auto x, auto, auto g)
        { return select(equal(weight, 0) && (isinf(x) || isinf(g)), 0, g * weight); }};
    static void samples(auto& s)
    {
        const auto f = [](auto weight, auto x) { return autograd::record<weighted_rule>({}, {weight, x}); };
        s.call("pairs", "x * y", f, s.array({4}, {0.5, 0.0, -1.5, 2.0}), s.array({4}, {3.0, -0.25, 1.5, 0.0}));
        s.call("infinite", "np.where(x == 0, 0, x * y)", f, s.array({4}, {0.0, 0.0, 2.0, 0.5}),
               s.array({4}, {s.inf, -s.inf, s.inf, -s.inf}))
            .up_to_order(0);
        s.binary_kinks(f, {{0.0, s.inf, 0.0, 0.0}, {0.0, -s.inf, 0.0, 0.0}, {0.0, 3.0, 3.0, 0.0}});
    }
};

/// weight * log(p), but 0 where both are 0. What flows to p is g weight / p, and neither 1 / p alone, which is infinite
/// for the smallest numbers, nor g weight alone, which may be one: of the two quotients by p and 1 the one is taken
/// that stays in the range.
struct xlogy_rule : autograd::elementwise
{
    static constexpr auto name = "xlogy";
    static constexpr auto latex = R"(#1 \log #2)";
    /// p, or 1 where it does not matter
    static constexpr auto possible = [](auto weight, auto p) { return select(equal(weight, 0) && equal(p, 0), 1, p); };
    static constexpr auto forward = [](auto weight, auto p) { return weight * log(possible(weight, p)); };
    static constexpr auto pulls =
        autograd::per_operand{[](auto weight, auto p, auto, auto g) { return g * log(possible(weight, p)); },
                              [](auto weight, auto p, auto, auto g)
                              {
                                  const auto small = abs(weight) <= p;
                                  const auto first = select(small, possible(weight, p), 1);
                                  const auto second = select(small, 1, p);
                                  return g * (weight / first) / second;
                              }};
    static void samples(auto& s)
    {
        const auto f = [](auto weight, auto p) { return autograd::record<xlogy_rule>({}, {weight, p}); };
        s.call("pairs", "x * np.log(y)", f, s.array({5}, {0.5, 0.0, -1.5, 2.0, 0.25}),
               s.array({5}, {3.0, 0.25, 1.5, 0.5, 0.25}));
        s.call("impossible", "np.zeros(2)", f, s.array({2}, {0.0, 0.0}), s.array({2}, {0.0, 1e-320})).up_to_order(0);
        s.binary_kinks(f, {{0.0, 0.0, 0.0, 0.0}, {1.0, 0.0, -s.inf, s.inf}, {0.0, 1.0, 0.0, 0.0}});
    }
};

/// Probabilities from 0 to 1, of what is that up to rounding. Shape: that of x. Gradient: g.
template <class T>
autograd::variable<T> probability(autograd::variable<T> x, autograd::location where = autograd::location::current())
{
    return autograd::record<probability_rule, T>(where, x);
}

/// weight * x, where 0 times infinity is 0. Shape: that of both. Gradient: g x to the weight, g weight to x; where 0
/// meets infinity, 0 to both.
template <class T>
autograd::variable<T> weighted(autograd::variable<T> weight, autograd::variable<T> x,
                               autograd::location where = autograd::location::current())
{
    return autograd::record<weighted_rule, T>(where, {weight, x});
}

/// weight * log(p), where 0 times the logarithm of 0 is 0. Shape: that of both. Gradient: g log(p) to the weight,
/// g weight / p to p; where both are 0, 0 to both.
template <class T>
autograd::variable<T> xlogy(autograd::variable<T> weight, autograd::variable<T> p,
                            autograd::location where = autograd::location::current())
{
    return autograd::record<xlogy_rule, T>(where, {weight, p});
}

} // namespace detail

} // namespace nn

namespace autograd
{
AUTOGRAD_OPERATION(nn::detail::probability_rule)
AUTOGRAD_OPERATION(nn::detail::weighted_rule)
AUTOGRAD_OPERATION(nn::detail::xlogy_rule)
} // namespace autograd
