#pragma once

#include "autograd/linalg/generic_elimination.hpp"
#include "autograd/linalg/lu.hpp"
#include "autograd/linalg/right_sides.hpp"
#include "autograd/operations/arithmetic.hpp"

/// Systems of linear equations.
/// \ingroup algebra
namespace autograd
{

/// How solve reads matrices: solve(a, b, {.transposed = true}).
struct solve_options
{
    bool transposed = false; ///< the transpose is the matrix of the system
};

// ----------------------------------------------------------------------------------------------------------- solve

/// Of matrices a, their factorizations, and right sides. The numbers come of the factorizations, the derivative by a is
/// that of a: one of them serves the value and all derivatives.
struct solve_rule : general
{
    static constexpr auto name = "solve";
    static constexpr auto latex = R"(#1^{-1} \, #3
transposed: #1^{-\top} \, #3)";
    static constexpr bool throws = true;
    static constexpr bool reads_broadcasts = true;
    static constexpr std::uint64_t differentiable = 0b101;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;
    using attributes = solve_options;
    static std::string print(const attributes& a) { return a.transposed ? "transposed" : ""; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[2]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using matrix = detail::generic_matrix<typename Call::element>;
        const std::size_t n = detail::rows_of(call.shapes[0]);
        const std::size_t columns = detail::columns_of_right_side(call.shape);
        detail::for_each_generic_matrix(
            call.shapes[0],
            [&](std::size_t k, std::size_t first)
            {
                const matrix left(n, n, call.operands[0].data() + first);
                const matrix right(n, columns, call.operands[2].data() + k * n * columns);
                const matrix x = detail::generic_solution(a.transposed ? left.transposed() : left, right);
                std::copy(x.elements().begin(), x.elements().end(), call.result.data() + k * n * columns);
            });
    }
    /// With u = op(a)^-T g: u to b, and -u x^T to op(a).
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const bool transposed = y.template attributes<attributes>().transposed;
        const variable<T> u = record<solve_rule, T>({}, {y.operand(0), y.operand(1), y.cotangent()}, {!transposed});
        y.give(2, u);
        if (y.wanted(0))
        {
            const variable<T> x = y.output();
            y.give(0, transposed ? detail::outer_product(-x, u) : detail::outer_product(-u, x));
        }
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s)
    {
        const auto f = [](auto a, auto b) { return solve(a, b); };
        const auto transposed = [](auto a, auto b) { return solve(a, b, solve_options{.transposed = true}); };
        const auto a = s.numbers({3, 3});
        s.call("a matrix", "np.linalg.solve(x, y)", f, a, s.positive({3, 3})).value_within_ulp(32);
        s.call("a vector", "np.linalg.solve(x, y)", f, a, s.numbers({3})).value_within_ulp(32);
        s.call("transposed", "np.linalg.solve(x.T, y)", transposed, a, s.positive({3, 3})).value_within_ulp(32);
        s.call("a vector, transposed", "np.linalg.solve(x.T, y)", transposed, a, s.numbers({3})).value_within_ulp(32);
        s.call("batches", "np.linalg.solve(x, y)", f, s.numbers({2, 2, 2}), s.numbers({2, 2, 3})).value_within_ulp(32);
        s.call("batches, transposed", "np.linalg.solve(x.swapaxes(-1, -2), y)", transposed, s.numbers({2, 2, 2}),
               s.numbers({2, 2, 3}))
            .value_within_ulp(32);
        s.call("batches that broadcast", "np.linalg.solve(x, y[None])", f, s.numbers({2, 1, 2, 2}),
               s.numbers({3, 2, 1}))
            .value_within_ulp(32);
        s.call("one matrix for a batch", "np.linalg.solve(x, y)", f, a, s.numbers({2, 3, 2})).value_within_ulp(32);
        s.call("a batch for one right side", "np.linalg.solve(x, y[None])", f, s.numbers({2, 2, 2}), s.numbers({2, 1}))
            .value_within_ulp(32);
        s.call("a batch for one vector", "np.linalg.solve(x, y[None, :, None])[..., 0]", f, s.numbers({2, 2, 2}),
               s.numbers({2}))
            .value_within_ulp(32);
        s.call("a pivot of 0 at first", "np.linalg.solve(x, y)", f,
               s.array({3, 3}, {0.0, 2.0, 0.0, 0.0, 0.0, 4.0, 0.5, 0.0, 0.0}), s.numbers({3, 2}));
        s.call("one unknown", "y / x", f, s.positive({1, 1}), s.numbers({1, 2}));
        s.call("no unknowns", "y", f, s.numbers({0, 0}), s.numbers({0, 2}));
        s.call("no columns", "y", f, a, s.numbers({3, 0}));
        s.call("an empty batch", "y", f, a, s.numbers({0, 3, 2}));
        s.call("an empty batch of matrices", "np.zeros((0, 2, 3))", f, s.numbers({0, 2, 2}), s.numbers({2, 3}));
        s.call(
             "by itself", "np.linalg.solve(x, x.T)", [](auto x) { return solve(x, transpose(x)); }, a)
            .value_within_ulp(32);
        s.call(
             "one factorization", "np.linalg.solve(x, np.linalg.solve(x.T, y))",
             [](auto x, auto y)
             {
                 const auto lu = lu_factor(x);
                 return solve(lu, solve(lu, y, solve_options{.transposed = true}));
             },
             a, s.numbers({3}))
            .value_within_ulp(100);
        s.call(
             "one factorization and an array", "np.linalg.solve(x, np.array([2.0, 4.0]))",
             [](auto x)
             {
                 using T = typename decltype(x)::value_type;
                 return solve(lu_factor(x), T(2) * xt::xarray<T>{1, 2});
             },
             s.numbers({2, 2}))
            .value_within_ulp(32);
        s.error("a vector in the place of a", f,
                "autograd: solve: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}), s.numbers({3}));
        s.error("not square", f,
                "autograd: solve: a has shape (3, 2); its matrices must be square, the last two axes of one length.",
                s.numbers({3, 2}), s.numbers({3}));
        s.error("rows", f,
                "autograd: solve: a is (3, 3) and b is (2, 4); the rows of b (2) must equal the rows of a (3).",
                s.numbers({3, 3}), s.numbers({2, 4}));
        s.error("batches that do not broadcast", f,
                "autograd: solve: a is (2, 3, 3) and b is (4, 3, 1); their batch axes (2,) and (4,) do not broadcast.",
                s.numbers({2, 3, 3}), s.numbers({4, 3, 1}));
        s.error("a singular matrix", f,
                "autograd: solve: a is singular: pivot 1 of its LU factorization is 0. Use lstsq or pinv.",
                s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}), s.numbers({2}));
        s.error("a singular matrix of a batch", f,
                "autograd: solve: matrix (1) of a is singular: pivot 0 of its LU factorization is 0. Use lstsq or "
                "pinv.",
                s.array({2, 1, 1}, {1.0, 0.0}), s.numbers({2, 1, 1}));
        s.error("NaN", f, "autograd: solve: element (0, 1) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2}, {1.0, s.nan, 2.0, 3.0}), s.numbers({2}));
    }
};
AUTOGRAD_OPERATION(solve_rule)

/// x of a x = b, or with .transposed of a^T x = b, where a has been factorized: auto lu = lu_factor(a). Else as below.
template <class T>
variable<T> solve(const lu_factors<T>& lu, variable<T> b, solve_options options = {},
                  location where = location::current())
{
    const char* const name = solve_rule::name;
    const shape_view left = lu.matrix().checked(name, where).shape();
    const auto record_columns = [&](variable<T> columns, shape_view batch)
    {
        return record<solve_rule, T>(
            where,
            {detail::broadcast_matrices(lu.matrix(), batch), detail::broadcast_matrices(lu.packed(), batch), columns},
            options);
    };
    return record_composite<T>(name, where, {lu.matrix(), lu.packed(), b},
                               [&] { return detail::solve_right_sides(name, left, b, where, record_columns); });
}

template <class T, array_expression E>
variable<T> solve(const lu_factors<T>& lu, E&& b, solve_options options = {}, location where = location::current())
{
    return record_composite(solve_rule::name, where, lu.matrix(),
                            [&] { return solve(lu, lu.matrix().tape().constant(b, where), options, where); });
}

/// x of a x = b, or with .transposed of a^T x = b. Shape: square matrices (..., n, n) and (..., n, k) give (..., n, k),
/// the axes before them a batch which broadcasts; b of shape (n,), and no other, is a vector, and so is x then.
/// Gradient: u = a^-T g to b, by the same factorization, and -u x^T to a (Giles 2008). Throws shape_error; value_error
/// for a matrix with elements that are NaN or infinite, and for one that is singular: a pivot of its factorization is
/// 0. One that is nearly so is solved. By LU factorization with partial pivoting. As NumPy's linalg.solve.
template <class T>
variable<T> solve(variable<T> a, variable<T> b, solve_options options = {}, location where = location::current())
{
    return record_composite<T>(solve_rule::name, where, {a, b},
                               [&] { return solve(lu_factors<T>::of(a, solve_rule::name, where), b, options, where); });
}
AUTOGRAD_SOLVES_ARRAYS(solve, solve_options)

} // namespace autograd
