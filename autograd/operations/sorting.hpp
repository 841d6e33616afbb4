#pragma once

#include "autograd/operations/comparison.hpp"
#include "autograd/operations/indexing.hpp"

#include <utility>

/// The order of elements. Where they stand is piecewise constant; what stands there is taken by take_along_axis, so
/// that cotangents go back to where the elements came from. NaN counts as the largest of all; equal elements keep their
/// order (0 and -0 are equal).
/// \ingroup sort
namespace autograd
{

// --------------------------------------------------------------------------------------------------- argsort, sort

struct argsort_rule : general
{
    static constexpr auto name = "argsort";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = piecewise_constant;
    using attributes = detail::along_axis;
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::argsort(call.in(0), kernels::axis_blocks(call.shape, a.axis), call.out_indices(), call.scratch);
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a)
    {
        return kernels::scratch_of_order<T>(call.size == 0 ? 0 : call.shape[a.axis]);
    }
    static void samples(auto& s)
    {
        const auto last = [](auto x) { return argsort(x); };
        const auto first = [](auto x) { return argsort(x, 0); };
        s.call("vector", "np.argsort(x, kind='stable')", last, s.numbers({7}));
        s.call("rows", "np.argsort(x, -1, kind='stable')", last, s.numbers({3, 4}));
        s.call("columns", "np.argsort(x, 0, kind='stable')", first, s.numbers({4, 3}));
        s.call(
            "middle axis", "np.argsort(x, 1, kind='stable')", [](auto x) { return argsort(x, 1); },
            s.numbers({2, 5, 3}));
        s.call("many", "np.argsort(x, kind='stable')", last, s.numbers({600}));
        s.call("ties", "np.argsort(x, kind='stable')", last, s.array({7}, {1.5, 0.0, 1.5, -0.0, 1.5, -2.0, 0.0}));
        s.call("NaN last", "np.argsort(x, kind='stable')", last,
               s.array({7}, {s.nan, 1.0, s.inf, s.nan, -s.inf, 0.0, s.inf}));
        s.call("empty", "np.argsort(x, kind='stable')", last, s.numbers({2, 0}));
        s.call("no line", "np.argsort(x, 0, kind='stable')", first, s.numbers({2, 0}));
        s.error("axis", first, "autograd: argsort: axis 0 is outside of shape (), which has no axes.", s.numbers({}));
    }
};
AUTOGRAD_OPERATION(argsort_rule)

namespace detail
{
template <class T>
indices<T> record_argsort(variable<T> x, std::int64_t axis, const char* name, location where)
{
    const std::size_t along = normalized_axis(axis, x.checked(name, where).shape(), name, where);
    return indices<T>(record<argsort_rule, T>(where, x, along_axis{along}));
}
} // namespace detail

/// Where the elements of each line along an axis (by default the last) stand in ascending order. Shape: that of x.
/// Gradient: none (piecewise constant). Throws shape_error for an axis out of range. As in xtensor: xt::argsort, but
/// stable.
template <class T, std::integral I = int>
indices<T> argsort(variable<T> x, I axis = -1, location where = location::current())
{
    return detail::record_argsort(x, detail::signed_integer(axis), argsort_rule::name, where);
}

struct sort_samples
{
    static constexpr auto name = "sort";
    static void samples(auto& s)
    {
        const auto last = [](auto x) { return sort(x); };
        const auto first = [](auto x) { return sort(x, 0); };
        s.call("vector", "np.sort(x)", last, s.numbers({7}));
        s.call("rows", "np.sort(x, -1)", last, s.numbers({3, 4}));
        s.call("columns", "np.sort(x, 0)", first, s.numbers({4, 3}));
        s.call(
            "middle axis", "np.sort(x, 1)", [](auto x) { return sort(x, 1u); }, s.numbers({2, 5, 3}));
        s.call("NaN last", "np.sort(x)", last, s.array({6}, {s.nan, 1.0, s.inf, s.nan, -s.inf, 0.0})).up_to_order(0);
        s.call("empty", "np.sort(x, 0)", first, s.numbers({0, 3}));
        s.error("axis", first, "autograd: sort: axis 0 is outside of shape (), which has no axes.", s.numbers({}));
    }
};
AUTOGRAD_COMPOSITE(sort_samples)

/// The elements of each line along an axis (by default the last) in ascending order. Shape: that of x. Gradient: g at
/// the places where the elements came from; equal ones in their order. Throws shape_error for an axis out of range.
/// As in xtensor: xt::sort.
template <class T, std::integral I = int>
variable<T> sort(variable<T> x, I axis = -1, location where = location::current())
{
    return take_along_axis(x, detail::record_argsort(x, detail::signed_integer(axis), sort_samples::name, where), axis,
                           where);
}

// ------------------------------------------------------------------------------------------------------------ topk

struct topk_rule : general
{
    static constexpr auto name = "topk";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = piecewise_constant;
    struct attributes
    {
        std::size_t axis;
        std::size_t k;
    };
    static std::string print(const attributes& a)
    {
        return std::to_string(a.k) + " along axis " + std::to_string(a.axis);
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        shape_vector result(operands[0]);
        result[a.axis] = a.k;
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::arglargest(call.in(0), kernels::axis_blocks(call.operands[0].shape, a.axis), a.k, call.out_indices(),
                            call.scratch);
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a)
    {
        return kernels::scratch_of_order<T>(call.size == 0 ? 0 : call.operands[0].shape[a.axis]);
    }
    static void samples(auto& s)
    {
        const auto values = [](auto x) { return topk(x, 2).first; };
        const auto positions = [](auto x) { return topk(x, 2).second; };
        const auto down = [](auto x) { return topk(x, 2, 0).first; };
        s.call("values", "np.sort(x)[::-1][:2]", values, s.numbers({7}));
        s.call("positions", "np.argsort(-x, kind='stable')[:2]", positions, s.numbers({7}));
        s.call("values of rows", "-np.sort(-x)[:, :2]", values, s.numbers({3, 4}));
        s.call("positions of rows", "np.argsort(-x, kind='stable')[:, :2]", positions, s.numbers({3, 4}));
        s.call("values of columns", "-np.sort(-x, 0)[:2]", down, s.numbers({4, 3}));
        s.call(
            "middle axis", "-np.sort(-x, 1)[:, :2]", [](auto x) { return topk(x, 2, -2).first; }, s.numbers({2, 5, 3}));
        s.call("ties", "np.argsort(-x, kind='stable')[:2]", positions, s.array({5}, {0.5, 1.5, 0.0, 1.5, 1.5}));
        s.call("NaN first", "np.array([4, 1])", positions, s.array({5}, {0.5, s.inf, 0.0, s.inf, s.nan}));
        s.call(
            "all", "-np.sort(-x)", [](auto x) { return topk(x, 4).first; }, s.numbers({3, 4}));
        s.call(
            "none", "np.zeros((3, 0))", [](auto x) { return topk(x, 0).first; }, s.numbers({3, 4}));
        s.call("no line", "np.zeros((0, 2))", values, s.numbers({0, 4}));
        s.error(
            "too many", [](auto x) { return topk(x, 5).first; },
            "autograd: topk: k is 5, but axis 1 of x, which has shape (3, 4), has extent 4; k must be from 0 to 4.",
            s.numbers({3, 4}));
        s.error(
            "negative", [](auto x) { return topk(x, -1, 0).first; },
            "autograd: topk: k is -1, but axis 0 of x, which has shape (3, 4), has extent 3; k must be from 0 to 3.",
            s.numbers({3, 4}));
        s.error(
            "axis", [](auto x) { return topk(x, 1, 2).first; },
            "autograd: topk: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(topk_rule)

/// The k largest elements of each line along an axis (by default the last), the largest first, and where they stand:
/// auto [values, positions] = topk(x, 3). Of equal ones the first. Shape: that of x, with k along the axis. Gradient:
/// g at the places where the values came from; none to the positions. Throws shape_error for an axis out of range and
/// for k outside of [0, extent].
template <class T, std::integral I = int>
std::pair<variable<T>, indices<T>> topk(variable<T> x, std::ptrdiff_t k, I axis = -1,
                                        location where = location::current())
{
    const shape_view extents = x.checked(topk_rule::name, where).shape();
    const std::size_t along = normalized_axis(detail::signed_integer(axis), extents, topk_rule::name, where);
    if (k < 0 || static_cast<std::size_t>(k) > extents[along])
    {
        throw error::shape_error(where, topk_rule::name, "k is ", k, ", but axis ", along, " of x, which has shape ",
                                 extents, ", has extent ", extents[along], "; k must be from 0 to ", extents[along],
                                 ".");
    }
    const topk_rule::attributes attributes{along, static_cast<std::size_t>(k)};
    const indices<T> positions(record<topk_rule, T>(where, x, attributes));
    return {take_along_axis(x, positions, along, where), positions};
}

} // namespace autograd
