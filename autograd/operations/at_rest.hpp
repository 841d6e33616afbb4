#pragma once

#include "autograd/operations/record.hpp"

#include <limits>

/// What forward mode needs at the points where a derivative is infinite.
namespace autograd
{

/// The tangent y = f'(x) t that a rule gave, but 0 where it is NaN and t is exactly 0: 0 times an infinite derivative.
/// It is linear in what it passes; where it puts 0, nothing flows back.
struct at_rest_rule : elementwise
{
    static constexpr auto name = "at_rest";
    static constexpr auto forward = [](auto y, auto t) { return select(isnan(y) && equal(t, 0), 0, y); };
    static constexpr auto pulls =
        per_operand{[](auto y, auto t, auto, auto g) { return select(isnan(y) && equal(t, 0), 0, g); }, zero_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto y, auto t) { return record<at_rest_rule>({}, {y, t}); };
        s.call("moving and not", "x", f, s.array({4}, {1.5, -2.0, 0.0, 4.0}), s.array({4}, {0.0, 1.0, 0.5, -3.0}));
        s.call(
            "squared", "x * x",
            [f](auto y, auto t)
            {
                const auto z = f(y, t);
                return z * z;
            },
            s.array({4}, {1.5, -2.0, 0.5, 4.0}), s.array({4}, {0.0, 1.0, 0.5, -3.0}));
        s.call("special values", "np.where(np.isnan(x) & (y == 0), 0, x)", f,
               s.array({5}, {s.nan, s.nan, s.inf, s.nan, -s.inf}), s.array({5}, {0.0, 1.0, 0.0, -0.0, 2.0}))
            .up_to_order(0);
        s.call(
             "its pull", "x * np.exp(np.where(y == 0, 0, x))",
             []<class T>(variable<T> g, variable<T> t)
             {
                 const variable<T> y = g.tape().full(g.shape(), std::numeric_limits<T>::quiet_NaN());
                 return g * exp(vjp(record<at_rest_rule, T>({}, {y, t}), y, g));
             },
             s.array({3}, {1.5, -0.5, 0.25}), s.array({3}, {0.0, 1.0, 0.0}))
            .hold(1);
        s.binary_kinks(f, {{s.nan, 0.0, 0.0, 0.0}, {s.nan, 2.0, 1.0, 0.0}, {s.inf, 0.0, 1.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(at_rest_rule)

} // namespace autograd
