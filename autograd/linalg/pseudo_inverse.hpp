#pragma once

#include "autograd/linalg/singular_values.hpp"
#include "autograd/tape/print_number.hpp"

#include <limits>
#include <string>

/// The pseudo-inverse of matrices, least squares and the rank. Singular values up to rcond times the largest count as
/// 0; where it is not given, rcond is max(m, n) epsilon.
///
/// Where rcond is so small that it cuts off nothing but rounding, up to (m + n + 32) epsilon, derivatives are those at
/// constant rank (Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose
/// variables separate, 1973). Where the rank is less than min(m, n) there are matrices of a higher one arbitrarily
/// near, at which nothing of this is continuous. Where rcond is larger, they are those of the function without what is
/// cut off, as it turns with the matrix: of V f(s) U^T with f(s) = 1 / s or 0. They divide by the distances of what is
/// kept from what is cut, cost a symmetric eigenproblem of m + n rows, and are refused by value_error where a
/// singular value is rcond times the largest but for rounding.
///
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// From where on singular values count.
struct relative_cutoff
{
    double rcond;

    bool same(const relative_cutoff& other) const { return same_bits(rcond, other.rcond); }
};
template <class T>
std::string print_cutoff(double rcond)
{
    return "rcond " + print_number(static_cast<T>(rcond));
}

/// What rcond is where it is not given.
template <class T>
relative_cutoff cutoff_by_default(shape_view matrices)
{
    const double epsilon = std::numeric_limits<T>::epsilon();
    return {static_cast<double>(svd_of(matrices).larger()) * epsilon};
}
/// Throws value_error for an rcond outside of [0, 1).
relative_cutoff checked_cutoff(const char* operation, double rcond, location where);

} // namespace detail

// ------------------------------------------------------------------------------------------------------------- rank

/// Of a (operand 0) by its factorization (operand 1).
struct matrix_rank_rule : general
{
    static constexpr auto name = "matrix_rank";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = piecewise_constant;
    using attributes = detail::relative_cutoff;
    template <class T>
    static std::string print(const attributes& a)
    {
        return detail::print_cutoff<T>(a.rcond);
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&)
    {
        return detail::batch_of(operands[0]);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(matrix_rank_rule)

/// How many singular values of each matrix are larger than rcond times the largest, by default max(m, n) epsilon.
/// Shape: (..., m, n) gives (...). Gradient: none (piecewise constant). Throws shape_error, and value_error for
/// elements that are no finite numbers and for an rcond outside of [0, 1). As NumPy's, whose tolerance is absolute
/// where it is given.
template <class T>
indices<T> matrix_rank(variable<T> a, location where = location::current())
{
    detail::require_matrices("matrix_rank", "a", a.checked("matrix_rank", where).shape(), where);
    return indices<T>(detail::record_by_svd<matrix_rank_rule>(a, where, detail::cutoff_by_default<T>(a.shape())));
}
template <class T>
indices<T> matrix_rank(variable<T> a, double rcond, location where = location::current())
{
    detail::require_matrices("matrix_rank", "a", a.checked("matrix_rank", where).shape(), where);
    return indices<T>(
        detail::record_by_svd<matrix_rank_rule>(a, where, detail::checked_cutoff("matrix_rank", rcond, where)));
}

// -------------------------------------------------------------------------------------------------------------- pinv

/// a^+ of a (operand 0) by its factorization (operand 1).
struct pinv_rule : general, detail::by_svd_factors
{
    static constexpr auto name = "pinv";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"({#1}^{+})";
    static constexpr std::uint64_t differentiable = 1;
    using attributes = detail::relative_cutoff;
    template <class T>
    static std::string print(const attributes& a)
    {
        return detail::print_cutoff<T>(a.rcond);
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(pinv_rule)

/// The pseudo-inverse a^+ of Moore and Penrose, which is the inverse where there is one. Singular values up to rcond
/// times the largest, by default max(m, n) epsilon, count as 0. Shape: (..., m, n) gives (..., n, m). Gradient: that at
/// constant rank, -a^+^T G a^+^T + (I - a a^+) G^T a^+ a^+^T + a^+^T a^+ G^T (I - a^+ a); with an rcond above rounding
/// that of the truncated function. Throws shape_error, and value_error for elements that are no finite numbers, for an
/// rcond outside of [0, 1), and where one above rounding has no derivative. As NumPy's.
template <class T>
variable<T> pinv(variable<T> a, location where = location::current())
{
    detail::require_matrices("pinv", "a", a.checked("pinv", where).shape(), where);
    return detail::record_by_svd<pinv_rule>(a, where, detail::cutoff_by_default<T>(a.shape()));
}
template <class T>
variable<T> pinv(variable<T> a, double rcond, location where = location::current())
{
    detail::require_matrices("pinv", "a", a.checked("pinv", where).shape(), where);
    return detail::record_by_svd<pinv_rule>(a, where, detail::checked_cutoff("pinv", rcond, where));
}

// ------------------------------------------------------------------------------------------------------------- lstsq

namespace detail
{
struct pseudo_solve_options
{
    double rcond;
    bool transposed = false;

    bool same(const pseudo_solve_options& other) const
    {
        return same_bits(rcond, other.rcond) && transposed == other.transposed;
    }
};
} // namespace detail

/// a^+ b, or (a^+)^T b, of a (operand 0) by its factorization (operand 1) and b, matrices (operand 2).
struct pseudo_solve_rule : general, detail::by_svd_factors
{
    static constexpr auto name = "pseudo_solve";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"({#1}^{+} \, #3)";
    static constexpr std::uint64_t differentiable = 0b101;
    using attributes = detail::pseudo_solve_options;
    template <class T>
    static std::string print(const attributes& a)
    {
        return detail::print_cutoff<T>(a.rcond) + (a.transposed ? ", transposed" : "");
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(pseudo_solve_rule)

namespace detail
{
template <class T>
variable<T> record_lstsq(variable<T> a, variable<T> b, const relative_cutoff& cutoff, location where);
/// Throws shape_error.
void require_right_sides(shape_view a, shape_view b, location where);
} // namespace detail

/// The x for which |a x - b| is least, and of those the one of least norm: x = a^+ b. Where the rank is less than the
/// number of unknowns there are many, and none is refused. Singular values up to rcond times the largest, by default
/// max(m, n) epsilon, count as 0. b is a vector where it has one axis, and then x is one; else matrices. Shape: (...,
/// m, n) and (m,) give (..., n); (..., m, n) and (..., m, p) give (..., n, p), batches broadcast. Gradient: that at
/// constant rank; with u = a^+^T G and r = b - a x it is u to b and -u x^T + r (a^+ u)^T + (a^+^T x) (G - a^T u)^T to
/// a; with an rcond above rounding that of the truncated function. Throws shape_error, and value_error for elements of
/// a that are no finite numbers, for an rcond outside of [0, 1), and where one above rounding has no derivative. As
/// NumPy's, by the singular value decomposition; the solution alone.
template <class T>
variable<T> lstsq(variable<T> a, variable<T> b, location where = location::current())
{
    detail::require_matrices("lstsq", "a", a.checked("lstsq", where).shape(), where);
    return detail::record_lstsq(a, b, detail::cutoff_by_default<T>(a.shape()), where);
}
template <class T>
variable<T> lstsq(variable<T> a, variable<T> b, double rcond, location where = location::current())
{
    detail::require_matrices("lstsq", "a", a.checked("lstsq", where).shape(), where);
    return detail::record_lstsq(a, b, detail::checked_cutoff("lstsq", rcond, where), where);
}
AUTOGRAD_TAKES_ARRAYS(lstsq)
template <class T, array_expression E>
variable<T> lstsq(variable<T> a, E&& b, double rcond, location where = location::current())
{
    return record_composite("lstsq", where, a, [&] { return lstsq(a, a.tape().constant(b, where), rcond, where); });
}
template <class T, array_expression E>
variable<T> lstsq(E&& a, variable<T> b, double rcond, location where = location::current())
{
    return record_composite("lstsq", where, b, [&] { return lstsq(b.tape().constant(a, where), b, rcond, where); });
}

// ---------------------------------------------------------------------------------------------------------- samples

void matrix_rank_rule::samples(auto& s)
{
    const auto rank = [](auto x) { return matrix_rank(x); };
    const auto numpy = "np.linalg.matrix_rank(x)";
    s.call("full", numpy, rank, s.numbers({3, 2}));
    s.call("deficient", numpy, rank, s.array({3, 3}, {1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 1.0, 0.0, 1.0}));
    s.call("zero", numpy, rank, s.array({2, 2}, {0.0, 0.0, 0.0, 0.0}));
    s.call("a batch", numpy, rank, s.array({2, 2, 2}, {1.0, 2.0, 2.0, 4.0, 0.0, 1.0, 1.0, 0.0}));
    s.call(
        "coarse", "np.linalg.matrix_rank(x, 0.1)", [](auto x) { return matrix_rank(x, 0.1); },
        s.array({2, 2}, {1.0, 0.0, 0.0, 0.05}));
    s.call("no columns", "0", rank, s.numbers({3, 0}));
    s.error(
        "rcond", [](auto x) { return matrix_rank(x, -0.5); },
        "autograd: matrix_rank: rcond is -0.5; it must be at least 0 and less than 1: singular values up to rcond "
        "times "
        "the largest count as 0.",
        s.numbers({2, 2}));
}

void pinv_rule::samples(auto& s)
{
    const auto invert = [](auto x) { return pinv(x); };
    const auto numpy = "np.linalg.pinv(x)";
    s.call("tall", numpy, invert, s.numbers({4, 2})).value_within_ulp(64);
    s.call("wide", numpy, invert, s.numbers({2, 4})).value_within_ulp(64);
    s.call("square", numpy, invert, s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}))
        .value_within_ulp(64);
    s.call("a batch", numpy, invert, s.numbers({2, 3, 2})).value_within_ulp(64);
    s.call("a column", numpy, invert, s.numbers({3, 1})).value_within_ulp(16);
    s.call("one number", "1 / x", invert, s.array({1, 1}, {-4.0}));
    s.call("equal singular values", "x.T / 4", invert, s.array({2, 2}, {0.0, 2.0, -2.0, 0.0})).value_within_ulp(16);
    s.call("rank 1", "x.T / 25", invert, s.array({2, 2}, {1.0, 2.0, 2.0, 4.0})).up_to_order(0).value_within_ulp(64);
    s.call(
         "rank 2, always", "np.linalg.pinv(x @ y, 1e-10)", [](auto x, auto y) { return pinv(matmul(x, y)); },
         s.numbers({4, 2}), s.positive({2, 3}))
        .value_within_ulp(256);
    s.call("zero", "np.zeros((3, 2))", invert, s.array({2, 3}, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0})).up_to_order(0);
    const auto cut = [](auto x) { return pinv(x, 0.2); };
    const auto cut_numpy = "np.linalg.pinv(x, 0.2)";
    s.call("cut off", cut_numpy, cut, s.array({2, 2}, {1.0, 0.02, -0.01, 0.05})).value_within_ulp(64);
    s.call("cut off, tall", cut_numpy, cut, s.array({3, 2}, {1.0, 0.5, -0.5, 0.0, 0.25, 0.0})).value_within_ulp(64);
    s.call("cut off, wide", cut_numpy, cut, s.array({2, 3}, {1.0, 0.5, 0.25, 0.375, 0.25, 0.125})).value_within_ulp(64);
    s.call("cut off, two that are equal", cut_numpy, cut,
           s.array({3, 3}, {0.0, 2.0, 0.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.125}))
        .value_within_ulp(64);
    s.call("cut off, nothing", cut_numpy, cut, s.array({2, 2}, {2.0, 0.5, -0.25, 1.0})).value_within_ulp(64);
    s.call("cut off in a batch", cut_numpy, cut, s.array({2, 2, 2}, {1.0, 0.02, -0.01, 0.05, 2.0, 0.5, -0.25, 1.0}))
        .value_within_ulp(64);
    s.call("no columns", "np.zeros((0, 3))", invert, s.numbers({3, 0}));
    s.call("an empty batch", "np.zeros((0, 3, 2))", invert, s.numbers({0, 2, 3}));
    s.error("vector", invert,
            "autograd: pinv: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
            s.numbers({3}));
    s.error("infinite", invert, "autograd: pinv: element (0, 1) of a is inf; a factorization needs finite numbers.",
            s.array({1, 2}, {1.0, s.inf}));
}

void pseudo_solve_rule::samples(auto& s)
{
    const auto solve = [](bool transposed)
    {
        return [=](auto x, auto y) {
            return record<pseudo_solve_rule>({}, {x, detail::svd_factors(x, "svd", {}), y},
                                             attributes{1e-6, transposed});
        };
    };
    s.call("tall", "np.linalg.pinv(x) @ y", solve(false), s.numbers({3, 2}), s.positive({3, 2})).value_within_ulp(64);
    s.call("wide", "np.linalg.pinv(x) @ y", solve(false), s.numbers({2, 3}), s.positive({2, 2})).value_within_ulp(64);
    s.call("transposed, tall", "np.linalg.pinv(x).T @ y", solve(true), s.numbers({3, 2}), s.positive({2, 2}))
        .value_within_ulp(64);
    s.call("transposed, wide", "np.linalg.pinv(x).T @ y", solve(true), s.numbers({2, 3}), s.positive({3, 2}))
        .value_within_ulp(64);
    s.call("square", "np.linalg.pinv(x) @ y", solve(false),
           s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}), s.positive({3, 3}))
        .value_within_ulp(64);
    s.call("transposed, square", "np.linalg.pinv(x).T @ y", solve(true),
           s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}), s.positive({3, 3}))
        .value_within_ulp(64);
    s.call("a batch", "np.linalg.pinv(x) @ y", solve(false), s.numbers({2, 3, 2}), s.positive({2, 3, 1}))
        .value_within_ulp(64);
}

struct lstsq_samples
{
    static constexpr auto name = "lstsq";
    static void samples(auto& s)
    {
        const auto solve = [](auto x, auto y) { return lstsq(x, y); };
        const auto numpy = "np.linalg.lstsq(x, y, rcond=None)[0]";
        s.call("a vector", numpy, solve, s.numbers({5, 2}), s.numbers({5})).value_within_ulp(64);
        s.call("a matrix", numpy, solve, s.numbers({5, 2}), s.numbers({5, 3})).value_within_ulp(64);
        s.call("wide", numpy, solve, s.numbers({2, 4}), s.numbers({2})).value_within_ulp(64);
        s.call("square", numpy, solve, s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}),
               s.positive({3, 3}))
            .value_within_ulp(64);
        s.call("a batch and a vector", "np.linalg.pinv(x) @ y", solve, s.numbers({2, 3, 2}), s.numbers({3}))
            .value_within_ulp(64);
        s.call("batches that broadcast", "np.linalg.pinv(x) @ y", solve, s.numbers({2, 1, 3, 2}), s.numbers({3, 3, 1}))
            .value_within_ulp(64);
        s.call("a matrix and a batch", "np.linalg.pinv(x) @ y", solve, s.numbers({3, 2}), s.numbers({2, 3, 2}))
            .value_within_ulp(64);
        s.call(
             "rank 1, always", "np.linalg.pinv(x @ x.T, 1e-10) @ y",
             [](auto x, auto y) { return lstsq(matmul(x, transpose(x)), y); }, s.numbers({3, 1}), s.positive({3}))
            .value_within_ulp(256);
        s.call(
             "by itself", "np.linalg.pinv(x) @ x", [](auto x) { return lstsq(x, x); }, s.numbers({2, 3}))
            .value_within_ulp(64);
        s.call("rank 1", "np.array([0.2, 0.4])", solve, s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}), s.array({2}, {1.0, 2.0}))
            .up_to_order(0)
            .value_within_ulp(64);
        const auto cut = [](auto x, auto y) { return lstsq(x, y, 0.2); };
        s.call("cut off", "np.linalg.pinv(x, 0.2) @ y", cut, s.array({2, 2}, {1.0, 0.02, -0.01, 0.05}),
               s.array({2}, {1.0, 2.0}))
            .value_within_ulp(64);
        s.call("cut off, tall, a batch", "np.linalg.pinv(x, 0.2) @ y", cut,
               s.array({2, 3, 2}, {1.0, 0.5, -0.5, 0.0, 0.25, 0.0, 2.0, 0.5, -0.25, 1.0, 0.0, 0.5}), s.positive({3, 2}))
            .value_within_ulp(64);
        s.call("no unknowns", "np.zeros((0,))", solve, s.numbers({3, 0}), s.numbers({3}));
        s.call("no equations", "np.zeros((2,))", solve, s.numbers({0, 2}), s.numbers({0}));
        s.error("rows", solve,
                "autograd: lstsq: a is (3, 2) and b is (2,); b must have as many rows as a (3): be a vector of as many "
                "elements, or matrices.",
                s.numbers({3, 2}), s.numbers({2}));
        s.error("vectors in a batch", solve,
                "autograd: lstsq: a is (2, 3, 2) and b is (2, 3); b must have as many rows as a (3): be a vector of as "
                "many elements, or matrices. Vectors in a batch are matrices of one column: give b one more axis.",
                s.numbers({2, 3, 2}), s.numbers({2, 3}));
        s.error("batches", solve,
                "autograd: lstsq: a is (2, 3, 2) and b is (3, 3, 1); their batch axes (2,) and (3,) do "
                "not broadcast.",
                s.numbers({2, 3, 2}), s.numbers({3, 3, 1}));
        s.error("a scalar", solve,
                "autograd: lstsq: a is (3, 2) and b is (); b must have as many rows as a (3): be a vector of as many "
                "elements, or matrices.",
                s.numbers({3, 2}), s.numbers({}));
    }
};
AUTOGRAD_COMPOSITE(lstsq_samples)

} // namespace autograd
