#pragma once

#include "autograd/kernels/copy.hpp"
#include "autograd/operations/axes.hpp"
#include "autograd/operations/batched.hpp"
#include "autograd/operations/record.hpp"

#include <numeric>

/// The same elements in another shape or order.
/// \ingroup shape
namespace autograd
{

namespace detail
{
/// The shape that extents with at most one -1 mean for so many elements. Throws shape_error.
shape_vector inferred_shape(const axes_list& extents, shape_view of, location where);
} // namespace detail

// ------------------------------------------------------------------------------------------------------- broadcast

struct broadcast_rule : linear
{
    static constexpr auto name = "broadcast";
    static constexpr auto latex = "#1";
    static constexpr auto storage = storage_kind::broadcast;
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return sum_to(g, y.operand_shape(0));
    }
    /// The axes that the result has more come behind that of the directions.
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s)
    {
        s.call(
            "row", "np.broadcast_to(x, (2, 3))",
            [](auto x) {
                return broadcast(x, {2, 3});
            },
            s.numbers({3}));
        s.call(
            "column", "np.broadcast_to(x, (2, 3))",
            [](auto x) {
                return broadcast(x, {2, 3});
            },
            s.numbers({2, 1}));
        s.call(
            "scalar", "np.broadcast_to(x, (2, 3))",
            [](auto x) {
                return broadcast(x, {2, 3});
            },
            s.numbers({}));
        s.call(
            "of a broadcast", "np.broadcast_to(x, (4, 2, 3))",
            [](auto x) {
                return broadcast(broadcast(x, {2, 3}), {4, 2, 3});
            },
            s.numbers({2, 1}));
        s.call(
            "to nothing", "np.broadcast_to(x, (0, 3))",
            [](auto x) {
                return broadcast(x, {0, 3});
            },
            s.numbers({3}));
        s.error(
            "shapes",
            [](auto x) {
                return broadcast(x, {2, 4});
            },
            "autograd: broadcast: x has shape (3,), which does not broadcast to (2, 4); aligned at their last axes, "
            "its extents must be equal or 1.",
            s.numbers({3}));
    }
};
AUTOGRAD_OPERATION(broadcast_rule)

namespace detail
{
template <class T>
variable<T> broadcast_list(variable<T> x, const axes_list& extents, location where)
{
    const shape_vector shape = extents_of(extents, "broadcast", where);
    const shape_view from = x.checked(broadcast_rule::name, where).shape();
    if (!broadcasts_to(from, shape))
    {
        throw error::shape_error(where, broadcast_rule::name, "x has shape ", from, ", which does not broadcast to ",
                                 shape, "; aligned at their last axes, its extents must be equal or 1.");
    }
    return record_shaped<broadcast_rule, T>(where, x, shape);
}
} // namespace detail

/// x repeated along new leading axes and along axes of extent 1, without storage. Shape: the one given, in braces or a
/// container. Gradient: g summed over the repetitions. Throws shape_error where x does not broadcast to it.
/// As in xtensor: xt::broadcast.
AUTOGRAD_TAKES_INTEGERS(broadcast, shape)

// --------------------------------------------------------------------------------------------------------- reshape

struct reshape_rule : linear
{
    static constexpr auto name = "reshape";
    static constexpr auto latex = "#1";
    static constexpr auto storage = storage_kind::shared;
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return record_shaped<reshape_rule, T>({}, g, y.operand_shape(0));
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        const handle<T> x = y.given(0);
        return y.record_shaped({&x, 1}, {}, y.behind_axis(y.shape()));
    }
    static void samples(auto& s)
    {
        s.call(
            "matrix", "np.reshape(x, (3, 2))",
            [](auto x) {
                return reshape(x, {3, 2});
            },
            s.numbers({2, 3}));
        s.call(
            "inferred", "np.reshape(x, (-1, 2))",
            [](auto x) {
                return reshape(x, {-1, 2});
            },
            s.numbers({2, 3}));
        s.call(
            "to a scalar", "np.reshape(x, ())", [](auto x) { return reshape(x, {}); }, s.numbers({1, 1}));
        s.call(
            "empty", "np.reshape(x, (3, 0, 2))",
            [](auto x) {
                return reshape(x, {3, 0, 2});
            },
            s.numbers({0, 4}));
        s.call(
            "of a broadcast", "np.reshape(np.broadcast_to(x, (2, 3)), (6,))",
            [](auto x) {
                return reshape(broadcast(x, {2, 3}), {6});
            },
            s.numbers({3}));
        s.error(
            "count",
            [](auto x) {
                return reshape(x, {4, 2});
            },
            "autograd: reshape: x has shape (2, 3) with 6 elements, but (4, 2) has 8; the counts must be equal.",
            s.numbers({2, 3}));
        s.error(
            "inferred",
            [](auto x) {
                return reshape(x, {-1, 4});
            },
            "autograd: reshape: x has shape (2, 3) with 6 elements, which do not divide into (-1, 4).",
            s.numbers({2, 3}));
        s.error(
            "inferred twice",
            [](auto x) {
                return reshape(x, {-1, -1});
            },
            "autograd: reshape: the extent -1, which is inferred from the others, may be given once.",
            s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(reshape_rule)

namespace detail
{
template <class T>
variable<T> reshape_list(variable<T> x, const axes_list& extents, location where)
{
    return record_shaped<reshape_rule, T>(where, x,
                                          inferred_shape(extents, x.checked(reshape_rule::name, where).shape(), where));
}
} // namespace detail

/// The same elements in row-major order under another shape, without a copy. One extent may be -1: it is inferred.
/// Shape: the one given. Gradient: g in the shape of x. Throws shape_error unless the element counts are equal.
/// As NumPy's reshape.
AUTOGRAD_TAKES_INTEGERS(reshape, shape)

/// The elements in row-major order. Shape: (size,). Gradient: g in the shape of x. As in xtensor: xt::flatten.
template <class T>
variable<T> flatten(variable<T> x, location where = location::current())
{
    return record_shaped<reshape_rule, T>(where, x, {x.checked("flatten", where).size()});
}

struct flatten_samples
{
    static constexpr auto name = "flatten";
    static void samples(auto& s)
    {
        s.call(
            "matrix", "x.flatten()", [](auto x) { return flatten(x); }, s.numbers({2, 3}));
        s.call(
            "scalar", "x.flatten()", [](auto x) { return flatten(x); }, s.numbers({}));
        s.call(
            "empty", "x.flatten()", [](auto x) { return flatten(x); }, s.numbers({2, 0}));
    }
};
AUTOGRAD_COMPOSITE(flatten_samples)

/// x with a new axis of extent 1 before the given one (negative: counted from the end of the result). Shape: one axis
/// more. Gradient: g in the shape of x. Throws shape_error for an axis out of range. As in xtensor: xt::expand_dims.
template <class T, std::integral I>
variable<T> expand_dims(variable<T> x, I axis, location where = location::current())
{
    return record_composite("expand_dims", where, x,
                            [&]
                            {
                                const shape_view extents = x.shape();
                                shape_vector shape(extents);
                                shape.push_back(1);
                                const std::size_t at =
                                    normalized_axis(detail::signed_integer(axis), shape, "expand_dims", where);
                                shape = shape_vector(extents);
                                shape.insert(at, 1);
                                return record_shaped<reshape_rule, T>(where, x, shape);
                            });
}
/// The same for the very type of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
variable<T> expand_dims(variable<T> x, std::size_t axis, location where = location::current())
{
    return expand_dims(x, detail::signed_integer(axis), where);
}

/// By mistake several axes are given.
template <class T>
mistake::one_axis expand_dims(variable<T>, std::initializer_list<integer>);

struct expand_dims_samples
{
    static constexpr auto name = "expand_dims";
    static void samples(auto& s)
    {
        s.call(
            "first", "np.expand_dims(x, 0)", [](auto x) { return expand_dims(x, 0); }, s.numbers({2, 3}));
        s.call(
            "last", "np.expand_dims(x, -1)", [](auto x) { return expand_dims(x, -1); }, s.numbers({2, 3}));
        s.call(
            "scalar", "np.expand_dims(x, 0)", [](auto x) { return expand_dims(x, 0u); }, s.numbers({}));
        s.error(
            "axis", [](auto x) { return expand_dims(x, 4); },
            "autograd: expand_dims: axis 4 is outside of shape (2, 3, 1); it must be from -3 to 2.", s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(expand_dims_samples)

namespace detail
{
template <class T>
variable<T> squeeze_list(variable<T> x, const axes_list& axes, location where)
{
    const shape_view extents = x.checked("squeeze", where).shape();
    const std::uint32_t dropped = axes_set(axes, extents, "squeeze", where);
    shape_vector shape;
    for (std::size_t axis = 0; axis < extents.size(); ++axis)
    {
        if (((dropped >> axis) & 1) == 0)
        {
            shape.push_back(extents[axis]);
        }
        else if (extents[axis] != 1)
        {
            throw error::shape_error(where, "squeeze", "axis ", axis, " of x, which has shape ", extents,
                                     ", has extent ", extents[axis], "; only axes of extent 1 can be dropped.");
        }
    }
    return record_shaped<reshape_rule, T>(where, x, shape);
}
} // namespace detail

/// x without the given axes, which must have extent 1: one axis, several in braces, or all of extent 1 when none is
/// given. Shape: fewer axes. Gradient: g in the shape of x. Throws shape_error for other axes. As in xtensor:
/// xt::squeeze.
AUTOGRAD_TAKES_INTEGERS(squeeze, axes)
template <class T, std::integral I>
variable<T> squeeze(variable<T> x, I axis, location where = location::current())
{
    return detail::squeeze_list(x, axes_list(axis), where);
}
template <class T>
variable<T> squeeze(variable<T> x, std::size_t axis, location where = location::current())
{
    return detail::squeeze_list(x, axes_list(axis), where);
}
template <class T>
variable<T> squeeze(variable<T> x, location where = location::current())
{
    shape_vector shape(x.checked("squeeze", where).shape());
    const auto end = std::remove(shape.begin(), shape.end(), std::size_t{1});
    return record_shaped<reshape_rule, T>(where, x, shape_vector(shape.begin(), end));
}

struct squeeze_samples
{
    static constexpr auto name = "squeeze";
    static void samples(auto& s)
    {
        s.call(
            "all", "np.squeeze(x)", [](auto x) { return squeeze(x); }, s.numbers({1, 3, 1}));
        s.call(
            "one", "np.squeeze(x, -1)", [](auto x) { return squeeze(x, -1); }, s.numbers({1, 3, 1}));
        s.call(
            "two", "np.squeeze(x, (0, 2))",
            [](auto x) {
                return squeeze(x, {0, 2});
            },
            s.numbers({1, 3, 1}));
        s.error(
            "extent", [](auto x) { return squeeze(x, 1); },
            "autograd: squeeze: axis 1 of x, which has shape (1, 3), has extent 3; only axes of extent 1 can be "
            "dropped.",
            s.numbers({1, 3}));
    }
};
AUTOGRAD_COMPOSITE(squeeze_samples)

// ------------------------------------------------------------------------------------------------------- transpose

namespace detail
{
/// Its samples stand behind the public function, whose name is that of a member of the rule.
template <class Sampler>
void sample_transpose(Sampler& s);
} // namespace detail

struct transpose_rule : linear
{
    static constexpr auto name = "transpose";
    static constexpr auto latex = R"(#1^{\top}
axes {1, 0}: #1^{\top})";
    /// Axis k of the result is axis order[k] of the operand.
    struct attributes
    {
        std::uint8_t order[max_dimension];
        std::uint8_t dimension;
    };
    static attributes with_leading_axis(const attributes& a);
    static std::string print(const attributes& a);
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g);
    static void samples(auto& s) { detail::sample_transpose(s); }
};
AUTOGRAD_OPERATION(transpose_rule)

namespace detail
{
/// The permutation that a list of axes means. Throws shape_error unless it names each axis of the shape once.
transpose_rule::attributes permutation(const axes_list& axes, shape_view shape, const char* operation, location where);
/// The permutation that undoes another.
transpose_rule::attributes inverse(const transpose_rule::attributes& order);
/// The axes reversed.
transpose_rule::attributes reversed_axes(std::size_t dimension);

template <class T>
variable<T> transpose_list(variable<T> x, const axes_list& axes, location where)
{
    return record<transpose_rule, T>(
        where, x, permutation(axes, x.checked(transpose_rule::name, where).shape(), transpose_rule::name, where));
}
} // namespace detail

/// x with its axes reversed, or in the order given: axis k of the result is axis order[k] of x. Shape: permuted.
/// Gradient: g, permuted back. Throws shape_error unless each axis is given once. As in xtensor: xt::transpose.
AUTOGRAD_TAKES_INTEGERS(transpose, order)
template <class T>
variable<T> transpose(variable<T> x, location where = location::current())
{
    return record<transpose_rule, T>(where, x,
                                     detail::reversed_axes(x.checked(transpose_rule::name, where).dimension()));
}

namespace detail
{
template <class Sampler>
void sample_transpose(Sampler& s)
{
    s.call(
        "matrix", "np.transpose(x)", [](auto x) { return transpose(x); }, s.numbers({2, 3}));
    s.call(
        "square", "np.transpose(x)", [](auto x) { return transpose(x); }, s.numbers({3, 3}));
    s.call(
        "larger than a block", "np.transpose(x)", [](auto x) { return transpose(x); }, s.numbers({19, 3}));
    s.call(
        "three axes", "np.transpose(x, (2, 0, 1))",
        [](auto x) {
            return transpose(x, {2, 0, 1});
        },
        s.numbers({2, 3, 2}));
    s.call(
        "negative axes", "np.transpose(x, (0, -1, 1))",
        [](auto x) {
            return transpose(x, {0, -1, 1});
        },
        s.numbers({2, 3, 2}));
    s.call(
        "scalar", "np.transpose(x)", [](auto x) { return transpose(x); }, s.numbers({}));
    s.call(
        "empty", "np.transpose(x)", [](auto x) { return transpose(x); }, s.numbers({0, 2}));
    s.error(
        "too few",
        [](auto x) {
            return transpose(x, {1, 0});
        },
        "autograd: transpose: 2 axes for shape (2, 3, 2); each of its 3 axes must be given once.",
        s.numbers({2, 3, 2}));
    s.error(
        "twice",
        [](auto x) {
            return transpose(x, {1, 1});
        },
        "autograd: transpose: axis 1 is given twice; each may be given once.", s.numbers({2, 3}));
}
} // namespace detail

template <class T>
variable<T> transpose_rule::transpose(const recorded<T>& y, variable<T> g)
{
    return record<transpose_rule, T>({}, g, detail::inverse(y.template attributes<attributes>()));
}

/// x with two axes exchanged. Shape: exchanged. Gradient: g, exchanged back. Throws shape_error for axes out of range.
/// As in xtensor: xt::swapaxes.
template <class T>
variable<T> swapaxes(variable<T> x, std::ptrdiff_t first, std::ptrdiff_t second, location where = location::current())
{
    const shape_view extents = x.checked("swapaxes", where).shape();
    std::vector<std::size_t> order(extents.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::swap(order[normalized_axis(first, extents, "swapaxes", where)],
              order[normalized_axis(second, extents, "swapaxes", where)]);
    return detail::transpose_list(x, axes_list(order), where);
}

/// x with one axis moved to another place, the others in their order. Shape: permuted. Gradient: g, permuted back.
/// Throws shape_error for axes out of range. As in xtensor: xt::moveaxis.
template <class T>
variable<T> moveaxis(variable<T> x, std::ptrdiff_t from, std::ptrdiff_t to, location where = location::current())
{
    const shape_view extents = x.checked("moveaxis", where).shape();
    const std::size_t source = normalized_axis(from, extents, "moveaxis", where);
    const std::size_t target = normalized_axis(to, extents, "moveaxis", where);
    std::vector<std::size_t> order(extents.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(source));
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(target), source);
    return detail::transpose_list(x, axes_list(order), where);
}

struct moveaxis_samples
{
    static constexpr auto name = "moveaxis";
    static void samples(auto& s)
    {
        s.call(
            "swapaxes", "np.swapaxes(x, 0, -1)", [](auto x) { return swapaxes(x, 0, -1); }, s.numbers({2, 3, 4}));
        s.call(
            "moveaxis", "np.moveaxis(x, 0, -1)", [](auto x) { return moveaxis(x, 0, -1); }, s.numbers({2, 3, 4}));
        s.error(
            "axis", [](auto x) { return swapaxes(x, 0, 2); },
            "autograd: swapaxes: axis 2 is outside of shape (2, 3); it must be from -2 to 1.", s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(moveaxis_samples)

// ------------------------------------------------------------------------------------------------------- full_like

/// A constant of the shape of x, on its tape, with one number in every element; no storage. Gradient: none, since it
/// does not depend on the values of x. As in xtensor: xt::full_like, xt::zeros_like, xt::ones_like.
template <class T>
variable<T> full_like(variable<T> x, std::type_identity_t<T> number, location where = location::current())
{
    return x.tape("full_like", where).full(x.shape(), number, where);
}
template <class T>
variable<T> zeros_like(variable<T> x, location where = location::current())
{
    return x.tape("zeros_like", where).full(x.shape(), T(0), where);
}
template <class T>
variable<T> ones_like(variable<T> x, location where = location::current())
{
    return x.tape("ones_like", where).full(x.shape(), T(1), where);
}

} // namespace autograd
