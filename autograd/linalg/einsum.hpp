#pragma once

#include "autograd/linalg/lifted.hpp"
#include "autograd/linalg/subscripts.hpp"

#include <array>

/// Sums of products of arrays, by the names of their axes.
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// einsum without its name in errors: of one operand or more.
template <class T>
variable<T> einsum_of(const einsum_subscripts& subscripts, std::span<const variable<T>> xs);

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
mistake::operands_of_einsum einsum(const einsum_subscripts&, const X&...);
template <std::size_t N>
mistake::operands_of_einsum einsum(const einsum_subscripts&, const detail::anything (&)[N], ...);

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
        s.call("matrices", "np.einsum('ij,jk->ik', x, y)", of("ij,jk->ik"), s.numbers({2, 3}), s.numbers({3, 4}))
            .shown();
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

} // namespace autograd
