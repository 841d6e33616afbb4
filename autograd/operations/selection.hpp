#pragma once

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/comparison.hpp"
#include "autograd/tape/print_number.hpp"

#include <limits>
#include <string>

/// Choosing between elements. The cotangent is selected, never multiplied by 0 or 1: what is not chosen gets exactly 0,
/// whatever is infinite elsewhere.
/// \ingroup choice
namespace autograd
{

struct where_rule : elementwise
{
    static constexpr auto name = "where";
    static constexpr auto latex = R"(\begin{cases} #2 & #1 \\ #3 & \text{else} \end{cases})";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto c, auto x, auto y) { return select(not_equal(c, 0), x, y); };
    static constexpr auto pulls =
        per_operand{no_pull{}, [](auto c, auto, auto, auto, auto g) { return select(not_equal(c, 0), g, 0); },
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

/// x where the mask c is true (nonzero), else y; each may be a number or an xtensor expression beside a variable.
/// Shape: broadcast of the three. Gradient: g to the chosen one, exactly 0 to the other; none to c. Throws shape_error.
/// As in xtensor.
AUTOGRAD_TERNARY_FUNCTION(where, where_rule, c, x, y)

/// where, by the name that rules share with SIMD packs.
/// \ingroup inside
template <class T>
variable<T> select(variable<T> c, beside<T> x, beside<T> y)
{
    return where(c, x, y);
}

/// where(condition, f(x), fallback) for an f that must not see the other elements of x: there it is evaluated at `safe`
/// instead, so that neither its value nor its derivatives are infinite or NaN, and exactly 0 flows back. With where
/// alone, the derivative of what was not chosen multiplies that 0, and inf * 0 is NaN.
///
///     safe_where(x > 0, [](auto x) { return log(x); }, x, 0.0)
///
/// f acts element by element. `safe` (a number or a variable) must be a point at which f and its derivatives are
/// finite: 0.5 is one for log, sqrt, 1 / x, powers, asin, acos, atanh, log(x / (1 - x)); for others (acosh, log(x - 1))
/// say one. Shape: broadcast of all. Gradient: that of f where the condition holds, else that of the fallback; none to
/// the condition. Throws shape_error. After the "double where" that users of other frameworks write by hand.
/// \ingroup choice not_a_number
template <class T, class F>
variable<T> safe_where(variable<T> condition, F&& f, variable<T> x, beside<T> fallback, beside<T> safe = 0.5)
{
    const location here = fallback.where();
    condition.checked("safe_where", here);
    x.checked("safe_where", here);
    return condition.tape().together(
        "safe_where", here,
        [&] { return where(condition, operand<T>(f(where(condition, operand<T>(x, here), safe)), here), fallback); });
}

struct safe_where_samples
{
    static constexpr auto name = "safe_where";
    static void samples(auto& s)
    {
        const auto safe_log = [](auto x)
        {
            return safe_where(
                x > 0, [](auto v) { return log(v); }, x, 0.0);
        };
        s.call("a logarithm", "np.where(x > 0, np.log(np.abs(x)), 0.0)", safe_log, s.numbers({2, 3}));
        s.call(
            "another fallback", "np.where(x > 0, np.sqrt(np.abs(x)), y)",
            [](auto x, auto y)
            {
                return safe_where(
                    x > 0, [](auto v) { return sqrt(v); }, x, y);
            },
            s.numbers({2, 3}), s.numbers({3}));
        s.call(
            "another safe point", "np.where(x > 1, np.arccosh(np.maximum(x, 1)), -1)",
            [](auto x)
            {
                return safe_where(
                    x > 1, [](auto v) { return acosh(v); }, x, -1, 2);
            },
            s.numbers({2, 3}));
        s.kinks(safe_log, {{0.0, 0.0}, {-1.0, 0.0}, {-s.inf, 0.0}, {s.nan, 0.0}, {2.0, 0.5}});
    }
};
AUTOGRAD_COMPOSITE(safe_where_samples)

// -------------------------------------------------------------------------------------------------- the larger, the
// smaller

// A NaN is what the result is made of: it takes the cotangent from a number, and shares it with another NaN.

namespace detail
{
/// g to what is the result, half of it where the other one is, too.
inline constexpr auto share_of_extremum = [](auto is_result, auto other_is, auto g)
{ return select(is_result, select(other_is, 0.5 * g, g), 0); };

/// Samples of f, maximum or minimum by its name. share_of_larger is what flows to the larger of two.
void samples_of_extremum(auto& s, const std::string& name, auto f, double share_of_larger)
{
    s.binary("np." + name + "(x, y)", f,
             {{1.5, -2.25}, {-1.0, 3.0}, {0.0, 1.0}, {s.nan, 1.0}, {1.0, s.nan}, {s.inf, 1.0}, {-s.inf, -s.inf}});
    s.call(
        "a number", "np." + name + "(x, 0.5)", [f](auto x) { return f(x, 0.5); }, s.numbers({2, 3}));
    s.binary_kinks(f, {{1.0, 1.0, 0.5, 0.5},
                       {0.0, -0.0, 0.5, 0.5},
                       {s.inf, s.inf, 0.5, 0.5},
                       {s.inf, 1.0, share_of_larger, 1 - share_of_larger},
                       {s.nan, 1.0, 1.0, 0.0},
                       {s.inf, s.nan, 0.0, 1.0},
                       {s.nan, s.nan, 0.5, 0.5}});
}
} // namespace detail

struct maximum_rule : elementwise
{
    static constexpr auto share = detail::share_of_extremum;
    static constexpr auto name = "maximum";
    static constexpr auto latex = R"(\max(#1, #2))";
    static constexpr auto forward = [](auto x, auto y) { return maximum(x, y); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto, auto g) { return share(x >= y || isnan(x), y >= x || isnan(y), g); },
                    [](auto x, auto y, auto, auto g) { return share(y >= x || isnan(y), x >= y || isnan(x), g); }};
    static void samples(auto& s)
    {
        detail::samples_of_extremum(
            s, name, [](auto x, auto y) { return maximum(x, y); }, 1);
    }
};
AUTOGRAD_OPERATION(maximum_rule)

/// The larger of two elements; NaN if either is. Shape: broadcast. Gradient: g to the larger, exactly 0 to the other,
/// half to each at a tie; a NaN counts as the larger one. Throws shape_error. As in xtensor.
AUTOGRAD_BINARY_FUNCTION(maximum, maximum_rule, x, y)

struct minimum_rule : elementwise
{
    static constexpr auto share = detail::share_of_extremum;
    static constexpr auto name = "minimum";
    static constexpr auto latex = R"(\min(#1, #2))";
    static constexpr auto forward = [](auto x, auto y) { return minimum(x, y); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto y, auto, auto g) { return share(x <= y || isnan(x), y <= x || isnan(y), g); },
                    [](auto x, auto y, auto, auto g) { return share(y <= x || isnan(y), x <= y || isnan(x), g); }};
    static void samples(auto& s)
    {
        detail::samples_of_extremum(
            s, name, [](auto x, auto y) { return minimum(x, y); }, 0);
    }
};
AUTOGRAD_OPERATION(minimum_rule)

/// The smaller of two elements; NaN if either is. Shape: broadcast. Gradient: g to the smaller, exactly 0 to the other,
/// half to each at a tie; a NaN counts as the smaller one. Throws shape_error. As in xtensor.
AUTOGRAD_BINARY_FUNCTION(minimum, minimum_rule, x, y)

namespace detail
{
/// Two numbers between which values are kept.
struct bounds
{
    double low;
    double high;

    bool same(const bounds& other) const { return same_bits(low, other.low) && same_bits(high, other.high); }

    /// Throws value_error, in the name of the operation, when low is greater than high or one of them is NaN: some
    /// releases of NumPy clip by no bound then, others make everything NaN.
    template <number Low, number High>
    static bounds checked(const char* operation, Low lo, High hi, location where)
    {
        const bounds result{static_cast<double>(lo), static_cast<double>(hi)};
        if (const char* const wrong = result.fault(); wrong != nullptr)
        {
            throw error::value_error(where, operation, "lo is ", lo, " and hi is ", hi, wrong);
        }
        return result;
    }
    /// What is wrong with them, or null. Compiled in the library: in a source that is compiled with -ffast-math nothing
    /// is NaN.
    const char* fault() const;
    template <class T>
    std::string text() const
    {
        return "from " + detail::print_number(static_cast<T>(low)) + " to " +
               detail::print_number(static_cast<T>(high));
    }
};
} // namespace detail

struct clip_rule : elementwise
{
    static constexpr auto name = "clip";
    using attributes = detail::bounds;
    template <class T>
    static std::string print(const attributes& a)
    {
        return a.text<T>();
    }
    static constexpr auto forward = [](auto x, const attributes& a) { return minimum(maximum(x, a.low), a.high); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g, const attributes& a) { return select(x >= a.low && x <= a.high, g, 0); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return clip(x, -1, 2.5); };
        s.unary("np.clip(x, -1, 2.5)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.kinks(f, {{-1.0, 1.0}, {2.5, 1.0}, {-1.5, 0.0}, {s.inf, 0.0}});
        s.error(
            "bounds in the wrong order", [](auto x) { return clip(x, 2, -1); },
            "autograd: clip: lo is 2 and hi is -1; lo must not be greater than hi.", s.numbers({2}));
        s.error(
            "a bound that is NaN", [nan = s.nan](auto x) { return clip(x, nan, 2); },
            "autograd: clip: lo is nan and hi is 2; neither may be NaN. For no bound on one side pass an infinity.",
            s.numbers({2}));
    }
};
AUTOGRAD_OPERATION(clip_rule)

/// x, but lo where it is smaller and hi where it is larger; NaN stays NaN. Here lo and hi are numbers. Shape: that of
/// x. Gradient: g between the bounds and at them, exactly 0 outside. Throws value_error when lo > hi and for a bound
/// that is NaN. As in xtensor.
template <class T>
variable<T> clip(variable<T> x, number auto lo, number auto hi, location where = location::current())
{
    return record<clip_rule, T>(where, x, detail::bounds::checked(clip_rule::name, lo, hi, where));
}

struct clip_between_rule : elementwise
{
    static constexpr auto name = "clip_between";
    static constexpr auto forward = [](auto x, auto lo, auto hi) { return minimum(maximum(x, lo), hi); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto lo, auto hi, auto, auto g) { return select(x >= lo && x <= hi, g, 0); },
                    [](auto x, auto lo, auto hi, auto, auto g) { return select(x < lo && lo <= hi, g, 0); },
                    [](auto x, auto lo, auto hi, auto, auto g) { return select(maximum(x, lo) > hi, g, 0); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto lo, auto hi) { return clip(x, lo, hi); };
        s.call("three", "np.clip(x, y, z)", f, s.array({6}, {-2.0, 0.5, 3.0, 0.25, -1.0, 2.0}),
               s.array({6}, {-1.0, -1.0, -1.0, 0.5, 0.75, 1.25}), s.array({6}, {1.5, 1.5, 1.5, 0.75, 0.5, 1.0}));
        s.call("broadcast", "np.clip(x, y, z)", f, s.numbers({2, 3}), s.array({}, {-0.55}),
               s.array({3}, {0.35, 0.65, 0.15}));
        s.call(
            "a number and a variable", "np.clip(x, -0.5, y)", [](auto x, auto hi) { return clip(x, -0.5, hi); },
            s.numbers({2, 3}), s.array({}, {0.45}));
        s.call(
            "a variable and a number", "np.clip(x, y, 0.5)", [](auto x, auto lo) { return clip(x, lo, 0.5); },
            s.numbers({2, 3}), s.array({}, {-0.45}));
        s.call("empty", "np.clip(x, y, z)", f, s.numbers({0, 3}), s.array({}, {-0.5}), s.array({3}, {0.3, 0.6, 0.1}));
        s.call("infinite", "np.clip(x, y, z)", f, s.array({4}, {s.inf, -s.inf, 1.0, s.nan}),
               s.array({4}, {-1.0, -1.0, -s.inf, 0.0}), s.array({4}, {2.0, 2.0, s.inf, 1.0}))
            .up_to_order(0);
        s.error("shapes", f,
                "autograd: clip_between: shapes (2,) and (3,) do not broadcast; aligned at their last axes, extents "
                "must be equal or 1.",
                s.numbers({2}), s.numbers({3}), s.numbers({}));
    }
};
AUTOGRAD_OPERATION(clip_between_rule)

/// The same with bounds that differ by element, and may be variables, numbers or xtensor expressions:
/// minimum(maximum(x, lo), hi), so hi where lo is greater than it. Shape: broadcast of the three. Gradient: g to the
/// one that is taken, to x where it is equal to a bound, exactly 0 to the others. Throws shape_error. As in NumPy.
AUTOGRAD_TERNARY_FUNCTION(clip, clip_between_rule, x, lo, hi)

// ------------------------------------------------------------------------------------------------ NaN and the
// infinities

struct isnan_rule : elementwise
{
    static constexpr auto name = "isnan";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return select(isnan(x), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        s.unary("np.isnan(x)", [](auto x) { return isnan(x); }, {-20.0, 0.0, 0.4, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(isnan_rule)

/// The mask of elements that are NaN. Shape: that of x. Gradient: none (piecewise constant). As in xtensor.
/// \ingroup not_a_number
AUTOGRAD_UNARY_FUNCTION(isnan, isnan_rule)

struct isinf_rule : elementwise
{
    static constexpr auto name = "isinf";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return select(isinf(x), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        s.unary("np.isinf(x)", [](auto x) { return isinf(x); }, {-20.0, 0.0, 0.4, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(isinf_rule)

/// The mask of infinite elements. Shape: that of x. Gradient: none (piecewise constant). As in xtensor.
/// \ingroup not_a_number
AUTOGRAD_UNARY_FUNCTION(isinf, isinf_rule)

struct isfinite_rule : elementwise
{
    static constexpr auto name = "isfinite";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x) { return select(isfinite(x), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}};
    static void samples(auto& s)
    {
        s.unary("np.isfinite(x)", [](auto x) { return isfinite(x); }, {-20.0, 0.0, 0.4, s.inf, -s.inf, s.nan});
    }
};
AUTOGRAD_OPERATION(isfinite_rule)

/// The mask of elements that are neither infinite nor NaN. Shape: that of x. Gradient: none (piecewise constant). As in
/// xtensor.
/// \ingroup not_a_number
AUTOGRAD_UNARY_FUNCTION(isfinite, isfinite_rule)

struct nan_to_num_rule : elementwise
{
    static constexpr auto name = "nan_to_num";
    struct attributes
    {
        double nan;
        double positive_infinity;
        double negative_infinity;

        bool same(const attributes& other) const
        {
            return same_bits(nan, other.nan) && same_bits(positive_infinity, other.positive_infinity) &&
                   same_bits(negative_infinity, other.negative_infinity);
        }
    };
    template <class T>
    static std::string print(const attributes& a)
    {
        const auto text = [](double number) { return detail::print_number(static_cast<T>(number)); };
        return "nan " + text(a.nan) + ", inf " + text(a.positive_infinity) + ", -inf " + text(a.negative_infinity);
    }
    static constexpr auto forward = [](auto x, const attributes& a)
    { return nan_to_num(x, a.nan, a.positive_infinity, a.negative_infinity); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g, const attributes&) { return select(isfinite(x), g, 0); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return nan_to_num(x); };
        s.unary("np.nan_to_num(x)", f, {-20.0, -0.9, 0.0, 0.4, 3.0, s.inf, -s.inf, s.nan});
        s.call(
             "options", "np.nan_to_num(x, nan=0.5, posinf=7, neginf=-7)",
             [](auto x) { return nan_to_num(x, 0.5, 7, -7); }, s.array({4}, {s.nan, s.inf, -s.inf, 2.0}))
            .up_to_order(0);
        s.kinks(f, {{s.nan, 0.0}, {s.inf, 0.0}, {-s.inf, 0.0}, {2.0, 1.0}});
    }
};
AUTOGRAD_OPERATION(nan_to_num_rule)

/// x with numbers in place of NaN and the infinities: 0 and the largest finite numbers unless others are given.
/// Shape: that of x. Gradient: g where x is finite, exactly 0 elsewhere. As in xtensor; the options are NumPy's.
/// \ingroup not_a_number
template <class T>
variable<T> nan_to_num(variable<T> x, std::type_identity_t<T> nan = 0,
                       std::type_identity_t<T> posinf = std::numeric_limits<T>::max(),
                       std::type_identity_t<T> neginf = std::numeric_limits<T>::lowest(),
                       location where = location::current())
{
    return record<nan_to_num_rule, T>(where, x, nan_to_num_rule::attributes{nan, posinf, neginf});
}

} // namespace autograd
