#pragma once

#include "autograd/linalg/polar.hpp"
#include "autograd/operations/extremum.hpp"
#include "autograd/operations/norm.hpp"
#include "autograd/operations/power.hpp"

#include <concepts>

/// Norms of matrices by their order, and condition numbers.
/// \ingroup algebra
namespace autograd
{

/// The norms that no number names.
enum class matrix_norm
{
    frobenius, ///< the root of the sum of squares
    nuclear    ///< the sum of the singular values
};

namespace detail
{

/// An operation that takes norms, and what it calls their argument, for errors.
struct norm_in
{
    const char* operation;
    const char* argument;
};
inline constexpr norm_in norm_itself{"norm", "x"};

/// Of matrices, or of a vector, in an operation.
template <class T>
variable<T> norm_of_order(variable<T> x, double order, norm_in asked, location where);
template <class T>
variable<T> norm_of_order(variable<T> x, matrix_norm order, norm_in asked, location where);
/// Throws shape_error for a scalar.
void require_vector_or_matrices(norm_in asked, shape_view x, location where);

/// The order of norm where none is given: Frobenius of matrices, 2 of a vector.
template <class T>
variable<T> norm_of_no_order(variable<T> x, location where)
{
    require_vector_or_matrices(norm_itself, x.shape(), where);
    return x.dimension() == 1 ? norm_of_order(x, 2.0, norm_itself, where)
                              : norm_of_order(x, matrix_norm::frobenius, norm_itself, where);
}

template <class T, class Order>
variable<T> condition_number(variable<T> a, Order order, location where);

} // namespace detail

/// The norm of matrices: their Frobenius norm, of order 2 and -2 the largest and the least singular value, of order 1
/// and -1 the largest and the least sum of the magnitudes of a column, of order infinity and -infinity of a row;
/// matrix_norm::frobenius and matrix_norm::nuclear. Of a vector: by default order 2; infinity and -infinity are the
/// largest and the least magnitude, 0 counts what is not 0, any other p is the p-th root of the sum of the p-th powers
/// of magnitudes. Shape: (..., m, n) gives (...), (n,) gives (). Gradient: that of what it is made of (norm_l2,
/// singular_values, nuclear_norm, amax, amin). Throws shape_error for a scalar and where there is nothing to take the
/// largest of, value_error for other orders and, where singular values are taken, for elements that are no finite
/// numbers. As NumPy's, for batches of matrices in the last two axes.
template <class T>
variable<T> norm(variable<T> x, location where = location::current())
{
    x.checked("norm", where);
    return record_composite<T>("norm", where, {x}, [&] { return detail::norm_of_no_order(x, where); });
}
template <class T>
variable<T> norm(variable<T> x, double order, location where = location::current())
{
    x.checked("norm", where);
    return record_composite<T>("norm", where, {x},
                               [&] { return detail::norm_of_order(x, order, detail::norm_itself, where); });
}
template <class T>
variable<T> norm(variable<T> x, matrix_norm order, location where = location::current())
{
    x.checked("norm", where);
    return record_composite<T>("norm", where, {x},
                               [&] { return detail::norm_of_order(x, order, detail::norm_itself, where); });
}

// -------------------------------------------------------------------------------------------------------------- cond

/// g / t of a cotangent and of singular values s and t, the largest and the least or the other way round. It refuses,
/// in the name of cond, what flows where the least is 0 but for rounding. Nothing flows to s.
struct condition_slope_rule : general
{
    static constexpr auto name = "condition_slope";
    static constexpr auto latex = R"(#1 / #3)";
    static constexpr bool opaque = svd_factors_rule::opaque;
    static constexpr bool throws = true;
    struct attributes
    {
        std::size_t extent;     ///< the larger one of the matrices
        std::size_t directions; ///< leading axes that count directions
    };
    static attributes with_leading_axis(const attributes& a) { return {a.extent, a.directions + 1}; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const auto divided = [&](variable<T> g) { return y.with_operand(0, g); };
        y.give(0, divided(y.cotangent()));
        if (y.wanted(2))
        {
            y.give(2, -divided(divided(y.cotangent() * y.operand(0))));
        }
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(condition_slope_rule)

/// s / t of two singular values, infinite where t is 0, even if both are.
struct condition_number_rule : general
{
    static constexpr auto name = "condition_number";
    static constexpr auto latex = R"(#1 / #2)";
    static constexpr bool opaque = svd_factors_rule::opaque;
    static constexpr bool acts_on_last_axes = true;
    struct attributes
    {
        std::size_t extent; ///< the larger one of the matrices
    };

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes&);
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> s = y.operand(0);
        const variable<T> t = y.operand(1);
        const condition_slope_rule::attributes how{y.template attributes<attributes>().extent, 0};
        const auto divided = [&](variable<T> g) { return record<condition_slope_rule, T>({}, {g, s, t}, how); };
        const variable<T> slope = divided(y.cotangent());
        y.give(0, slope);
        y.give(1, -divided(slope * s));
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(condition_number_rule)

/// The condition number of matrices: the largest singular value over the least, infinite where that is 0; of order -2
/// the inverse of it; by another norm, of square matrices, the norm of a times that of its inverse. Shape: (..., m, n)
/// gives (...). Gradient: that of the norms. Throws as norm, and shape_error for matrices that are not square and
/// value_error for singular ones where the inverse is taken; of order 2 they have the value infinity, and the
/// derivatives of orders 2 and -2 throw where the least singular value is 0 but for rounding, (max(m, n) + 32) epsilon
/// times the largest. As NumPy's, which has infinity in all these places.
template <class T>
variable<T> cond(variable<T> a, double order = 2, location where = location::current())
{
    detail::require_matrices("cond", "a", a.checked("cond", where).shape(), where);
    return record_composite<T>("cond", where, {a}, [&] { return detail::condition_number(a, order, where); });
}
template <class T>
variable<T> cond(variable<T> a, matrix_norm order, location where = location::current())
{
    detail::require_matrices("cond", "a", a.checked("cond", where).shape(), where);
    return record_composite<T>("cond", where, {a}, [&] { return detail::condition_number(a, order, where); });
}

// ---------------------------------------------------------------------------------------------------------- samples

void condition_slope_rule::samples(auto& s)
{
    const auto f = [](auto g, auto x, auto y) { return record<condition_slope_rule>({}, {g, x, y}, attributes{3, 0}); };
    const auto large = s.between(4.0, 8.0, {2, 3});
    s.call("of a batch", "x / z", f, s.numbers({2, 3}), large, s.positive({2, 3}));
    s.call("of one", "x / z", f, s.numbers({}), s.positive({}), s.positive({}));
    s.error(
        "0 in a batch", f,
        "autograd: cond: the least singular value of matrix (1) of a is 0, 0 but for rounding, where the largest is "
        "4; the condition number has no derivative there.",
        s.array({2}, {1.0, 1.0}), s.array({2}, {1.0, 4.0}), s.array({2}, {1.0, 0.0}));
}

void condition_number_rule::samples(auto& s)
{
    const auto f = [](auto x, auto y) { return record<condition_number_rule>({}, {x, y}, attributes{3}); };
    s.call("of a batch", "x / y", f, s.between(4.0, 8.0, {2, 3}), s.positive({2, 3}));
}

struct norm_samples
{
    static constexpr auto name = "norm";
    static void samples(auto& s)
    {
        const auto of_order = [](auto order) { return [=](auto x) { return norm(x, order); }; };
        const auto frobenius = of_order(matrix_norm::frobenius);
        const auto nuclear = of_order(matrix_norm::nuclear);
        const auto rows = s.array({3, 2}, {1.5, -0.25, 0.75, 2.0, -1.0, 0.125}); // of different sums
        s.call(
            "a matrix", "np.linalg.norm(x)", [](auto x) { return norm(x); }, s.numbers({3, 2}));
        s.call(
            "a vector", "np.linalg.norm(x)", [](auto x) { return norm(x); }, s.numbers({3}));
        s.call("Frobenius", "np.linalg.norm(x, 'fro', (-2, -1))", frobenius, s.numbers({2, 2, 3}));
        s.call("Frobenius of nothing", "0.0", frobenius, s.numbers({0, 3}));
        s.call("nuclear", "np.linalg.norm(x, 'nuc')", nuclear, s.numbers({3, 2})).value_within_ulp(16);
        s.call("1", "np.linalg.norm(x, 1)", of_order(1), s.numbers({3, 2}));
        s.call("-1", "np.linalg.norm(x, -1)", of_order(-1), s.numbers({3, 2}));
        s.call("infinity", "np.linalg.norm(x, np.inf)", of_order(s.inf), rows);
        s.call("-infinity", "np.linalg.norm(x, -np.inf, (-2, -1))", of_order(-s.inf),
               s.array({2, 2, 2}, {1.5, -0.25, 0.75, 2.0, -1.0, 0.125, 0.5, -3.0}));
        s.call("2", "np.linalg.norm(x, 2)", of_order(2), s.numbers({3, 2})).value_within_ulp(16);
        s.call("2, wide", "np.linalg.norm(x, 2)", of_order(2), s.numbers({2, 4})).value_within_ulp(16);
        s.call("2, rank 1", "5.0", of_order(2), s.array({2, 2}, {1.0, 2.0, 2.0, 4.0})).value_within_ulp(16);
        s.call("2, a batch", "np.linalg.norm(x, 2, (-2, -1))", of_order(2), s.numbers({2, 3, 2})).value_within_ulp(16);
        s.call("2, equal singular values below it", "3.0", of_order(2),
               s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 1.0}))
            .value_within_ulp(16);
        s.call("-2", "np.linalg.norm(x, -2)", of_order(-2), s.numbers({3, 3})).value_within_ulp(32);
        s.call("of a vector, infinity", "np.linalg.norm(x, np.inf)", of_order(s.inf), s.numbers({4}));
        s.call("of a vector, -infinity", "np.linalg.norm(x, -np.inf)", of_order(-s.inf), s.numbers({4}));
        s.call("of a vector, 0", "np.linalg.norm(x, 0)", of_order(0), s.array({3}, {0.0, 2.0, -1.0})).up_to_order(0);
        s.call("of a vector, 1", "np.linalg.norm(x, 1)", of_order(1), s.numbers({4}));
        s.call("of a vector, 3", "np.linalg.norm(x, 3)", of_order(3), s.numbers({4}));
        s.call("of a vector, -1.5", "np.linalg.norm(x, -1.5)", of_order(-1.5), s.numbers({4}));
        s.error("order", of_order(3),
                "autograd: norm: order 3 of a matrix; it must be 1, -1, 2, -2, infinity or -infinity, or "
                "matrix_norm::frobenius or matrix_norm::nuclear.",
                s.numbers({2, 2}));
        s.error("no order", of_order(s.nan), "autograd: norm: order nan of a vector; it must be a number.",
                s.numbers({2}));
        s.error("Frobenius of a vector", frobenius,
                "autograd: norm: x has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}));
        constexpr auto scalar = "autograd: norm: x has shape (); it must be a vector or a matrix.";
        s.error("a scalar", of_order(2), scalar, s.numbers({}));
        s.error(
            "a scalar, without an order", [](auto x) { return norm(x); }, scalar, s.numbers({}));
        s.error("a scalar, by Frobenius", frobenius, scalar, s.numbers({}));
        s.error("no columns", of_order(1),
                "autograd: norm: x has shape (0, 0), without columns; order 1 needs one at least.", s.numbers({0, 0}));
        s.error("no columns in a batch", of_order(-1),
                "autograd: norm: x has shape (2, 0, 0), without columns; order -1 needs one at least.",
                s.numbers({2, 0, 0}));
        s.error("no rows", of_order(s.inf),
                "autograd: norm: x has shape (0, 3), without rows; order inf needs one at least.", s.numbers({0, 3}));
        s.error("no elements", of_order(-s.inf),
                "autograd: norm: x has shape (0,), without elements; order -inf needs one at least.", s.numbers({0}));
        s.error("nothing", of_order(2),
                "autograd: norm: x has shape (0, 3), without singular values; order 2 needs one at least.",
                s.numbers({0, 3}));
    }
};
AUTOGRAD_COMPOSITE(norm_samples)

struct cond_samples
{
    static constexpr auto name = "cond";
    static void samples(auto& s)
    {
        const auto of_order = [](auto order) { return [=](auto x) { return cond(x, order); }; };
        s.call(
             "tall", "np.linalg.cond(x)", [](auto x) { return cond(x); }, s.numbers({3, 2}))
            .value_within_ulp(64);
        s.call("-2", "np.linalg.cond(x, -2)", of_order(-2), s.numbers({2, 3})).value_within_ulp(64);
        s.call("1", "np.linalg.cond(x, 1)", of_order(1),
               s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}))
            .value_within_ulp(256);
        s.call("infinity", "np.linalg.cond(x, np.inf)", of_order(s.inf),
               s.array({2, 2, 2}, {1.5, -0.5, 0.25, 2.0, 0.5, 1.0, -2.0, 0.75}))
            .value_within_ulp(64);
        s.call("Frobenius", "np.linalg.cond(x, 'fro')", of_order(matrix_norm::frobenius),
               s.array({3, 3}, {2.0, -0.5, 0.25, 1.0, 1.75, -1.25, -0.375, 0.625, 3.0}))
            .value_within_ulp(256);
        s.call("nuclear", "np.linalg.cond(x, 'nuc')", of_order(matrix_norm::nuclear), s.numbers({2, 2}))
            .value_within_ulp(256);
        s.error(
            "singular", of_order(1),
            "autograd: cond: a is singular: pivot 1 of its LU factorization is 0. Use cond(a), of order 2, which is "
            "infinite there.",
            s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}));
        s.error("no rows", of_order(1),
                "autograd: cond: a has shape (0, 0), without columns; order 1 needs one at least.", s.numbers({0, 0}));
        s.error("not square", of_order(1),
                "autograd: cond: a has shape (2, 3); its matrices must be square, the last two axes of one length.",
                s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(cond_samples)

} // namespace autograd
