#pragma once

#include "autograd/linalg/inverse.hpp"
#include "autograd/operations/comparison.hpp"
#include "autograd/operations/reduction.hpp"

#include <algorithm>
#include <array>
#include <tuple>

/// Determinants, their cofactors, and logarithms of determinants.
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// What the rules below have in common: of matrices a and their factorizations they make one number for each.
struct number_of_matrix
{
    static shape_vector shape(std::span<const shape_view> operands) { return batch_of(operands[0]); }

    /// f(matrix) of each.
    template <class Call, class F>
    static void generic_of_each(const Call& call, const F& f)
    {
        const std::size_t n = rows_of(call.shapes[0]);
        for_each_generic_matrix(
            call.shapes[0], [&](std::size_t k, std::size_t first)
            { call.result[k] = f(generic_matrix<typename Call::element>(n, n, call.operands[0].data() + first)); });
    }
};

/// One number for each matrix, as matrices of one element, which broadcast with the others.
template <class T>
variable<T> beside_matrices(variable<T> numbers)
{
    return reshape(numbers, matrices_shape(numbers.shape(), 1, 1));
}

/// The traces of matrices, as matrices of one element.
template <class T>
variable<T> traces(variable<T> x)
{
    return beside_matrices(trace(x, 0, -2, -1));
}

} // namespace detail

// ------------------------------------------------------------------------------------------------- cofactors_slope

struct determinant_rule;

/// The second derivative of the determinant of a: how the cofactors move when a goes along w (kernels/determinant.hpp).
/// Finite at singular matrices, too. Linear in w, and self-adjoint. Operands: a, its factorization, w.
struct cofactors_slope_rule : general
{
    static constexpr auto name = "cofactors_slope";
    static constexpr bool acts_on_last_axes = true;
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b101;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[2]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call);
    /// Element (i, j) is the sum of w_kl times the minor without rows i and k and columns j and l, with its sign.
    template <class Call>
    static void generic(const Call& call)
    {
        using X = typename Call::element;
        const std::size_t n = detail::rows_of(call.shape);
        detail::for_each_generic_matrix(
            call.shape,
            [&](std::size_t, std::size_t first)
            {
                const detail::generic_matrix<X> a(n, n, call.operands[0].data() + first);
                const X* const w = call.operands[2].data() + first;
                for (std::size_t i = 0; i < n; ++i)
                {
                    for (std::size_t j = 0; j < n; ++j)
                    {
                        X sum(0);
                        const auto rest = a.without(i, j);
                        for (std::size_t k = 0; k + 1 < n; ++k)
                        {
                            for (std::size_t l = 0; l + 1 < n; ++l)
                            {
                                const X& moved = w[(k + (k >= i ? 1 : 0)) * n + l + (l >= j ? 1 : 0)];
                                const X minor = detail::generic_determinant(rest.without(k, l));
                                sum = (i + j + k + l) % 2 == 0 ? sum + moved * minor : sum - moved * minor;
                            }
                        }
                        call.result[first + i * n + j] = sum;
                    }
                }
            });
    }
    /// By a there is nothing for two rows or less, where cofactors are linear; else at regular ones: with X = a^-1, P =
    /// X w and Q = X g, <g, y> = det(a) (tr P tr Q - tr PQ), and X moves by -X da X. Elsewhere the inverse refuses.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> a = y.operand(0), lu = y.operand(1), w = y.operand(2), g = y.cotangent();
        if (y.wanted(2))
        {
            y.give(2, record<cofactors_slope_rule, T>({}, {a, lu, g}));
        }
        if (y.wanted(0) && detail::rows_of(y.shape()) > 2)
        {
            const variable<T> x = record<inverse_rule, T>(
                {}, {a, lu}, {"determinant", "Its third derivative is that of a regular matrix."});
            const variable<T> p = detail::product(x, w);
            const variable<T> q = detail::product(x, g);
            const variable<T> pq = detail::product(p, q);
            const variable<T> trace_p = detail::traces(p);
            const variable<T> trace_q = detail::traces(q);
            const variable<T> moved = (trace_p * trace_q - detail::traces(pq)) * x - trace_q * detail::product(p, x) -
                                      trace_p * detail::product(q, x) + detail::product(pq + detail::product(q, p), x);
            y.give(0, detail::beside_matrices(record<determinant_rule, T>({}, {a, lu})) *
                          detail::transposed_matrices(moved));
        }
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a, auto w)
        {
            using T = typename decltype(a)::value_type;
            return record<cofactors_slope_rule, T>({}, {a, lu_factor(a).packed(), w});
        };
        const auto regular = "(lambda i: np.linalg.det(x) * (np.trace(i @ y) * i - i @ y @ i).T)(np.linalg.inv(x))";
        s.call("a matrix", regular, f, s.numbers({3, 3}), s.positive({3, 3})).value_within_ulp(64);
        s.call(
             "four rows", regular, f,
             s.array({4, 4}, {2.0, -1.0, 0.5, 1.5, 0.25, 3.0, 1.0, -0.5, -1.25, 0.75, 1.75, 2.0, 1.0, -0.5, 0.3, 2.5}),
             s.positive({4, 4}))
            .value_within_ulp(200);
        s.call(
             "a batch",
             "(lambda i: np.linalg.det(x)[:, None, None] * (np.trace(i @ y, axis1=1, axis2=2)[:, None, None] * i - i @ "
             "y @ i).swapaxes(1, 2))(np.linalg.inv(x))",
             f, s.numbers({2, 3, 3}), s.positive({2, 3, 3}))
            .value_within_ulp(200);
        s.call("two rows", "np.array([[y[1, 1], -y[1, 0]], [-y[0, 1], y[0, 0]]])", f, s.numbers({2, 2}),
               s.positive({2, 2}));
        s.call("one element", "np.zeros((1, 1))", f, s.numbers({1, 1}), s.positive({1, 1}));
        s.call("no elements", "x", f, s.numbers({0, 0}), s.numbers({0, 0}));
        s.call(
             "by itself", "2 * np.linalg.det(x) * np.linalg.inv(x).T", [f](auto x) { return f(x, x); },
             s.numbers({3, 3}))
            .value_within_ulp(64);
    }
};
AUTOGRAD_OPERATION(cofactors_slope_rule)

// ------------------------------------------------------------------------------------------------------- cofactors

/// The cofactors of matrices a, the derivative of their determinants, of which lu are the factorizations: finite at
/// singular matrices, too.
struct cofactors_rule : general
{
    static constexpr auto name = "cofactors";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\operatorname{cof}(#1))";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b01;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        using X = typename Call::element;
        const std::size_t n = detail::rows_of(call.shape);
        detail::for_each_generic_matrix(call.shape,
                                        [&](std::size_t, std::size_t first)
                                        {
                                            const detail::generic_matrix<X> a(n, n, call.operands[0].data() + first);
                                            for (std::size_t i = 0; i < n; ++i)
                                            {
                                                for (std::size_t j = 0; j < n; ++j)
                                                {
                                                    const X minor = detail::generic_determinant(a.without(i, j));
                                                    call.result[first + i * n + j] =
                                                        (i + j) % 2 == 0 ? minor : X(0) - minor;
                                                }
                                            }
                                        });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, record<cofactors_slope_rule, T>({}, {y.operand(0), y.operand(1), y.cotangent()}));
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a)
        {
            using T = typename decltype(a)::value_type;
            return record<cofactors_rule, T>({}, {a, lu_factor(a).packed()});
        };
        const auto minors = "np.array([[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) for j in "
                            "range(x.shape[1])] for i in range(x.shape[0])])";
        s.call("a matrix", "np.linalg.det(x) * np.linalg.inv(x).T", f, s.numbers({3, 3})).value_within_ulp(64);
        s.call("a batch", "np.linalg.det(x)[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)", f,
               s.numbers({2, 3, 3}))
            .value_within_ulp(64);
        s.call("one element", "np.ones((1, 1))", f, s.array({1, 1}, {0.0})).up_to_order(0);
        s.call("two rows", "np.array([[x[1, 1], -x[1, 0]], [-x[0, 1], x[0, 0]]])", f, s.numbers({2, 2}));
        s.call("no elements", "x", f, s.numbers({0, 0}));
        s.call("of numbers far apart", "np.diag([1e-20, 1e-20, 1e30, 1e10])", f,
               s.array({4, 4}, {1e20, 0.0, 0.0, 0.0, 0.0, 1e20, 0.0, 0.0, 0.0, 0.0, 1e-30, 0.0, 0.0, 0.0, 0.0, 1e-10}))
            .up_to_order(0);
        // Its second derivative is the third one of the determinant, which is made of the inverse.
        s.call("nearly singular", minors, f, s.array({3, 3}, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 5.0, 7.0, 9.03125}))
            .value_within_ulp(200)
            .up_to_order(1);
    }
};
AUTOGRAD_OPERATION(cofactors_rule)

// ----------------------------------------------------------------------------------------------------- determinant

struct determinant_rule : general, detail::number_of_matrix
{
    static constexpr auto name = "determinant";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\det(#1))";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b01;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;

    template <class T>
    static void forward(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        generic_of_each(call, [](const auto& a) { return detail::generic_determinant(a); });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> of = record<cofactors_rule, T>({}, {y.operand(0), y.operand(1)});
        y.give(0, detail::beside_matrices(y.cotangent()) * of);
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a) { return determinant(a); };
        s.call("a matrix", "np.linalg.det(x)", f, s.numbers({3, 3})).value_within_ulp(64);
        s.call("a batch", "np.linalg.det(x)", f, s.numbers({2, 3, 2, 2})).value_within_ulp(64);
        s.call(
             "four rows", "np.linalg.det(x)", f,
             s.array({4, 4}, {2.0, -1.0, 0.5, 1.5, 0.25, 3.0, 1.0, -0.5, -1.25, 0.75, 1.75, 2.0, 1.0, -0.5, 0.3, 2.5}))
            .value_within_ulp(100);
        s.call("one element", "x[0, 0]", f, s.numbers({1, 1}));
        s.call("no elements", "np.array(1.0)", f, s.numbers({0, 0}));
        s.call("an empty batch", "np.zeros(0)", f, s.numbers({0, 2, 2}));
        s.call("singular", "np.array(0.0)", f, s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}));
        s.call("diagonal and singular", "np.array(0.0)", f, s.array({2, 2}, {0.0, 0.0, 0.0, 1.0}));
        s.call("of rank n - 1", "np.array(0.0)", f, s.array({3, 3}, {2.0, 1.0, 4.0, 2.0, 2.5, 2.0, 4.0, 3.5, 6.0}));
        s.call("of rank n - 2", "np.array(0.0)", f, s.array({3, 3}, {1.0, 2.0, 4.0, 2.0, 4.0, 8.0, 0.5, 1.0, 2.0}));
        s.call("of zeros", "np.array(0.0)", f, s.array({2, 2}, {0.0, 0.0, 0.0, 0.0}));
        s.call("of a permutation", "np.array(-1.0)", f,
               s.array({4, 4}, {0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0}));
        s.error("not square", f,
                "autograd: determinant: a has shape (3, 2); its matrices must be square, the last two axes of one "
                "length.",
                s.numbers({3, 2}));
        s.error("NaN", f, "autograd: determinant: element (0, 1) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2}, {1.0, s.nan, 2.0, 3.0}));
    }
};
AUTOGRAD_OPERATION(determinant_rule)

/// The determinant of each matrix of which lu has the factorization.
template <class T>
variable<T> determinant(const lu_factors<T>& lu, location where = location::current())
{
    return record<determinant_rule, T>(where, {lu.matrix(), lu.packed()});
}

/// The determinant of each matrix. Shape: (..., n, n) gives the axes before. Gradient: g times the cofactors, det(a)
/// a^-T where there is an inverse: at matrices of rank n - 1 by singular values, and 0 below; so for the second order,
/// too. Further ones are made of the inverse: they lose digits near singular matrices. Throws
/// shape_error; value_error for elements that are NaN or infinite, for factors that leave the range, and in derivatives
/// of the third order for singular matrices. Products do not leave the range on the way. As NumPy's linalg.det.
template <class T>
variable<T> determinant(variable<T> a, location where = location::current())
{
    return record_composite(determinant_rule::name, where, a,
                            [&] { return determinant(lu_factors<T>::of(a, determinant_rule::name, where), where); });
}

// --------------------------------------------------------------------------------------------------------- slogdet

struct sign_of_determinant_rule : general, detail::number_of_matrix
{
    static constexpr auto name = "sign_of_determinant";
    static constexpr auto latex = R"(\mathrm{sign}(\det(#1)))";
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr bool throws = true;

    template <class T>
    static void forward(const evaluation<T>& call);
    static void samples(auto& s)
    {
        const auto f = [](auto a) { return slogdet(a).sign; };
        s.call("a batch", "np.linalg.slogdet(x)[0]", f, s.numbers({3, 3, 3}));
        s.call("singular", "np.array(0.0)", f, s.array({2, 2}, {1.0, 2.0, 2.0, 4.0})).up_to_order(0);
        s.call("no elements", "np.array(1.0)", f, s.numbers({0, 0}));
    }
};
AUTOGRAD_OPERATION(sign_of_determinant_rule)

struct log_abs_determinant_rule : general, detail::number_of_matrix
{
    static constexpr auto name = "log_abs_determinant";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\log \lvert \det(#1) \rvert)";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b01;
    static constexpr auto not_differentiable = lu_factor_rule::not_differentiable;

    template <class T>
    static void forward(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        generic_of_each(call, [](const auto& a) { return log(abs(detail::generic_determinant(a))); });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> x = record<inverse_rule, T>({}, {y.operand(0), y.operand(1)},
                                                      {"slogdet", "The logarithm of 0 has no derivative."});
        y.give(0, detail::beside_matrices(y.cotangent()) * detail::transposed_matrices(x));
    }
    static void samples(auto& s)
    {
        const auto f = [](auto a) { return slogdet(a).logarithm; };
        s.call("a matrix", "np.linalg.slogdet(x)[1]", f, s.numbers({3, 3})).value_within_ulp(64);
        s.call("a batch", "np.linalg.slogdet(x)[1]", f, s.numbers({2, 3, 2, 2})).value_within_ulp(64);
        s.call("one element", "np.log(np.abs(x[0, 0]))", f, s.numbers({1, 1}));
        s.call("no elements", "np.array(0.0)", f, s.numbers({0, 0}));
        s.call("an empty batch", "np.zeros(0)", f, s.numbers({0, 2, 2}));
        s.call(
             "beyond the range", "np.linalg.slogdet(np.diag(x))[1]", [f](auto x) { return f(diag(x)); },
             s.between(1e10, 9e10, {60}))
            .up_to_order(0)
            .value_within_ulp(16);
    }
};
AUTOGRAD_OPERATION(log_abs_determinant_rule)

/// A determinant is sign exp(logarithm): of variables, or of arrays where a function that returns it is compiled.
template <class Leaf>
struct slogdet_result
{
    Leaf sign;      ///< (...), -1, 0 or 1
    Leaf logarithm; ///< (...), of the absolute value

    auto members() { return std::tie(sign, logarithm); }
    auto members() const { return std::tie(sign, logarithm); }
    static constexpr auto member_names() { return std::array{"sign", "logarithm"}; }
};

/// The sign and the logarithm of the determinants of matrices of which lu has the factorization.
template <class T>
slogdet_result<variable<T>> slogdet(const lu_factors<T>& lu, location where = location::current())
{
    return record_composite("slogdet", where, lu.matrix(),
                            [&]
                            {
                                return slogdet_result<variable<T>>{
                                    record<sign_of_determinant_rule, T>(where, {lu.matrix(), lu.packed()}),
                                    record<log_abs_determinant_rule, T>(where, {lu.matrix(), lu.packed()})};
                            });
}

/// The sign of the determinant of each matrix, and the logarithm of its absolute value, where determinants leave the
/// range: auto [sign, logarithm] = slogdet(a). Shape: (..., n, n) gives the axes before. Gradient: a^-T to the
/// logarithm, none to the sign, which is piecewise constant. Singular matrices have 0 and -infinity. Throws
/// shape_error; value_error for elements that are NaN or infinite, or so near the end of the range of T (1e308) that
/// the factorization leaves it, and in derivatives for singular matrices. As NumPy's linalg.slogdet.
template <class T>
slogdet_result<variable<T>> slogdet(variable<T> a, location where = location::current())
{
    return record_composite("slogdet", where, a,
                            [&] { return slogdet(lu_factors<T>::of(a, "slogdet", where), where); });
}

struct slogdet_samples
{
    static constexpr auto name = "slogdet";
    static void samples(auto& s)
    {
        const auto f = [](auto a)
        {
            const auto [sign, logarithm] = slogdet(a);
            return sign * exp(logarithm);
        };
        s.call(
             "sign", "np.linalg.slogdet(x)[0]", [](auto a) { return slogdet(a).sign; }, s.numbers({3, 3}))
            .shown("sign");
        s.call(
             "logarithm", "np.linalg.slogdet(x)[1]", [](auto a) { return slogdet(a).logarithm; }, s.numbers({3, 3}))
            .value_within_ulp(64)
            .shown("logarithm");
        s.call("the determinant again", "np.linalg.det(x)", f, s.numbers({2, 3, 3})).value_within_ulp(64);
        s.error("not square", f,
                "autograd: slogdet: a has shape (3, 2); its matrices must be square, the last two axes of one length.",
                s.numbers({3, 2}));
        s.error("NaN", f, "autograd: slogdet: element (0, 1) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2}, {1.0, s.nan, 2.0, 3.0}));
        s.error(
            "the derivative at a singular matrix",
            [](auto a) { return vjp(slogdet(a).logarithm, a, a.tape().full({}, 1)); },
            "autograd: slogdet: a is singular: pivot 1 of its LU factorization is 0. The logarithm of 0 has no "
            "derivative.",
            s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}));
    }
};
AUTOGRAD_COMPOSITE(slogdet_samples)

} // namespace autograd
