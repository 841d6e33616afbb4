#pragma once

#include "autograd/linalg/contract.hpp"
#include "autograd/linalg/contraction_order.hpp"
#include "autograd/operations/diagonal.hpp"

#include <array>

/// Sums of products of arrays, by the names or the numbers of their axes.
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// The T of the first variable among arguments of which the others may be arrays.
template <class... X>
struct first_variable;
template <class T, class... X>
struct first_variable<variable<T>, X...>
{
    using type = T;
};
template <class X, class... Rest>
struct first_variable<X, Rest...> : first_variable<Rest...>
{
};
template <class... X>
using real_among = typename first_variable<X...>::type;

/// Variables of one T, and numbers or xtensor expressions beside them.
template <class... X>
concept variables_among_constants = (is_variable<X> || ...) &&
                                    ((constant_argument<X> || std::same_as<X, variable<real_among<X...>>>)&&...);

template <class T>
variable<T> find_variable(variable<T> x, const auto&...)
{
    return x;
}
template <class X>
auto find_variable(const X&, const auto&... others)
{
    return find_variable(others...);
}

/// Records what f makes of the arguments as variables of one tape, as one operation.
template <class F, class... X>
auto record_lifted(const char* name, location where, F f, const X&... x)
{
    using T = real_among<X...>;
    const variable<T> beside = find_variable(x...);
    return record_composite(name, where, beside,
                            [&]
                            {
                                const auto lifted = [&]<class Y>(const Y& y)
                                {
                                    if constexpr (is_variable<Y>)
                                    {
                                        return y;
                                    }
                                    else
                                    {
                                        return variable<T>(beside.tape().constant(y, where));
                                    }
                                };
                                return f(std::array<variable<T>, sizeof...(X)>{lifted(x)...});
                            });
}

/// A matrix's diagonal for axes that have one name.
template <class T>
named_axes<T> without_repetition(named_axes<T> x, location where)
{
    for (std::size_t first = 0; first < x.names.size();)
    {
        const std::size_t second = x.names.find(x.names[first], first + 1);
        if (second == std::string::npos)
        {
            ++first;
            continue;
        }
        const char name = x.names[first];
        x.array = diagonal(x.array, 0, first, second, where);
        x.names.erase(second, 1);
        x.names.erase(first, 1);
        x.names += name;
    }
    return x;
}

/// Without the axes that are not among `kept`: summed along them, if there is more than one element.
template <class T>
named_axes<T> reduced_to(std::string_view kept, const named_axes<T>& x, location where)
{
    named_axes<T> reduced;
    reduced_axes others{0, false};
    shape_vector shape;
    bool are_single = true;
    for (std::size_t axis = 0; axis < x.names.size(); ++axis)
    {
        const std::size_t extent = x.array.shape()[axis];
        if (kept.find(x.names[axis]) != std::string_view::npos)
        {
            reduced.names += x.names[axis];
            shape.push_back(extent);
        }
        else
        {
            others.axes |= std::uint32_t{1} << axis;
            are_single = are_single && extent == 1;
        }
    }
    reduced.array = others.axes == 0 ? x.array
                    : are_single     ? record_shaped<reshape_rule, T>(where, x.array, shape)
                                     : record<sum_rule, T>(where, x.array, others);
    return reduced;
}

/// The names of the axes of each operand when two of them meet, each one once: those of full extent that are in another
/// operand or in the result. What is in one operand alone is summed before, and what is repeated along an axis need not
/// have it.
std::vector<std::string> names_to_contract(const named_operands& named, std::span<const shape_view> shapes);
/// Whether there is nothing to sum: an axis that is summed has no elements.
bool sums_over_nothing(const named_operands& named);
shape_vector shape_of_result(const named_operands& named);

/// Zeros of a shape, which depend on all operands, and on none of their elements: so none is met that is infinite.
template <class T>
variable<T> sum_over_nothing(std::span<const variable<T>> xs, const shape_vector& shape, location where)
{
    variable<T> product;
    for (const variable<T>& x : xs)
    {
        const variable<T> zero = sum(slice(flatten(x, where), 0, 0, 0, where), where);
        product = product.empty() ? zero : multiplied(product, zero, where);
    }
    return record_shaped<broadcast_rule, T>(where, product, shape);
}

template <class T>
variable<T> einsum_of(const einsum_subscripts& subscripts, std::span<const variable<T>> xs)
{
    const location where = subscripts.where();
    std::vector<shape_view> shapes(xs.size());
    std::transform(xs.begin(), xs.end(), shapes.begin(), [](const variable<T>& x) { return x.shape(); });
    const named_operands named = read_subscripts(subscripts, shapes, "einsum");
    if (sums_over_nothing(named))
    {
        return sum_over_nothing(xs, shape_of_result(named), where);
    }
    const std::vector<std::string> kept = names_to_contract(named, shapes);
    std::vector<named_axes<T>> arrays;
    arrays.reserve(2 * xs.size());
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        arrays.push_back(reduced_to(kept[k], without_repetition<T>({xs[k], named.operands[k]}, where), where));
    }
    for (const contraction_step& step : order_of_contractions(kept, named.result, named.extents, "einsum", where))
    {
        const variable<T> product = contracted(arrays[step.left], arrays[step.right], step.result, where);
        arrays.push_back({product, step.result});
    }
    return with_axes(arrays.back(), named.result, where);
}

} // namespace detail

/// Einstein's sums. Each index of `subscripts` names an axis of one operand or more; the result has the axes behind
/// "->", and over all others products of elements are summed: "ij,jk->ik" multiplies matrices, "ii->" takes a trace,
/// "bqhd,bkhd->bhqk" compares the queries of each head with all keys. Without "->" the result has, in the order of the
/// letters, those that occur once. "..." stands for the axes that are not named, which broadcast. An axis of extent 1
/// is repeated where the same index has another extent elsewhere. Spaces mean nothing. Of several operands two at a
/// time are contracted, in the order that einsum_path() tells; what is summed first may be rounded differently or leave
/// the range of T, and an infinite element may meet a sum that is 0. From one to 64 operands. Shape: the extents of the
/// result's indices. Gradient: to each operand the same sum of g and the others. Throws value_error for subscripts that
/// are none, or of another number of operands, shape_error for shapes that do not fit. As NumPy's einsum, with operands
/// in braces, in a container, or one by one, then also xtensor expressions.
template <class T>
variable<T> einsum(const einsum_subscripts& subscripts, std::span<const variable<T>> xs)
{
    if (xs.empty())
    {
        throw error::value_error(subscripts.where(), "einsum", "no operands are given; it takes one at least.");
    }
    return record_composite("einsum", subscripts.where(), xs, [&] { return detail::einsum_of(subscripts, xs); });
}
template <class T, std::size_t N>
variable<T> einsum(const einsum_subscripts& subscripts, const variable<T> (&xs)[N])
{
    return einsum(subscripts, std::span<const variable<T>>(xs));
}
template <class T>
variable<T> einsum(const einsum_subscripts& subscripts, const std::vector<variable<T>>& xs)
{
    return einsum(subscripts, std::span<const variable<T>>(xs));
}
template <class T, std::size_t N>
variable<T> einsum(const einsum_subscripts& subscripts, const std::array<variable<T>, N>& xs)
{
    return einsum(subscripts, std::span<const variable<T>>(xs));
}
template <class... X>
    requires detail::variables_among_constants<X...>
auto einsum(const einsum_subscripts& subscripts, const X&... xs)
{
    return detail::record_lifted(
        "einsum", subscripts.where(),
        [&]<class T, std::size_t N>(const std::array<variable<T>, N>& lifted) { return einsum(subscripts, lifted); },
        xs...);
}

/// By mistake they are not all variables of one tape, or arrays stand among those in braces.
template <class... X>
    requires((detail::is_variable<X> || ...) && !detail::variables_among_constants<X...>)
mistake::list_of_arrays einsum(const einsum_subscripts&, const X&...);
template <std::size_t N>
mistake::list_of_arrays einsum(const einsum_subscripts&, const detail::anything (&)[N], ...);

/// How einsum contracts operands of these shapes: the order, two at a time, with the subscripts of each step, and how
/// many numbers are multiplied, beside how many there would be if it were done at once. It is the cheapest order of up
/// to 6 operands; of more, the next two are those whose contraction leaves least beyond what it takes away. Throws what
/// einsum throws.
std::string einsum_path(const einsum_subscripts& subscripts, std::span<const shape_vector> shapes);
inline std::string einsum_path(const einsum_subscripts& subscripts, std::initializer_list<shape_vector> shapes)
{
    return einsum_path(subscripts, std::span<const shape_vector>(shapes.begin(), shapes.end()));
}

struct einsum_samples
{
    static constexpr auto name = "einsum";
    static void samples(auto& s)
    {
        sample_one(s);
        sample_two(s);
        sample_several(s);
        sample_errors(s);
    }

private:
    static auto of(const char* subscripts)
    {
        return [=](auto... x) { return einsum(subscripts, {x...}); };
    }
    static void sample_one(auto& s)
    {
        s.call("transposed", "np.einsum('ij->ji', x)", of("ij->ji"), s.numbers({2, 3}));
        s.call("in the order of letters", "np.einsum('bac', x)", of("bac"), s.numbers({2, 3, 2}));
        s.call("upper case first", "np.einsum('aZ', x)", of("aZ"), s.numbers({2, 3}));
        s.call("trace", "np.einsum('ii', x)", of("ii"), s.numbers({3, 3}));
        s.call("diagonal", "np.einsum('ii->i', x)", of("ii->i"), s.numbers({3, 3}));
        s.call("diagonals of a batch", "np.einsum('...ii->...i', x)", of("...ii->...i"), s.numbers({2, 3, 3}));
        s.call("a diagonal of three axes", "np.einsum('iii->i', x)", of("iii->i"), s.numbers({3, 3, 3}));
        s.call("two diagonals", "np.einsum('ijij->ji', x)", of("ijij->ji"), s.numbers({2, 3, 2, 3}));
        s.call("rows summed", "np.einsum('ij->i', x)", of("ij->i"), s.numbers({2, 3}));
        s.call("all summed", "np.einsum('ij->', x)", of("ij->"), s.numbers({2, 3}));
        s.call("summed behind an ellipsis", "np.einsum('...j->...', x)", of("...j->..."), s.numbers({2, 3, 2}));
        s.call("an ellipsis moved", "np.einsum('i...->...i', x)", of("i...->...i"), s.numbers({2, 3, 2}));
        s.call("a scalar", "np.einsum('', x)", of(""), s.numbers({}));
        s.call("nothing to sum", "np.einsum('ij->j', x)", of("ij->j"), s.numbers({0, 3}));
        s.call("as it is", "np.einsum('ij', x)", of("ij"), s.numbers({2, 3}));
    }
    static void sample_two(auto& s)
    {
        s.call("matrices", "np.einsum('ij,jk->ik', x, y)", of("ij,jk->ik"), s.numbers({2, 3}), s.numbers({3, 4}));
        s.call("square matrices", "np.einsum('ij,jk', x, y)", of("ij,jk"), s.numbers({3, 3}), s.positive({3, 3}));
        s.call("spaces", "np.einsum(' i j , j k -> k i ', x, y)", of(" i j , j k -> k i "), s.numbers({2, 3}),
               s.numbers({3, 4}));
        s.call("inner", "np.einsum('i,i', x, y)", of("i,i"), s.numbers({3}), s.positive({3}));
        s.call("outer", "np.einsum('i,j', x, y)", of("i,j"), s.numbers({3}), s.positive({3}));
        s.call("element by element", "np.einsum('ij,ij->ij', x, y)", of("ij,ij->ij"), s.numbers({2, 3}),
               s.positive({2, 3}));
        s.call("rows scaled", "np.einsum('ij,i->ij', x, y)", of("ij,i->ij"), s.numbers({3, 3}), s.positive({3}));
        s.call("inner of rows", "np.einsum('bj,bj->b', x, y)", of("bj,bj->b"), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("trace of a product", "np.einsum('ij,ji', x, y)", of("ij,ji"), s.numbers({3, 3}), s.positive({3, 3}));
        s.call("a diagonal and a vector", "np.einsum('ii,i->i', x, y)", of("ii,i->i"), s.numbers({3, 3}),
               s.positive({3}));
        s.call("summed by itself", "np.einsum('ij,jk->k', x, y)", of("ij,jk->k"), s.numbers({3, 3}), s.positive({3, 3}))
            .value_within_ulp(16); // summed in another order
        s.call("not summed with another", "np.einsum('ij,kl->il', x, y)", of("ij,kl->il"), s.numbers({2, 2}),
               s.positive({2, 2}));
        s.call("batches that broadcast", "np.einsum('...ij,...jk->...ik', x, y)", of("...ij,...jk->...ik"),
               s.numbers({2, 1, 2, 3}), s.numbers({2, 3, 2}));
        s.call("an implicit batch", "np.einsum('...ij,j', x, y)", of("...ij,j"), s.numbers({2, 2, 3}), s.numbers({3}));
        s.call("extents of 1", "np.einsum('ij,jk->ik', x, y)", of("ij,jk->ik"), s.numbers({2, 1}), s.numbers({3, 1}));
        s.call("a scalar and a vector", "np.einsum(',i->i', x, y)", of(",i->i"), s.numbers({}), s.numbers({3}));
        s.call("heads of attention", "np.einsum('bqhd,bkhd->bhqk', x, y)", of("bqhd,bkhd->bhqk"),
               s.numbers({2, 3, 2, 2}), s.positive({2, 3, 2, 2}));
        s.call("weights of attention", "np.einsum('bhqk,bkhd->bqhd', x, y)", of("bhqk,bkhd->bqhd"),
               s.numbers({2, 2, 2, 2}), s.positive({2, 2, 2, 2}));
        s.call("two axes with one name beside another", "np.einsum('iij,jk->ik', x, y)", of("iij,jk->ik"),
               s.numbers({2, 2, 3}), s.numbers({3, 2}));
        s.call("products of nothing", "np.einsum('ij,jk->ik', x, y)", of("ij,jk->ik"), s.numbers({2, 0}),
               s.numbers({0, 3}));
        s.call("an empty result", "np.einsum('ij,jk->ik', x, y)", of("ij,jk->ik"), s.numbers({0, 2}),
               s.numbers({2, 3}));
        s.call("nothing beside an infinite element", "np.einsum('ij,k->k', x, y)", of("ij,k->k"), s.numbers({2, 0}),
               s.array({2}, {s.inf, 1.5}))
            .up_to_order(0);
        s.call(
            "by itself", "np.einsum('ij,jk->ik', x, x)",
            [](auto x) {
                return einsum("ij,jk->ik", {x, x});
            },
            s.numbers({3, 3}));
        s.call(
            "operands one by one, a number among them", "np.einsum('ij,,jk->ik', x, 2.0, y)",
            [](auto x, auto y) { return einsum("ij,,jk->ik", x, 2.0, y); }, s.numbers({2, 3}), s.positive({3, 2}));
    }
    static void sample_several(auto& s)
    {
        s.call("a bilinear form", "np.einsum('bi,ij,bj->b', x, y, z)", of("bi,ij,bj->b"), s.numbers({2, 3}),
               s.numbers({3, 3}), s.positive({2, 3}));
        s.call("a chain", "np.einsum('ij,jk,kl->il', x, y, z)", of("ij,jk,kl->il"), s.numbers({2, 2}),
               s.positive({2, 2}), s.numbers({2, 2}));
        s.call("a sum over the same axis of three", "np.einsum('ia,ib,ic->abc', x, y, z)", of("ia,ib,ic->abc"),
               s.numbers({3, 2}), s.positive({3, 2}), s.numbers({3, 2}));
        s.call(
            "four times itself", "np.einsum('ij,jk,kl,li', x, x, x, x)",
            [](auto x) {
                return einsum("ij,jk,kl,li", {x, x, x, x});
            },
            s.numbers({2, 2}));
        s.call(
             "seven operands", "np.einsum('ab,bc,cd,de,ef,fg,ga->ae', x, y, x, y, x, y, x)",
             [](auto x, auto y) {
                 return einsum("ab,bc,cd,de,ef,fg,ga->ae", {x, y, x, y, x, y, x});
             },
             s.numbers({2, 2}), s.positive({2, 2}))
            .value_within_ulp(16); // multiplied in another order
    }
    static void sample_errors(auto& s)
    {
        const auto refused = [&](const char* label, const char* subscripts, const char* text, const auto&... x)
        { s.error(label, of(subscripts), text, x...); };
        const auto x = s.numbers({2, 3});
        const auto y = s.numbers({4, 5});
        refused("no index", "ij,j1->i",
                "autograd: einsum: \"ij,j1->i\": character 4, '1', is no index; subscripts are letters, commas between "
                "operands, \"...\", \"->\" before the result, and spaces.",
                x, y);
        refused("half an arrow", "ij,j>ik",
                "autograd: einsum: \"ij,j>ik\": character 4, '>', is not part of an arrow, \"->\".", x, y);
        refused("two arrows", "ij->i->j",
                "autograd: einsum: \"ij->i->j\": character 5, '-', begins a second arrow; there is one result.", x);
        refused("two results", "ij->i,j",
                "autograd: einsum: \"ij->i,j\": character 5, ',', stands behind \"->\"; there is one result.", x);
        refused("two dots", "..i->i",
                "autograd: einsum: \"..i->i\": character 0, '.', is not part of an ellipsis; that is three dots, "
                "\"...\".",
                x);
        refused("two ellipses", "...i...->i",
                "autograd: einsum: \"...i...->i\": character 4, '.', begins a second ellipsis of one operand or of the "
                "result; each may have one.",
                x);
        refused("a result from nowhere", "ij->ik",
                "autograd: einsum: \"ij->ik\": character 5, 'k', is an index of the result, but of no operand.", x);
        refused("a result twice", "ij->jj",
                "autograd: einsum: \"ij->jj\": character 5, 'j', is an index of the result twice; each may be there "
                "once.",
                x);
        refused("too few operands", "ij,jk->ik",
                "autograd: einsum: \"ij,jk->ik\" has subscripts of 2 operands, but 1 is given.", x);
        refused("too many operands", "ij", "autograd: einsum: \"ij\" has subscripts of 1 operand, but 2 are given.", x,
                y);
        refused("too many indices", "ijk->",
                "autograd: einsum: \"ijk->\": operand 0 has shape (2, 3), with 2 axes, but 3 indices; there must be an "
                "index for each axis.",
                x);
        refused("too few indices", "i->i",
                "autograd: einsum: \"i->i\": operand 0 has shape (2, 3), with 2 axes, but 1 index; there must be an "
                "index for each axis, or an ellipsis, \"...\".",
                x);
        refused("too few axes beside an ellipsis", "...ijk->...",
                "autograd: einsum: \"...ijk->...\": operand 0 has shape (2, 3), with 2 axes, but 3 indices beside the "
                "ellipsis; there must be as many axes at least.",
                x);
        refused("extents", "ij,jk->ik",
                "autograd: einsum: \"ij,jk->ik\": index 'j' has extent 3 in operand 0, of shape (2, 3), and 4 in "
                "operand 1, of shape (4, 5); they must be equal, or 1.",
                x, y);
        refused("extents of an ellipsis", "...,...",
                "autograd: einsum: \"...,...\": axis -2 of the ellipsis has extent 2 in operand 0, of shape (2, 3), "
                "and 4 in operand 1, of shape (4, 5); they must be equal, or 1.",
                x, y);
        refused("no square", "ii->i",
                "autograd: einsum: \"ii->i\": index 'i' is axes 0 and 1 of operand 0, which has shape (2, 3); the "
                "extents of a diagonal must be equal.",
                x);
        refused(
            "an ellipsis without place", "...i->i",
            "autograd: einsum: \"...i->i\": the ellipsis stands for 1 axis, which the result does not have; it must "
            "have an ellipsis, too. Name what is to be summed.",
            x);
    }
};
AUTOGRAD_COMPOSITE(einsum_samples)

// ------------------------------------------------------------------------------------------------------- tensordot

namespace detail
{
/// The names by which the axes of a and b are contracted: those of a given axis of a and of b are one.
struct tensordot_names
{
    std::string a;
    std::string b;
    std::string result;
};
/// Throws shape_error for axes that are out of range or given twice, of which there are not as many of b, or whose
/// extents differ.
tensordot_names names_for_tensordot(shape_view a, const axes_list& a_axes, shape_view b, const axes_list& b_axes,
                                    location where);
/// The last axes of a and the first of b, so many. Throws shape_error for more than one of them has.
std::array<axes_list, 2> neighbouring_axes(std::int64_t count, shape_view a, shape_view b, location where);

template <class T>
variable<T> tensordot_of(variable<T> a, const axes_list& a_axes, variable<T> b, const axes_list& b_axes, location where)
{
    const tensordot_names names = names_for_tensordot(a.shape(), a_axes, b.shape(), b_axes, where);
    return contracted<T>({a, names.a}, {b, names.b}, names.result, where);
}
} // namespace detail

/// The sum of products of elements over some axes of a and as many of b: the last of a and the first of b, by default
/// two of them, or those given, in order, in braces or a container. Shape: the other axes of a, then those of b.
/// Gradient: to each the same sum of g and the other. Throws shape_error for axes out of range or given twice, for
/// extents that differ, for more than 32 axes. As NumPy's tensordot; one of a and b may be an xtensor expression.
template <class A, class B, std::integral N = int>
    requires detail::variables_among_constants<A, B>
auto tensordot(const A& a, const B& b, N axes = 2, location where = location::current())
{
    return detail::record_lifted(
        "tensordot", where,
        [&](const auto& x)
        {
            const auto of = detail::neighbouring_axes(detail::signed_integer(axes), x[0].shape(), x[1].shape(), where);
            return detail::tensordot_of(x[0], of[0], x[1], of[1], where);
        },
        a, b);
}
template <class A, class B>
    requires detail::variables_among_constants<A, B>
auto tensordot(const A& a, const B& b, std::initializer_list<integer> a_axes, std::initializer_list<integer> b_axes,
               location where = location::current())
{
    return detail::record_lifted(
        "tensordot", where,
        [&](const auto& x) { return detail::tensordot_of(x[0], axes_list(a_axes), x[1], axes_list(b_axes), where); }, a,
        b);
}
template <class A, class B, axis_container C, axis_container D>
    requires detail::variables_among_constants<A, B>
auto tensordot(const A& a, const B& b, const C& a_axes, const D& b_axes, location where = location::current())
{
    return detail::record_lifted(
        "tensordot", where,
        [&](const auto& x) { return detail::tensordot_of(x[0], axes_list(a_axes), x[1], axes_list(b_axes), where); }, a,
        b);
}

struct tensordot_samples
{
    static constexpr auto name = "tensordot";
    static void samples(auto& s)
    {
        const auto by = [](int axes) { return [=](auto x, auto y) { return tensordot(x, y, axes); }; };
        s.call(
            "two axes", "np.tensordot(x, y)", [](auto x, auto y) { return tensordot(x, y); }, s.numbers({2, 3, 2}),
            s.positive({3, 2, 2}));
        s.call("one axis", "np.tensordot(x, y, 1)", by(1), s.numbers({2, 3}), s.positive({3, 2, 2}));
        s.call("no axis", "np.tensordot(x, y, 0)", by(0), s.numbers({2, 2}), s.positive({2, 2}));
        s.call("all axes", "np.tensordot(x, y, 2)", by(2), s.numbers({2, 3}), s.positive({2, 3}));
        s.call("of nothing", "np.tensordot(x, y, 1)", by(1), s.numbers({2, 0}), s.positive({0, 3}));
        s.call(
            "axes given", "np.tensordot(x, y, ((2, 0), (0, 1)))",
            [](auto x, auto y) {
                return tensordot(x, y, {-1, 0}, {0, 1});
            },
            s.numbers({2, 3, 4}), s.positive({4, 2, 2}));
        s.call(
            "axes in containers", "np.tensordot(x, y, ((1,), (1,)))",
            [](auto x, auto y) { return tensordot(x, y, std::vector{1}, std::vector{1}); }, s.numbers({2, 3}),
            s.positive({2, 3}));
        s.error("too many axes", by(3),
                "autograd: tensordot: 3 axes of a, which has shape (2, 3), and of b, which has shape (3, 2); each must "
                "have as many.",
                s.numbers({2, 3}), s.numbers({3, 2}));
        s.error("a negative number", by(-1), "autograd: tensordot: the number of axes is -1; it must be 0 or more.",
                s.numbers({2, 3}), s.numbers({3, 2}));
        s.error("extents", by(1),
                "autograd: tensordot: axis 1 of a, which has shape (2, 3), has extent 3, and axis 0 of b, which has "
                "shape (2, 3), has 2; they must be equal.",
                s.numbers({2, 3}), s.numbers({2, 3}));
        s.error(
            "numbers of axes",
            [](auto x, auto y) {
                return tensordot(x, y, {0, 1}, std::initializer_list<integer>{0});
            },
            "autograd: tensordot: 2 axes of a are given and 1 of b; there must be as many.", s.numbers({2, 3}),
            s.numbers({2, 3}));
        s.error(
            "an axis twice",
            [](auto x, auto y) {
                return tensordot(x, y, {0, 0}, {0, 1});
            },
            "autograd: tensordot: axis 0 is given twice; each may be given once.", s.numbers({2, 3}),
            s.numbers({2, 2}));
    }
};
AUTOGRAD_COMPOSITE(tensordot_samples)

} // namespace autograd
