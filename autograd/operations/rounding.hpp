#pragma once

#include "autograd/operations/selection.hpp"

/// Magnitudes, signs, and rounding to integers, element by element.
/// \ingroup rounding
namespace autograd
{

// ---------------------------------------------------------------------------------------------- magnitudes and signs

struct abs_rule : elementwise
{
    static constexpr auto name = "abs";
    static constexpr auto latex = R"(\lvert #1 \rvert)";
    static constexpr auto forward = [](auto x) { return abs(x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g) { return select(x < 0, -g, select(equal(x, 0), 0, g)); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return abs(x); };
        s.unary("np.abs(x)", f, {-20.0, -0.9, 0.4, 300.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {-0.0, 0.0}, {s.inf, 1.0}, {-s.inf, -1.0}, {s.nan, 1.0}});
    }
};
AUTOGRAD_OPERATION(abs_rule)

/// |x|. Shape: that of x. Gradient: g or -g by the sign of x, exactly 0 at 0; g at NaN, so that it is not swallowed.
/// As in xtensor.
AUTOGRAD_UNARY_FUNCTION(abs, abs_rule)

struct sign_rule : elementwise
{
    static constexpr auto name = "sign";
    static constexpr auto latex = R"(\operatorname{sgn}(#1))";
    static constexpr auto forward = [](auto x) { return sign(x); };
    static constexpr auto pulls = per_operand{zero_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return sign(x); };
        s.unary("np.sign(x)", f, {-20.0, -0.9, 0.4, 300.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {2.0, 0.0}, {-s.inf, 0.0}});
    }
};
AUTOGRAD_OPERATION(sign_rule)

/// -1, 0 or 1; NaN for NaN. Shape: that of x. Gradient: 0. As in xtensor.
AUTOGRAD_UNARY_FUNCTION(sign, sign_rule)

struct signbit_rule : elementwise
{
    static constexpr auto name = "signbit";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return select(signbit(x), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return signbit(x); };
        s.unary("np.signbit(x)", f, {-20.0, -1.0, 0.4, s.inf, -s.inf, s.nan});
        s.call("zeros", "np.signbit(x)", f, s.array({2}, {0.0, -0.0})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(signbit_rule)

/// The mask of elements whose sign bit is set: negative ones and -0.0. Shape: that of x. Gradient: none (piecewise
/// constant). As NumPy's.
AUTOGRAD_UNARY_FUNCTION(signbit, signbit_rule)

// The result equals the magnitude x just where both have the same sign.
struct copysign_rule : elementwise
{
    static constexpr auto name = "copysign";
    static constexpr auto forward = [](auto x, auto y) { return copysign(x, y); };
    static constexpr auto pulls = per_operand{
        [](auto x, auto, auto z, auto g) { return select(equal(x, 0), 0, select(equal(x, z), g, -g)); }, zero_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto y) { return copysign(x, y); };
        s.binary("np.copysign(x, y)", f,
                 {{1.5, -2.25}, {-1.5, -2.0}, {-3.0, 1.0}, {2.0, 3.0}, {s.inf, -1.0}, {1.0, -s.inf}});
        s.binary_kinks(f, {{0.0, -1.0, 0.0, 0.0}, {2.0, -0.0, -1.0, 0.0}, {2.0, 0.0, 1.0, 0.0}});
    }
};
AUTOGRAD_OPERATION(copysign_rule)

/// The magnitude of x with the sign of y. Shape: broadcast. Gradient: to x, g where it kept its sign, else -g, exactly
/// 0 at 0; to y, 0. Throws shape_error. As NumPy's.
AUTOGRAD_BINARY_FUNCTION(copysign, copysign_rule, x, y)

// ---------------------------------------------------------------------------------------------------------- rounding

struct floor_rule : elementwise
{
    static constexpr auto name = "floor";
    static constexpr auto latex = R"(\lfloor #1 \rfloor)";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return floor(x); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return floor(x); };
        s.unary("np.floor(x)", f, {-2.7, -0.2, 0.6, 1.7, 3.4, s.inf, -s.inf, s.nan});
        s.call("jumps", "np.floor(x)", f, s.array({10}, {-2.5, -1.5, -1.0, -0.5, -0.0, 0.5, 1.5, 2.0, 2.5, 1e30}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(floor_rule)

/// The largest integer that is not above x. Shape: that of x. Gradient: none (piecewise constant). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(floor, floor_rule)

struct ceil_rule : elementwise
{
    static constexpr auto name = "ceil";
    static constexpr auto latex = R"(\lceil #1 \rceil)";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return ceil(x); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return ceil(x); };
        s.unary("np.ceil(x)", f, {-2.7, -0.2, 0.6, 1.7, 3.4, s.inf, -s.inf, s.nan});
        s.call("jumps", "np.ceil(x)", f, s.array({10}, {-2.5, -1.5, -1.0, -0.5, -0.0, 0.5, 1.5, 2.0, 2.5, 1e30}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(ceil_rule)

/// The smallest integer that is not below x. Shape: that of x. Gradient: none (piecewise constant). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(ceil, ceil_rule)

struct trunc_rule : elementwise
{
    static constexpr auto name = "trunc";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return trunc(x); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return trunc(x); };
        s.unary("np.trunc(x)", f, {-2.7, -0.2, 0.6, 1.7, 3.4, s.inf, -s.inf, s.nan});
        s.call("jumps", "np.trunc(x)", f, s.array({10}, {-2.5, -1.5, -1.0, -0.5, -0.0, 0.5, 1.5, 2.0, 2.5, 1e30}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(trunc_rule)

/// x without its fraction. Shape: that of x. Gradient: none (piecewise constant). As in xtensor.
AUTOGRAD_UNARY_FUNCTION(trunc, trunc_rule)

struct round_rule : elementwise
{
    static constexpr auto name = "round";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return round(x); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return round(x); };
        s.unary("np.round(x)", f, {-2.7, -0.2, 0.6, 1.7, 3.4, s.inf, -s.inf, s.nan});
        s.call("jumps", "np.round(x)", f, s.array({10}, {-2.5, -1.5, -1.0, -0.5, -0.0, 0.5, 1.5, 2.0, 2.5, 1e30}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(round_rule)

/// The nearest integer, of two equally near ones the even one, as in NumPy (xt::round rounds them away from 0). Shape:
/// that of x. Gradient: none (piecewise constant).
AUTOGRAD_UNARY_FUNCTION(round, round_rule)

// -------------------------------------------------------------------------------------------- a sum that is rounded
// once

struct fma_rule : elementwise
{
    static constexpr auto name = "fma";
    static constexpr auto latex = R"(#1 \cdot #2 + #3)";
    static constexpr auto forward = [](auto x, auto y, auto z) { return fma(x, y, z); };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto, auto, auto g) { return g * y; },
                                              [](auto x, auto, auto, auto, auto g) { return g * x; },
                                              [](auto, auto, auto, auto, auto g) { return g; }};
    static void samples(auto& s)
    {
        s.call(
            "three variables", "x * y + z", [](auto x, auto y, auto z) { return fma(x, y, z); }, s.numbers({2, 3}),
            s.positive({3}), s.numbers({2, 1}));
        s.call(
            "numbers", "x * 2.5 - 1", [](auto x) { return fma(x, 2.5, -1); }, s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(fma_rule)

/// x y + z, rounded once. Shape: broadcast. Gradient: g y to x, g x to y, g to z. Throws shape_error. As in xtensor.
/// \ingroup arithmetic
AUTOGRAD_TERNARY_FUNCTION(fma, fma_rule, x, y, z)

} // namespace autograd
