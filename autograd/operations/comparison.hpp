#pragma once

#include "autograd/operations/record.hpp"

/// Masks, and choosing by them. A mask is an array of 1 (true) and 0 (false); any nonzero element counts as true.
/// The derivative of a comparison is 0 wherever there is one; asking for it alone throws not_differentiable.
/// \ingroup choice
namespace autograd
{

/// What comparisons, roundings and argmax say when a derivative is asked of them.
inline constexpr auto piecewise_constant = "is piecewise constant: its derivative is 0 wherever it has one";

namespace detail
{
/// x and y by a rule of two operands.
template <class Rule, class T>
variable<T> compare(variable<T> x, beside<T> y)
{
    return record_elementwise<Rule, T>(x, y);
}
} // namespace detail

#define AUTOGRAD_COMPARISON(rule, spelling, symbol, expression, numpy_text)                                            \
    struct rule : elementwise                                                                                          \
    {                                                                                                                  \
        static constexpr auto name = spelling;                                                                         \
        static constexpr auto latex = symbol;                                                                          \
        static constexpr auto not_differentiable = piecewise_constant;                                                 \
        static constexpr auto forward = [](auto x, auto y) { return select(expression, 1, 0); };                       \
        static constexpr auto pulls = per_operand{no_pull{}, no_pull{}};                                               \
        static void samples(auto& s)                                                                                   \
        {                                                                                                              \
            s.binary(numpy_text, [](auto x, auto y) { return detail::compare<rule>(x, y); },                           \
                     {{1.0, 2.0}, {2.0, 1.0}, {s.nan, 1.0}, {s.inf, s.inf}});                                          \
        }                                                                                                              \
    };

AUTOGRAD_COMPARISON(less_rule, "less", "[#1 < #2]", x < y, "np.less(x, y)")
AUTOGRAD_OPERATION(less_rule)
AUTOGRAD_COMPARISON(less_equal_rule, "less_equal", R"([#1 \le #2])", x <= y, "np.less_equal(x, y)")
AUTOGRAD_OPERATION(less_equal_rule)
AUTOGRAD_COMPARISON(greater_rule, "greater", "[#1 > #2]", x > y, "np.greater(x, y)")
AUTOGRAD_OPERATION(greater_rule)
AUTOGRAD_COMPARISON(greater_equal_rule, "greater_equal", R"([#1 \ge #2])", x >= y, "np.greater_equal(x, y)")
AUTOGRAD_OPERATION(greater_equal_rule)
AUTOGRAD_COMPARISON(equal_rule, "equal", "[#1 = #2]", equal(x, y), "np.equal(x, y)")
AUTOGRAD_OPERATION(equal_rule)
AUTOGRAD_COMPARISON(not_equal_rule, "not_equal", R"([#1 \ne #2])", not_equal(x, y), "np.not_equal(x, y)")
AUTOGRAD_OPERATION(not_equal_rule)
AUTOGRAD_COMPARISON(logical_and_rule, "logical_and", R"(#1 \wedge #2)", not_equal(x, 0) && not_equal(y, 0),
                    "np.logical_and(x, y)")
AUTOGRAD_OPERATION(logical_and_rule)
AUTOGRAD_COMPARISON(logical_or_rule, "logical_or", R"(#1 \vee #2)", not_equal(x, 0) || not_equal(y, 0),
                    "np.logical_or(x, y)")
AUTOGRAD_OPERATION(logical_or_rule)

#undef AUTOGRAD_COMPARISON

/// The mask of equal elements. Shape: broadcast. Gradient: none (piecewise constant). NaN equals nothing. As in xtensor
/// (there, == compares whole arrays).
AUTOGRAD_BINARY_FUNCTION(equal, equal_rule, x, y)
/// The mask of unequal elements. Shape: broadcast. Gradient: none (piecewise constant). As in xtensor.
AUTOGRAD_BINARY_FUNCTION(not_equal, not_equal_rule, x, y)

struct logical_not_rule : elementwise
{
    static constexpr auto name = "logical_not";
    static constexpr auto latex = R"(\neg #1)";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return select(equal(x, 0), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        s.unary("np.logical_not(x)", [](auto x) { return !x; }, {0.0, 1.0, -2.0, s.nan});
    }
};
AUTOGRAD_OPERATION(logical_not_rule)

} // namespace autograd
