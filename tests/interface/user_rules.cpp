#include "autograd/autograd.hpp"
#include "autograd/check/check_samples.hpp"
#include "autograd/define_operation.hpp"
#include "autograd/prove/interpretation.hpp"
#include "autograd/prove/prove_derivative.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <numeric>

// Operations that a user adds in own code, of the kinds that are not elementwise: docs/adding_an_operation.md shows
// this file.

namespace
{

using boost::test_tools::tolerance;
using array = xt::xarray<double>;

// ------------------------------------------------------------------------------------------------------------- linear

// [linear]
/// What each element is more than the one before it along an axis, by default the last. Shape: one less along the axis.
/// Gradient: what flows in from before, less what flows in from behind. Throws shape_error for an axis without
/// elements.
template <class T>
autograd::variable<T> diff(autograd::variable<T> x, std::ptrdiff_t axis = -1,
                           autograd::location where = autograd::location::current());

struct diff_rule : autograd::linear
{
    static constexpr auto name = "diff";
    struct attributes
    {
        std::size_t axis;
    };
    static std::string print(const attributes& a) { return "axis " + std::to_string(a.axis); }
    static attributes with_leading_axis(const attributes& a) { return {a.axis + 1}; }

    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands, const attributes& a)
    {
        autograd::shape_vector result(operands[0]);
        if (result[a.axis] == 0)
        {
            throw autograd::error::shape_error(name, "x has shape ", operands[0], ", with nothing along axis ", a.axis,
                                               "; there must be an element at least.");
        }
        result[a.axis] -= 1;
        return result;
    }
    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a)
    {
        const autograd::shape_view x = call.operands[0].shape;
        const std::size_t stride = autograd::element_count(x.slice(a.axis + 1, x.size()));
        const std::size_t block = stride * x[a.axis]; // the elements of one index of the axes before
        T* y = call.out();
        for (const T* from = call.in(0); from != call.in(0) + call.operands[0].size; from += block)
        {
            y = std::transform(from + stride, from + block, from, y, std::minus<>());
        }
    }
    /// x_i is added to y_(i-1) and subtracted from y_i.
    template <class T>
    static autograd::variable<T> transpose(const autograd::recorded<T>& y, autograd::variable<T> g)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        autograd::pad_widths before(y.shape().size());
        autograd::pad_widths behind(y.shape().size());
        before[axis].first = 1;
        behind[axis].second = 1;
        return pad(g, before) - pad(g, behind);
    }
    static void samples(auto& s)
    {
        s.call(
            "rows", "np.diff(x)", [](auto x) { return diff(x); }, s.numbers({2, 4}));
        s.call(
            "columns", "np.diff(x, axis=0)", [](auto x) { return diff(x, 0); }, s.numbers({3, 2}));
        s.call(
            "the middle axis", "np.diff(x, axis=1)", [](auto x) { return diff(x, 1); }, s.numbers({2, 3, 2}));
        s.call(
            "one element", "np.diff(x)", [](auto x) { return diff(x); }, s.numbers({1}));
        s.call(
            "no rows", "np.diff(x)", [](auto x) { return diff(x); }, s.numbers({0, 3}));
        s.error(
            "nothing", [](auto x) { return diff(x); },
            "autograd: diff: x has shape (2, 0), with nothing along axis 1; there must be an element at least.",
            s.numbers({2, 0}));
    }
};

template <class T>
autograd::variable<T> diff(autograd::variable<T> x, std::ptrdiff_t axis, autograd::location where)
{
    const std::size_t a =
        autograd::normalized_axis(axis, x.checked(diff_rule::name, where).shape(), diff_rule::name, where);
    return autograd::record<diff_rule, T>(where, x, diff_rule::attributes{a});
}
// [linear]

// ----------------------------------------------------------------------------------------------------------- bilinear

// [bilinear]
/// The correlation of a signal x with a kernel k, both vectors, where they overlap: y_i = sum_j x_(i+j) k_j. Shape:
/// (x.size - k.size + 1,). Gradient: to x g convolved with k, to k x correlated with g. Throws shape_error for a kernel
/// without elements or with more than x has.
template <class T>
autograd::variable<T> correlate(autograd::variable<T> x, autograd::variable<T> k,
                                autograd::location where = autograd::location::current());

struct correlate_rule : autograd::bilinear
{
    static constexpr auto name = "correlate";

    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands)
    {
        const autograd::shape_view x = operands[0];
        const autograd::shape_view k = operands[1];
        if (x.size() != 1 || k.size() != 1 || k[0] == 0 || k[0] > x[0])
        {
            throw autograd::error::shape_error(name, "x is ", x, " and k is ", k,
                                               "; both must be vectors, and k must "
                                               "have from one element to as many as x.");
        }
        return {x[0] - k[0] + 1};
    }
    template <class T>
    static void forward(const autograd::evaluation<T>& call)
    {
        const T* k = call.in(1);
        for (std::size_t i = 0; i < call.size; ++i)
        {
            call.out()[i] = std::inner_product(k, k + call.operands[1].size, call.in(0) + i, T(0));
        }
    }
    /// x_i meets k_j in y_(i-j), if there is one: g with zeros around it, correlated with k from its end.
    template <class T>
    static autograd::variable<T> transpose_left(const autograd::recorded<T>& y, autograd::variable<T> g)
    {
        const auto around = static_cast<std::ptrdiff_t>(y.operand_shape(1)[0]) - 1;
        return correlate(pad(g, {{around, around}}), flip(y.operand(1)));
    }
    /// k_j meets x_(i+j) in y_i.
    template <class T>
    static autograd::variable<T> transpose_right(const autograd::recorded<T>& y, autograd::variable<T> g)
    {
        return correlate(y.operand(0), g);
    }
    static void samples(auto& s)
    {
        const auto f = [](auto x, auto k) { return correlate(x, k); };
        s.call("a short kernel", "np.correlate(x, y, 'valid')", f, s.numbers({6}), s.positive({3}));
        s.call("one number", "np.correlate(x, y, 'valid')", f, s.numbers({4}), s.positive({1}));
        s.call("of one length", "np.correlate(x, y, 'valid')", f, s.numbers({4}), s.positive({4}));
        s.error("a long kernel", f,
                "autograd: correlate: x is (2,) and k is (3,); both must be vectors, and k must have from one element "
                "to as many as x.",
                s.numbers({2}), s.numbers({3}));
    }
};

template <class T>
autograd::variable<T> correlate(autograd::variable<T> x, autograd::variable<T> k, autograd::location where)
{
    return autograd::record<correlate_rule, T>(where, {x, k});
}
// [bilinear]

// ------------------------------------------------------------------------------------------------------------ general

// [general]
/// The solution y of A y = b for a tridiagonal matrix A, which is given by its diagonals. Shapes: (n - 1,), (n,), (n -
/// 1,) and (n,) give (n,). Gradient: with u, the solution of A' u = g, u to b and -u_i y_j to A_ij. Throws shape_error.
/// By elimination without pivoting (Thomas's algorithm), for matrices that need none, as those that are diagonally
/// dominant.
template <class T>
autograd::variable<T> solve_tridiagonal(autograd::variable<T> lower, autograd::variable<T> diagonal,
                                        autograd::variable<T> upper, autograd::variable<T> b,
                                        autograd::location where = autograd::location::current());

struct solve_tridiagonal_rule : autograd::general
{
    static constexpr auto name = "solve_tridiagonal";

    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands)
    {
        const autograd::shape_view n = operands[3];
        const autograd::shape_vector beside{n.size() == 1 && n[0] > 0 ? n[0] - 1 : 0};
        if (n.size() != 1 || n[0] == 0 || operands[1] != n || operands[0] != beside || operands[2] != beside)
        {
            throw autograd::error::shape_error(name, "the diagonals are ", operands[0], ", ", operands[1], " and ",
                                               operands[2], ", and b is ", n,
                                               "; they must be (n - 1,), (n,), (n - 1,) and (n,), with n > 0.");
        }
        return n;
    }
    /// For arrays of any kind of numbers: from the first row down without the lower diagonal, then back.
    static void solve(const auto& lower, const auto& diagonal, const auto& upper, const auto& b, auto& y, auto& pivot,
                      std::size_t n)
    {
        pivot[0] = diagonal[0];
        y[0] = b[0];
        for (std::size_t i = 1; i < n; ++i)
        {
            const auto factor = lower[i - 1] / pivot[i - 1];
            pivot[i] = diagonal[i] - factor * upper[i - 1];
            y[i] = b[i] - factor * y[i - 1];
        }
        y[n - 1] = y[n - 1] / pivot[n - 1];
        for (std::size_t i = n - 1; i-- > 0;)
        {
            y[i] = (y[i] - upper[i] * y[i + 1]) / pivot[i];
        }
    }
    template <class T>
    static void forward(const autograd::evaluation<T>& call)
    {
        T* y = call.out();
        T* pivot = static_cast<T*>(call.scratch);
        solve(call.in(0), call.in(1), call.in(2), call.in(3), y, pivot, call.size);
    }
    template <class T>
    static std::size_t scratch(const autograd::evaluation<T>& call)
    {
        return call.size * sizeof(T); // of the pivots
    }
    template <class Call>
    static void generic(const Call& call)
    {
        const auto& x = call.operands;
        auto pivot = x[1];
        solve(x[0], x[1], x[2], x[3], call.result, pivot, call.result.size());
    }
    template <class T>
    static void vjp(autograd::pullback<T>& y)
    {
        const autograd::variable<T> u = solve_tridiagonal(y.operand(2), y.operand(1), y.operand(0), y.cotangent());
        const auto all_but_first = [](auto x) { return view(x, xt::range(1, xt::placeholders::_)); };
        const auto all_but_last = [](auto x) { return view(x, xt::range(0, -1)); };
        if (y.wanted(0))
        {
            y.give(0, -all_but_first(u) * all_but_last(y.output()));
        }
        if (y.wanted(1))
        {
            y.give(1, -u * y.output());
        }
        if (y.wanted(2))
        {
            y.give(2, -all_but_last(u) * all_but_first(y.output()));
        }
        y.give(3, u);
    }
    static void samples(auto& s)
    {
        const auto f = [](auto... x) { return solve_tridiagonal(x...); };
        const auto numpy = "np.linalg.solve(np.diag(x, -1) + np.diag(y) + np.diag(z, 1), w)";
        s.call("four unknowns", numpy, f, s.numbers({3}), s.between(4, 5, {4}), s.positive({3}), s.numbers({4}));
        s.call("one unknown", numpy, f, s.numbers({0}), s.positive({1}), s.numbers({0}), s.numbers({1}));
        s.error("shapes", f,
                "autograd: solve_tridiagonal: the diagonals are (3,), (3,) and (2,), and b is (3,); they must be (n - "
                "1,), (n,), (n - 1,) and (n,), with n > 0.",
                s.numbers({3}), s.numbers({3}), s.numbers({2}), s.numbers({3}));
    }
};
AUTOGRAD_PROVES(solve_tridiagonal_rule)

template <class T>
autograd::variable<T> solve_tridiagonal(autograd::variable<T> lower, autograd::variable<T> diagonal,
                                        autograd::variable<T> upper, autograd::variable<T> b, autograd::location where)
{
    return autograd::record<solve_tridiagonal_rule, T>(where, {lower, diagonal, upper, b});
}
// [general]

} // namespace

BOOST_AUTO_TEST_SUITE(interface_user_rules)

BOOST_AUTO_TEST_CASE(a_linear_operation)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(array{{1.0, 4.0, 9.0}, {2.0, 3.0, 5.0}});
    BOOST_TEST((diff(x).value() == array{{3.0, 5.0}, {1.0, 2.0}}));
    BOOST_TEST((diff(x, 0).value() == array{{1.0, -1.0, -4.0}}));
    BOOST_TEST((gradient(sum(square(diff(x))), x).value() == array{{-6.0, -4.0, 10.0}, {-2.0, -2.0, 4.0}}));
    BOOST_TEST(autograd::check::check_operation<diff_rule>().derivative_checks > 50u);
    BOOST_TEST(prove_derivative(diff(x)));
}

BOOST_AUTO_TEST_CASE(a_bilinear_operation)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(array{1.0, 4.0, 9.0, 16.0});
    const auto k = tape.variable(array{-1.0, 2.0});
    BOOST_TEST((correlate(x, k).value() == array{7.0, 14.0, 23.0}));
    const auto [x_bar, k_bar] = gradient(sum(correlate(x, k)), {x, k});
    BOOST_TEST((x_bar.value() == array{-1.0, 1.0, 1.0, 2.0}));
    BOOST_TEST((k_bar.value() == array{14.0, 29.0}));
    BOOST_TEST(autograd::check::check_operation<correlate_rule>().derivative_checks > 50u);
    BOOST_TEST(prove_derivative(correlate(x, k)));
}

BOOST_AUTO_TEST_CASE(a_general_operation)
{
    autograd::tape<double> tape;
    const auto lower = tape.variable(array{1.0, -1.0});
    const auto diagonal = tape.variable(array{4.0, 5.0, 3.0});
    const auto upper = tape.variable(array{2.0, 1.0});
    const auto b = tape.variable(array{8.0, 14.0, 7.0});
    const auto y = solve_tridiagonal(lower, diagonal, upper, b);
    BOOST_TEST(xt::amax(xt::abs(y.value() - array{1.0, 2.0, 3.0}))() < 1e-15);
    // [checks]
    BOOST_TEST(autograd::check::check_operation<solve_tridiagonal_rule>().derivative_checks > 50u);
    BOOST_TEST(prove_derivative(y));
    // [checks]
}

BOOST_AUTO_TEST_SUITE_END()
