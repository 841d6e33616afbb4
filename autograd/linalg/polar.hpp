#pragma once

#include "autograd/linalg/pseudo_inverse.hpp"

/// The polar factor, and the nuclear norm, whose gradient it is. Both are functions of the matrix alone, whatever its
/// singular vectors are: their derivatives divide by sums of singular values, never by differences.
///
/// \ingroup algebra
namespace autograd
{

/// q of a (operand 0) by its factorization (operand 1).
struct polar_rule : general, detail::by_svd_factors
{
    static constexpr auto name = "polar";
    static constexpr bool acts_on_last_axes = true;
    static constexpr std::uint64_t differentiable = 1;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(polar_rule)

/// The solution z of |a| z + z |a| = k: a is operand 0, its factorization operand 1, k operand 2. Linear in k, and its
/// own transpose. |a| is the positive factor of the polar decomposition, of as many rows as the smaller extent of a. It
/// refuses matrices a that are not of full rank up to rounding.
struct polar_lyapunov_rule : general, detail::by_svd_factors
{
    static constexpr auto name = "polar_lyapunov";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b101;

    struct attributes
    {
        std::size_t directions; ///< leading axes of the batch that count directions (operations/batched.hpp)
    };
    static attributes with_leading_axis(const attributes& a) { return {a.directions + 1}; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[2]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(polar_lyapunov_rule)

/// The polar factor q of a = q h: q = U V^T by the singular value decomposition, and h = (a^T a)^(1/2), which is
/// matmul(transpose(q), a). It is the nearest matrix with orthonormal columns, or rows where a is wide; then a = h q
/// and h = (a a^T)^(1/2). Where a is not of full rank (up to rounding: (max(m, n) + 32) epsilon times the largest
/// singular value) it is the partial isometry that is 0 where a is; SciPy's is one of many with orthonormal columns.
/// Shape: that of a. Gradient: with z of h z + z h = q^T G - G^T q it is q z + (I - q q^T) G h^-1, right at equal
/// singular values, of any order. Throws shape_error, and value_error for elements that are no finite numbers; the
/// derivative throws value_error where a is not of full rank, since q jumps there. Method: Higham, Functions of
/// Matrices, 2008, chapter 8.
template <class T>
variable<T> polar(variable<T> a, location where = location::current())
{
    detail::require_matrices("polar", "a", a.checked("polar", where).shape(), where);
    return detail::record_by_svd<polar_rule>(a, where);
}

/// The sum of the singular values of a (operand 0) by its factorization (operand 1).
struct nuclear_norm_rule : general, detail::by_svd_factors
{
    static constexpr auto name = "nuclear_norm";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\lVert #1 \rVert_{*})";
    static constexpr std::uint64_t differentiable = 1;

    static shape_vector shape(std::span<const shape_view> operands) { return detail::batch_of(operands[0]); }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(nuclear_norm_rule)

/// The nuclear norm of matrices, the sum of their singular values. Shape: (..., m, n) gives (...). Gradient: g times
/// the polar factor; where a is not of full rank that is the subgradient of least norm, as 0 is of a magnitude at 0,
/// and further derivatives are refused as those of polar are. Throws shape_error, and value_error for elements that are
/// no finite numbers.
template <class T>
variable<T> nuclear_norm(variable<T> a, location where = location::current())
{
    constexpr auto name = nuclear_norm_rule::name;
    detail::require_matrices(name, "a", a.checked(name, where).shape(), where);
    return detail::record_by_svd<nuclear_norm_rule>(a, where);
}

// ---------------------------------------------------------------------------------------------------------- samples

void polar_rule::samples(auto& s)
{
    const auto factor = [](auto x) { return polar(x); };
    const auto numpy = "(lambda u, s, vt: u @ vt)(*np.linalg.svd(x, full_matrices=False))";
    s.call("tall", numpy, factor, s.numbers({4, 2})).value_within_ulp(32);
    s.call("wide", numpy, factor, s.numbers({2, 3})).value_within_ulp(32);
    s.call("square", numpy, factor, s.numbers({3, 3})).value_within_ulp(32);
    s.call("a batch", numpy, factor, s.numbers({2, 2, 3})).value_within_ulp(32);
    s.call("orthogonal", "x", factor, s.array({2, 2}, {0.6, 0.8, -0.8, 0.6})).value_within_ulp(16);
    s.call("the identity", "x", factor, s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0}));
    s.call("a column", "x / np.linalg.norm(x)", factor, s.numbers({3, 1})).value_within_ulp(16);
    s.call("no columns", "x", factor, s.numbers({3, 0}));
    s.error("vector", factor,
            "autograd: polar: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
            s.numbers({3}));
}

void polar_lyapunov_rule::samples(auto& s)
{
    const auto solve = [](auto x, auto y) {
        return record<polar_lyapunov_rule>({}, {x, detail::svd_factors(x, "svd", {}), y}, attributes{0});
    };
    const std::string tall = "(lambda h: la.solve_sylvester(h, h, y))(np.real(la.sqrtm(x.T @ x)))";
    const std::string wide = "(lambda h: la.solve_sylvester(h, h, y))(np.real(la.sqrtm(x @ x.T)))";
    s.call("tall", tall, solve, s.numbers({3, 2}), s.positive({2, 2})).value_within_ulp(256);
    s.call("wide", wide, solve, s.numbers({2, 3}), s.positive({2, 2})).value_within_ulp(256);
    s.call("square", tall, solve, s.numbers({3, 3}), s.positive({3, 3})).value_within_ulp(4096);
    s.call("a batch", "y / 4", solve, s.array({2, 2, 2}, {2.0, 0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0}),
           s.positive({2, 2, 2}))
        .value_within_ulp(16);
    s.call("nothing", "y", solve, s.numbers({0, 2}), s.numbers({0, 0}));
    s.error("rank 1", solve,
            "autograd: polar: singular value 1 of a is 0, which is 0 up to rounding (3.774758283725532e-14); the polar "
            "factor "
            "has a derivative at full rank alone, and so has the gradient of the nuclear norm.",
            s.array({2, 2}, {5.0, 0.0, 0.0, 0.0}), s.numbers({2, 2}));
}

void nuclear_norm_rule::samples(auto& s)
{
    const auto norm = [](auto x) { return nuclear_norm(x); };
    s.call("tall", "np.linalg.norm(x, 'nuc')", norm, s.numbers({4, 2})).value_within_ulp(16);
    s.call("wide", "np.linalg.norm(x, 'nuc')", norm, s.numbers({2, 3})).value_within_ulp(16);
    s.call("a batch", "np.linalg.norm(x, 'nuc', (-2, -1))", norm, s.numbers({2, 2, 2})).value_within_ulp(16);
    s.call("equal singular values", "4.0", norm, s.array({2, 2}, {0.0, 2.0, -2.0, 0.0})).value_within_ulp(16);
    s.call("no rows", "0.0", norm, s.numbers({0, 3}));
}

} // namespace autograd
