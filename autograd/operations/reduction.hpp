#pragma once

#include "autograd/kernels/arg_extremum.hpp"
#include "autograd/kernels/reduce.hpp"
#include "autograd/operations/cumulative.hpp"
#include "autograd/operations/rounding.hpp"
#include "autograd/operations/shaping.hpp"

#include <bit>
#include <limits>
#include <string>

/// Reductions over all axes of x, over one axis, or over several: f(x), f(x, 0), f(x, {0, -1}), f(x, axes), each also
/// with xt::keep_dims behind, which leaves extents of 1 in place of the axes. Negative axes count from the end. They
/// throw shape_error for axes that are out of range or given twice.
namespace autograd
{

/// The attributes of a reduction: bit a for axis a.
struct reduced_axes
{
    std::uint32_t axes;
    bool keep_dims;
    friend bool operator==(const reduced_axes&, const reduced_axes&) = default;
};

/// The shape without the axes.
shape_vector reduced_shape(shape_view shape, const reduced_axes& a);
/// "axis 1", "axes {0, 2}, keep_dims"
std::string print_axes(const reduced_axes& a);
/// How many elements there are along the axes, for what is not defined of none: throws value_error then, in the name of
/// the operation, unless the result has no elements either.
std::size_t elements_along(std::uint32_t axes, shape_view shape, const char* operation, location where = {});

/// The axes that the arguments of a reduction mean.
template <class T>
std::uint32_t axes_of(variable<T> x, bool all, const axes_list& axes, const char* operation, location where)
{
    const shape_view shape = x.checked(operation).shape();
    return all ? all_axes(shape) : axes_set(axes, shape, operation, where);
}

/// v, of the shape of the reduction y, repeated to the shape of its operand. No storage.
template <class T>
variable<T> spread(const recorded<T>& y, variable<T> v)
{
    const shape_view shape = y.operand_shape(0);
    const std::uint32_t axes = y.template attributes<reduced_axes>().axes;
    const shape_vector kept = reduced_shape(shape, {axes, true});
    const variable<T> column = v.shape() == shape_view(kept) ? v : record_shaped<reshape_rule, T>({}, v, kept);
    return shape_view(kept) == shape ? column : record_shaped<broadcast_rule, T>({}, column, shape);
}

/// Some axes of an array brought together as one, in three axes (outer, merged, inner): for derivatives that run along
/// what was reduced. Without a copy where the axes are neighbours.
class merged_axes
{
public:
    merged_axes(shape_view shape, std::uint32_t axes);

    static constexpr std::size_t along = 1; ///< the merged axis

    template <class T>
    variable<T> merge(variable<T> x) const
    {
        const variable<T> ordered = m_neighbours ? x : record<transpose_rule, T>({}, x, m_order);
        return record_shaped<reshape_rule, T>({}, ordered, m_merged);
    }
    template <class T>
    variable<T> split(variable<T> merged) const
    {
        const variable<T> ordered = record_shaped<reshape_rule, T>({}, merged, m_ordered);
        return m_neighbours ? ordered : record<transpose_rule, T>({}, ordered, inverse(m_order));
    }

private:
    bool m_neighbours;
    transpose_rule::attributes m_order; ///< the kept axes, then the others
    shape_vector m_ordered;
    shape_vector m_merged;
};

/// x / n, at the line that the caller was called from.
template <class T>
variable<T> divided(variable<T> x, double n, location where)
{
    return record_elementwise<divide_rule, T>(operand<T>(x, where), operand<T>(n, where));
}

// ------------------------------------------------------------------------------------------------------------- sum

struct sum_rule : linear
{
    static constexpr auto name = "sum";
    static constexpr auto latex = R"(\sum #1)";
    using attributes = reduced_axes;
    static std::string print(const attributes& a) { return print_axes(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return reduced_shape(operands[0], a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::sum(call.in(0), call.operands[0].shape, a.axes, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return spread(y, g);
    }
    static void samples(auto& s)
    {
        const auto all = [](auto x) { return sum(x); };
        s.call("all", "np.sum(x)", all, s.numbers({2, 3, 4}));
        s.call("scalar", "np.sum(x)", all, s.numbers({}));
        s.call("empty", "np.sum(x)", all, s.numbers({2, 0}));
        s.call("longer than a block", "np.sum(x)", all, s.positive({2111})).up_to_order(1);
        s.call(
            "first axis", "np.sum(x, 0)", [](auto x) { return sum(x, 0); }, s.numbers({2, 3}));
        s.call(
            "last axis", "np.sum(x, -1)", [](auto x) { return sum(x, -1); }, s.numbers({2, 3}));
        s.call(
            "middle axis", "np.sum(x, 1)", [](auto x) { return sum(x, std::size_t{1}); }, s.numbers({2, 3, 4}));
        s.call(
            "rows of two", "np.sum(x, 1)", [](auto x) { return sum(x, 1); }, s.numbers({19, 2}));
        s.call(
            "two axes", "np.sum(x, (0, 2))",
            [](auto x) {
                return sum(x, {0, 2});
            },
            s.numbers({2, 3, 4}));
        s.call(
            "two axes kept", "np.sum(x, (0, 2), keepdims=True)",
            [](auto x) {
                return sum(x, {-3, -1}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "all kept", "np.sum(x, keepdims=True)", [](auto x) { return sum(x, xt::keep_dims); }, s.numbers({2, 3}));
        s.call(
            "axes in a container", "np.sum(x, (1, 3))",
            [](auto x) {
                return sum(x, std::vector<int>{1, 3});
            },
            s.numbers({2, 3, 2, 2}));
        s.call(
            "no axes", "np.sum(x, ())", [](auto x) { return sum(x, std::vector<int>{}); }, s.numbers({2, 3}));
        s.call(
            "no axes in braces", "np.sum(x, ())", [](auto x) { return sum(x, {}); }, s.numbers({2, 3}));
        s.call("negative zero", "np.sum(x)", all, s.array({1}, {-0.0}));
        s.call(
            "empty axis", "np.sum(x, 1)", [](auto x) { return sum(x, 1); }, s.numbers({2, 0}));
        s.call(
            "beside an empty axis", "np.sum(x, 0)", [](auto x) { return sum(x, 0); }, s.numbers({2, 0}));
        s.call("special values", "np.sum(x)", all, s.array({3}, {1.0, s.inf, 2.0})).up_to_order(0);
        s.call("NaN", "np.sum(x)", all, s.array({3}, {1.0, s.nan, s.inf})).up_to_order(0);
        s.error(
            "axis", [](auto x) { return sum(x, 2); },
            "autograd: sum: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
        s.error(
            "twice",
            [](auto x) {
                return sum(x, {1, -1});
            },
            "autograd: sum: axis -1 is given twice; each may be given once.", s.numbers({3, 4}));
        s.error(
            "scalar", [](auto x) { return sum(x, 0); },
            "autograd: sum: axis 0 is outside of shape (), which has no axes.", s.numbers({}));
    }
};
AUTOGRAD_OPERATION(sum_rule)

template <class T>
variable<T> sum_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<sum_rule, T>(where, x, reduced_axes{axes_of(x, all, axes, sum_rule::name, where), keep_dims});
}

/// The sum of elements, pairwise: the error grows with the logarithm of their number. 0 over nothing. Shape: that of x
/// without the axes. Gradient: g, repeated. Throws shape_error for axes out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION(sum)

struct mean_samples
{
    static constexpr auto name = "mean";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.mean(x)", [](auto x) { return mean(x); }, s.numbers({2, 3}));
        s.call(
            "scalar", "np.mean(x)", [](auto x) { return mean(x); }, s.numbers({}));
        s.call(
            "last axis", "np.mean(x, -1)", [](auto x) { return mean(x, -1); }, s.numbers({2, 3}));
        s.call(
            "two axes kept", "np.mean(x, (0, 2), keepdims=True)",
            [](auto x) {
                return mean(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "beside an empty axis", "np.mean(x, 0)", [](auto x) { return mean(x, 0); }, s.numbers({2, 0}));
        s.error(
            "nothing", [](auto x) { return mean(x, 1); },
            "autograd: mean: x has shape (2, 0), with nothing along axis 1; mean needs an element at least.",
            s.numbers({2, 0}));
        s.error(
            "axis", [](auto x) { return mean(x, -3); },
            "autograd: mean: axis -3 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_COMPOSITE(mean_samples)

template <class T>
variable<T> mean_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    const std::uint32_t axes = axes_of(x, all, list, mean_samples::name, where);
    const std::size_t n = elements_along(axes, x.shape(), mean_samples::name, where);
    return record_composite(
        mean_samples::name, where, x,
        [&] {
            return divided(record<sum_rule, T>(where, x, reduced_axes{axes, keep_dims}), static_cast<double>(n), where);
        });
}

/// The mean of elements. Shape: that of x without the axes. Gradient: g / n, repeated. Throws shape_error for axes out
/// of range or given twice, value_error over nothing. As in xtensor.
AUTOGRAD_REDUCTION(mean)

// ---------------------------------------------------------------------------------------------------------- product

struct prod_rule : general
{
    static constexpr auto name = "prod";
    static constexpr auto latex = R"(\prod #1)";
    using attributes = reduced_axes;
    static std::string print(const attributes& a) { return print_axes(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return reduced_shape(operands[0], a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::product(call.in(0), call.operands[0].shape, a.axes, call.out());
    }
    /// The product of all others is that of those before and of those behind: no division, exact at zeros.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const merged_axes lines(y.operand_shape(0), y.template attributes<attributes>().axes);
        const variable<T> x = lines.merge(y.operand(0));
        const variable<T> before = record_cumprod(x, merged_axes::along, false, true);
        const variable<T> behind = record_cumprod(x, merged_axes::along, true, true);
        y.give(0, spread(y, y.cotangent()) * lines.split(before * behind));
    }
    static void samples(auto& s)
    {
        const auto all = [](auto x) { return prod(x); };
        s.call("all", "np.prod(x)", all, s.numbers({2, 3}));
        s.call("scalar", "np.prod(x)", all, s.numbers({}));
        s.call("empty", "np.prod(x)", all, s.numbers({0}));
        s.call("a zero", "np.prod(x)", all, s.array({3}, {2.0, 3.0, 0.0}));
        s.call("two zeros", "np.prod(x)", all, s.array({4}, {2.0, 0.0, 3.0, 0.0}));
        s.call("three zeros", "np.prod(x)", all, s.array({4}, {0.0, 0.0, 3.0, 0.0}));
        s.call(
            "middle axis with zeros", "np.prod(x, 1)", [](auto x) { return prod(x, 1); },
            s.array({2, 3, 2}, {0.0, 1.5, 2.0, -0.5, 0.0, 3.0, 0.5, 0.0, -1.0, 1.0, 2.0, 4.0}));
        s.call(
            "two axes that are not neighbours", "np.prod(x, (0, 2), keepdims=True)",
            [](auto x) {
                return prod(x, {0, 2}, xt::keep_dims);
            },
            s.array({2, 3, 2}, {0.0, 1.5, 2.0, -0.5, 0.5, 3.0, 0.5, 0.0, -1.0, 1.0, 2.0, 4.0}));
        s.call(
            "neighbours", "np.prod(x, (1, 2))",
            [](auto x) {
                return prod(x, {1, 2});
            },
            s.numbers({2, 3, 2}));
        s.call("in order, without overflow", "np.prod(x)", all, s.array({4}, {1e30, 1e-30, 1e30, 1e-30}))
            .up_to_order(0);
        s.error(
            "axis", [](auto x) { return prod(x, 2); },
            "autograd: prod: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(prod_rule)

template <class T>
variable<T> prod_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<prod_rule, T>(where, x, reduced_axes{axes_of(x, all, axes, prod_rule::name, where), keep_dims});
}

/// The product of elements; 1 over nothing. Shape: that of x without the axes. Gradient: g times the product of all
/// others, without division: exact at zeros, in every order. Throws shape_error for axes out of range or given twice.
/// As in xtensor.
AUTOGRAD_REDUCTION(prod)

// -------------------------------------------------------------------------------------------------- extreme elements

/// The largest (Sign 1) or smallest (-1) element.
template <int Sign>
struct extremum_rule : general
{
    static constexpr auto name = Sign > 0 ? "amax" : "amin";
    static constexpr auto latex = Sign > 0 ? R"(\max #1)" : R"(\min #1)";
    using attributes = reduced_axes;
    static std::string print(const attributes& a) { return print_axes(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        elements_along(a.axes, operands[0], name);
        return reduced_shape(operands[0], a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const auto kernel = Sign > 0 ? kernels::maximum<T> : kernels::minimum<T>;
        kernel(call.in(0), call.operands[0].shape, a.axes, call.out());
    }
    /// What is not beside the extremum shares g evenly. The shares are counted themselves: the difference of all and
    /// those beside would have lost them among many elements. Where the extremum is NaN nothing is beside it, so all
    /// get a share: NaN, by the count.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes& a = y.template attributes<attributes>();
        const variable<T> top = y.output();
        const variable<T> spread_top = spread(y, top);
        const variable<T> tie = !(Sign > 0 ? y.operand(0) < spread_top : y.operand(0) > spread_top);
        const variable<T> ties = record<sum_rule, T>({}, tie, a);
        const variable<T> share = y.cotangent() / where(equal(top, top), ties, std::numeric_limits<T>::quiet_NaN());
        y.give(0, where(tie, spread(y, share), 0));
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
            {{1.5, 1.5, 0.5, 0.5}, {0.0, -0.0, 0.5, 0.5}, {s.nan, 1.0, s.nan, s.nan}});
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

template <class T>
variable<T> amax_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<amax_rule, T>(where, x, reduced_axes{axes_of(x, all, axes, amax_rule::name, where), keep_dims});
}
template <class T>
variable<T> amin_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<amin_rule, T>(where, x, reduced_axes{axes_of(x, all, axes, amin_rule::name, where), keep_dims});
}

/// The largest element; NaN where there is one. Shape: that of x without the axes. Gradient: g to it, shared evenly by
/// equal ones; NaN along with a NaN. Throws shape_error for axes out of range or given twice, value_error over nothing.
/// As in xtensor.
AUTOGRAD_REDUCTION(amax)

/// The smallest element; NaN where there is one. Shape: that of x without the axes. Gradient: g to it, shared evenly by
/// equal ones; NaN along with a NaN. Throws shape_error for axes out of range or given twice, value_error over nothing.
/// As in xtensor.
AUTOGRAD_REDUCTION(amin)

/// Where the largest (Sign 1) or smallest (-1) element stands.
template <int Sign>
struct arg_extremum_rule : general
{
    static constexpr auto name = Sign > 0 ? "argmax" : "argmin";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = piecewise_constant;
    using attributes = reduced_axes;
    static std::string print(const attributes& a) { return print_axes(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        elements_along(a.axes, operands[0], name);
        return reduced_shape(operands[0], a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const auto kernel = Sign > 0 ? kernels::argmax<T> : kernels::argmin<T>;
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
        x.checked(name);
        const std::uint32_t axes = axes_of(x, false, axes_list(axis), name, where);
        return indices<T>(record<arg_extremum_rule, T>(where, x, attributes{axes, false}));
    }
    template <class T>
    static indices<T> of_all(variable<T> x, location where)
    {
        x.checked(name);
        elements_along(axes_of(x, true, axes_list(), name, where), x.shape(), name, where);
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
template <class T, std::integral I>
indices<T> argmax(variable<T> x, I axis, location where = location::current())
{
    return argmax_rule::along(x, static_cast<std::int64_t>(axis), where);
}
template <class T>
indices<T> argmax(variable<T> x, location where = location::current())
{
    return argmax_rule::of_all(x, where);
}

/// Where along an axis the smallest element stands, or in all of x, flattened: the first of equal ones; a NaN counts as
/// the smallest. Shape: that of x without the axis. Gradient: none (piecewise constant). Throws shape_error for an axis
/// out of range, value_error over nothing. As in xtensor.
template <class T, std::integral I>
indices<T> argmin(variable<T> x, I axis, location where = location::current())
{
    return argmin_rule::along(x, static_cast<std::int64_t>(axis), where);
}
template <class T>
indices<T> argmin(variable<T> x, location where = location::current())
{
    return argmin_rule::of_all(x, where);
}

// ------------------------------------------------------------------------------------------------ norms, deviations

struct norm_sq_rule : general
{
    static constexpr auto name = "norm_sq";
    static constexpr auto latex = R"(\sum {#1}^2)";
    using attributes = reduced_axes;
    static std::string print(const attributes& a) { return print_axes(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return reduced_shape(operands[0], a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::sum_of_squares(call.in(0), call.operands[0].shape, a.axes, call.out());
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, spread(y, 2 * y.cotangent()) * y.operand(0));
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

template <class T>
variable<T> norm_sq_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<norm_sq_rule, T>(where, x, reduced_axes{axes_of(x, all, axes, norm_sq_rule::name, where), keep_dims});
}

/// The sum of squares. Shape: that of x without the axes. Gradient: 2 g x. Throws shape_error for axes out of range or
/// given twice. As in xtensor.
AUTOGRAD_REDUCTION(norm_sq)

/// The root of what is 0 only at its minimum, where norms and deviations have a kink: the derivative is 0 there.
struct root_rule : elementwise
{
    static constexpr auto name = "root";
    static constexpr auto latex = R"(\sqrt{#1})";
    static constexpr auto forward = [](auto x) { return sqrt(x); };
    static constexpr auto pulls =
        per_operand{[](auto, auto y, auto g) { return select(equal(y, 0), 0, g / (2 * select(equal(y, 0), 1, y))); }};
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return record<root_rule>({}, x); };
        s.unary("np.sqrt(x)", f, {1e-30, 0.1, 1.0, 2.5, 1e30, s.inf, s.nan});
        s.kinks(f, {{0.0, 0.0}, {s.inf, 0.0}, {-1.0, s.nan}});
    }
};
AUTOGRAD_OPERATION(root_rule)

struct norm_l2_samples
{
    static constexpr auto name = "norm_l2";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.linalg.norm(x)", [](auto x) { return norm_l2(x); }, s.numbers({2, 3}));
        s.call(
            "an axis", "np.linalg.norm(x, axis=1)", [](auto x) { return norm_l2(x, 1); }, s.numbers({2, 3}));
        s.call(
            "two axes kept", "np.sqrt(np.sum(x * x, (0, 2), keepdims=True))",
            [](auto x) {
                return norm_l2(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call(
            "empty", "np.linalg.norm(x)", [](auto x) { return norm_l2(x); }, s.numbers({0}));
        s.kinks([](auto x) { return norm_l2(expand_dims(x, 0), 0); }, {{0.0, 0.0}, {-2.0, -1.0}});
        s.binary_kinks(
            [](auto x, auto y) {
                return norm_l2(stack(std::vector{x, y}, 0), 0);
            },
            {{0.0, 0.0, 0.0, 0.0}, {3.0, -4.0, 0.6, -0.8}, {2.0, 0.0, 1.0, 0.0}});
        s.error(
            "axis", [](auto x) { return norm_l2(x, 2); },
            "autograd: norm_l2: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_COMPOSITE(norm_l2_samples)

template <class T>
variable<T> norm_l2_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    const std::uint32_t axes = axes_of(x, all, list, norm_l2_samples::name, where);
    return record_composite(
        norm_l2_samples::name, where, x,
        [&] {
            return record<root_rule, T>(where, record<norm_sq_rule, T>(where, x, reduced_axes{axes, keep_dims}));
        });
}

/// The Euclidean norm, the root of the sum of squares (not scaled, as NumPy's: it overflows where the squares do).
/// Shape: that of x without the axes. Gradient: g x / y, and 0 at the zero vector. Where one element is r times as
/// large as all others together, its own second derivative, which is about 1 / r^2 of theirs, has lost r^2 units in the
/// last place (that of hypot has not). Throws shape_error for axes out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION(norm_l2)

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

template <class T>
variable<T> norm_l1_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where)
{
    const std::uint32_t axes = axes_of(x, all, list, norm_l1_samples::name, where);
    return record_composite(norm_l1_samples::name, where, x,
                            [&] {
                                return record<sum_rule, T>(where, abs(x, where), reduced_axes{axes, keep_dims});
                            });
}

/// The sum of magnitudes. Shape: that of x without the axes. Gradient: g or -g by the sign of x, 0 at 0. Throws
/// shape_error for axes out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION(norm_l1)

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

/// The mean is subtracted by adding its negative, so that the transpose needs no negation of the size of x.
template <class T>
variable<T> variance_over(variable<T> x, bool all, const axes_list& list, bool keep_dims, location where,
                          const char* name = variance_samples::name)
{
    const std::uint32_t axes = axes_of(x, all, list, name, where);
    const auto n = static_cast<double>(elements_along(axes, x.shape(), name, where));
    return record_composite(
        name, where, x,
        [&]
        {
            const variable<T> minus_mean = divided(record<sum_rule, T>(where, x, reduced_axes{axes, true}), -n, where);
            const variable<T> deviations = record_elementwise<add_rule, T>({x, where}, {minus_mean, where});
            return divided(record<norm_sq_rule, T>(where, deviations, reduced_axes{axes, keep_dims}), n, where);
        });
}

/// The mean squared deviation from the mean (biased: over n, as NumPy's). Shape: that of x without the axes. Gradient:
/// 2 g (x - mean) / n. Throws shape_error for axes out of range or given twice, value_error over nothing. As in
/// xtensor.
AUTOGRAD_REDUCTION(variance)

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
            {{1.5, 1.5, 0.0, 0.0}, {3.0, 1.0, 0.5, -0.5}});
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

template <class T>
variable<T> stddev_over(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    constexpr auto name = stddev_samples::name;
    return record_composite(
        name, where, x,
        [&] { return record<root_rule, T>(where, variance_over(x, all, axes, keep_dims, where, name)); });
}

/// The root of the variance (biased). Shape: that of x without the axes. Gradient: g (x - mean) / (n y), and 0 where
/// all elements are equal. (Where the mean of equal elements is rounded, y is not 0 but of the size of the rounding,
/// and the second derivative, which is of the size of 1 / y, means nothing.) Throws shape_error for axes out of range
/// or given twice, value_error over nothing. As in xtensor.
AUTOGRAD_REDUCTION(stddev)

} // namespace autograd
