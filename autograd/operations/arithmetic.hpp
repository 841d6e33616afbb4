#pragma once

#include "autograd/operations/record.hpp"

/// Sums, differences, products, quotients: the operators + - * / and unary -, which are declared with all operators in
/// tape/operators.hpp. Operands broadcast as NumPy's do; numbers are converted to T. Shape: broadcast. They throw
/// shape_error for shapes that do not broadcast. As in xtensor. With z the result and g its cotangent:
///
/// | operation | gradient to x | gradient to y |
/// |-----------|---------------|---------------|
/// | x + y     | g             | g             |
/// | x - y     | g             | -g            |
/// | x * y     | g y           | g x           |
/// | x / y     | g / y         | -g z / y      |
/// | -x        | -g            |               |
/// \ingroup arithmetic
namespace autograd
{

struct add_rule : elementwise
{
    static constexpr auto name = "add";
    static constexpr auto latex = "#1 + #2";
    static constexpr auto forward = [](auto x, auto y) { return x + y; };
    static constexpr auto pulls =
        per_operand{[](auto, auto, auto, auto g) { return g; }, [](auto, auto, auto, auto g) { return g; }};
    static void samples(auto& s)
    {
        s.binary("x + y", [](auto x, auto y) { return x + y; }, {{1.5, -2.25}, {0.0, 0.0}, {-0.0, 0.0}, {1e300, -1.0}});
        s.call(
            "the same operand twice", "x + x", [](auto x) { return x + x; }, s.numbers({2, 3}));
        s.call(
            "a number", "2.5 + x", [](auto x) { return 2.5 + x; }, s.numbers({2, 3}));
        s.error(
            "shapes", [](auto x, auto y) { return x + y; },
            "autograd: add: shapes (2, 3) and (4,) do not broadcast; aligned at their last axes, extents must be "
            "equal or 1.",
            s.numbers({2, 3}), s.numbers({4}));
    }
};
AUTOGRAD_OPERATION(add_rule)

struct subtract_rule : elementwise
{
    static constexpr auto name = "subtract";
    static constexpr auto latex = "#1 - #2";
    static constexpr auto forward = [](auto x, auto y) { return x - y; };
    static constexpr auto pulls =
        per_operand{[](auto, auto, auto, auto g) { return g; }, [](auto, auto, auto, auto g) { return -g; }};
    static void samples(auto& s)
    {
        s.binary("x - y", [](auto x, auto y) { return x - y; }, {{1.5, -2.25}, {0.0, 0.0}, {-0.0, 0.0}, {1e300, -1.0}});
        s.call(
            "an operand from itself", "x - x", [](auto x) { return x - x; }, s.numbers({2, 3}));
        s.call(
            "from a number", "2.5 - x", [](auto x) { return 2.5 - x; }, s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(subtract_rule)

struct multiply_rule : elementwise
{
    static constexpr auto name = "multiply";
    static constexpr auto latex = R"(#1 \cdot #2)";
    static constexpr auto forward = [](auto x, auto y) { return x * y; };
    static constexpr auto pulls =
        per_operand{[](auto, auto y, auto, auto g) { return g * y; }, [](auto x, auto, auto, auto g) { return g * x; }};
    static void samples(auto& s)
    {
        s.binary("x * y", [](auto x, auto y) { return x * y; },
                 {{1.5, -2.25}, {0.0, 3.0}, {0.0, 0.0}, {1e100, -1e-50}});
        s.call(
            "the same operand twice", "x * x", [](auto x) { return x * x; }, s.numbers({2, 3}));
        s.call(
            "a number", "-2.5 * x", [](auto x) { return -2.5 * x; }, s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(multiply_rule)

// By the second operand -g z / y: the quotient first, so that it overflows only where that by the first operand does,
// and is its negative to the last bit where z is 1.
struct divide_rule : elementwise
{
    static constexpr auto name = "divide";
    static constexpr auto latex = R"(\frac{#1}{#2})";
    static constexpr auto forward = [](auto x, auto y) { return x / y; };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto, auto g) { return g / y; },
                                              [](auto, auto y, auto z, auto g) { return -(g / y) * z; }};
    static void samples(auto& s)
    {
        s.binary("x / y", [](auto x, auto y) { return x / y; },
                 {{1.5, -2.25}, {0.0, 3.0}, {-7.0, 0.5}, {1e100, -1e50}});
        s.call(
            "the same operand twice", "x / x", [](auto x) { return x / x; }, s.numbers({2, 3}));
        s.call(
            "of a number", "2.5 / x", [](auto x) { return 2.5 / x; }, s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(divide_rule)

struct negative_rule : elementwise
{
    static constexpr auto name = "negative";
    static constexpr auto latex = "-#1";
    static constexpr auto forward = [](auto x) { return -x; };
    static constexpr auto pulls = per_operand{[](auto, auto, auto g) { return -g; }};
    static void samples(auto& s)
    {
        s.unary("-x", [](auto x) { return -x; }, {-20.0, -0.9, 0.0, 0.4, 1e300});
    }
};
AUTOGRAD_OPERATION(negative_rule)

} // namespace autograd
