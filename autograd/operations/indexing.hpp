#pragma once

#include "autograd/kernels/gather.hpp"
#include "autograd/kernels/index.hpp"
#include "autograd/operations/shaping.hpp"

/// Elements chosen by arrays of integers. Indices are positions along one axis of x; negative ones count from its end.
/// They have no derivative. An index outside of its axis throws index_error, which says which and where.
/// \ingroup elements
namespace autograd
{

namespace detail
{
/// The axis that indices count along, in [0, dimension).
struct along_axis
{
    std::size_t axis;
};
/// The same for a result whose extent there no operand tells.
struct along_new_axis
{
    std::size_t axis;
    std::size_t length;
};

inline along_axis with_leading_axis(const along_axis& a)
{
    return {a.axis + 1};
}
inline along_new_axis with_leading_axis(const along_new_axis& a)
{
    return {a.axis + 1, a.length};
}

/// Of indices beside an array: which of their axes lies along that axis of it. Batched, the array has more axes in
/// front, and the indices stand for all places along them.
inline std::size_t axis_of_indices(shape_view indices, shape_view array, std::size_t axis)
{
    return axis - (array.size() - indices.size());
}

/// What is given by mistake where integers on the tape are meant.
template <class P, class T>
concept no_positions = array_expression<P> || plain_numbers<P> || std::same_as<P, variable<T>>;

inline std::string print_axis(const along_axis& a)
{
    return "axis " + std::to_string(a.axis);
}
inline std::string print_axis(const along_new_axis& a)
{
    return "axis " + std::to_string(a.axis) + " of length " + std::to_string(a.length);
}
} // namespace detail

/// What rules of integer operands only say when a derivative is asked of them.
inline constexpr auto of_integers = "reads integers, which have no derivative";

// ---------------------------------------------------------------------------------------------------------- gather

struct gather_rule : linear
{
    static constexpr auto name = "gather";
    static constexpr bool throws = true;
    static constexpr auto takes = part_kind::gather;
    static constexpr std::uint64_t differentiable = 1;
    using attributes = detail::along_axis;
    static attributes with_leading_axis(const attributes& a) { return detail::with_leading_axis(a); }
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    /// The shape of x with the axis replaced by those of the indices.
    static shape_vector gathered(shape_view x, shape_view indices, std::size_t axis)
    {
        shape_vector result(x.slice(0, axis));
        result.append(indices);
        result.append(x.slice(axis + 1, x.size()));
        return result;
    }
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return gathered(operands[0], operands[1], a.axis);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const kernels::axis_blocks x(call.operands[0].shape, a.axis);
        kernels::check_indices(call.operands[1], x.length, a.axis, name);
        kernels::gathers<T>->gather(call.in(0), x, call.operands[1], call.out());
    }
    /// Adds the transpose of call's operand 0 to the result. Throws as forward, which a program may not have called.
    template <class T>
    static void add_transposed(const evaluation<T>& call, const attributes& a)
    {
        kernels::check_indices(call.operands[1], call.shape[a.axis], a.axis, name);
        kernels::gathers<T>->add_at(call.in(0), call.operands[1], kernels::axis_blocks(call.shape, a.axis), call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        return scatter(g, y.index_operand(1), y.operand_shape(0)[axis], axis);
    }
    static void samples(auto& s)
    {
        const auto rows = [](auto x, auto i) { return gather(x, i); };
        const auto columns = [](auto x, auto i) { return gather(x, i, 1); };
        s.call("rows", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({3}, {2, 0, 1}));
        s.call("repeated", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({5}, {2, 2, 0, 2, 0}));
        s.call("negative", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({4}, {-1, 3, -4, 1}));
        s.call("columns", "np.take(x, i, 1)", columns, s.numbers({2, 3}), s.integers({4}, {2, -3, 0, 2}));
        s.call(
            "last axis", "np.take(x, i, -1)", [](auto x, auto i) { return gather(x, i, -1); }, s.numbers({2, 2, 3}),
            s.integers({2}, {2, 1}));
        s.call("middle axis", "np.take(x, i, 1)", columns, s.numbers({2, 4, 3}), s.integers({3}, {3, 0, 3}));
        s.call("elements", "np.take(x, i, 0)", rows, s.numbers({5}), s.integers({3}, {4, -5, 4}));
        s.call("one index", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({}, {2}));
        s.call("one column", "np.take(x, i, 1)", columns, s.numbers({4, 3}), s.integers({}, {-1}));
        s.call("one element", "np.take(x, i, 0)", rows, s.numbers({4}), s.integers({}, {1}));
        s.call("a matrix of indices", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({2, 2}, {1, 3, 1, -2}));
        s.call("a matrix of indices in the middle", "np.take(x, i, 1)", columns, s.numbers({2, 4, 3}),
               s.integers({2, 2}, {1, 3, 1, -2}));
        s.call("long rows", "np.take(x, i, 0)", rows, s.numbers({3, 37}), s.integers({4}, {1, 2, 1, 0}));
        s.call("no index", "np.take(x, i, 0)", rows, s.numbers({4, 3}), s.integers({0}, {}));
        s.call("no index, two axes", "np.take(x, i, 1)", columns, s.numbers({4, 3}), s.integers({2, 0}, {}));
        s.call("nothing of nothing", "np.take(x, i, 0)", rows, s.numbers({0, 3}), s.integers({0}, {}));
        s.call("empty rows", "np.take(x, i, 0)", rows, s.numbers({4, 0}), s.integers({2}, {3, 0}));
        s.call(
            "of a broadcast", "np.take(np.broadcast_to(x, (4, 3)), i, 0)",
            [](auto x, auto i) {
                return gather(broadcast(x, {4, 3}), i);
            },
            s.numbers({3}), s.integers({2}, {3, 0}));

        s.error("index", rows, "autograd: gather: index 7 at position (2) is outside axis 0 of length 5.",
                s.numbers({5, 2}), s.integers({4}, {0, 4, 7, 9}));
        s.error("negative index", columns,
                "autograd: gather: index -4 at position (1, 0) is outside axis 1 of length 3.", s.numbers({5, 3}),
                s.integers({2, 2}, {0, -3, -4, 1}));
        s.error("one index outside", rows, "autograd: gather: index 5 at position () is outside axis 0 of length 5.",
                s.numbers({5}), s.integers({}, {5}));
        s.error("something of nothing", rows,
                "autograd: gather: index 0 at position (0) is outside axis 0 of length 0.", s.numbers({0, 3}),
                s.integers({1}, {0}));
        s.error(
            "axis", [](auto x, auto i) { return gather(x, i, 2); },
            "autograd: gather: axis 2 is outside of shape (2, 3); it must be from -2 to 1.", s.numbers({2, 3}),
            s.integers({1}, {0}));
        s.error("scalar", rows, "autograd: gather: axis 0 is outside of shape (), which has no axes.", s.numbers({}),
                s.integers({1}, {0}));
    }
};
AUTOGRAD_OPERATION(gather_rule)

/// The elements of x at positions i along an axis: rows of a table, columns, embeddings. Shape: that of x with the axis
/// replaced by all axes of i. Gradient: g added up at the positions (a repeated index gets the sum); none to i.
/// Throws index_error for an index outside of the axis, shape_error for an axis out of range. As NumPy's take.
template <class T, std::integral I = int>
variable<T> gather(variable<T> x, indices<T> i, I axis = 0, location where = location::current())
{
    const shape_view extents = x.checked(gather_rule::name, where).shape();
    const std::size_t along = normalized_axis(detail::signed_integer(axis), extents, gather_rule::name, where);
    return record<gather_rule, T>(where, {x, i}, detail::along_axis{along});
}
template <class T, detail::no_positions<T> P, class... More>
mistake::positions gather(variable<T>, const P&, More&&...);

// --------------------------------------------------------------------------------------------------------- scatter

struct scatter_rule : linear
{
    static constexpr auto name = "scatter";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 1;
    using attributes = detail::along_new_axis;
    static attributes with_leading_axis(const attributes& a) { return detail::with_leading_axis(a); }
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        const shape_view updates = operands[0];
        const std::size_t behind = a.axis + operands[1].size();
        if (behind > updates.size() || !(updates.slice(a.axis, behind) == operands[1]))
        {
            throw error::shape_error(name, "updates have shape ", updates, " and indices ", operands[1], "; from axis ",
                                     a.axis, " on, the updates must have the extents of the indices.");
        }
        shape_vector result(updates.slice(0, a.axis));
        result.push_back(a.length);
        result.append(updates.slice(behind, updates.size()));
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::check_indices(call.operands[1], a.length, a.axis, name);
        std::fill_n(call.out(), call.size, T(0));
        kernels::gathers<T>->add_at(call.in(0), call.operands[1], kernels::axis_blocks(call.shape, a.axis), call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return gather(g, y.index_operand(1), y.template attributes<attributes>().axis);
    }
    static void samples(auto& s)
    {
        const auto rows = [](auto x, auto i) { return scatter(x, i, 4); };
        s.call("rows", "np.tensordot(np.eye(4)[i], x, (0, 0))", rows, s.numbers({3, 2}), s.integers({3}, {2, 0, -1}));
        s.call("repeated", "np.tensordot(np.eye(4)[i], x, (0, 0))", rows, s.numbers({5, 2}),
               s.integers({5}, {1, 1, 3, 1, -1}));
        s.call(
            "columns", "x @ np.eye(4)[i]", [](auto x, auto i) { return scatter(x, i, 4, 1); }, s.numbers({2, 3}),
            s.integers({3}, {2, 0, 2}));
        s.call(
            "last axis", "x @ np.eye(4)[i]", [](auto x, auto i) { return scatter(x, i, 4, -1); }, s.numbers({2, 2, 3}),
            s.integers({3}, {2, 0, 2}));
        s.call("a matrix of indices", "np.tensordot(np.eye(4)[i], x, ((0, 1), (0, 1)))", rows, s.numbers({2, 3, 2}),
               s.integers({2, 3}, {2, 0, 2, -1, 0, 2}));
        s.call("one index", "np.tensordot(np.eye(4)[i], x, 0)", rows, s.numbers({3}), s.integers({}, {2}));
        s.call("no index", "np.zeros((4, 2))", rows, s.numbers({0, 2}), s.integers({0}, {}));
        s.call(
            "into nothing", "np.zeros((0, 2))", [](auto x, auto i) { return scatter(x, i, 0); }, s.numbers({0, 2}),
            s.integers({0}, {}));

        s.error("index", rows, "autograd: scatter: index 4 at position (1) is outside axis 0 of length 4.",
                s.numbers({2, 3}), s.integers({2}, {3, 4}));
        s.error("shapes", rows,
                "autograd: scatter: updates have shape (2, 3) and indices (3,); from axis 0 on, the updates must have "
                "the extents of the indices.",
                s.numbers({2, 3}), s.integers({3}, {0, 1, 2}));
        s.error("too few axes", rows,
                "autograd: scatter: updates have shape (2,) and indices (2, 1); from axis 0 on, the updates must have "
                "the extents of the indices.",
                s.numbers({2}), s.integers({2, 1}, {0, 1}));
        s.error(
            "axis", [](auto x, auto i) { return scatter(x, i, 4, 2); },
            "autograd: scatter: axis 2 is outside of shape (4, 3); it must be from -2 to 1.", s.numbers({2, 3}),
            s.integers({2}, {0, 1}));
    }
};
AUTOGRAD_OPERATION(scatter_rule)

/// Zeros with the updates added at positions i along an axis of the given length: sums of segments, the transpose of
/// gather. Repeated indices add up, in the order of i. Shape: that of the updates with the axes of i, which stand from
/// `axis` on, replaced by one of that length. Gradient: gather(g, i, axis) to the updates; none to i.
/// Throws index_error for an index outside of the axis; shape_error where the updates have not the extents of i, and
/// for an axis out of range. As NumPy's add.at on zeros.
template <class T, std::integral I = int>
variable<T> scatter(variable<T> updates, indices<T> i, std::integral auto length, I axis = 0,
                    location where = location::current())
{
    const std::size_t extent = detail::count_of(length, "length", scatter_rule::name, where);
    // The number of axes of the result, which is all that a negative axis depends on.
    const shape_view extents = updates.checked(scatter_rule::name, where).shape();
    const std::size_t taken = std::min(i.checked(scatter_rule::name, where).shape().size(), extents.size());
    shape_vector like{extent};
    like.append(extents.slice(taken, extents.size()));
    const std::size_t along = normalized_axis(detail::signed_integer(axis), like, scatter_rule::name, where);
    return record<scatter_rule, T>(where, {updates, i}, detail::along_new_axis{along, extent});
}
template <class T, detail::no_positions<T> P, class... More>
mistake::positions scatter(variable<T>, const P&, More&&...);

// ----------------------------------------------------------------------------------------------------- scatter_add

struct scatter_add_rule : linear
{
    static constexpr auto name = "scatter_add";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b101; ///< of x and the updates, not of the indices between them
    using attributes = detail::along_axis;
    static attributes with_leading_axis(const attributes& a) { return detail::with_leading_axis(a); }
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        const shape_vector needed = gather_rule::gathered(operands[0], operands[1], a.axis);
        if (!(shape_view(needed) == operands[2]))
        {
            throw error::shape_error(name, "x has shape ", operands[0], " and the indices ", operands[1],
                                     "; along axis ", a.axis, " they need updates of shape ", needed, ", not ",
                                     operands[2], ".");
        }
        return operands[0];
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const kernels::axis_blocks x(call.shape, a.axis);
        kernels::check_indices(call.operands[1], x.length, a.axis, name);
        std::copy_n(call.in(0), call.size, call.out());
        kernels::gathers<T>->add_at(call.in(2), call.operands[1], x, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g, std::size_t operand)
    {
        return operand == 0 ? g : gather(g, y.index_operand(1), y.template attributes<attributes>().axis);
    }
    static void samples(auto& s)
    {
        const auto rows = [](auto x, auto y, auto i) { return scatter_add(x, i, y); };
        s.call("rows", "x + np.tensordot(np.eye(4)[i], y, (0, 0))", rows, s.numbers({4, 2}), s.numbers({3, 2}),
               s.integers({3}, {2, 0, -1}));
        s.call("repeated", "x + np.tensordot(np.eye(4)[i], y, (0, 0))", rows, s.numbers({4, 2}), s.numbers({5, 2}),
               s.integers({5}, {1, 1, 3, 1, -1}));
        s.call(
            "columns", "x + y @ np.eye(4)[i]", [](auto x, auto y, auto i) { return scatter_add(x, i, y, -1); },
            s.numbers({2, 4}), s.numbers({2, 3}), s.integers({3}, {2, 0, 2}));
        s.call("a matrix of indices", "x + np.tensordot(np.eye(4)[i], y, ((0, 1), (0, 1)))", rows, s.numbers({4, 2}),
               s.numbers({2, 3, 2}), s.integers({2, 3}, {2, 0, 2, -1, 0, 2}));
        s.call("one index", "x + np.tensordot(np.eye(4)[i], y, 0)", rows, s.numbers({4}), s.numbers({}),
               s.integers({}, {2}));
        s.call("no index", "x", rows, s.numbers({4, 2}), s.numbers({0, 2}), s.integers({0}, {}));
        s.call("as many updates as rows", "x + np.tensordot(np.eye(3)[i], y, (0, 0))", rows, s.numbers({3, 2}),
               s.positive({3, 2}), s.integers({3}, {2, 0, 2}));
        s.call(
            "the same array twice", "x + np.tensordot(np.eye(3)[i], x, (0, 0))",
            [](auto x, auto i) { return scatter_add(x, i, x); }, s.numbers({3, 2}), s.integers({3}, {2, 0, 2}));

        s.error("index", rows, "autograd: scatter_add: index -5 at position (0) is outside axis 0 of length 4.",
                s.numbers({4, 2}), s.numbers({1, 2}), s.integers({1}, {-5}));
        s.error("updates", rows,
                "autograd: scatter_add: x has shape (4, 2) and the indices (3,); along axis 0 they need updates of "
                "shape (3, 2), not (2,).",
                s.numbers({4, 2}), s.numbers({2}), s.integers({3}, {0, 1, 2}));
        s.error(
            "axis", [](auto x, auto y, auto i) { return scatter_add(x, i, y, -3); },
            "autograd: scatter_add: axis -3 is outside of shape (4, 2); it must be from -2 to 1.", s.numbers({4, 2}),
            s.numbers({1, 2}), s.integers({1}, {0}));
    }
};
AUTOGRAD_OPERATION(scatter_add_rule)

/// x with the updates added at positions i along an axis; x itself stays as it is. Repeated indices add up, one after
/// another in the order of i: unlike that of sum, the error of n updates to one position can grow with n, as NumPy's.
/// Shape: that of x. Gradient: g to x, gather(g, i, axis) to the updates; none to i. Throws index_error for an index
/// outside of the axis; shape_error unless the updates have the shape of gather(x, i, axis), and for an axis out of
/// range. As NumPy's add.at.
template <class T, std::integral I = int>
variable<T> scatter_add(variable<T> x, indices<T> i, variable<T> updates, I axis = 0,
                        location where = location::current())
{
    const shape_view extents = x.checked(scatter_add_rule::name, where).shape();
    const std::size_t along = normalized_axis(detail::signed_integer(axis), extents, scatter_add_rule::name, where);
    return record<scatter_add_rule, T>(where, {x, i, updates}, detail::along_axis{along});
}
template <class T, detail::no_positions<T> P, class... More>
mistake::positions scatter_add(variable<T>, const P&, More&&...);

// ------------------------------------------------------------------------------------------------- take_along_axis

struct take_along_axis_rule : linear
{
    static constexpr auto name = "take_along_axis";
    static constexpr bool throws = true;
    static constexpr auto takes = part_kind::take_along_axis;
    static constexpr std::uint64_t differentiable = 1;
    static constexpr bool reads_broadcasts = true;
    using attributes = detail::along_axis;
    static attributes with_leading_axis(const attributes& a) { return detail::with_leading_axis(a); }
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        shape_vector result(operands[0]);
        result[a.axis] = operands[1][detail::axis_of_indices(operands[1], operands[0], a.axis)];
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const array_view& x = call.operands[0];
        kernels::check_indices(call.operands[1], x.shape[a.axis], a.axis, name);
        kernels::gathers<T>->take_along_axis(x, call.operands[1], a.axis, call.shape, call.out());
    }
    /// Adds the transpose of call's operand 0 to the result. Throws as forward, which a program may not have called.
    template <class T>
    static void add_transposed(const evaluation<T>& call, const attributes& a)
    {
        kernels::check_indices(call.operands[1], call.shape[a.axis], a.axis, name);
        kernels::gathers<T>->add_along_axis(call.operands[0], call.operands[1], a.axis, call.shape, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        return scatter_along_axis(g, y.index_operand(1), y.operand_shape(0)[axis], axis);
    }
    static void samples(auto& s)
    {
        const auto down = [](auto x, auto i) { return take_along_axis(x, i, 0); };
        const auto across = [](auto x, auto i) { return take_along_axis(x, i, 1); };
        s.call("across", "np.take_along_axis(x, i, 1)", across, s.numbers({2, 3}), s.integers({2, 2}, {2, 0, 1, -1}));
        s.call("down", "np.take_along_axis(x, i, 0)", down, s.numbers({3, 2}), s.integers({2, 2}, {2, 0, 1, -3}));
        s.call("repeated", "np.take_along_axis(x, i, 1)", across, s.numbers({2, 3}),
               s.integers({2, 4}, {1, 1, 1, 0, -1, 2, -1, 2}));
        s.call("one of each row", "np.take_along_axis(x, i, 1)", across, s.numbers({4, 3}),
               s.integers({4, 1}, {2, 0, 1, 1}));
        s.call(
            "vector", "np.take_along_axis(x, i, -1)", [](auto x, auto i) { return take_along_axis(x, i, -1); },
            s.numbers({4}), s.integers({6}, {3, 2, 1, 0, 0, -1}));
        s.call("middle axis", "np.take_along_axis(x, i, 1)", across, s.numbers({2, 3, 2}),
               s.integers({2, 2, 2}, {2, 0, 1, 1, 0, 0, -1, 2}));
        s.call("the same indices for all rows", "np.take_along_axis(x, i, 1)", across, s.numbers({3, 4}),
               s.integers({1, 2}, {3, 1}));
        s.call("the same row for all indices", "np.take_along_axis(x, i, 1)", across, s.numbers({1, 4}),
               s.integers({3, 2}, {3, 1, 0, 0, 2, -1}));
        s.call("both broadcast", "np.take_along_axis(x, i, 1)", across, s.numbers({1, 4, 2}),
               s.integers({3, 2, 1}, {3, 1, 0, 0, 2, -1}));
        s.call("axis of one element", "np.take_along_axis(x, i, 1)", across, s.numbers({2, 1}),
               s.integers({2, 3}, {0, -1, 0, 0, 0, -1}));
        s.call("no index", "np.take_along_axis(x, i, 1)", across, s.numbers({2, 3}), s.integers({2, 0}, {}));
        s.call("no row", "np.take_along_axis(x, i, 1)", across, s.numbers({0, 3}), s.integers({0, 2}, {}));
        s.call(
            "of a broadcast", "np.take_along_axis(np.broadcast_to(x, (2, 3)), i, 1)",
            [](auto x, auto i) {
                return take_along_axis(broadcast(x, {2, 3}), i, 1);
            },
            s.numbers({2, 1}), s.integers({2, 2}, {2, 0, 1, 1}));

        s.error("index", across, "autograd: take_along_axis: index 3 at position (1, 0) is outside axis 1 of length 3.",
                s.numbers({2, 3}), s.integers({2, 2}, {2, 0, 3, 1}));
        s.error("axes", across,
                "autograd: take_along_axis: x has shape (2, 3) and the indices (2,); they must have equally many axes.",
                s.numbers({2, 3}), s.integers({2}, {2, 0}));
        s.error(
            "extents", across,
            "autograd: take_along_axis: x has shape (2, 3) and the indices (3, 1); beside axis 1, their extents must "
            "be equal or 1.",
            s.numbers({2, 3}), s.integers({3, 1}, {2, 0, 1}));
        s.error(
            "axis", [](auto x, auto i) { return take_along_axis(x, i, -3); },
            "autograd: take_along_axis: axis -3 is outside of shape (2, 3); it must be from -2 to 1.",
            s.numbers({2, 3}), s.integers({2, 1}, {2, 0}));
    }
};
AUTOGRAD_OPERATION(take_along_axis_rule)

namespace detail
{

/// The shape that x is broadcast to, along all axes but one, by the indices beside it.
inline shape_vector fitted_to_indices(shape_view x, shape_view indices, std::size_t axis)
{
    if (x.size() != indices.size())
    {
        throw error::shape_error(take_along_axis_rule::name, "x has shape ", x, " and the indices ", indices,
                                 "; they must have equally many axes.");
    }
    shape_vector fitted(x);
    for (std::size_t a = 0; a < x.size(); ++a)
    {
        if (a == axis || indices[a] == x[a] || indices[a] == 1)
        {
            continue;
        }
        if (x[a] != 1)
        {
            throw error::shape_error(take_along_axis_rule::name, "x has shape ", x, " and the indices ", indices,
                                     "; beside axis ", axis, ", their extents must be equal or 1.");
        }
        fitted[a] = indices[a];
    }
    return fitted;
}

} // namespace detail

/// For each index, the element of its own line of x along an axis: one score of each row by its label, x in the order
/// of argsort(x, axis). Beside the axis, x and i are broadcast against each other. Shape: that, and along the axis the
/// extent of i. Gradient: g added up at the positions; none to i. Throws index_error for an index outside of the axis;
/// shape_error where x and i have not equally many axes or do not broadcast, and for an axis out of range.
/// As NumPy's take_along_axis.
template <class T, std::integral I>
variable<T> take_along_axis(variable<T> x, indices<T> i, I axis, location where = location::current())
{
    const shape_view extents = x.checked(take_along_axis_rule::name, where).shape();
    const shape_view index_extents = i.checked(take_along_axis_rule::name, where).shape();
    const std::size_t along = normalized_axis(detail::signed_integer(axis), extents, take_along_axis_rule::name, where);
    return record_composite(take_along_axis_rule::name, where, x,
                            [&]
                            {
                                const shape_vector fitted = detail::fitted_to_indices(extents, index_extents, along);
                                if (!(shape_view(fitted) == extents))
                                {
                                    x = record_shaped<broadcast_rule, T>(where, x, fitted);
                                }
                                return record<take_along_axis_rule, T>(where, {x, i}, detail::along_axis{along});
                            });
}
template <class T, detail::no_positions<T> P, class... More>
mistake::positions take_along_axis(variable<T>, const P&, More&&...);

// ---------------------------------------------------------------------------------------------- scatter_along_axis

struct scatter_along_axis_rule : linear
{
    static constexpr auto name = "scatter_along_axis";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 1;
    using attributes = detail::along_new_axis;
    static attributes with_leading_axis(const attributes& a) { return detail::with_leading_axis(a); }
    static std::string print(const attributes& a) { return detail::print_axis(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        const shape_view indices = operands[1];
        const std::size_t dimension = operands[0].size();
        bool fits = indices.size() <= dimension && dimension - indices.size() <= a.axis;
        for (std::size_t axis = dimension - std::min(indices.size(), dimension); fits && axis < dimension; ++axis)
        {
            const std::size_t extent = indices[detail::axis_of_indices(indices, operands[0], axis)];
            fits = extent == operands[0][axis] || (axis != a.axis && extent == 1);
        }
        if (!fits)
        {
            throw error::shape_error(name, "updates have shape ", operands[0], " and indices ", indices,
                                     "; the extents must be equal, or beside axis ", a.axis,
                                     " those of the indices 1.");
        }
        shape_vector result(operands[0]);
        result[a.axis] = a.length;
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::check_indices(call.operands[1], a.length, a.axis, name);
        std::fill_n(call.out(), call.size, T(0));
        kernels::gathers<T>->add_along_axis(call.operands[0], call.operands[1], a.axis, call.shape, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        return record<take_along_axis_rule, T>({}, {g, y.index_operand(1)}, detail::along_axis{axis});
    }
    static void samples(auto& s)
    {
        const auto across = [](auto x, auto i) { return scatter_along_axis(x, i, 4, 1); };
        s.call("across", "np.einsum('rc,rcn->rn', x, np.eye(4)[i])", across, s.numbers({2, 3}),
               s.integers({2, 3}, {2, 0, 3, 1, -1, 0}));
        s.call("repeated", "np.einsum('rc,rcn->rn', x, np.eye(4)[i])", across, s.numbers({2, 3}),
               s.integers({2, 3}, {2, 0, 2, 1, 1, 1}));
        s.call(
            "down", "np.einsum('rc,rcn->nc', x, np.eye(4)[i])",
            [](auto x, auto i) { return scatter_along_axis(x, i, 4, -2); }, s.numbers({3, 2}),
            s.integers({3, 2}, {2, 0, 2, 1, -1, 1}));
        s.call("the same indices for all rows", "np.einsum('rc,cn->rn', x, np.eye(4)[i[0]])", across, s.numbers({3, 2}),
               s.integers({1, 2}, {3, 1}));
        s.call("no index", "np.zeros((2, 4))", across, s.numbers({2, 0}), s.integers({2, 0}, {}));

        s.error("index", across,
                "autograd: scatter_along_axis: index 4 at position (0, 1) is outside axis 1 of length 4.",
                s.numbers({1, 2}), s.integers({1, 2}, {0, 4}));
        s.error(
            "extents", across,
            "autograd: scatter_along_axis: updates have shape (1, 2) and indices (3, 2); the extents must be equal, "
            "or beside axis 1 those of the indices 1.",
            s.numbers({1, 2}), s.integers({3, 2}, {0, 1, 2, 3, 0, 1}));
        s.error(
            "axis", [](auto x, auto i) { return scatter_along_axis(x, i, 4, 2); },
            "autograd: scatter_along_axis: axis 2 is outside of shape (1, 2); it must be from -2 to 1.",
            s.numbers({1, 2}), s.integers({1, 2}, {0, 1}));
    }
};
AUTOGRAD_OPERATION(scatter_along_axis_rule)

/// Zeros with each update added at its own index of its own line along an axis of the given length: the transpose of
/// take_along_axis. Repeated indices add up, in row-major order of the updates. Beside the axis, i is broadcast to the
/// updates. Shape: that of the updates, with that length along the axis. Gradient: take_along_axis(g, i, axis) to the
/// updates; none to i. Throws index_error for an index outside of the axis; shape_error where i does not broadcast to
/// the updates, and for an axis out of range. As NumPy's put_along_axis on zeros, but adding.
template <class T, std::integral I>
variable<T> scatter_along_axis(variable<T> updates, indices<T> i, std::integral auto length, I axis,
                               location where = location::current())
{
    const std::size_t extent = detail::count_of(length, "length", scatter_along_axis_rule::name, where);
    const shape_view extents = updates.checked(scatter_along_axis_rule::name, where).shape();
    const std::size_t along =
        normalized_axis(detail::signed_integer(axis), extents, scatter_along_axis_rule::name, where);
    return record<scatter_along_axis_rule, T>(where, {updates, i}, detail::along_new_axis{along, extent});
}
template <class T, detail::no_positions<T> P, class... More>
mistake::positions scatter_along_axis(variable<T>, const P&, More&&...);

// --------------------------------------------------------------------------------------------------------- one_hot

struct one_hot_rule : general
{
    static constexpr auto name = "one_hot";
    static constexpr bool throws = true;
    static constexpr auto not_differentiable = of_integers;
    struct attributes
    {
        std::size_t classes;
    };
    static std::string print(const attributes& a) { return std::to_string(a.classes) + " classes"; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        shape_vector result(operands[0]);
        result.push_back(a.classes);
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::check_classes(call.operands[0], a.classes, name);
        kernels::one_hot(call.operands[0], a.classes, call.out());
    }
    static void samples(auto& s)
    {
        const auto of_three = [](auto i) { return one_hot(i, 3); };
        s.call("labels", "np.eye(3)[i]", of_three, s.integers({5}, {2, 0, 1, 1, 0}));
        s.call("one label", "np.eye(3)[i]", of_three, s.integers({}, {1}));
        s.call("matrix", "np.eye(3)[i]", of_three, s.integers({2, 2}, {2, 0, 1, 1}));
        s.call("no label", "np.zeros((0, 3))", of_three, s.integers({0}, {}));
        s.error("class", of_three,
                "autograd: one_hot: class 3 at position (1) is not one of 3; classes are numbered from 0.",
                s.integers({2}, {0, 3}));
        s.error(
            "negative number of classes", [](auto i) { return one_hot(i, -3); },
            "autograd: one_hot: the number of classes is -3; it must be 0 or more.", s.integers({2}, {0, 1}));
        s.error("negative class", of_three,
                "autograd: one_hot: class -1 at position (0, 1) is not one of 3; classes are numbered from 0.",
                s.integers({1, 2}, {0, -1}));
    }
};
AUTOGRAD_OPERATION(one_hot_rule)

/// For each label, 1 at its class and 0 at the others. Shape: that of i, and a last axis of the classes. Gradient:
/// none. Throws index_error for a label that is not in [0, classes): negative ones do not count from the end.
template <class T>
variable<T> one_hot(indices<T> i, std::integral auto classes, location where = location::current())
{
    i.checked(one_hot_rule::name, where);
    const std::size_t count = detail::count_of(classes, "the number of classes", one_hot_rule::name, where);
    return record<one_hot_rule, T>(where, i, one_hot_rule::attributes{count});
}
template <class T, class... More>
mistake::positions one_hot(variable<T>, More&&...);

// ----------------------------------------------------------------------------------------------------------- equal

struct equal_indices_rule : general
{
    static constexpr auto name = "equal";
    static constexpr auto latex = "[#1 = #2]";
    static constexpr auto not_differentiable = of_integers;

    static shape_vector shape(std::span<const shape_view> operands)
    {
        return broadcast_shapes(operands[0], operands[1], name);
    }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        kernels::equal_indices(call.operands[0], call.operands[1], call.shape, call.out());
    }
    static void samples(auto& s)
    {
        const auto both = [](auto i, auto j) { return equal(i, j); };
        s.call("labels", "np.equal(i, j)", both, s.integers({4}, {2, 0, 1, -1}), s.integers({4}, {2, 1, 1, 1}));
        s.call("scalars", "np.equal(i, j)", both, s.integers({}, {2}), s.integers({}, {2}));
        s.call("row and column", "np.equal(i, j)", both, s.integers({3}, {2, 0, 1}), s.integers({2, 1}, {0, 1}));
        s.call("nothing and a row", "np.equal(i, j)", both, s.integers({0, 3}, {}), s.integers({3}, {2, 0, 1}));
        s.call(
            "a number", "np.equal(i, 1)", [](auto i) { return equal(i, 1); }, s.integers({2, 2}, {1, 0, -1, 1}));
        s.call(
            "of a number", "np.equal(1, i)", [](auto i) { return equal(1u, i); }, s.integers({2, 2}, {1, 0, -1, 1}));
        s.error("shapes", both,
                "autograd: equal: shapes (2,) and (3,) do not broadcast; aligned at their last axes, extents must be "
                "equal or 1.",
                s.integers({2}, {0, 1}), s.integers({3}, {0, 1, 2}));
    }
};
AUTOGRAD_OPERATION(equal_indices_rule)

/// The mask (of T: 1 and 0) of equal integers; one of the two may be a number. The accuracy of a classifier is
/// mean(equal(argmax(scores, 1), labels)). Shape: broadcast. Gradient: none. Throws shape_error for shapes that do not
/// broadcast.
/// \ingroup choice
template <class T>
variable<T> equal(indices<T> i, indices<T> j, location where = location::current())
{
    return record<equal_indices_rule, T>(where, {i, j});
}
template <class T, std::integral I>
variable<T> equal(indices<T> i, I number, location where = location::current())
{
    i.checked(equal_indices_rule::name, where);
    return i.tape().together(equal_indices_rule::name, where,
                             [&] { return equal(i, i.tape().index(number, where), where); });
}
template <class T, std::integral I>
variable<T> equal(I number, indices<T> i, location where = location::current())
{
    return equal(i, number, where);
}

} // namespace autograd
