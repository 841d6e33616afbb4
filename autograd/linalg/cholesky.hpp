#pragma once

#include "autograd/linalg/generic_elimination.hpp"
#include "autograd/linalg/triangular.hpp"
#include "autograd/operations/arithmetic.hpp"

#include <algorithm>
#include <string>

/// Cholesky factors of symmetric positive definite matrices.
/// \ingroup algebra
namespace autograd
{

// --------------------------------------------------------------------------------------------------- cholesky_pull

namespace detail
{
/// phi(x), the lower triangle with half of the diagonal: x = phi(x) + phi(x)^T for a symmetric x.
template <class T>
variable<T> half_of_symmetric(variable<T> x)
{
    return T(0.5) * (tril(x) + tril(x, -1));
}

/// The symmetric matrix that a lower triangle stands for.
template <class T>
variable<T> symmetric_of_lower(variable<T> lower)
{
    return tril(lower) + transposed_matrices(tril(lower, -1));
}
} // namespace detail

/// Of L and g, which flows into L: what flows into the lower triangle of a = L L^T, zeros above. With phi, which keeps
/// the lower triangle and half of the diagonal, and S = L^-T phi(L^T g) L^-1: the lower triangle of S + S^T, with half
/// of its diagonal. Linear in g; of both operands the lower triangle is read.
struct cholesky_pull_rule : general
{
    static constexpr auto name = "cholesky_pull";
    static constexpr bool acts_on_last_axes = true;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        using matrix = detail::generic_matrix<typename Call::element>;
        const std::size_t n = detail::rows_of(call.shape);
        const auto half_of_lower = [n](matrix x, int of_diagonal)
        {
            for (std::size_t i = 0; i < n; ++i)
            {
                x(i, i) = x(i, i) / typename Call::element(of_diagonal);
                for (std::size_t j = i + 1; j < n; ++j)
                {
                    x(i, j) = typename Call::element(0);
                }
            }
            return x;
        };
        detail::for_each_generic_matrix(
            call.shape,
            [&](std::size_t, std::size_t first)
            {
                const auto lower = [&](std::size_t k)
                { return half_of_lower(matrix(n, n, call.operands[k].data() + first), 1); };
                const matrix turned = lower(0).transposed();
                const matrix left = turned.solved_upper(half_of_lower(turned * lower(1), 2)); // S L
                matrix s = turned.solved_upper(left.transposed());                            // S^T
                for (std::size_t i = 0; i < n; ++i)
                {
                    for (std::size_t j = 0; j < i; ++j)
                    {
                        s(i, j) = s(i, j) + s(j, i);
                    }
                }
                s = half_of_lower(s, 1);
                std::copy(s.elements().begin(), s.elements().end(), call.result.data() + first);
            });
    }
    /// y is linear in g: with the symmetric B that h, which flows into y, stands for, and C = L^-1 B L^-T, L phi(C)
    /// flows to g. As L moves, so do L^T and both inverses: g phi(C)^T - (S + S^T) L C.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> l = tril(y.operand(0));
        const auto divided = [&](variable<T> x) { return record<triangular_solve_rule, T>({}, {l, x}, {}); };
        const variable<T> b = detail::symmetric_of_lower(y.cotangent());
        const variable<T> c = divided(detail::transposed_matrices(divided(b)));
        const variable<T> half = detail::half_of_symmetric(c);
        y.give(1, tril(detail::product(l, half)));
        if (y.wanted(0))
        {
            const variable<T> s = y.output() + detail::transposed_matrices(y.output());
            const variable<T> of_inverses = detail::product(s, detail::product(l, c));
            y.give(0, tril(detail::product(tril(y.operand(1)), half, false, true) - of_inverses));
        }
    }
    static void samples(auto& s)
    {
        const auto f = [](auto l, auto g)
        {
            using T = typename decltype(l)::value_type;
            return record<cholesky_pull_rule, T>({}, {l, g});
        };
        const auto numpy = [](const std::string& g)
        {
            return "(lambda l, phi: (lambda s: np.tril(s + s.swapaxes(-1, -2)) - s * np.eye(l.shape[-1]))("
                   "np.linalg.inv(l).swapaxes(-1, -2) @ phi(l.swapaxes(-1, -2) @ np.tril(" +
                   g +
                   ")) @ "
                   "np.linalg.inv(l)))(np.tril(x), lambda m: np.tril(m) - m * np.eye(m.shape[-1]) / 2)";
        };
        const auto l = s.between(0.5, 2.0, {3, 3});
        s.call("a matrix", numpy("y"), f, l, s.numbers({3, 3})).value_within_ulp(32);
        s.call("a batch", numpy("y"), f, s.between(0.5, 2.0, {2, 2, 2}), s.numbers({2, 2, 2})).value_within_ulp(32);
        s.call("one element", "y / (2 * x)", f, s.positive({1, 1}), s.numbers({1, 1}));
        s.call("no elements", "x", f, s.numbers({0, 0}), s.numbers({0, 0}));
        s.call(
             "by itself", numpy("x ** 3"), [f](auto x) { return f(x, x * x * x); }, l)
            .value_within_ulp(32);
    }
};
AUTOGRAD_OPERATION(cholesky_pull_rule)

// -------------------------------------------------------------------------------------------------------- cholesky

struct cholesky_rule : general
{
    static constexpr auto name = "cholesky";
    static constexpr bool acts_on_last_axes = true;
    static constexpr bool throws = true;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    /// Column by column; the columns behind lose what the one that is done has of them.
    template <class Call>
    static void generic(const Call& call)
    {
        using matrix = detail::generic_matrix<typename Call::element>;
        const std::size_t n = detail::rows_of(call.shape);
        detail::for_each_generic_matrix(call.shape,
                                        [&](std::size_t, std::size_t first)
                                        {
                                            matrix rest(n, n, call.operands[0].data() + first);
                                            matrix l(n, n);
                                            for (std::size_t k = 0; k < n; ++k)
                                            {
                                                l(k, k) = sqrt(rest(k, k));
                                                for (std::size_t i = k + 1; i < n; ++i)
                                                {
                                                    l(i, k) = rest(i, k) / l(k, k);
                                                    for (std::size_t j = k + 1; j <= i; ++j)
                                                    {
                                                        rest(i, j) = rest(i, j) - l(i, k) * l(j, k);
                                                    }
                                                }
                                            }
                                            std::copy(l.elements().begin(), l.elements().end(),
                                                      call.result.data() + first);
                                        });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, record<cholesky_pull_rule, T>({}, {y.output(), y.cotangent()}));
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a) { return cholesky(a); };
        const auto a = s.array({3, 3}, {4.0, 9.0, 9.0, 1.0, 3.0, 9.0, 2.0, -1.0, 5.0});
        s.call("a matrix", "np.linalg.cholesky(x)", f, a);
        s.call("a batch", "np.linalg.cholesky(x)", f, s.array({2, 2, 2}, {2.0, 0.5, -1.0, 3.0, 1.5, -1.0, 0.25, 0.5}));
        s.call("an axis of one", "np.linalg.cholesky(x)", f, s.array({1, 2, 2}, {2.0, 0.5, -1.0, 3.0}));
        s.call(
             "symmetric", "np.linalg.cholesky(x @ x.T + np.eye(3))",
             [](auto x) { return cholesky(matmul(x, transpose(x)) + diag(x.tape().full({3}, 1))); }, s.numbers({3, 3}))
            .value_within_ulp(16);
        s.call("one element", "np.sqrt(x)", f, s.positive({1, 1}));
        s.call("no elements", "x", f, s.numbers({0, 0}));
        s.call("an empty batch", "x", f, s.numbers({0, 2, 2}));
        s.call("what is not read", "np.linalg.cholesky(np.tril(np.nan_to_num(x)))", f,
               s.array({2, 2}, {4.0, s.nan, 2.0, 5.0}))
            .up_to_order(0);
        s.error("vector", f,
                "autograd: cholesky: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}));
        s.error("not square", f,
                "autograd: cholesky: a has shape (3, 2); its matrices must be square, the last two axes of one length.",
                s.numbers({3, 2}));
        s.error("not positive definite", f,
                "autograd: cholesky: a is not positive definite: the pivot of its leading minor of order 2 is -3; all "
                "must be positive. Add to the diagonal, a + c I, where rounding is to blame.",
                s.array({2, 2}, {1.0, 0.0, 2.0, 1.0}));
        s.error("not positive definite in a batch", f,
                "autograd: cholesky: matrix (1) of a is not positive definite: the pivot of its leading minor of order "
                "1 is 0; all must be positive. Add to the diagonal, a + c I, where rounding is to blame.",
                s.array({2, 1, 1}, {1.0, 0.0}));
        s.error("NaN", f, "autograd: cholesky: element (1, 0) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2}, {1.0, 0.0, s.nan, 1.0}));
    }
};
AUTOGRAD_OPERATION(cholesky_rule)

/// The lower triangular L with positive diagonal and L L^T = a, of symmetric positive definite matrices: only the lower
/// triangle of a is read. Shape: that of a, (..., n, n). Gradient: L^-T phi(L^T g) L^-1, where phi keeps the lower
/// triangle and half of the diagonal, by blocks (Murray 2016); since what is above the diagonal is not read, nothing
/// flows there, and what would flow to both elements flows to the one below: for a symmetric gradient pass 0.5 * (a +
/// transpose(a)). Throws shape_error; value_error for elements of the triangle that are NaN or infinite, and for a
/// matrix that is not positive definite. By LAPACK's potrf, in loops of our own for few rows. As NumPy's
/// linalg.cholesky.
template <class T>
variable<T> cholesky(variable<T> a, location where = location::current())
{
    detail::require_square(cholesky_rule::name, "a", a.checked(cholesky_rule::name, where).shape(), where);
    return record<cholesky_rule, T>(where, a);
}

// -------------------------------------------------------------------------------------------------- cholesky_solve

struct cholesky_solve_samples
{
    static constexpr auto name = "cholesky_solve";
    static void samples(auto& s)
    {
        const auto f = [](auto l, auto b) { return cholesky_solve(l, b); };
        const auto l = s.between(0.5, 2.0, {3, 3});
        s.call("a matrix", "la.cho_solve((x, True), y)", f, l, s.numbers({3, 3})).value_within_ulp(16);
        s.call("a vector", "la.cho_solve((x, True), y)", f, l, s.numbers({3})).value_within_ulp(16);
        const std::string numpy = "np.linalg.solve(np.tril(x) @ np.tril(x).swapaxes(-1, -2), y)";
        s.call("a batch", numpy, f, s.between(0.5, 2.0, {2, 2, 2}), s.numbers({2, 2, 1})).value_within_ulp(64);
        s.call("one matrix for a batch", numpy, f, l, s.numbers({2, 3, 2})).value_within_ulp(64);
        s.call("batches that broadcast", "np.linalg.solve(np.tril(x) @ np.tril(x).swapaxes(-1, -2), y[None])", f,
               s.between(0.5, 2.0, {2, 1, 2, 2}), s.numbers({3, 2, 2}))
            .value_within_ulp(64);
        for (const std::size_t n : {2, 3}) // as long as the batch, and longer
        {
            s.call("a batch for one vector of " + std::to_string(n),
                   "np.linalg.solve(np.tril(x) @ np.tril(x).swapaxes(-1, -2), y[None, :, None])[..., 0]", f,
                   s.between(0.5, 2.0, {2, n, n}), s.numbers({n}))
                .value_within_ulp(64);
        }
        s.call(
             "of a factorization", "np.linalg.solve(np.array([[4.0, 1.0], [1.0, 3.0]]) + 0 * x, y)",
             [](auto x, auto y) { return cholesky_solve(cholesky(x), y); }, s.array({2, 2}, {4.0, 9.0, 1.0, 3.0}),
             s.numbers({2}))
            .value_within_ulp(16);
        s.error("a singular matrix", f,
                "autograd: cholesky_solve: element (1, 1) of l, on the diagonal, is 0; each must be finite and not 0: "
                "l is singular.",
                s.array({2, 2}, {1.0, 0.0, 2.0, 0.0}), s.numbers({2}));
        s.error("rows", f,
                "autograd: cholesky_solve: l is (3, 3) and b is (2, 4); the rows of b (2) must equal the rows of l "
                "(3).",
                s.numbers({3, 3}), s.numbers({2, 4}));
        s.error("batches", f,
                "autograd: cholesky_solve: l is (2, 3, 3) and b is (4, 3, 1); their batch axes (2,) and (4,) do not "
                "broadcast.",
                s.numbers({2, 3, 3}), s.numbers({4, 3, 1}));
    }
};
AUTOGRAD_COMPOSITE(cholesky_solve_samples)

/// x of l l^T x = b for lower triangles l, as cholesky gives them: for several right sides of one matrix. Shape and
/// gradient: as those of triangular_solve, of which it takes two. Throws shape_error; value_error for a diagonal
/// element that is 0, NaN or infinite.
template <class T>
variable<T> cholesky_solve(variable<T> l, variable<T> b, location where = location::current())
{
    constexpr auto name = cholesky_solve_samples::name;
    detail::require_square(name, "l", l.checked(name, where).shape(), where);
    const shape_view shape = l.shape();
    b.checked(name, where);
    const auto solve_twice = [&](variable<T> columns, shape_view batch)
    {
        const variable<T> triangles = detail::broadcast_matrices(l, batch);
        const auto solved = [&](triangular_options how, variable<T> right) {
            return record<triangular_solve_rule, T>(where, {triangles, right}, {how, name, "l"});
        };
        return variable<T>(solved({.transposed = true}, solved({}, columns)));
    };
    return record_composite<T>(name, where, {l, b},
                               [&] {
                                   return detail::solve_right_sides({name, "l"}, shape, b, where, solve_twice);
                               });
}
AUTOGRAD_TAKES_ARRAYS(cholesky_solve)

} // namespace autograd
