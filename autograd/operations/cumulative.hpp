#pragma once

#include "autograd/kernels/cumulative.hpp"
#include "autograd/operations/chain.hpp"
#include "autograd/operations/generic_lines.hpp"
#include "autograd/operations/shaping.hpp"

/// Running sums and products along an axis or over the flattened array, and linear recurrences. All take time linear in
/// the number of elements, in every order of derivatives.
/// \ingroup reduce
namespace autograd
{

namespace detail
{
/// "axis 1", "axis 0, reverse, exclusive"
std::string print_walk(std::size_t axis, bool reverse);
std::string print_cumulation(const kernels::cumulation& a);
std::string print_recurrence(const kernels::recurrence& a);

/// The axis of a walk along an array.
template <class T>
std::uint16_t axis_of_walk(variable<T> x, std::int64_t axis, const char* operation, location where)
{
    return static_cast<std::uint16_t>(normalized_axis(axis, x.checked(operation, where).shape(), operation, where));
}
} // namespace detail

// ------------------------------------------------------------------------------------------------------------- sums

struct cumsum_rule : linear
{
    static constexpr auto name = "cumsum";
    using attributes = kernels::cumulation;
    static attributes with_leading_axis(attributes a)
    {
        ++a.axis;
        return a;
    }
    static std::string print(const attributes& a) { return detail::print_cumulation(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::cumulations<T>->cumsum(call.in(0), call.shape, a, call.out());
    }
    /// What runs forward is pulled back in reverse.
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        attributes a = y.template attributes<attributes>();
        a.reverse = !a.reverse;
        return record<cumsum_rule, T>({}, g, a);
    }
    static void samples(auto& s)
    {
        const auto with = [](bool reverse, bool exclusive) {
            return [=](auto x) { return record<cumsum_rule>({}, x, attributes{1, reverse, exclusive}); };
        };
        s.call(
            "flattened", "np.cumsum(x)", [](auto x) { return cumsum(x); }, s.numbers({2, 3}));
        s.call(
            "scalar", "np.cumsum(x)", [](auto x) { return cumsum(x); }, s.numbers({}));
        s.call(
            "rows", "np.cumsum(x, -1)", [](auto x) { return cumsum(x, -1); }, s.numbers({2, 3}));
        s.call(
            "many rows", "np.cumsum(x, 1)", [](auto x) { return cumsum(x, std::ptrdiff_t{1}); }, s.numbers({19, 3}));
        s.call(
            "columns", "np.cumsum(x, 0)", [](auto x) { return cumsum(x, 0u); }, s.numbers({3, 4}));
        s.call(
            "middle axis", "np.cumsum(x, 1)", [](auto x) { return cumsum(x, 1); }, s.numbers({2, 3, 2}));
        s.call(
            "empty", "np.cumsum(x, 0)", [](auto x) { return cumsum(x, 0); }, s.numbers({0, 3}));
        s.call("in reverse", "np.flip(np.cumsum(np.flip(x, 1), 1), 1)", with(true, false), s.numbers({2, 4}));
        s.call("exclusive", "np.cumsum(np.pad(x, ((0, 0), (1, 0))), 1)[:, :-1]", with(false, true), s.numbers({2, 4}));
        s.call("exclusive in reverse", "np.flip(np.cumsum(np.pad(np.flip(x, 1), ((0, 0), (1, 0))), 1)[:, :-1], 1)",
               with(true, true), s.numbers({2, 4}));
        s.error(
            "axis", [](auto x) { return cumsum(x, 2); },
            "autograd: cumsum: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(cumsum_rule)

/// The sums of all elements up to each: along an axis, or in row-major order when none is given. Added in order, as
/// NumPy's. Shape: that of x, or (size,). Gradient: the sums of g in reverse. Throws shape_error for an axis out of
/// range. As in xtensor.
template <class T, std::integral I>
variable<T> cumsum(variable<T> x, I axis, location where = location::current())
{
    const std::uint16_t along = detail::axis_of_walk(x, detail::signed_integer(axis), cumsum_rule::name, where);
    return record<cumsum_rule, T>(where, x, kernels::cumulation{along, false, false});
}
/// For the integer type that xtensor's own function takes, which would be as good a match.
template <class T>
variable<T> cumsum(variable<T> x, std::ptrdiff_t axis, location where = location::current())
{
    return cumsum<T, std::ptrdiff_t>(x, axis, where);
}
template <class T>
variable<T> cumsum(variable<T> x, location where = location::current())
{
    x.checked(cumsum_rule::name, where);
    return cumsum(flatten(x, where), 0, where);
}

// ------------------------------------------------------------------------------------------------------ recurrences

namespace detail
{
template <class T>
variable<T> record_recurrence(variable<T> a, variable<T> b, const kernels::recurrence& how, location where = {});
template <class T>
variable<T> record_cumprod(variable<T> x, std::uint16_t axis, bool reverse, bool exclusive, location where = {});
} // namespace detail

struct linear_recurrence_rule : general
{
    static constexpr auto name = "linear_recurrence";
    using attributes = kernels::recurrence;
    static attributes with_leading_axis(attributes a)
    {
        ++a.axis;
        return a;
    }
    static std::string print(const attributes& a) { return detail::print_recurrence(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&)
    {
        if (!(operands[0] == operands[1]))
        {
            throw error::shape_error(name, "a has shape ", operands[0], " and b ", operands[1],
                                     "; they must be equal.");
        }
        return operands[1];
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::cumulations<T>->linear_recurrence(call.in(0), call.in(1), call.shape, a, call.out());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& how)
    {
        const auto& a = call.operands[0];
        const auto& b = call.operands[1];
        for (auto places : detail::lines_along(call.shape, std::uint32_t{1} << how.axis))
        {
            if (how.reverse)
            {
                std::reverse(places.begin(), places.end());
            }
            for (std::size_t i = 0; i < places.size(); ++i)
            {
                auto& y = call.result[places[i]];
                y = b[places[i]];
                if (i > 0)
                {
                    const std::size_t before = places[i - 1];
                    y = y + a[how.factor_before ? before : places[i]] * call.result[before];
                }
            }
        }
    }
    // y = b + A y, where A takes each element of y to the place after it, times a factor. So the cotangent s of b
    // solves s = g + A^T s, which is the same recurrence from the other end, and the cotangent of a factor is s at the
    // place that it leads to times y at the place that it comes from.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes how = y.template attributes<attributes>();
        const variable<T> a = y.operand(0);
        if (y.wanted(0))
        {
            const auto nodes = how.factor_before ? kernels::chain_nodes::before : kernels::chain_nodes::behind;
            y.give(0, detail::record_chain_cotangent<T>({how.axis, how.reverse, nodes, nodes},
                                                        {a, y.operand(1), y.cotangent(), {}}));
        }
        if (y.wanted(1))
        {
            y.give(1, detail::record_recurrence(a, y.cotangent(), {how.axis, !how.reverse, !how.factor_before}));
        }
    }
    static void samples(auto& s)
    {
        const auto with = [](bool reverse, bool factor_before) {
            return [=](auto x, auto y) { return detail::record_recurrence(x, y, {1, reverse, factor_before}); };
        };
        s.call("rows",
               "np.stack([y[:, 0], y[:, 1] + x[:, 1] * y[:, 0], "
               "y[:, 2] + x[:, 2] * (y[:, 1] + x[:, 1] * y[:, 0])], 1)",
               with(false, false), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("factors from before",
               "np.stack([y[:, 0], y[:, 1] + x[:, 0] * y[:, 0], "
               "y[:, 2] + x[:, 1] * (y[:, 1] + x[:, 0] * y[:, 0])], 1)",
               with(false, true), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("in reverse",
               "np.stack([y[:, 0] + x[:, 0] * (y[:, 1] + x[:, 1] * y[:, 2]), "
               "y[:, 1] + x[:, 1] * y[:, 2], y[:, 2]], 1)",
               with(true, false), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("in reverse, factors from before",
               "np.stack([y[:, 0] + x[:, 1] * (y[:, 1] + x[:, 2] * y[:, 2]), "
               "y[:, 1] + x[:, 2] * y[:, 2], y[:, 2]], 1)",
               with(true, true), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("factors of 0", "np.stack([y[:, 0], y[:, 1], y[:, 2] + 2 * y[:, 1]], 1)", with(false, false),
               s.array({1, 3}, {0.0, 0.0, 2.0}), s.positive({1, 3}));
        s.call(
            "columns", "np.stack([y[0], y[1] + x[1] * y[0]])",
            [](auto x, auto y) { return linear_recurrence(x, y, 0); }, s.numbers({2, 3}), s.positive({2, 3}));
        s.call(
            "empty", "y", [](auto x, auto y) { return linear_recurrence(x, y, 1); }, s.numbers({2, 0}),
            s.numbers({2, 0}));
        s.error(
            "shapes", [](auto x, auto y) { return linear_recurrence(x, y, 0); },
            "autograd: linear_recurrence: a has shape (3,) and b (2, 3); they must be equal.", s.numbers({3}),
            s.numbers({2, 3}));
        s.error(
            "axis", [](auto x, auto y) { return linear_recurrence(x, y, 2); },
            "autograd: linear_recurrence: axis 2 is outside of shape (2, 3); it must be from -2 to 1.",
            s.numbers({2, 3}), s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(linear_recurrence_rule)

template <class T>
variable<T> detail::record_recurrence(variable<T> a, variable<T> b, const kernels::recurrence& how, location where)
{
    return record<linear_recurrence_rule, T>(where, {a, b}, how);
}

/// The linear recurrence y[i] = b[i] + a[i] y[i - 1] along an axis, with y[0] = b[0]; right wherever it is
/// representable, whatever came before. Shape: that of b. Gradient: to b the same recurrence from the other end, s[i] =
/// g[i] + a[i + 1] s[i + 1], and to a[i] it is s[i] y[i - 1], in one walk each (chain_cotangent). Throws shape_error
/// for different shapes or an axis out of range.
template <class T, std::integral I>
variable<T> linear_recurrence(variable<T> a, std::type_identity_t<variable<T>> b, I axis,
                              location where = location::current())
{
    const std::uint16_t along =
        detail::axis_of_walk(b, detail::signed_integer(axis), linear_recurrence_rule::name, where);
    return detail::record_recurrence(a, b, {along, false, false}, where);
}

// --------------------------------------------------------------------------------------------------------- products

struct cumprod_rule : general
{
    static constexpr auto name = "cumprod";
    using attributes = kernels::cumulation;
    static attributes with_leading_axis(attributes a)
    {
        ++a.axis;
        return a;
    }
    static std::string print(const attributes& a) { return detail::print_cumulation(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::cumulations<T>->cumprod(call.in(0), call.shape, a, call.out());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        for (auto places : detail::lines_along(call.shape, std::uint32_t{1} << a.axis))
        {
            if (a.reverse)
            {
                std::reverse(places.begin(), places.end());
            }
            typename Call::element product(1);
            for (const std::size_t place : places)
            {
                const auto with_own = product * call.operands[0][place];
                call.result[place] = a.exclusive ? product : with_own;
                product = with_own;
            }
        }
    }
    // x[i] is a factor of y[i] and all after it: its cotangent is the product of those before x[i], times
    //     s[i] = g[i] + g[i+1] x[i+1] + g[i+2] x[i+1] x[i+2] + ... = g[i] + x[i+1] s[i+1].
    // Where y is exclusive, x[i] is a factor of what comes after y[i] only: the same times s[i+1].
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const auto [axis, reverse, exclusive] = y.template attributes<attributes>();
        const auto nodes = exclusive ? kernels::chain_nodes::before : kernels::chain_nodes::behind;
        y.give(0, detail::record_chain_cotangent<T>({axis, reverse, kernels::chain_nodes::end, nodes},
                                                    {y.operand(0), {}, y.cotangent(), {}}));
    }
    static void samples(auto& s)
    {
        const auto with = [](bool reverse, bool exclusive)
        { return [=](auto x) { return detail::record_cumprod(x, 1, reverse, exclusive); }; };
        s.call(
            "flattened", "np.cumprod(x)", [](auto x) { return cumprod(x); }, s.numbers({2, 3}));
        s.call(
            "scalar", "np.cumprod(x)", [](auto x) { return cumprod(x); }, s.numbers({}));
        s.call(
            "rows", "np.cumprod(x, -1)", [](auto x) { return cumprod(x, -1); }, s.numbers({2, 3}));
        s.call(
            "many rows", "np.cumprod(x, 1)", [](auto x) { return cumprod(x, std::ptrdiff_t{1}); }, s.numbers({19, 3}));
        s.call(
            "columns", "np.cumprod(x, 0)", [](auto x) { return cumprod(x, 0u); }, s.numbers({3, 4}));
        s.call(
            "a zero", "np.cumprod(x)", [](auto x) { return cumprod(x); }, s.array({4}, {2.0, 0.0, 3.0, -1.5}));
        s.call(
            "two zeros", "np.cumprod(x)", [](auto x) { return cumprod(x); }, s.array({5}, {2.0, 0.0, 3.0, 0.0, -1.5}));
        s.call(
            "zeros in columns", "np.cumprod(x, 0)", [](auto x) { return cumprod(x, 0); },
            s.array({3, 2}, {0.0, 2.0, 0.5, 0.0, -1.5, 0.0}));
        s.call(
            "empty", "np.cumprod(x, 0)", [](auto x) { return cumprod(x, 0); }, s.numbers({0, 3}));
        s.call("in reverse", "np.flip(np.cumprod(np.flip(x, 1), 1), 1)", with(true, false),
               s.array({2, 4}, {2.0, 0.5, 3.0, -1.5, 2.0, 0.0, 3.0, -1.5}));
        s.call("exclusive", "np.cumprod(np.pad(x, ((0, 0), (1, 0)), constant_values=1), 1)[:, :-1]", with(false, true),
               s.array({2, 4}, {2.0, 0.5, 3.0, -1.5, 2.0, 0.0, 3.0, -1.5}));
        s.call("exclusive in reverse",
               "np.flip(np.cumprod(np.pad(np.flip(x, 1), ((0, 0), (1, 0)), constant_values=1), 1)[:, :-1], 1)",
               with(true, true), s.array({2, 4}, {2.0, 0.5, 3.0, -1.5, 2.0, 0.0, 3.0, -1.5}));
        s.error(
            "axis", [](auto x) { return cumprod(x, 2); },
            "autograd: cumprod: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(cumprod_rule)

template <class T>
variable<T> detail::record_cumprod(variable<T> x, std::uint16_t axis, bool reverse, bool exclusive, location where)
{
    return record<cumprod_rule, T>(where, x, kernels::cumulation{axis, reverse, exclusive});
}

/// The products of all elements up to each: along an axis, or in row-major order when none is given. NumPy's wherever
/// its stay in the range; right to the rounding of each multiplication also behind places where they don't. Shape: that
/// of x, or (size,). Gradient: one walk from either end (chain_cotangent), without division: exact at zeros, right
/// wherever it is representable, in every order, in linear time. Throws shape_error for an axis out of range. As in
/// xtensor.
template <class T, std::integral I>
variable<T> cumprod(variable<T> x, I axis, location where = location::current())
{
    const std::uint16_t along = detail::axis_of_walk(x, detail::signed_integer(axis), cumprod_rule::name, where);
    return detail::record_cumprod(x, along, false, false, where);
}
/// For the integer type that xtensor's own function takes, which would be as good a match.
template <class T>
variable<T> cumprod(variable<T> x, std::ptrdiff_t axis, location where = location::current())
{
    return cumprod<T, std::ptrdiff_t>(x, axis, where);
}
template <class T>
variable<T> cumprod(variable<T> x, location where = location::current())
{
    x.checked(cumprod_rule::name, where);
    return cumprod(flatten(x, where), 0, where);
}

} // namespace autograd
