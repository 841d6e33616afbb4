#pragma once

#include "autograd/operations/reduction.hpp"
#include "autograd/operations/rounding.hpp"
#include "autograd/operations/slopes.hpp"

/// Norms, and deviations from the mean, which are norms of what is left without it. Axes in all spellings of
/// reductions.
/// \ingroup reduce
namespace autograd
{

struct norm_sq_rule : general, detail::over_axes, detail::in_passes<>
{
    static constexpr auto name = "norm_sq";
    static constexpr auto latex = R"(\sum {#1}^2)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::reductions<T>->sum_of_squares(call.in(0), call.operands[0].shape, a.axes, call.out(), call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::reduce_generic(call, a.axes, [](const auto& line) { return detail::generic_sum_of_squares(line); });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, detail::spread(y, 2 * y.cotangent()) * y.operand(0));
    }
    static void samples(auto& s)
    {
        s.call(
            "all", "np.sum(x * x)", [](auto x) { return norm_sq(x); }, s.numbers({2, 3}));
        s.call(
            "scalar", "np.sum(x * x)", [](auto x) { return norm_sq(x); }, s.numbers({}));
        s.call(
            "empty", "np.sum(x * x)", [](auto x) { return norm_sq(x); }, s.numbers({0}));
        s.call(
            "an axis", "np.sum(x * x, 0)", [](auto x) { return norm_sq(x, 0); }, s.numbers({2, 3}));
        s.call(
            "two axes kept", "np.sum(x * x, (0, 2), keepdims=True)",
            [](auto x) {
                return norm_sq(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "at zero", "np.sum(x * x)", [](auto x) { return norm_sq(x); }, s.array({3}, {0.0, 0.0, 0.0}));
        s.error(
            "axis", [](auto x) { return norm_sq(x, 2); },
            "autograd: norm_sq: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(norm_sq_rule)

/// The sum of squares. Shape: that of x without the axes. Gradient: 2 g x. Throws shape_error for axes out of range or
/// given twice. As in xtensor.
AUTOGRAD_REDUCTION_RULE(norm_sq)

namespace detail
{
/// What flows to the elements x of a norm y when g flows into it: g x / y, and 0 where y is.
template <class T>
variable<T> norm_slope_of(const recorded<T>& y, variable<T> g)
{
    return norm_slope(spread(y, g), y.operand(0), spread(y, y.output()));
}
} // namespace detail

struct norm_l2_rule : general, detail::over_axes, detail::in_passes<2>
{
    static constexpr auto name = "norm_l2";
    static constexpr auto latex = R"(\lVert #1 \rVert)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::reductions<T>->root_of_squares(call.in(0), call.operands[0].shape, a.axes, 1, call.out(),
                                                call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::reduce_generic(call, a.axes,
                               [](const auto& line) { return sqrt(detail::generic_sum_of_squares(line)); });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, detail::norm_slope_of(y, y.cotangent()));
    }
    static void samples(auto& s)
    {
        const auto rows = [](auto x) { return norm_l2(x, 1); };
        s.call(
            "all", "np.linalg.norm(x)", [](auto x) { return norm_l2(x); }, s.numbers({2, 3}));
        s.call("an axis", "np.linalg.norm(x, axis=1)", rows, s.numbers({2, 3}));
        s.call(
            "two axes kept", "np.sqrt(np.sum(x * x, (0, 2), keepdims=True))",
            [](auto x) {
                return norm_l2(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "empty", "np.linalg.norm(x)", [](auto x) { return norm_l2(x); }, s.numbers({0}));
        s.call("squares out of range", "1e-200 * np.linalg.norm(x * 1e200, axis=1)", rows,
               s.array({2, 2}, {3e-200, 4e-200, -5e-210, 12e-210}))
            .up_to_order(0);
        s.kinks([](auto x) { return norm_l2(expand_dims(x, 0), 0); },
                {{0.0, 0.0}, {-2.0, -1.0}, {3e200, 1.0}, {-3e-310, -1.0}});
        s.binary_kinks(
            [](auto x, auto y) {
                return norm_l2(stack(std::vector{x, y}, 0), 0);
            },
            {{0.0, 0.0, 0.0, 0.0},
             {3.0, -4.0, 0.6, -0.8},
             {2.0, 0.0, 1.0, 0.0},
             {3e200, -4e200, 0.6, -0.8},
             {3e-170, 4e-170, 0.6, 0.8},
             {1.5e308, 1.5e308, s.nan, s.nan}});
        s.error(
            "axis", [](auto x) { return norm_l2(x, 2); },
            "autograd: norm_l2: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(norm_l2_rule)

/// The Euclidean norm, the root of the sum of squares, also where the squares leave the range of T (NumPy's is infinite
/// or 0 there). Shape: that of x without the axes. Gradient: g x / y, and 0 at the zero vector; there the second
/// derivative is NaN (that of norm_sq is not). Where y itself is infinite, all derivatives are NaN. Where one element
/// is r times as large as all others together, its own second derivative, which is about 1 / r^2 of theirs, has lost
/// r^2 units in the last place (that of hypot has not). Throws shape_error for axes out of range or given twice. As in
/// xtensor.
AUTOGRAD_REDUCTION_RULE(norm_l2)

struct norm_l1_samples
{
    static constexpr auto name = "norm_l1";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.sum(np.abs(x))", [](auto x) { return norm_l1(x); }, s.numbers({2, 3}));
        s.call(
            "an axis", "np.linalg.norm(x, 1, axis=1)", [](auto x) { return norm_l1(x, 1); }, s.numbers({2, 3}));
        s.call(
            "two axes kept", "np.sum(np.abs(x), (0, 2), keepdims=True)",
            [](auto x) {
                return norm_l1(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.kinks([](auto x) { return norm_l1(expand_dims(x, 0), 0); }, {{0.0, 0.0}, {-2.0, -1.0}, {3.0, 1.0}});
        s.error(
            "axis", [](auto x) { return norm_l1(x, 2); },
            "autograd: norm_l1: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_COMPOSITE(norm_l1_samples)

namespace detail
{
template <class T>
variable<T> norm_l1_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    const std::uint32_t axes = axes_of(x, all, list, norm_l1_samples::name, where);
    return record_composite(norm_l1_samples::name, where, x,
                            [&] {
                                return record<sum_rule, T>(where, abs(x, where), reduced_axes{axes, keep_dims});
                            });
}
} // namespace detail

/// The sum of magnitudes. Shape: that of x without the axes. Gradient: g or -g by the sign of x, 0 at 0. Throws
/// shape_error for axes out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION(norm_l1)

/// The mean with its sign changed, right wherever it is representable: NumPy's mean is infinite where the sum is. It is
/// what is added for deviations, so that the transpose needs no negation of the size of x.
struct minus_mean_rule : linear, detail::over_some_axes<minus_mean_rule>, detail::in_passes<1>
{
    static constexpr auto name = "minus_mean";
    static constexpr auto latex = R"(-\overline{#1})";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const shape_view shape = call.operands[0].shape;
        const auto n = static_cast<double>(detail::elements_along(a.axes, shape, name));
        kernels::reductions<T>->sum_over(call.in(0), shape, a.axes, static_cast<T>(-n), call.out(), call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using X = typename Call::element;
        detail::reduce_generic(call, a.axes,
                               [](const std::vector<X>& line)
                               {
                                   const X sum = detail::generic_sum(line, [](const X& x) { return x; });
                                   return sum / X(-static_cast<double>(line.size()));
                               });
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        const std::uint32_t axes = y.template attributes<attributes>().axes;
        const auto n = static_cast<double>(detail::elements_along(axes, y.operand_shape(0), name));
        return detail::spread(y, detail::divided(g, -n, {}));
    }
    static void samples(auto& s)
    {
        const auto rows = [](auto x) { return record<minus_mean_rule>({}, x, reduced_axes{2, true}); };
        s.call("rows", "-np.mean(x, 1, keepdims=True)", rows, s.numbers({3, 4}));
        s.call(
            "two axes", "-np.mean(x, (0, 2))",
            [](auto x) {
                return record<minus_mean_rule>({}, x, reduced_axes{5, false});
            },
            s.numbers({2, 3, 4}));
        s.call("no rows", "-np.mean(x, 1, keepdims=True)", rows, s.numbers({0, 2}));
        s.call("sums out of range", "-1e10 * np.mean(x * 1e-10, 1, keepdims=True)", rows,
               s.array({5, 2}, {1.5e308, 1e308, -1.5e308, -1e308, s.inf, 1.0, s.inf, -s.inf, s.nan, 1.0}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(minus_mean_rule)

struct variance_samples
{
    static constexpr auto name = "variance";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.var(x)", [](auto x) { return variance(x); }, s.numbers({2, 3}));
        s.call(
            "one element", "np.var(x)", [](auto x) { return variance(x); }, s.numbers({}));
        s.call(
            "an axis", "np.var(x, 0)", [](auto x) { return variance(x, 0); }, s.numbers({3, 4}));
        s.call(
            "two axes kept", "np.var(x, (0, 2), keepdims=True)",
            [](auto x) {
                return variance(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "constants", "np.var(x)", [](auto x) { return variance(x); }, s.array({3}, {1.5, 1.5, 1.5}));
        s.call(
            "far from 0", "np.var(x)", [](auto x) { return variance(x); }, s.array({3}, {1025.0, 1024.0, 1026.0}));
        s.error(
            "nothing", [](auto x) { return variance(x, 1); },
            "autograd: variance: x has shape (2, 0), with nothing along axis 1; variance needs an element at "
            "least.",
            s.numbers({2, 0}));
        s.error(
            "axis", [](auto x) { return variance(x, 2); },
            "autograd: variance: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_COMPOSITE(variance_samples)

namespace detail
{
/// x - mean(x), the mean being along the axes.
template <class T>
variable<T> deviations(variable<T> x, std::uint32_t axes, location where)
{
    const variable<T> minus_mean = record<minus_mean_rule, T>(where, x, reduced_axes{axes, true});
    return record_elementwise<add_rule, T>({x, where}, {minus_mean, where});
}

template <class T>
variable<T> variance_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    constexpr auto name = variance_samples::name;
    const std::uint32_t axes = axes_of(x, all, list, name, where);
    const auto n = static_cast<double>(elements_along(axes, x.shape(), name, where));
    return record_composite(name, where, x,
                            [&]
                            {
                                const variable<T> squares = record<norm_sq_rule, T>(where, deviations(x, axes, where),
                                                                                    reduced_axes{axes, keep_dims});
                                return divided(squares, n, where);
                            });
}
} // namespace detail

/// The mean squared deviation from the mean (biased: over n, as NumPy's), also where the sum leaves the range of T.
/// Shape: that of x without the axes. Gradient: 2 g (x - mean) / n. Throws shape_error for axes out of range or given
/// twice, value_error over nothing. As in xtensor.
AUTOGRAD_REDUCTION(variance)

/// The root of the mean of squares, in one operation, so that it is right where the squares leave the range.
struct root_mean_square_rule : general, detail::over_axes, detail::in_passes<2>
{
    static constexpr auto name = "root_mean_square";
    static constexpr auto latex = R"(\operatorname{rms}(#1))";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const shape_view shape = call.operands[0].shape;
        kernels::reductions<T>->root_of_squares(call.in(0), shape, a.axes, detail::elements_along(a.axes, shape, name),
                                                call.out(), call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using X = typename Call::element;
        detail::reduce_generic(
            call, a.axes,
            [](const std::vector<X>& line)
            { return sqrt(detail::generic_sum_of_squares(line) / X(static_cast<double>(line.size()))); });
    }
    /// g x / (n y)
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const std::uint32_t axes = y.template attributes<attributes>().axes;
        const auto n = static_cast<double>(detail::elements_along(axes, y.operand_shape(0), name));
        y.give(0, detail::norm_slope_of(y, detail::divided(y.cotangent(), n, {})));
    }
    static void samples(auto& s)
    {
        const auto columns = [](auto x) { return record<root_mean_square_rule>({}, x, reduced_axes{1, false}); };
        s.call("columns", "np.sqrt(np.mean(x * x, 0))", columns, s.numbers({3, 4}));
        s.call(
            "two axes kept", "np.sqrt(np.mean(x * x, (0, 2), keepdims=True))",
            [](auto x) {
                return record<root_mean_square_rule>({}, x, reduced_axes{5, true});
            },
            s.numbers({2, 3, 4}));
        s.kinks(
            [](auto x) {
                return record<root_mean_square_rule>({}, expand_dims(x, 0), reduced_axes{1, false});
            },
            {{0.0, 0.0}, {-2.0, -1.0}, {3e200, 1.0}, {1e-310, 1.0}});
    }
};
AUTOGRAD_OPERATION(root_mean_square_rule)

struct stddev_samples
{
    static constexpr auto name = "stddev";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.std(x)", [](auto x) { return stddev(x); }, s.numbers({2, 3}));
        s.call(
            "an axis", "np.std(x, 0)", [](auto x) { return stddev(x, 0); }, s.numbers({3, 4}));
        s.call(
            "two axes kept", "np.std(x, (0, 2), keepdims=True)",
            [](auto x) {
                return stddev(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.kinks([](auto x) { return stddev(expand_dims(x, 0), 0); }, {{1.5, 0.0}});
        s.binary_kinks(
            [](auto x, auto y) {
                return stddev(stack(std::vector{x, y}, 0), 0);
            },
            {{1.5, 1.5, 0.0, 0.0},
             {3.0, 1.0, 0.5, -0.5},
             {3e200, 1e200, 0.5, -0.5},
             {3e-200, 1e-200, 0.5, -0.5},
             {1.5e308, 1e308, 0.5, -0.5}});
        s.error(
            "nothing", [](auto x) { return stddev(x); },
            "autograd: stddev: x has shape (0,), with nothing along axis 0; stddev needs an element at least.",
            s.numbers({0}));
        s.error(
            "axis", [](auto x) { return stddev(x, 2); },
            "autograd: stddev: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_COMPOSITE(stddev_samples)

namespace detail
{
template <class T>
variable<T> stddev_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    constexpr auto name = stddev_samples::name;
    const std::uint32_t axes = axes_of(x, all, list, name, where);
    elements_along(axes, x.shape(), name, where);
    return record_composite(
        name, where, x,
        [&] {
            return record<root_mean_square_rule, T>(where, deviations(x, axes, where), reduced_axes{axes, keep_dims});
        });
}
} // namespace detail

/// The root of the variance (biased), also where the sum or the squares leave the range of T; infinite, with
/// derivatives that are NaN, where a deviation does. Shape: that of x without the axes. Gradient: g (x - mean) / (n y),
/// and 0 where all elements are equal; there the second derivative is NaN (that of variance is not). (Where the mean of
/// equal elements is rounded, y is not 0 but of the size of the rounding, and the second derivative, which is of the
/// size of 1 / y, means nothing.) Throws shape_error for axes out of range or given twice, value_error over nothing. As
/// in xtensor.
AUTOGRAD_REDUCTION(stddev)

} // namespace autograd
