#pragma once

#include "autograd/kernels/arg_extremum.hpp"
#include "autograd/operations/comparison.hpp"
#include "autograd/operations/reduction.hpp"
#include "autograd/operations/selection.hpp"

#include <string>

/// The largest and the smallest of elements, and where they stand. Axes in all spellings of reductions; of argmax and
/// argmin, one axis.
/// \ingroup reduce
namespace autograd
{

/// 1 for each element that is the extremum: a NaN, too, where that is one.
struct is_extremum_rule : elementwise
{
    static constexpr auto name = "is_extremum";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr auto forward = [](auto x, auto extremum) { return select(equal(x, extremum) || isnan(x), 1, 0); };
    static constexpr auto pulls = per_operand{no_pull{}, no_pull{}};
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto extremum) { return detail::compare<is_extremum_rule>(x, extremum); };
        const char* numpy = "((x == y) | np.isnan(x)).astype(float)";
        s.binary(numpy, f, {{1.0, 2.0}, {2.0, 1.0}, {s.nan, s.nan}, {1.0, s.nan}, {s.inf, s.inf}, {1.0, s.inf}});
        s.call("ties", numpy, f, s.array({3}, {1.5, 0.0, -0.0}), s.array({3}, {1.5, -0.0, 0.0})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(is_extremum_rule)

/// The largest (Sign 1) or smallest (-1) element.
template <int Sign>
struct extremum_rule : general, detail::over_some_axes<extremum_rule<Sign>>, detail::in_passes<>
{
    static constexpr auto name = Sign > 0 ? "amax" : "amin";
    static constexpr auto latex = Sign > 0 ? R"(\max #1)" : R"(\min #1)";
    using attributes = reduced_axes;

    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const auto kernel = Sign > 0 ? kernels::reductions<T>->maximum : kernels::reductions<T>->minimum;
        kernel(call.in(0), call.operands[0].shape, a.axes, call.out(), call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::reduce_generic(call, a.axes,
                               [](const auto& line)
                               {
                                   auto extremum = line.front();
                                   for (std::size_t i = 1; i < line.size(); ++i)
                                   {
                                       extremum = Sign > 0 ? maximum(line[i], extremum) : minimum(line[i], extremum);
                                   }
                                   return extremum;
                               });
    }
    /// What is the extremum shares g evenly. The shares are counted themselves: the difference of all and those beside
    /// would have lost them among many elements.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes& a = y.template attributes<attributes>();
        const variable<T> tie = detail::compare<is_extremum_rule>(y.operand(0), detail::spread(y, y.output()));
        const variable<T> share = y.cotangent() / record<sum_rule, T>({}, tie, a);
        y.give(0, where(tie, detail::spread(y, share), 0));
    }
    static void samples(auto& s)
    {
        const std::string numpy = std::string("np.") + name;
        const auto all = [](auto x)
        {
            if constexpr (Sign > 0)
            {
                return amax(x);
            }
            else
            {
                return amin(x);
            }
        };
        const auto over = [](auto x, const auto& axes, const auto& options)
        {
            if constexpr (Sign > 0)
            {
                return amax(x, axes, options);
            }
            else
            {
                return amin(x, axes, options);
            }
        };
        s.call("all", numpy + "(x)", all, s.numbers({2, 3}));
        s.call("scalar", numpy + "(x)", all, s.numbers({}));
        s.call("longer than a block", numpy + "(x)", all, s.numbers({1031})).up_to_order(1);
        s.call(
            "first axis", numpy + "(x, 0)", [over](auto x) { return over(x, 0, xt::evaluation_strategy::lazy); },
            s.numbers({3, 4}));
        s.call(
            "last axis kept", numpy + "(x, -1, keepdims=True)", [over](auto x) { return over(x, -1, xt::keep_dims); },
            s.numbers({3, 4}));
        s.call(
            "two axes kept", numpy + "(x, (0, 2), keepdims=True)",
            [over](auto x) {
                return over(x, std::vector<int>{0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
             "infinities", numpy + "(x, 1)", [over](auto x) { return over(x, 1, xt::evaluation_strategy::lazy); },
             s.array({3, 2}, {s.inf, 1.0, -s.inf, 1.0, -s.inf, s.inf}))
            .up_to_order(0);
        s.call(
             "NaN is not swallowed", numpy + "(x, 1)",
             [over](auto x) { return over(x, 1, xt::evaluation_strategy::lazy); },
             s.array({4, 2}, {s.nan, 1.0, 1.0, s.nan, s.inf, s.nan, s.nan, -s.inf}))
            .up_to_order(0);
        s.binary_kinks(
            [over](auto x, auto y) {
                return over(stack(std::vector{x, y}, 0), 0, xt::evaluation_strategy::lazy);
            },
            {{1.5, 1.5, 0.5, 0.5},
             {0.0, -0.0, 0.5, 0.5},
             {s.nan, 1.0, 1.0, 0.0},
             {1.0, s.nan, 0.0, 1.0},
             {s.nan, s.nan, 0.5, 0.5}});
        s.error("nothing", all,
                std::string("autograd: ") + name + ": x has shape (2, 0), with nothing along axes {0, 1}; " + name +
                    " needs an element at least.",
                s.numbers({2, 0}));
        s.error(
            "axis", [over](auto x) { return over(x, 2, xt::keep_dims); },
            std::string("autograd: ") + name + ": axis 2 is outside of shape (3, 4); it must be from -2 to 1.",
            s.numbers({3, 4}));
    }
};
using amax_rule = extremum_rule<1>;
AUTOGRAD_OPERATION(amax_rule)
using amin_rule = extremum_rule<-1>;
AUTOGRAD_OPERATION(amin_rule)

/// The largest element; NaN where there is one. Shape: that of x without the axes. Gradient: g to it, shared evenly by
/// equal ones; a NaN counts as the largest. Throws shape_error for axes out of range or given twice, value_error over
/// nothing. As in xtensor.
AUTOGRAD_REDUCTION_RULE(amax)

/// The smallest element; NaN where there is one. Shape: that of x without the axes. Gradient: g to it, shared evenly by
/// equal ones; a NaN counts as the smallest. Throws shape_error for axes out of range or given twice, value_error over
/// nothing. As in xtensor.
AUTOGRAD_REDUCTION_RULE(amin)

/// Where the largest (Sign 1) or smallest (-1) element stands.
template <int Sign>
struct arg_extremum_rule : general, detail::over_some_axes<arg_extremum_rule<Sign>>
{
    static constexpr auto name = Sign > 0 ? "argmax" : "argmin";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = piecewise_constant;
    using attributes = reduced_axes;

    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const auto kernel = Sign > 0 ? kernels::arg_extrema<T>->argmax : kernels::arg_extrema<T>->argmin;
        kernel(call.in(0), call.operands[0].shape, static_cast<std::size_t>(std::countr_zero(a.axes)),
               call.out_indices());
    }
    static void samples(auto& s)
    {
        const std::string numpy = std::string("np.") + name;
        const auto all = [](auto x)
        {
            if constexpr (Sign > 0)
            {
                return argmax(x);
            }
            else
            {
                return argmin(x);
            }
        };
        const auto along = [](auto x, auto axis)
        {
            if constexpr (Sign > 0)
            {
                return argmax(x, axis);
            }
            else
            {
                return argmin(x, axis);
            }
        };
        s.call("all", numpy + "(x)", all, s.numbers({3, 4})).up_to_order(0);
        s.call("scalar", numpy + "(x)", all, s.numbers({})).up_to_order(0);
        s.call("longer than packs", numpy + "(x)", all, s.numbers({331})).up_to_order(0);
        s.call(
             "rows", numpy + "(x, -1)", [along](auto x) { return along(x, -1); }, s.numbers({3, 4}))
            .up_to_order(0);
        s.call(
             "many short rows", numpy + "(x, 1)", [along](auto x) { return along(x, 1u); }, s.numbers({37, 3}))
            .up_to_order(0);
        s.call(
             "columns", numpy + "(x, 0)", [along](auto x) { return along(x, 0); }, s.numbers({5, 4}))
            .up_to_order(0);
        s.call(
             "middle axis", numpy + "(x, 1)", [along](auto x) { return along(x, 1); }, s.numbers({2, 5, 3}))
            .up_to_order(0);
        s.call("the first of ties", numpy + "(x)", all, s.array({5}, {1.0, 2.0, 1.0, 2.0, 1.5})).up_to_order(0);
        s.call(
             "NaN before all", numpy + "(x, 1)", [along](auto x) { return along(x, 1); },
             s.array({3, 4}, {1.0, s.nan, s.inf, s.nan, -s.inf, 1.0, s.nan, 2.0, s.inf, -s.inf, s.inf, -s.inf}))
            .up_to_order(0);
        s.call(
             "beside an empty axis", numpy + "(x, 0)", [along](auto x) { return along(x, 0); }, s.numbers({2, 0}))
            .up_to_order(0);
        s.error(
            "nothing", [along](auto x) { return along(x, 1); },
            std::string("autograd: ") + name + ": x has shape (2, 0), with nothing along axis 1; " + name +
                " needs an element at least.",
            s.numbers({2, 0}));
        s.error(
            "axis", [along](auto x) { return along(x, 2); },
            std::string("autograd: ") + name + ": axis 2 is outside of shape (3, 4); it must be from -2 to 1.",
            s.numbers({3, 4}));
    }

    template <class T>
    static indices<T> along(variable<T> x, std::int64_t axis, location where)
    {
        x.checked(name, where);
        const std::uint32_t axes = detail::axes_of(x, false, axes_list(axis), name, where);
        return indices<T>(record<arg_extremum_rule, T>(where, x, attributes{axes, false}));
    }
    template <class T>
    static indices<T> of_all(variable<T> x, location where)
    {
        x.checked(name, where);
        detail::elements_along(detail::axes_of(x, true, axes_list(), name, where), x.shape(), name, where);
        return along(record_shaped<reshape_rule, T>(where, x, {x.size()}), 0, where);
    }
};
using argmax_rule = arg_extremum_rule<1>;
AUTOGRAD_OPERATION(argmax_rule)
using argmin_rule = arg_extremum_rule<-1>;
AUTOGRAD_OPERATION(argmin_rule)

/// Where along an axis the largest element stands, or in all of x, flattened: the first of equal ones; a NaN counts as
/// the largest. Shape: that of x without the axis. Gradient: none (piecewise constant). Throws shape_error for an axis
/// out of range, value_error over nothing. As in xtensor.
/// \ingroup sort
template <class T, std::integral I>
indices<T> argmax(variable<T> x, I axis, location where = location::current())
{
    return argmax_rule::along(x, detail::signed_integer(axis), where);
}
template <class T>
indices<T> argmax(variable<T> x, location where = location::current())
{
    return argmax_rule::of_all(x, where);
}

/// Where along an axis the smallest element stands, or in all of x, flattened: the first of equal ones; a NaN counts as
/// the smallest. Shape: that of x without the axis. Gradient: none (piecewise constant). Throws shape_error for an axis
/// out of range, value_error over nothing. As in xtensor.
/// \ingroup sort
template <class T, std::integral I>
indices<T> argmin(variable<T> x, I axis, location where = location::current())
{
    return argmin_rule::along(x, detail::signed_integer(axis), where);
}
template <class T>
indices<T> argmin(variable<T> x, location where = location::current())
{
    return argmin_rule::of_all(x, where);
}

} // namespace autograd
