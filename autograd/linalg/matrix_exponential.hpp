#pragma once

#include "autograd/linalg/matrices.hpp"

/// The exponential function of matrices.
/// \ingroup algebra
namespace autograd
{

namespace detail
{
/// The common shape of a and of the directions e at it. Throws shape_error.
shape_vector shape_of_frechet(shape_view a, shape_view e, const char* operation, location where);
} // namespace detail

struct expm_frechet_rule : general
{
    static constexpr auto name = "expm_frechet";
    static constexpr bool acts_on_last_axes = true;
    static constexpr bool opaque = true; // a series is no number of a field

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call);
    /// To e the derivative in the direction g at a^T. To a what flows into the blocks a of b = [[a, e], [0, a]], whose
    /// exponential has the derivative as its upper right block.
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s)
    {
        const auto f = [](auto a, auto e) { return expm_frechet(a, e); };
        const auto numpy = "la.expm_frechet(x, y, compute_expm=False)";
        s.call("3 x 3", numpy, f, s.numbers({3, 3}), s.positive({3, 3})).value_within_ulp(64);
        s.call("two squarings", numpy, f, s.array({2, 2}, {-9.0, 4.0, 3.0, -7.0}), s.numbers({2, 2}))
            .value_within_ulp(256);
        s.call("a small one", numpy, f, s.array({2, 2}, {1e-3, 2e-3, -3e-3, 1e-3}), s.numbers({2, 2}))
            .value_within_ulp(16);
        s.call("one number", "np.exp(x) * y", f, s.array({1, 1}, {0.5}), s.array({1, 1}, {-1.5}));
        s.call("at zero", "y", f, s.array({2, 2}, {0.0, 0.0, 0.0, 0.0}), s.numbers({2, 2}));
        s.call("several matrices", "np.array([la.expm_frechet(a, b, compute_expm=False) for a, b in zip(x, y)])", f,
               s.numbers({2, 2, 2}), s.positive({2, 2, 2}))
            .value_within_ulp(64);
        s.call("one direction for several", "np.array([la.expm_frechet(a, y, compute_expm=False) for a in x])", f,
               s.numbers({2, 2, 2}), s.positive({2, 2}))
            .value_within_ulp(64);
        s.call(
             "in its own direction", "la.expm(x) @ x", [](auto x) { return expm_frechet(x, x); }, s.numbers({2, 2}))
            .value_within_ulp(64);
        s.call("no rows", "x", f, s.numbers({0, 0}), s.numbers({0, 0}));
        s.call("no matrices", "x", f, s.numbers({0, 2, 2}), s.numbers({0, 2, 2}));
        s.error("shapes", f,
                "autograd: expm_frechet: a is (2, 2) and e is (3, 3); their matrices must have the same extents.",
                s.numbers({2, 2}), s.numbers({3, 3}));
        s.error("batches", f,
                "autograd: expm_frechet: a is (2, 2, 2) and e is (3, 2, 2); their batch axes (2,) and (3,) do not "
                "broadcast.",
                s.numbers({2, 2, 2}), s.numbers({3, 2, 2}));
    }
};
AUTOGRAD_OPERATION(expm_frechet_rule)

struct expm_rule : general
{
    static constexpr auto name = "expm";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\exp(#1))";
    static constexpr bool opaque = true;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call);
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, record<expm_frechet_rule, T>({}, {detail::transposed_matrices(y.operand(0)), y.cotangent()}));
    }
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return expm(x); };
        s.call("3 x 3", "la.expm(x)", f, s.numbers({3, 3})).value_within_ulp(64);
        s.call("a small one", "la.expm(x)", f, s.array({2, 2}, {1e-3, 2e-3, -3e-3, 1e-3}));
        s.call("two squarings", "la.expm(x)", f, s.array({2, 2}, {-9.0, 4.0, 3.0, -7.0})).value_within_ulp(256);
        s.call("a rotation", "np.array([[np.cos(1.5), -np.sin(1.5)], [np.sin(1.5), np.cos(1.5)]])", f,
               s.array({2, 2}, {0.0, -1.5, 1.5, 0.0}))
            .value_within_ulp(16);
        s.call("nilpotent", "np.array([[1, 2, 3.5], [0, 1, 3], [0, 0, 1]])", f,
               s.array({3, 3}, {0.0, 2.0, 0.5, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0}));
        s.call("a triangle far from normal", "np.array([[np.exp(1), 1e6 * np.sinh(1)], [0, np.exp(-1)]])", f,
               s.array({2, 2}, {1.0, 1e6, 0.0, -1.0}))
            .up_to_order(0);
        s.call("zero", "np.eye(2)", f, s.array({2, 2}, {0.0, 0.0, 0.0, 0.0}));
        s.call("diagonal", "np.diag(np.exp(np.diag(x)))", f, s.array({2, 2}, {1.5, 0.0, 0.0, -0.5}));
        s.call("equal eigenvalues", "la.expm(x)", f, s.array({2, 2}, {0.5, 1.0, 0.0, 0.5}));
        s.call("one number", "np.exp(x)", f, s.array({1, 1}, {0.5}));
        s.call("several matrices", "la.expm(x)", f, s.numbers({2, 1, 2, 2})).value_within_ulp(64);
        s.call("no rows", "x", f, s.numbers({0, 0}));
        s.call("no matrices", "x", f, s.numbers({0, 2, 2}));
        s.call("out of range", "np.array([[np.inf, np.inf], [-np.inf, np.inf]])", f,
               s.array({2, 2}, {1000.0, 1.0, -1.0, 1000.0}))
            .up_to_order(0);
        s.call("out of range beside 1", "np.array([[np.inf, np.inf], [0, 1]])", f,
               s.array({2, 2}, {1000.0, 1.0, 0.0, 0.0}))
            .up_to_order(0);
        s.call("NaN", "np.full((2, 2), np.nan)", f, s.array({2, 2}, {0.5, s.nan, 0.0, 1.0})).up_to_order(0);
        s.error("not square", f,
                "autograd: expm: a has shape (2, 3); its matrices must be square, the last two axes of one length.",
                s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(expm_rule)

/// The exponential of each matrix, 1 + a + a^2 / 2 + ..., not of its elements. Shape: that of a, whose matrices are
/// square. Gradient: expm_frechet(a^T, g). Throws shape_error unless they are. Infinite where it leaves the range, as
/// exp; NaN all over for a matrix that holds NaN. By Pade approximation, scaling and squaring (Higham 2005; Al-Mohy and
/// Higham 2009). As SciPy's expm.
template <class T>
variable<T> expm(variable<T> a, location where = location::current())
{
    detail::require_square(expm_rule::name, "a", a.checked(expm_rule::name, where).shape(), where);
    return record<expm_rule, T>(where, a);
}

/// The derivative of expm at a in the direction e: what expm(a + t e) gains per t, linear in e. Shape: a and e, batches
/// of square matrices of one size, broadcast. Gradient: expm_frechet(a^T, g) to e; to a the sum of the diagonal blocks
/// of expm_frechet(b^T, [[0, g], [0, 0]]) for b = [[a, e], [0, a]]. Throws shape_error. By the approximation and the
/// squarings of expm, differentiated (Al-Mohy and Higham 2009). As SciPy's expm_frechet.
template <class T>
variable<T> expm_frechet(variable<T> a, variable<T> e, location where = location::current())
{
    constexpr auto name = expm_frechet_rule::name;
    const shape_vector shape =
        detail::shape_of_frechet(a.checked(name, where).shape(), e.checked(name, where).shape(), name, where);
    return record_composite(name, where, {handle<T>(a), handle<T>(e)},
                            [&]
                            {
                                const auto fit = [&](variable<T> x)
                                { return x.shape() == shape_view(shape) ? x : broadcast(x, shape, where); };
                                return record<expm_frechet_rule, T>(where, {fit(a), fit(e)});
                            });
}
template <class T, array_expression E>
variable<T> expm_frechet(variable<T> a, E&& e, location where = location::current())
{
    return record_composite(expm_frechet_rule::name, where, a,
                            [&] { return expm_frechet(a, a.tape().constant(e, where), where); });
}
template <class T, array_expression A>
variable<T> expm_frechet(A&& a, variable<T> e, location where = location::current())
{
    return record_composite(expm_frechet_rule::name, where, e,
                            [&] { return expm_frechet(e.tape().constant(a, where), e, where); });
}
AUTOGRAD_TAKES_NO_OTHERS(expm_frechet)

} // namespace autograd
