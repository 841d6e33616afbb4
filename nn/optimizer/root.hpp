#pragma once

#include "autograd/operations/record.hpp"

namespace nn
{

namespace detail
{

/// sqrt(v) of an average v of squares of gradients, by which optimizers divide: |g|, as long as there has been one
/// gradient. As of |g|, the derivative at 0 is 0 by convention, in every order, and selected. So that of a step
/// g / (sqrt(v) + epsilon) at g = 0 is 1 / epsilon, as it should be; with that of autograd's sqrt, which is infinite
/// there and meets 2 g = 0 on its way, it would be NaN.
struct root_of_squares_rule : autograd::elementwise
{
    static constexpr auto name = "root_of_squares";
    static constexpr auto latex = R"(\sqrt{#1})";
    static constexpr auto forward = [](auto v) { return sqrt(v); };
    static constexpr auto pulls = autograd::per_operand{
        [](auto, auto y, auto g) { return select(equal(y, 0), 0, g / (2 * select(equal(y, 0), 1, y))); }};
    static void samples(auto& s)
    {
        const auto f = [](auto v) { return autograd::record<root_of_squares_rule>({}, v); };
        s.unary("np.sqrt(x)", f, {1e-30, 0.1, 1.0, 2.5, 1e30, s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {s.inf, 0.0}, {-1.0, s.nan}});
    }
};

/// The root of an average of squares. Shape: that of v. Gradient: g / (2 y), and 0 where v is.
template <class T>
autograd::variable<T> root_of_squares(autograd::variable<T> v, autograd::location where = autograd::location::current())
{
    return autograd::record<root_of_squares_rule, T>(where, v);
}

} // namespace detail

} // namespace nn

namespace autograd
{
AUTOGRAD_OPERATION(nn::detail::root_of_squares_rule)
} // namespace autograd
