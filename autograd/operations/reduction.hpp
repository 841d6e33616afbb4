#pragma once

#include "autograd/kernels/reduce.hpp"
#include "autograd/operations/cumulative.hpp"
#include "autograd/operations/generic_lines.hpp"
#include "autograd/operations/shaping.hpp"

#include <string>

/// Reductions over all axes of x, over one axis, or over several: f(x), f(x, 0), f(x, {0, -1}), f(x, axes), each also
/// with xt::keep_dims behind, which leaves extents of 1 in place of the axes. Negative axes count from the end. They
/// throw shape_error for axes that are out of range or given twice.
/// \ingroup reduce
namespace autograd
{

/// The attributes of a reduction: bit a for axis a.
struct reduced_axes
{
    std::uint32_t axes;
    bool keep_dims;
    friend bool operator==(const reduced_axes&, const reduced_axes&) = default;
    bool same(const reduced_axes& other) const { return *this == other; }
};

namespace detail
{
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
    const shape_view shape = x.checked(operation, where).shape();
    return all ? all_axes(shape) : axes_set(axes, shape, operation, where);
}

/// What the rules of reductions have in common: their attributes and the shape of the result.
struct over_axes
{
    using attributes = reduced_axes;
    static attributes with_leading_axis(const attributes& a) { return {a.axes << 1, a.keep_dims}; }
    static std::string print(const attributes& a) { return print_axes(a); }
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return reduced_shape(operands[0], a);
    }
};
/// The same of those that are not defined of nothing.
template <class Rule>
struct over_some_axes : over_axes
{
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        elements_along(a.axes, operands[0], Rule::name);
        return over_axes::shape(operands, a);
    }
};
/// Scratch of those whose kernels reduce in passes, and take their results again so many times.
template <std::size_t Again = 0>
struct in_passes
{
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const reduced_axes& a)
    {
        return kernels::scratch_of_reduction<T>(call.operands[0].shape, a.axes, Again);
    }
};

/// Records the rule of a reduction.
template <class Rule, class T>
variable<T> record_reduction(variable<T> x, bool all, const axes_list& axes, bool keep_dims, location where)
{
    return record<Rule, T>(where, x, reduced_axes{axes_of(x, all, axes, Rule::name, where), keep_dims});
}

/// v, of the shape of the reduction y, repeated to the shape of its operand. No storage.
template <class T>
variable<T> spread(const recorded<T>& y, variable<T> v)
{
    const shape_view shape = y.operand_shape(0);
    const std::uint32_t axes = y.template attributes<reduced_axes>().axes;
    const shape_vector kept = reduced_shape(shape, {axes, true});
    const bool are_first = (axes & (axes + 1)) == 0; // then v broadcasts as it is
    const bool broadcasts = v.shape() == shape_view(kept) || (are_first && !(shape_view(kept) == shape));
    const variable<T> column = broadcasts ? v : record_shaped<reshape_rule, T>({}, v, kept);
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
} // namespace detail

// ------------------------------------------------------------------------------------------------------------- sum

struct sum_rule : linear, detail::over_axes, detail::in_passes<>
{
    static constexpr auto name = "sum";
    static constexpr auto latex = R"(\sum #1)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::reductions<T>->sum(call.in(0), call.operands[0].shape, a.axes, call.out(), call.scratch);
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return detail::spread(y, g);
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

/// The sum of elements, pairwise: the error grows with the logarithm of their number. 0 over nothing. Shape: that of x
/// without the axes. Gradient: g, repeated. Throws shape_error for axes out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION_RULE(sum)

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

namespace detail
{
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
} // namespace detail

/// The mean of elements. Shape: that of x without the axes. Gradient: g / n, repeated. Throws shape_error for axes out
/// of range or given twice, value_error over nothing. As in xtensor.
AUTOGRAD_REDUCTION(mean)

// ---------------------------------------------------------------------------------------------------------- product

struct prod_rule : general, detail::over_axes, detail::in_passes<>
{
    static constexpr auto name = "prod";
    static constexpr auto latex = R"(\prod #1)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::products<T>->product(call.in(0), call.operands[0].shape, a.axes, call.out(), call.scratch);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using X = typename Call::element;
        detail::reduce_generic(call, a.axes,
                               [](const std::vector<X>& line)
                               {
                                   X product(1);
                                   for (const X& x : line)
                                   {
                                       product = product * x;
                                   }
                                   return product;
                               });
    }
    /// g times the product of all others: of those before and of those behind.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const detail::merged_axes lines(y.operand_shape(0), y.template attributes<attributes>().axes);
        const variable<T> x = lines.merge(y.operand(0));
        const shape_vector one_of_each{x.shape()[0], 1, x.shape()[2]};
        const variable<T> g = record_shaped<reshape_rule, T>({}, y.cotangent(), one_of_each);
        const kernels::chain product{detail::merged_axes::along, false, kernels::chain_nodes::end,
                                     kernels::chain_nodes::end};
        y.give(0, lines.split(detail::record_chain_cotangent<T>(product, {x, {}, g, {}})));
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

/// The product of elements; 1 over nothing. Up to 64 are multiplied in order: NumPy's value bit for bit, 0 or infinite
/// where that is so on the way. Of more, the value is right to the rounding of each multiplication wherever it is
/// representable. Shape: that of x without the axes. Gradient: g times the product of all others, without division
/// (chain_cotangent): exact at zeros, right wherever it is representable, in every order. Throws shape_error for axes
/// out of range or given twice. As in xtensor.
AUTOGRAD_REDUCTION_RULE(prod)

} // namespace autograd
