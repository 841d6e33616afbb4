#pragma once

#include "autograd/operations/joining.hpp"
#include "autograd/operations/selection.hpp"
#include "autograd/operations/shaping.hpp"

#include <limits>
#include <new>
#include <optional>
#include <utility>
#include <variant>

/// Parts of an array: views, reversals, rolls, paddings.
/// \ingroup elements
namespace autograd
{

// ----------------------------------------------------------------------------------------------------------- slice

namespace detail
{
/// Along each axis, the elements first, first + step, ...: as many as the result has.
struct slice_steps
{
    std::int64_t first[max_dimension];
    std::int64_t step[max_dimension];
    std::uint8_t dimension;
};

/// The same as attributes on a tape: with as many axes as there are, since loops over rows record many slices.
class stored_steps
{
public:
    /// On its way onto a tape.
    static payload of(const slice_steps& steps);

    /// The steps along the same axes behind one more, all of which is taken.
    slice_steps with_leading_axis() const;
    bool same(const stored_steps& other) const;

    std::size_t dimension() const { return m_dimension; }
    std::size_t bytes() const { return bytes_of(m_dimension); }
    std::int64_t first(std::size_t axis) const { return along(axis).first; }
    std::int64_t step(std::size_t axis) const { return along(axis).step; }

private:
    struct steps_along
    {
        std::int64_t first;
        std::int64_t step;
    };

    static constexpr std::size_t bytes_of(std::size_t dimension)
    {
        return sizeof(stored_steps) + dimension * sizeof(steps_along);
    }

    explicit stored_steps(std::size_t dimension) : m_dimension(dimension) {}
    /// The axes stand behind this object.
    const steps_along& along(std::size_t axis) const
    {
        return std::launder(reinterpret_cast<const steps_along*>(this + 1))[axis];
    }

    std::size_t m_dimension;
};

template <class Rule, class T>
variable<T> record_slice(location where, variable<T> x, const shape_vector& shape, const payload& steps);
template <class Rule, class T>
variable<T> record_slice(location where, variable<T> x, const shape_vector& shape, const slice_steps& steps)
{
    return record_slice<Rule>(where, x, shape, stored_steps::of(steps));
}
} // namespace detail

struct embed_rule;

namespace detail
{
/// The batched form of both rules.
template <class T>
variable<T> batched_slice(const batched_call<T>& y)
{
    const slice_steps steps = y.template attributes<stored_steps>().with_leading_axis();
    const handle<T> x = y.given(0);
    return y.record_shaped({&x, 1}, stored_steps::of(steps), y.behind_axis(y.shape()));
}
} // namespace detail

struct slice_rule : linear
{
    static constexpr auto name = "slice";
    static constexpr auto takes = part_kind::slice;
    using attributes = detail::stored_steps;
    static std::string print(const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    /// Adds the transpose of call's operand 0 to the result.
    template <class T>
    static void add_transposed(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return detail::record_slice<embed_rule>({}, g, y.operand_shape(0), payload::shared(y.get().attributes()));
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::batched_slice(y);
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
        s.call(
            "nothing by steps", "x[-6:0:1]", [](auto x) { return view(x, xt::range(-6, 0, 1)); }, s.numbers({4, 3}));
        s.call(
            "ends cut off", "x[-9:9:3]", [](auto x) { return view(x, xt::range(-9, 9, 3)); }, s.numbers({4, 3}));
        s.call(
            "backwards from behind the end", "x[9:-9:-2]", [](auto x) { return view(x, xt::range(9, -9, -2)); },
            s.numbers({4, 3}));
        s.call(
            "some", "x[[2, 0, -1, 2]]", [](auto x) { return view(x, xt::keep(2, 0, -1, 2)); }, s.numbers({4, 3}));
        s.call(
            "some of both axes", "x[np.ix_([3, 1], [0, -1])]",
            [](auto x) { return view(x, xt::keep(3, 1), xt::keep(0, -1)); }, s.numbers({4, 3}));
        s.call(
            "one of the kept", "x[1][[0, 2]]", [](auto x) { return view(x, 1, xt::keep(0, 2)); }, s.numbers({4, 3}));
        s.call(
            "the last axis", "x[..., 1]", [](auto x) { return view(x, xt::ellipsis(), 1); }, s.numbers({2, 4, 3}));
        s.error(
            "a kept index", [](auto x) { return view(x, xt::keep(0, 4)); },
            "autograd: view: index 4 at position (0) is outside axis 0 of length 4.", s.numbers({4, 3}));
        s.error(
            "a kept index from the end", [](auto x) { return view(x, xt::all(), xt::keep(0, -4)); },
            "autograd: view: index -4 at position (1) is outside axis 1 of length 3.", s.numbers({4, 3}));
        s.error(
            "a resolved range", [](auto x) { return view(x, xt::xrange<std::ptrdiff_t>(2, 6)); },
            "autograd: view: index 4 at position (0) is outside axis 0 of length 4.", s.numbers({4, 3}));
        s.error(
            "a step of 0", [](auto x) { return view(x, xt::range(0, 2, 0)); },
            "autograd: view: the step of the range along axis 0 is 0; it must not be.", s.numbers({4, 3}));
        s.error(
            "an ellipsis twice", [](auto x) { return view(x, xt::ellipsis(), xt::ellipsis()); },
            "autograd: view: xt::ellipsis() is given twice; it may be given once.", s.numbers({4, 3}));
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
    using attributes = detail::stored_steps;
    static std::string print(const attributes& a) { return slice_rule::print(a); }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return detail::record_slice<slice_rule>({}, g, y.operand_shape(0), payload::shared(y.get().attributes()));
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::batched_slice(y);
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

namespace detail
{
template <class Rule, class T>
variable<T> record_slice(location where, variable<T> x, const shape_vector& shape, const payload& steps)
{
    const handle<T>& operand = x;
    return variable<T>(
        x.tape(Rule::name, where).record(description<Rule, T>::instance, {&operand, 1}, steps, where, &shape));
}
} // namespace detail

// ------------------------------------------------------------------------------------------------------------ view

namespace detail
{

/// What one argument of view() selects from an axis, as it was given.
struct index_of_axis
{
    std::int64_t index;
};
struct range_of_axis
{
    std::optional<std::int64_t> start, stop, step;
};
struct list_of_axis
{
    std::vector<std::int64_t> positions; ///< from the end where negative
};
/// One of xtensor's slices, which is asked for its positions one by one: the first outside of the axis ends it, however
/// many it has.
struct slice_of_axis
{
    const void* slice;
    std::size_t count;
    std::int64_t (*position)(const void* slice, std::size_t i);
};
struct new_axis
{
};
struct remaining_axes
{
};
using selection = std::variant<index_of_axis, range_of_axis, list_of_axis, slice_of_axis, new_axis, remaining_axes>;

/// An end or a step of one of xtensor's ranges, which may be left open.
template <class N>
std::optional<std::int64_t> open_or(const N& end)
{
    if constexpr (std::integral<N>)
    {
        return signed_integer(end);
    }
    else
    {
        return std::nullopt;
    }
}

/// An index with a sign. Throws index_error for one that would come out negative.
template <std::integral I>
std::int64_t position_of(I index)
{
    if constexpr (std::unsigned_integral<I> && sizeof(I) == sizeof(std::int64_t))
    {
        if (index > static_cast<I>(std::numeric_limits<std::int64_t>::max()))
        {
            throw error::index_error("view", "index ", index, " is outside of every axis.");
        }
    }
    return static_cast<std::int64_t>(index);
}

template <std::integral I>
selection selected_by(I index)
{
    return index_of_axis{position_of(index)};
}
inline selection selected_by(xt::xall_tag)
{
    return range_of_axis{};
}
inline selection selected_by(xt::xnewaxis_tag)
{
    return new_axis{};
}
inline selection selected_by(xt::xellipsis_tag)
{
    return remaining_axes{};
}
template <class A, class B, class C>
selection selected_by(const xt::xrange_adaptor<A, B, C>& range)
{
    return range_of_axis{open_or(range.start()), open_or(range.stop()), open_or(range.step())};
}
template <class A, class B>
selection selected_by(xt::placeholders::rangemaker<A, B> range)
{
    return selected_by(static_cast<xt::xrange_adaptor<A, B, xt::placeholders::xtuph>>(range));
}
template <class A, class B, class C>
selection selected_by(xt::placeholders::rangemaker<A, B, C> range)
{
    return selected_by(static_cast<xt::xrange_adaptor<A, B, C>>(range));
}
/// xtensor's slices that are made for an axis already.
template <class S>
selection selected_by(const xt::xslice<S>& slice)
{
    const S& made = slice.derived_cast();
    return slice_of_axis{&made, static_cast<std::size_t>(made.size()),
                         [](const void* of, std::size_t i)
                         {
                             using index = typename S::size_type;
                             return position_of((*static_cast<const S*>(of))(static_cast<index>(i)));
                         }};
}
/// xt::keep shows its positions for an axis of a given length only; those that change with the length count from its
/// end.
template <class N>
selection selected_by(const xt::xkeep_slice<N>& kept)
{
    const N length = std::numeric_limits<N>::max();
    xt::xkeep_slice<N> longest = kept;
    longest.normalize(static_cast<std::size_t>(length));
    xt::xkeep_slice<N> shorter = kept;
    shorter.normalize(static_cast<std::size_t>(length - 1));
    list_of_axis list;
    for (N i = 0; i < static_cast<N>(kept.size()); ++i)
    {
        const bool from_end = longest(i) != shorter(i);
        list.positions.push_back(from_end ? static_cast<std::int64_t>(longest(i) - length) : position_of(longest(i)));
    }
    return list;
}
/// xt::drop hides which positions it drops, so that they cannot be checked: say which to keep.
template <class N>
selection selected_by(const xt::xdrop_slice<N>&) = delete;

/// A view in the making: axis after axis.
class view_builder
{
public:
    /// `used` of the axes are named by the arguments. Throws shape_error where there are not as many.
    view_builder(shape_view of, std::size_t used);

    void add(const selection& selected);
    /// The axes not mentioned are taken whole.
    void finish();

    /// Whether anything is left out or put in another order by a slice.
    bool cuts() const { return m_cuts; }
    const shape_vector& sliced() const { return m_sliced; }
    const shape_vector& result() const { return m_result; }
    const slice_steps& steps() const { return m_steps; }
    /// The axes along which elements are gathered after the slice, and the positions along each.
    const std::vector<std::pair<std::size_t, std::vector<std::int64_t>>>& gathered() const { return m_gathered; }

private:
    void take(const index_of_axis& one);
    void take(const range_of_axis& range);
    void take(const list_of_axis& list);
    void take(const slice_of_axis& given);
    void take(const new_axis&) { m_result.push_back(1); }
    void take(const remaining_axes&);
    void gather(std::vector<std::int64_t> positions);
    void cut(std::int64_t first, std::int64_t step, std::size_t count);
    std::int64_t checked_position(std::int64_t index) const;

    shape_view m_of;
    std::size_t m_unused;    ///< axes that no argument names
    bool m_ellipsis = false; ///< whether they were placed
    std::size_t m_axis = 0;
    bool m_cuts = false;
    shape_vector m_sliced; ///< every axis of x, cut
    shape_vector m_result; ///< without the axes of single elements, with the new ones
    slice_steps m_steps{};
    std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> m_gathered;
};

} // namespace detail

/// A part of x: each argument is an index (drops the axis; negative: from the end), xt::all(), xt::range(from, to[,
/// step]) with placeholders, xt::keep(positions), xt::newaxis() or once xt::ellipsis(); axes not mentioned are taken
/// whole. The ends of ranges are cut off at those of the axis, as NumPy does. A copy, unlike xtensor's.
/// Shape: as in NumPy. Gradient: g at the elements taken (added up where keep() repeats one), 0 elsewhere. Throws
/// index_error for an index out of range, shape_error for more arguments than axes, value_error for a step of 0. As in
/// xtensor: xt::view.
template <class T, class... Slices>
variable<T> view(variable<T> x, Slices&&... slices)
{
    return record_composite(
        "view", {}, x,
        [&]
        {
            const detail::selection selected[] = {detail::selected_by(slices)..., detail::remaining_axes()};
            const std::span<const detail::selection> given(selected, sizeof...(slices));
            const auto names_axis = [](const detail::selection& s) {
                return !std::holds_alternative<detail::new_axis>(s) &&
                       !std::holds_alternative<detail::remaining_axes>(s);
            };
            const shape_vector of(x.shape());
            detail::view_builder builder(
                of, static_cast<std::size_t>(std::count_if(given.begin(), given.end(), names_axis)));
            std::for_each(given.begin(), given.end(), [&](const auto& s) { builder.add(s); });
            builder.finish();
            variable<T> taken =
                builder.cuts() ? detail::record_slice<slice_rule>({}, x, builder.sliced(), builder.steps()) : x;
            for (const auto& [axis, positions] : builder.gathered())
            {
                const auto count = positions.size();
                taken = gather(taken, x.tape().index(xt::adapt(positions, std::array{count}), location{}), axis, {});
            }
            return reshape(taken, builder.result(), location{});
        });
}

namespace detail
{
/// The steps that take [first, last) of one axis and all of the others.
slice_steps axis_range(shape_view shape, std::size_t axis, std::size_t first);

/// Where a range of one axis begins and how long it is. Negative ends count from that of the axis, as in view().
/// Throws index_error, in the name of slice, for a range outside of the axis and for one that ends before it begins.
struct resolved_range
{
    std::size_t first;
    std::size_t count;
};
resolved_range resolve_range(std::int64_t first, std::int64_t last, shape_view shape, std::size_t axis, location where);
} // namespace detail

/// The elements [first, last) of one axis; negative ends count from its end. Shape: that extent instead. Gradient: g
/// there, 0 elsewhere. Throws shape_error for an axis out of range, index_error for a range outside of the axis.
template <class T>
variable<T> slice(variable<T> x, std::ptrdiff_t axis, std::integral auto first, std::integral auto last,
                  location where = location::current())
{
    shape_vector shape(x.checked(slice_rule::name, where).shape());
    const std::size_t a = normalized_axis(axis, shape, slice_rule::name, where);
    const detail::resolved_range range =
        detail::resolve_range(detail::signed_integer(first), detail::signed_integer(last), shape, a, where);
    const detail::slice_steps steps = detail::axis_range(shape, a, range.first);
    shape[a] = range.count;
    return detail::record_slice<slice_rule>(where, x, shape, steps);
}

// ------------------------------------------------------------------------------------------------------------ flip

namespace detail
{
/// The steps that go through the axes of a set from the end.
slice_steps reversal(shape_view shape, std::uint32_t axes);

template <class T>
variable<T> flip_list(variable<T> x, const axes_list& axes, location where)
{
    const shape_view shape = x.checked("flip", where).shape();
    return detail::record_slice<slice_rule>(where, x, shape, reversal(shape, axes_set(axes, shape, "flip", where)));
}
} // namespace detail

/// x with the order of the elements reversed along an axis, several in braces, or all. Shape: that of x. Gradient: g,
/// reversed. Throws shape_error for axes out of range or given twice. As in xtensor: xt::flip.
/// \ingroup shape
template <class T, std::integral I>
variable<T> flip(variable<T> x, I axis, location where = location::current())
{
    return detail::flip_list(x, axes_list(axis), where);
}
/// The same for the very type of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
variable<T> flip(variable<T> x, std::size_t axis, location where = location::current())
{
    return detail::flip_list(x, axes_list(axis), where);
}
AUTOGRAD_TAKES_INTEGERS(flip, axes)
template <class T>
variable<T> flip(variable<T> x, location where = location::current())
{
    const shape_view shape = x.checked("flip", where).shape();
    return detail::record_slice<slice_rule>(where, x, shape, detail::reversal(shape, detail::all_axes(shape)));
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
/// \ingroup shape
template <class T, std::integral I>
variable<T> roll(variable<T> x, std::ptrdiff_t shift, I axis, location where = location::current())
{
    const shape_view extents = x.checked("roll", where).shape();
    const std::size_t a = normalized_axis(detail::signed_integer(axis), extents, "roll", where);
    const auto length = static_cast<std::ptrdiff_t>(extents[a]);
    if (length == 0)
    {
        return x;
    }
    const std::ptrdiff_t start = (length - shift % length) % length; // where the first element comes from
    return record_composite("roll", where, x,
                            [&]
                            {
                                const auto along = static_cast<std::ptrdiff_t>(a);
                                const variable<T> head = slice(x, along, start, length, where);
                                const variable<T> tail = slice(x, along, 0, start, where);
                                return concatenate({head, tail}, along, where);
                            });
}
/// The same for the very types of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
variable<T> roll(variable<T> x, std::ptrdiff_t shift, std::ptrdiff_t axis, location where = location::current())
{
    return roll(x, shift, static_cast<long long>(axis), where);
}
template <class T>
variable<T> roll(variable<T> x, std::ptrdiff_t shift, location where = location::current())
{
    return record_composite("roll", where, x,
                            [&] { return reshape(roll(flatten(x, where), shift, 0, where), x.shape(), where); });
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
using pad_widths = std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>;

namespace detail
{
shape_vector padded_shape(shape_view shape, const pad_widths& widths, location where);
slice_steps padding(const pad_widths& widths);
} // namespace detail

/// x with `number` added around it: widths are {{before, after}, ...}, a pair per axis. Shape: enlarged. Gradient: g
/// where x is. Throws shape_error unless there is a pair per axis, and for negative widths. As in xtensor: xt::pad with
/// a constant.
/// \ingroup shape
template <class T>
variable<T> pad(variable<T> x, const pad_widths& widths, std::type_identity_t<T> number = 0,
                location where = location::current())
{
    const shape_vector shape = detail::padded_shape(x.checked("pad", where).shape(), widths, where);
    if (number == T(0))
    {
        return detail::record_slice<embed_rule>(where, x, shape, detail::padding(widths));
    }
    return record_composite(
        "pad", where, x,
        [&]
        {
            const variable<T> padded = detail::record_slice<embed_rule>(where, x, shape, detail::padding(widths));
            const variable<T> ones = x.tape().full(x.shape(), T(1), where);
            const variable<T> inside = detail::record_slice<embed_rule>(where, ones, shape, detail::padding(widths));
            return record_elementwise<where_rule, T>({inside, where}, {padded, where}, {number, where});
        });
}
/// The same for pairs of another integer type.
template <class T, std::integral I>
variable<T> pad(variable<T> x, const std::vector<std::pair<I, I>>& widths, std::type_identity_t<T> number = 0,
                location where = location::current())
{
    return pad(x, pad_widths(widths.begin(), widths.end()), number, where);
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
        s.error(
            "negative",
            [](auto x) {
                return pad(x, {{0, -1}});
            },
            "autograd: pad: a width is -1; it must be 0 or more.", s.numbers({3}));
    }
};
AUTOGRAD_COMPOSITE(pad_samples)

// ----------------------------------------------------------------------------------------------------------- shift

/// x with the elements moved by `places` along an axis, towards its end where that is positive: y_t = x_{t - places},
/// the lags of a series. What moves beyond an end is gone, and what comes in is `number`. Shape: that of x. Gradient:
/// g, moved back. Throws shape_error for an axis out of range. As in pandas: shift. \ingroup shape
template <class T, std::integral I>
variable<T> shift(variable<T> x, std::ptrdiff_t places, I axis, std::type_identity_t<T> number = 0,
                  location where = location::current())
{
    const shape_view extents = x.checked("shift", where).shape();
    const std::size_t a = normalized_axis(detail::signed_integer(axis), extents, "shift", where);
    const auto length = static_cast<std::ptrdiff_t>(extents[a]);
    const std::ptrdiff_t moved = std::clamp(places, -length, length);
    return record_composite("shift", where, x,
                            [&]
                            {
                                const auto along = static_cast<std::ptrdiff_t>(a);
                                const variable<T> kept = slice(x, along, std::max<std::ptrdiff_t>(-moved, 0),
                                                               length - std::max<std::ptrdiff_t>(moved, 0), where);
                                pad_widths widths(x.dimension());
                                widths[a] = {std::max<std::ptrdiff_t>(moved, 0), std::max<std::ptrdiff_t>(-moved, 0)};
                                return pad(kept, widths, number, where);
                            });
}

struct shift_samples
{
    static constexpr auto name = "shift";
    static void samples(auto& s)
    {
        s.call(
            "forward", "np.vstack((np.zeros((1, 3)), x[:-1]))", [](auto x) { return shift(x, 1, 0); },
            s.numbers({3, 3}));
        s.call(
            "backward", "np.hstack((x[:, 2:], np.zeros((2, 2))))", [](auto x) { return shift(x, -2, 1); },
            s.numbers({2, 4}));
        s.call(
            "a number comes in", "np.hstack(((-1.5, -1.5), x[:-2]))", [](auto x) { return shift(x, 2, -1, -1.5f); },
            s.numbers({4}));
        s.call(
            "not at all", "x", [](auto x) { return shift(x, 0, 0); }, s.numbers({3}));
        s.call(
            "all out", "np.zeros((2, 3))", [](auto x) { return shift(x, -7, 0); }, s.numbers({2, 3}));
        s.call(
            "empty", "x", [](auto x) { return shift(x, 1, 0); }, s.numbers({0, 3}));
        s.error(
            "axis", [](auto x) { return shift(x, 1, 2); },
            "autograd: shift: axis 2 is outside of shape (2, 3); it must be from -2 to 1.", s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(shift_samples)

} // namespace autograd
