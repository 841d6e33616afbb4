#pragma once

#include "autograd/operations/comparison.hpp"

/// Choosing between elements. The cotangent is selected, never multiplied by 0 or 1: what is not chosen gets exactly 0,
/// whatever is infinite elsewhere.
namespace autograd
{

struct where_rule : elementwise
{
    static constexpr auto name = "where";
    static constexpr auto latex = R"(\begin{cases} #2 & #1 \\ #3 & \text{else} \end{cases})";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto c, auto x, auto y) { return select(not_equal(c, 0), x, y); };
    static constexpr auto pulls =
        std::tuple{no_pull{}, [](auto c, auto, auto, auto, auto g) { return select(not_equal(c, 0), g, 0); },
                   [](auto c, auto, auto, auto, auto g) { return select(not_equal(c, 0), 0, g); }};
    static void samples(auto& s)
    {
        s.call(
            "by a comparison", "np.where(x > 0, x, y)", [](auto x, auto y) { return where(x > 0, x, y); },
            s.numbers({2, 3}), s.numbers({3}));
        s.call(
            "a number", "np.where(x > 0, 1.5, x)", [](auto x) { return where(x > 0, 1.5, x); }, s.numbers({2, 3}));
        s.call(
            "another number", "np.where(x > 0, x, 1.5)", [](auto x) { return where(x > 0, x, 1.5); },
            s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(where_rule)

/// x where the mask c is true (nonzero), else y; numbers allowed for x and y. Shape: broadcast of the three.
/// Gradient: g to the chosen one, exactly 0 to the other; none to c. Throws shape_error. As in xtensor.
template <class T>
variable<T> where(variable<T> c, beside<T> x, beside<T> y)
{
    return record_elementwise<where_rule, T>(operand<T>(c, x.where().file, x.where().line), x, y);
}

/// where, by the name that rules share with SIMD packs.
template <class T>
variable<T> select(variable<T> c, beside<T> x, beside<T> y)
{
    return where(c, x, y);
}

} // namespace autograd
