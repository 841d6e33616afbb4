#pragma once

#include "autograd/operations/joining.hpp"
#include "autograd/operations/selection.hpp"
#include "autograd/operations/shaping.hpp"

#include <utility>

/// Parts of an array: views, reversals, rolls, paddings.
namespace autograd
{

// ----------------------------------------------------------------------------------------------------------- slice

/// Along each axis, the elements first, first + step, ...: as many as the result has.
struct slice_steps
{
    std::int64_t first[max_dimension];
    std::int64_t step[max_dimension];
    std::uint8_t dimension;
};

struct embed_rule;

struct slice_rule : linear
{
    static constexpr auto name = "slice";
    using attributes = slice_steps;
    static std::string print(const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return record_slice<embed_rule>({}, g, y.operand_shape(0), y.template attributes<attributes>());
    }
    static void samples(auto& s)
    {
        s.call(
            "range", "x[1:3]", [](auto x) { return view(x, xt::range(1, 3)); }, s.numbers({4, 3}));
        s.call(
            "row", "x[1]", [](auto x) { return view(x, 1); }, s.numbers({4, 3}));
        s.call(
            "column", "x[:, -1]", [](auto x) { return view(x, xt::all(), -1); }, s.numbers({4, 3}));
        s.call(
            "steps", "x[0:4:2, 1]", [](auto x) { return view(x, xt::range(0, 4, 2), 1); }, s.numbers({4, 3}));
        s.call(
            "backwards", "x[::-1, 1:]",
            [](auto x)
            {
                using namespace xt::placeholders;
                return view(x, xt::range(_, _, -1), xt::range(1, _));
            },
            s.numbers({4, 3}));
        s.call(
            "new axis", "x[:, None, 0]", [](auto x) { return view(x, xt::all(), xt::newaxis(), 0); },
            s.numbers({4, 3}));
        s.call(
            "one element", "x[2, 1]", [](auto x) { return view(x, 2, 1); }, s.numbers({4, 3}));
        s.call(
            "nothing", "x[2:2]", [](auto x) { return view(x, xt::range(2, 2)); }, s.numbers({4, 3}));
        s.error(
            "index", [](auto x) { return view(x, 4); },
            "autograd: view: index 4 at position (0) is outside axis 0 of length 4.", s.numbers({4, 3}));
        s.error(
            "too many", [](auto x) { return view(x, 0, 0, 0); },
            "autograd: view: 3 indices and slices for shape (4, 3), which has only 2 axes.", s.numbers({4, 3}));
    }
};
AUTOGRAD_OPERATION(slice_rule)

struct embed_rule : linear
{
    static constexpr auto name = "embed";
    using attributes = slice_steps;
    static std::string print(const attributes& a) { return slice_rule::print(a); }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return record_slice<slice_rule>({}, g, y.operand_shape(0), y.template attributes<attributes>());
    }
    static void samples(auto& s)
    {
        s.call(
            "the transpose of a slice", "np.pad(x, ((1, 0), (0, 2)))",
            [](auto x) {
                return pad(x, {{1, 0}, {0, 2}});
            },
            s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(embed_rule)

template <class Rule, class T>
variable<T> record_slice(location where, variable<T> x, const shape_vector& shape, const slice_steps& steps)
{
    const handle<T>& operand = x;
    return variable<T>(x.tape().record(description<Rule, T>::instance, {&operand, 1}, payload(steps), where, &shape));
}

// ------------------------------------------------------------------------------------------------------------ view

namespace detail
{

/// What one argument of view() selects from an axis of a known length.
struct selection
{
    enum kind
    {
        part,
        element,
        new_axis
    } what;
    std::int64_t first = 0;
    std::int64_t step = 1;
    std::size_t count = 1;
};

template <class S>
selection select_from(const S& slice, std::size_t length)
{
    if constexpr (std::integral<S>)
    {
        const auto index = static_cast<std::int64_t>(slice);
        return {selection::element, index, 1, 1};
    }
    else if constexpr (std::same_as<S, xt::xnewaxis_tag>)
    {
        return {selection::new_axis};
    }
    else if constexpr (std::same_as<S, xt::xall_tag>)
    {
        return {selection::part, 0, 1, length};
    }
    else if constexpr (requires { slice.get(length); })
    {
        // xtensor's ranges, whose ends may be open or negative, resolved for this axis
        return select_from(slice.get(length), length);
    }
    else
    {
        const auto count = static_cast<std::size_t>(slice.size());
        const auto step = count > 1 ? static_cast<std::int64_t>(slice(1)) - static_cast<std::int64_t>(slice(0)) : 1;
        return {selection::part, count > 0 ? static_cast<std::int64_t>(slice(0)) : 0, step, count};
    }
}

/// A view in the making: axis after axis.
class view_builder
{
public:
    view_builder(shape_view of, std::size_t used_axes);

    std::size_t next_length() const { return m_axis < m_of.size() ? m_of[m_axis] : 0; }
    void add(const selection& selected);
    /// The axes not mentioned are taken whole.
    void finish();

    const shape_vector& sliced() const { return m_sliced; }
    const shape_vector& result() const { return m_result; }
    const slice_steps& steps() const { return m_steps; }

private:
    shape_view m_of;
    std::size_t m_axis = 0;
    shape_vector m_sliced; ///< every axis of x, cut
    shape_vector m_result; ///< without the axes of single elements, with the new ones
    slice_steps m_steps{};
};

} // namespace detail

/// A part of x: each argument is an index (drops the axis; negative: from the end), xt::all(), xt::range(from, to[,
/// step]) with placeholders, or xt::newaxis(); axes not mentioned are taken whole. A copy, unlike xtensor's.
/// Shape: as in NumPy. Gradient: g at the elements taken, 0 elsewhere. Throws index_error for an index out of range,
/// shape_error for more arguments than axes. As in xtensor: xt::view.
template <class T, class... Slices>
variable<T> view(variable<T> x, Slices&&... slices)
{
    const std::size_t new_axes = (std::size_t{std::same_as<std::remove_cvref_t<Slices>, xt::xnewaxis_tag>} + ... + 0);
    const shape_vector of(x.shape());
    detail::view_builder builder(of, sizeof...(Slices) - new_axes);
    (builder.add(detail::select_from(slices, builder.next_length())), ...);
    builder.finish();
    const variable<T> sliced = record_slice<slice_rule>({}, x, builder.sliced(), builder.steps());
    return reshape(sliced, shape_view(builder.result()));
}

/// The steps that take [first, last) of one axis and all of the others.
slice_steps axis_range(shape_view shape, std::size_t axis, std::size_t first);

/// The elements [first, last) of one axis. Shape: that extent instead. Gradient: g there, 0 elsewhere. Throws
/// shape_error for an axis out of range, index_error for a range outside of the axis.
template <class T>
variable<T> slice(variable<T> x, std::ptrdiff_t axis, std::size_t first, std::size_t last,
                  location where = location::current())
{
    const std::size_t a = normalized_axis(axis, x.shape(), "slice", where);
    shape_vector shape(x.shape());
    if (first > last || last > shape[a])
    {
        throw error::index_error(where, "slice", "the range from ", first, " to ", last, " is outside of axis ", a,
                                 " of length ", shape[a], ".");
    }
    shape[a] = last - first;
    return record_slice<slice_rule>(where, x, shape, axis_range(x.shape(), a, first));
}

// ------------------------------------------------------------------------------------------------------------ flip

/// x with the order of the elements reversed along an axis, several in braces, or all. Shape: that of x. Gradient: g,
/// reversed. Throws shape_error for axes out of range or given twice. As in xtensor: xt::flip.
template <class T, std::integral I>
variable<T> flip(variable<T> x, I axis, location where = location::current())
{
    return flip_list(x, axes_list(axis), where);
}
AUTOGRAD_TAKES_INTEGERS(flip)
template <class T>
variable<T> flip(variable<T> x, location where = location::current())
{
    std::vector<std::size_t> axes(x.dimension());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
    return flip_list(x, axes_list(axes), where);
}

slice_steps reversal(shape_view shape, std::uint32_t axes);

template <class T>
variable<T> flip_list(variable<T> x, const axes_list& axes, location where)
{
    return record_slice<slice_rule>(where, x, x.shape(), reversal(x.shape(), axes_set(axes, x.shape(), "flip", where)));
}

struct flip_samples
{
    static constexpr auto name = "flip";
    static void samples(auto& s)
    {
        s.call(
            "one axis", "np.flip(x, 1)", [](auto x) { return flip(x, 1); }, s.numbers({2, 3}));
        s.call(
            "all", "np.flip(x)", [](auto x) { return flip(x); }, s.numbers({2, 3}));
        s.call(
            "two", "np.flip(x, (0, 2))",
            [](auto x) {
                return flip(x, {0, -1});
            },
            s.numbers({2, 3, 2}));
        s.call(
            "empty", "np.flip(x, 0)", [](auto x) { return flip(x, 0); }, s.numbers({0, 3}));
    }
};
AUTOGRAD_COMPOSITE(flip_samples)

// ------------------------------------------------------------------------------------------------------------ roll

/// x with the elements moved by `shift` places along an axis, those beyond the end coming in at the start; without an
/// axis in row-major order. Shape: that of x. Gradient: g, moved back. Throws shape_error for an axis out of range.
/// As in xtensor: xt::roll.
template <class T, std::integral I>
variable<T> roll(variable<T> x, std::ptrdiff_t shift, I axis, location where = location::current())
{
    const std::size_t a = normalized_axis(static_cast<std::int64_t>(axis), x.shape(), "roll", where);
    const auto length = static_cast<std::ptrdiff_t>(x.shape(a));
    if (length == 0)
    {
        return x;
    }
    const auto start = static_cast<std::size_t>(((-shift) % length + length) % length);
    const variable<T> head = slice(x, static_cast<std::ptrdiff_t>(a), start, x.shape(a), where);
    const variable<T> tail = slice(x, static_cast<std::ptrdiff_t>(a), 0, start, where);
    return concatenate(std::vector<variable<T>>{head, tail}, a, where);
}
template <class T>
variable<T> roll(variable<T> x, std::ptrdiff_t shift, location where = location::current())
{
    return reshape(roll(flatten(x, where), shift, 0, where), x.shape(), where);
}

struct roll_samples
{
    static constexpr auto name = "roll";
    static void samples(auto& s)
    {
        s.call(
            "forward", "np.roll(x, 1, 1)", [](auto x) { return roll(x, 1, 1); }, s.numbers({2, 3}));
        s.call(
            "backward, around", "np.roll(x, -4, 0)", [](auto x) { return roll(x, -4, 0); }, s.numbers({3, 2}));
        s.call(
            "flat", "np.roll(x, 2)", [](auto x) { return roll(x, 2); }, s.numbers({2, 3}));
        s.call(
            "empty", "np.roll(x, 2, 0)", [](auto x) { return roll(x, 2, 0); }, s.numbers({0, 3}));
    }
};
AUTOGRAD_COMPOSITE(roll_samples)

// ------------------------------------------------------------------------------------------------------------- pad

/// How many elements pad() adds before and after each axis.
using pad_widths = std::vector<std::pair<std::size_t, std::size_t>>;

shape_vector padded_shape(shape_view shape, const pad_widths& widths, location where);
slice_steps padding(const pad_widths& widths);

/// x with `number` added around it: widths are {{before, after}, ...}, a pair per axis. Shape: enlarged. Gradient: g
/// where x is. Throws shape_error unless there is a pair per axis. As in xtensor: xt::pad with a constant.
template <class T>
variable<T> pad(variable<T> x, const pad_widths& widths, std::type_identity_t<T> number = 0,
                location where = location::current())
{
    const shape_vector shape = padded_shape(x.shape(), widths, where);
    const variable<T> padded = record_slice<embed_rule>(where, x, shape, padding(widths));
    if (number == T(0))
    {
        return padded;
    }
    const variable<T> inside =
        record_slice<embed_rule>(where, x.tape().full(x.shape(), T(1), where), shape, padding(widths));
    return record_elementwise<where_rule, T>({inside, where}, {padded, where}, {number, where});
}

struct pad_samples
{
    static constexpr auto name = "pad";
    static void samples(auto& s)
    {
        s.call(
            "zeros", "np.pad(x, ((0, 1), (2, 0)))",
            [](auto x) {
                return pad(x, {{0, 1}, {2, 0}});
            },
            s.numbers({2, 3}));
        s.call(
            "a number", "np.pad(x, ((1, 1),), constant_values=2.5)",
            [](auto x) {
                return pad(x, {{1, 1}}, 2.5f);
            },
            s.numbers({3}));
        s.error(
            "widths",
            [](auto x) {
                return pad(x, {{1, 1}});
            },
            "autograd: pad: 1 pair of widths for shape (2, 3); each axis needs one.", s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(pad_samples)

} // namespace autograd
