#pragma once

#include "autograd/linalg/right_sides.hpp"
#include "autograd/operations/generic_lines.hpp"

/// Systems of equations whose matrices are triangles.
/// \ingroup algebra
namespace autograd
{

/// How triangular_solve reads a matrix: triangular_solve(l, b, {.transposed = true}).
struct triangular_options
{
    bool upper = false;         ///< the upper triangle, and not the lower one
    bool transposed = false;    ///< the transpose of that triangle is the matrix of the system
    bool unit_diagonal = false; ///< there are ones on the diagonal, whatever is stored
};

struct triangular_solve_rule : general
{
    static constexpr auto name = "triangular_solve";
    static constexpr auto latex = R"(#1^{-1} \, #2
transposed: #1^{-\top} \, #2)";
    static constexpr bool throws = true;
    static constexpr bool reads_broadcasts = true;
    struct attributes : triangular_options
    {
        const char* caller = name;  ///< the operation that refuses a diagonal which cannot be divided by
        const char* argument = "a"; ///< what it calls the matrices

        bool same(const attributes& other) const
        {
            return upper == other.upper && transposed == other.transposed && unit_diagonal == other.unit_diagonal;
        }
    };
    static std::string print(const attributes& a);

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[1]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        const std::size_t n = detail::rows_of(call.shapes[0]);
        const std::size_t columns = detail::columns_of_right_side(call.shape);
        call.result = call.operands[1];
        for (std::size_t k = 0; n * columns > 0 && k < call.result.size() / (n * columns); ++k)
        {
            const auto* matrix = call.operands[0].data() + k * n * n;
            const auto element = [&](std::size_t i, std::size_t j)
            { return a.transposed ? matrix[j * n + i] : matrix[i * n + j]; };
            auto* x = call.result.data() + k * n * columns;
            const bool forward = a.upper == a.transposed;
            for (std::size_t done = 0; done < n; ++done)
            {
                const std::size_t i = forward ? done : n - 1 - done;
                for (std::size_t c = 0; c < columns; ++c)
                {
                    for (std::size_t known = 0; known < done; ++known)
                    {
                        const std::size_t j = forward ? known : n - 1 - known;
                        x[i * columns + c] = x[i * columns + c] - element(i, j) * x[j * columns + c];
                    }
                    if (!a.unit_diagonal)
                    {
                        x[i * columns + c] = x[i * columns + c] / element(i, i);
                    }
                }
            }
        }
    }
    /// With u = op(a)^-T g: u to b, and -u x^T to op(a), as far as it is read.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes how = y.template attributes<attributes>();
        attributes turned = how;
        turned.transposed = !how.transposed;
        const variable<T> u = record<triangular_solve_rule, T>({}, {y.operand(0), y.cotangent()}, turned);
        y.give(1, u);
        if (y.wanted(0))
        {
            const variable<T> x = y.output();
            const variable<T> whole = how.transposed ? detail::outer_product(-x, u) : detail::outer_product(-u, x);
            y.give(0, how.upper ? triu(whole, how.unit_diagonal ? 1 : 0) : tril(whole, how.unit_diagonal ? -1 : 0));
        }
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s)
    {
        const auto with = [](triangular_options how)
        { return [how](auto a, auto b) { return triangular_solve(a, b, how); }; };
        const auto lower = with({});
        const auto upper = with({.upper = true});
        const auto a = s.between(0.5, 2.0, {3, 3});
        const auto b = s.numbers({3, 3});
        s.call("lower", "la.solve_triangular(x, y, lower=True)", lower, a, b);
        s.call("upper", "la.solve_triangular(x, y)", upper, a, b);
        s.call("lower, transposed", "la.solve_triangular(x, y, trans=1, lower=True)", with({.transposed = true}), a, b);
        s.call("upper, transposed", "la.solve_triangular(x, y, trans=1)", with({.upper = true, .transposed = true}), a,
               b);
        s.call("lower, ones on the diagonal", "la.solve_triangular(x, y, lower=True, unit_diagonal=True)",
               with({.unit_diagonal = true}), a, b);
        s.call("upper, ones on the diagonal", "la.solve_triangular(x, y, unit_diagonal=True)",
               with({.upper = true, .unit_diagonal = true}), a, b);
        s.call("lower, transposed, ones on the diagonal",
               "la.solve_triangular(x, y, trans=1, lower=True, unit_diagonal=True)",
               with({.transposed = true, .unit_diagonal = true}), a, b);
        s.call("upper, transposed, ones on the diagonal", "la.solve_triangular(x, y, trans=1, unit_diagonal=True)",
               with({.upper = true, .transposed = true, .unit_diagonal = true}), a, b);
        s.call("a vector", "la.solve_triangular(x, y, lower=True)", lower, a, s.numbers({3}));
        s.call("a vector, transposed", "la.solve_triangular(x, y, trans=1)", with({.upper = true, .transposed = true}),
               a, s.numbers({3}));
        s.call("batches", "np.linalg.solve(np.tril(x), y)", lower, s.between(0.5, 2.0, {2, 3, 3}), s.numbers({2, 3, 2}))
            .value_within_ulp(16);
        s.call("batches that broadcast", "np.linalg.solve(np.triu(x), y[None])", upper,
               s.between(0.5, 2.0, {2, 1, 2, 2}), s.numbers({3, 2, 2}))
            .value_within_ulp(16);
        s.call("one matrix for a batch", "np.linalg.solve(np.tril(x), y)", lower, a, s.numbers({2, 3, 2}))
            .value_within_ulp(16);
        s.call("a batch for one right side", "np.linalg.solve(np.tril(x), y[None])", lower,
               s.between(0.5, 2.0, {2, 3, 3}), s.numbers({3, 1}))
            .value_within_ulp(16);
        s.call("a batch for one vector", "np.linalg.solve(np.tril(x), y[None, :, None])[..., 0]", lower,
               s.between(0.5, 2.0, {2, 3, 3}), s.numbers({3}))
            .value_within_ulp(16);
        s.call("many columns", "la.solve_triangular(x, y)", upper, s.between(0.5, 2.0, {2, 2}), s.numbers({2, 37}));
        s.call("one unknown", "y / x", lower, s.positive({1, 1}), s.numbers({1, 2}));
        s.call("no unknowns", "y", lower, s.numbers({0, 0}), s.numbers({0, 2}));
        s.call("no columns", "y", lower, a, s.numbers({3, 0}));
        s.call("an empty batch", "y", lower, a, s.numbers({0, 3, 2}));
        s.call(
            "by itself", "la.solve_triangular(x, x, lower=True)", [](auto x) { return triangular_solve(x, x); },
            s.between(0.5, 2.0, {3, 3}));
        s.call("what is not read", "la.solve_triangular(np.tril(np.nan_to_num(x)), y, lower=True)", lower,
               s.array({2, 2}, {2.0, s.nan, -0.5, 1.5}), s.numbers({2}))
            .up_to_order(0);
        s.error("a vector in the place of a", lower,
                "autograd: triangular_solve: a has shape (3,); it must be a matrix, or a batch of them: at least two "
                "axes.",
                s.numbers({3}), s.numbers({3}));
        s.error("not square", lower,
                "autograd: triangular_solve: a has shape (3, 2); its matrices must be square, the last two axes of one "
                "length.",
                s.numbers({3, 2}), s.numbers({3}));
        s.error("rows", lower,
                "autograd: triangular_solve: a is (3, 3) and b is (2, 4); the rows of b (2) must equal the rows of a "
                "(3).",
                s.numbers({3, 3}), s.numbers({2, 4}));
        s.error("the length of a vector", lower,
                "autograd: triangular_solve: a is (3, 3) and b is (2,); the length of b (2) must equal the rows of a "
                "(3).",
                s.numbers({3, 3}), s.numbers({2}));
        s.error("vectors in a batch", lower,
                "autograd: triangular_solve: a is (2, 3, 3) and b is (2, 3); the rows of b (2) must equal the rows of "
                "a (3). Vectors in a batch are matrices of one column: give b one more axis.",
                s.numbers({2, 3, 3}), s.numbers({2, 3}));
        s.error("batches that do not broadcast", lower,
                "autograd: triangular_solve: a is (2, 3, 3) and b is (4, 3, 1); their batch axes (2,) and (4,) do not "
                "broadcast.",
                s.numbers({2, 3, 3}), s.numbers({4, 3, 1}));
        s.error("no right side", lower,
                "autograd: triangular_solve: b has shape (); it must be a vector, a matrix, or a batch of matrices.",
                s.numbers({3, 3}), s.numbers({}));
        s.error("a singular matrix", lower,
                "autograd: triangular_solve: element (1, 1) of a, on the diagonal, is 0; each must be finite and not "
                "0: a is singular.",
                s.array({2, 2}, {1.0, 0.0, 2.0, 0.0}), s.numbers({2}));
        s.error("a singular matrix of a batch", lower,
                "autograd: triangular_solve: element (0, 0) of matrix (1) of a, on the diagonal, is nan; each must be "
                "finite and not 0: a is singular.",
                s.array({2, 1, 1}, {1.0, s.nan}), s.numbers({2, 1, 1}));
    }
};
AUTOGRAD_OPERATION(triangular_solve_rule)

namespace detail
{
/// triangular_solve for an operation that calls the matrices by a name of its own.
template <class T>
variable<T> solved_triangles(const triangular_solve_rule::attributes& how, variable<T> a, variable<T> b, location where)
{
    const char* const name = how.caller;
    const auto solve = [&](variable<T> left, variable<T> right) {
        return record<triangular_solve_rule, T>(where, {left, right}, how);
    };
    const shape_view left = a.checked(name, where).shape();
    const shape_view right = b.checked(name, where).shape();
    require_square(name, how.argument, left, where);
    if (left.size() == 2 && right.size() == 2 && right[0] == left[0])
    {
        return solve(a, b);
    }
    return record_composite<T>(name, where, {a, b},
                               [&]
                               {
                                   return solve_right_sides(name, left, b, where,
                                                            [&](variable<T> columns, shape_view batch)
                                                            { return solve(broadcast_matrices(a, batch), columns); });
                               });
}
} // namespace detail

/// x of a x = b, where a is a triangle: by default the lower one, and nothing else of a is read. Each unknown is
/// divided by its pivot. Shape: square matrices (..., n, n) and (..., n, k) give (..., n, k), the axes before them a
/// batch which broadcasts; b of shape (n,), and no other, is a vector, and so is x then. Gradient: u = a^-T g to b, and
/// -u x^T in the triangle to a (Giles 2008). Throws shape_error; value_error for a diagonal element that is 0, NaN or
/// infinite. As SciPy's solve_triangular, where trans=1 is .transposed = true.
template <class T>
variable<T> triangular_solve(variable<T> a, variable<T> b, triangular_options options = {},
                             location where = location::current())
{
    return detail::solved_triangles({options}, a, b, where);
}

AUTOGRAD_SOLVES_ARRAYS(triangular_solve, triangular_options)

} // namespace autograd
