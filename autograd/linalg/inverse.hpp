#pragma once

#include "autograd/linalg/solve.hpp"

#include <algorithm>

/// Inverses of matrices.
/// \ingroup algebra
namespace autograd
{

struct inverse_rule : general
{
    static constexpr auto name = "inverse";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = "#1^{-1}";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b01;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;
    struct attributes
    {
        const char* caller; ///< the operation that refuses singular matrices
        const char* remedy;

        bool same(const attributes&) const { return true; }
    };

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class Call>
    static void generic(const Call& call, const attributes&)
    {
        using matrix = detail::generic_matrix<typename Call::element>;
        const std::size_t n = detail::rows_of(call.shape);
        matrix identity(n, n);
        for (std::size_t i = 0; i < n; ++i)
        {
            identity(i, i) = typename Call::element(1);
        }
        detail::for_each_generic_matrix(
            call.shape,
            [&](std::size_t, std::size_t first)
            {
                const matrix x = detail::generic_solution(matrix(n, n, call.operands[0].data() + first), identity);
                std::copy(x.elements().begin(), x.elements().end(), call.result.data() + first);
            });
    }
    /// -y^T g y^T
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> inverse = y.output();
        const variable<T> left = detail::product(-inverse, y.cotangent(), true, false);
        y.give(0, detail::product(left, inverse, false, true));
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a) { return inverse(a); };
        s.call("a matrix", "np.linalg.inv(x)", f, s.numbers({3, 3})).value_within_ulp(32);
        s.call("a batch", "np.linalg.inv(x)", f, s.numbers({2, 3, 2, 2})).value_within_ulp(32);
        s.call("one element", "1 / x", f, s.positive({1, 1}));
        s.call("no elements", "x", f, s.numbers({0, 0}));
        s.call("an empty batch", "x", f, s.numbers({0, 2, 2}));
        s.call("a permutation", "x.T", f, s.array({3, 3}, {0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0}));
        s.call(
             "beside a solution", "np.linalg.inv(x) @ np.linalg.solve(x, y)",
             [](auto x, auto y)
             {
                 const auto lu = lu_factor(x);
                 return matmul(inverse(lu), solve(lu, y));
             },
             s.numbers({3, 3}), s.numbers({3}))
            .value_within_ulp(100);
        s.error("not square", f,
                "autograd: inverse: a has shape (3, 2); its matrices must be square, the last two axes of one length.",
                s.numbers({3, 2}));
        s.error("a singular matrix", f,
                "autograd: inverse: a is singular: pivot 1 of its LU factorization is 0. Use lstsq or pinv.",
                s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}));
        s.error("infinity", f,
                "autograd: inverse: element (1, 0) of matrix (1) of a is inf; a factorization needs finite numbers.",
                s.array({2, 2, 2}, {1.0, 0.0, 0.0, 1.0, 1.0, 2.0, s.inf, 3.0}));
    }
};
AUTOGRAD_OPERATION(inverse_rule)

namespace detail
{
/// inverse for an operation of that name, which refuses.
template <class T>
variable<T> inverse_for(const char* caller, const lu_factors<T>& lu, location where,
                        const char* remedy = remedy_of_singular)
{
    return record<inverse_rule, T>(where, {lu.matrix(), lu.packed()}, {caller, remedy});
}
template <class T>
variable<T> inverse_for(const char* caller, variable<T> a, location where, const char* remedy = remedy_of_singular)
{
    return inverse_for(caller, lu_factors<T>::of(a, caller, where), where, remedy);
}
} // namespace detail

/// The inverse of each matrix of which lu has the factorization.
template <class T>
variable<T> inverse(const lu_factors<T>& lu, location where = location::current())
{
    return detail::inverse_for(inverse_rule::name, lu, where);
}

/// The inverse of each matrix; where it is multiplied by something, solve is faster and keeps more digits. Shape: that
/// of a, (..., n, n). Gradient: -y^T g y^T (Giles 2008). Throws shape_error; value_error for a matrix with elements
/// that are NaN or infinite, and for one that is singular. As NumPy's linalg.inv.
template <class T>
variable<T> inverse(variable<T> a, location where = location::current())
{
    return record_composite(inverse_rule::name, where, a,
                            [&] { return detail::inverse_for(inverse_rule::name, a, where); });
}

} // namespace autograd
