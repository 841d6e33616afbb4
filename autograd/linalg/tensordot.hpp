#pragma once

#include "autograd/linalg/contract.hpp"
#include "autograd/linalg/lifted.hpp"

/// Sums of products of arrays, by the numbers of their axes.
/// \ingroup algebra
namespace autograd
{

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
template <class A, class B, std::integral N>
    requires(detail::variables_among_constants<A, B>)
auto tensordot(const A& a, const B& b, N axes, location where = location::current())
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
    requires(detail::variables_among_constants<A, B>)
auto tensordot(const A& a, const B& b, location where = location::current())
{
    return tensordot(a, b, 2, where);
}
template <class A, class B>
    requires(detail::variables_among_constants<A, B>)
auto tensordot(const A& a, const B& b, std::initializer_list<integer> a_axes, std::initializer_list<integer> b_axes,
               location where = location::current())
{
    return detail::record_lifted(
        "tensordot", where,
        [&](const auto& x) { return detail::tensordot_of(x[0], axes_list(a_axes), x[1], axes_list(b_axes), where); }, a,
        b);
}
template <class A, class B, axis_container C, axis_container D>
    requires(detail::variables_among_constants<A, B>)
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
             s.numbers({2, 3, 4}), s.positive({4, 2, 2}))
            .value_within_ulp(16); // of sums in which much cancels
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
