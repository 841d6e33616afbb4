#pragma once

#include "autograd/linalg/generic_elimination.hpp"
#include "autograd/linalg/matrices.hpp"
#include "autograd/operations/identity.hpp"

#include <algorithm>
#include <array>
#include <tuple>

/// The QR factorization.
/// \ingroup algebra
namespace autograd
{

/// Which part of Q and R: of min(m, n) columns and rows, or of m.
enum class qr_mode
{
    reduced,
    complete
};

namespace detail
{
/// How many columns of Q a factorization has: min(m, n), or m.
struct columns_of_q
{
    std::size_t columns;
};

inline std::size_t smaller_extent(shape_view matrices)
{
    return std::min(rows_of(matrices), columns_of(matrices));
}

/// The packed factors of each matrix of a, with so many columns of Q.
template <class T>
variable<T> qr_factorized(variable<T> a, std::size_t columns, location where = location::current());

/// Q and R by orthogonalizing column after column (Gram and Schmidt), and dividing by their norms at the end: roots are
/// taken of what has none in it.
template <class X>
struct generic_qr
{
    generic_matrix<X> q;
    generic_matrix<X> r;

    explicit generic_qr(const generic_matrix<X>& a)
        : q(a.rows(), std::min(a.rows(), a.columns())), r(q.columns(), a.columns())
    {
        std::vector<X> squared_norms;
        for (std::size_t j = 0; j < a.columns(); ++j)
        {
            generic_matrix<X> rest = column_of(a, j);
            for (std::size_t i = 0; i < std::min(j, q.columns()); ++i)
            {
                r(i, j) = inner_product(column_of(q, i), column_of(a, j));
                for (std::size_t row = 0; row < a.rows(); ++row)
                {
                    rest(row, 0) = rest(row, 0) - q(row, i) * r(i, j) / squared_norms[i];
                }
            }
            if (j < q.columns())
            {
                squared_norms.push_back(inner_product(rest, rest));
                r(j, j) = squared_norms[j];
                for (std::size_t row = 0; row < a.rows(); ++row)
                {
                    q(row, j) = rest(row, 0);
                }
            }
        }
        divide(squared_norms);
    }

    /// Both as the kernel packs them; 0 in the place of columns that complete q, which are atoms (qr_complement).
    generic_matrix<X> packed(std::size_t columns) const
    {
        generic_matrix<X> result(q.rows() + r.columns(), columns);
        for (std::size_t j = 0; j < q.columns(); ++j)
        {
            for (std::size_t i = 0; i < q.rows(); ++i)
            {
                result(i, j) = q(i, j);
            }
            for (std::size_t i = 0; i < r.columns(); ++i)
            {
                result(q.rows() + i, j) = r(j, i);
            }
        }
        return result;
    }

private:
    static generic_matrix<X> column_of(const generic_matrix<X>& x, std::size_t j)
    {
        generic_matrix<X> result(x.rows(), 1);
        for (std::size_t i = 0; i < x.rows(); ++i)
        {
            result(i, 0) = x(i, j);
        }
        return result;
    }

    static X inner_product(const generic_matrix<X>& x, const generic_matrix<X>& y)
    {
        X sum(0);
        for (std::size_t i = 0; i < x.rows(); ++i)
        {
            sum = sum + x(i, 0) * y(i, 0);
        }
        return sum;
    }

    /// Columns of q and rows of r by the norms.
    void divide(const std::vector<X>& squared_norms)
    {
        for (std::size_t i = 0; i < squared_norms.size(); ++i)
        {
            const X norm = sqrt(squared_norms[i]);
            for (std::size_t row = 0; row < q.rows(); ++row)
            {
                q(row, i) = q(row, i) / norm;
            }
            for (std::size_t j = i; j < r.columns(); ++j)
            {
                r(i, j) = r(i, j) / norm;
            }
        }
    }
};

/// One of the factors of each matrix of operand 0.
template <class Call, class Factor>
void factor_generic(const Call& call, const Factor& factor)
{
    using X = typename Call::element;
    const std::size_t rows = rows_of(call.shapes[0]);
    const std::size_t columns = columns_of(call.shapes[0]);
    const std::size_t size = rows_of(call.shape) * columns_of(call.shape);
    for_each_generic_matrix(call.shapes[0],
                            [&](std::size_t k, std::size_t first)
                            {
                                const generic_matrix<X> a(rows, columns, call.operands[0].data() + first);
                                const generic_matrix<X> y = factor(generic_qr<X>(a));
                                std::copy(y.elements().begin(), y.elements().end(), call.result.data() + k * size);
                            });
}
} // namespace detail

/// Q and R of each matrix of a, packed as one (kernels/qr.hpp): what is factorized once, for qr_q, qr_r and their
/// derivatives.
struct qr_factor_rule : general
{
    static constexpr auto name = "qr_factor";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto not_differentiable = "is differentiated in qr_q and qr_r, which take its parts";
    static constexpr bool throws = true;
    using attributes = detail::columns_of_q;
    static std::string print(const attributes& a) { return std::to_string(a.columns) + " columns of Q"; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::factor_generic(call, [&](const auto& factors) { return factors.packed(a.columns); });
    }
    static void samples(auto& s)
    {
        const auto packed = [](auto x) { return detail::qr_factorized(x, detail::smaller_extent(x.shape())); };
        const auto numpy = "(lambda q, r, s: np.concatenate([q * s, r.T * s]))"
                           "(*np.linalg.qr(x), np.sign(np.diag(np.linalg.qr(x)[1])))";
        s.call("tall", numpy, packed, s.numbers({4, 2})).value_within_ulp(32).up_to_order(0);
        s.call("square", numpy, packed, s.numbers({3, 3})).value_within_ulp(32).up_to_order(0);
        s.call("wide", numpy, packed, s.numbers({2, 4})).value_within_ulp(32).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(qr_factor_rule)

/// The first min(m, n) columns of Q, out of a and its packed factors.
struct qr_q_rule : general
{
    static constexpr auto name = "qr_q";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\mathrm{Q}(#1))";
    static constexpr std::uint64_t differentiable = 1; // by a: what is packed follows from it

    static shape_vector shape(std::span<const shape_view> operands);
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        detail::factor_generic(call, [](const auto& factors) { return factors.q; });
    }
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s)
    {
        const auto q = [](auto x) { return qr(x).q; };
        const auto numpy = "(lambda q, r: q * np.sign(np.diagonal(r, 0, -2, -1))[..., None, :])(*np.linalg.qr(x))";
        s.call("tall", numpy, q, s.numbers({4, 2})).value_within_ulp(32);
        s.call("square", numpy, q, s.numbers({3, 3})).value_within_ulp(32);
        s.call("wide", numpy, q, s.numbers({2, 4})).value_within_ulp(32);
        s.call("a column", numpy, q, s.numbers({3, 1})).value_within_ulp(32);
        s.call("a row", numpy, q, s.numbers({1, 3}));
        s.call("one number", numpy, q, s.array({1, 1}, {-2.0}));
        s.call("several matrices", numpy, q, s.numbers({2, 1, 3, 2})).value_within_ulp(32);
        s.call("no rows", "np.zeros((0, 0))", q, s.numbers({0, 2}));
        s.call("no columns", "np.zeros((3, 0))", q, s.numbers({3, 0}));
        s.call("no matrices", "np.zeros((0, 3, 2))", q, s.numbers({0, 3, 2}));
    }
};
AUTOGRAD_OPERATION(qr_q_rule)

/// The columns of Q behind the first n, of matrices with more rows than columns: any basis of what is orthogonal to
/// those, and so no function of a that has a derivative.
struct qr_complement_rule : general
{
    static constexpr auto name = "qr_complement";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\mathrm{Q}_{\perp}(#1))";
    static constexpr std::uint64_t differentiable = 1;
    static constexpr bool opaque = true;

    static shape_vector shape(std::span<const shape_view> operands);
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class T>
    static void vjp(pullback<T>& y)
    {
        throw error::not_differentiable("qr", "the columns of q behind the first ",
                                        detail::columns_of(y.operand_shape(0)),
                                        " are any orthonormal basis of what is orthogonal to those of a; a derivative "
                                        "needs columns that are unique. Use qr_mode::reduced; I - q q^T projects onto "
                                        "their span.");
    }
    static void samples(auto& s)
    {
        const auto projector = [](auto x)
        {
            const auto q = slice(qr(x, qr_mode::complete).q, -1, x.shape().back(), detail::rows_of(x.shape()));
            return stop_gradient(detail::product(q, q, false, true));
        };
        const auto numpy = "(lambda q: np.eye(4) - q @ np.swapaxes(q, -1, -2))(np.linalg.qr(x)[0])";
        s.call("a matrix", numpy, projector, s.numbers({4, 2})).value_within_ulp(32).up_to_order(0);
        s.call("several", numpy, projector, s.numbers({2, 4, 3})).value_within_ulp(32).up_to_order(0);
        s.call("without columns", "np.eye(2)", projector, s.numbers({2, 0})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(qr_complement_rule)

/// R, min(m, n) rows of it, out of a and its packed factors.
struct qr_r_rule : general
{
    static constexpr auto name = "qr_r";
    static constexpr bool acts_on_last_axes = true;
    static constexpr auto latex = R"(\mathrm{R}(#1))";
    static constexpr std::uint64_t differentiable = 1;

    static shape_vector shape(std::span<const shape_view> operands);
    template <class T>
    static void forward(const evaluation<T>& call);
    template <class Call>
    static void generic(const Call& call)
    {
        detail::factor_generic(call, [](const auto& factors) { return factors.r; });
    }
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s)
    {
        const auto r = [](auto x) { return qr(x).r; };
        const auto numpy = "(lambda r: r * np.sign(np.diagonal(r, 0, -2, -1))[..., :, None])(np.linalg.qr(x)[1])";
        s.call("tall", numpy, r, s.numbers({4, 2})).value_within_ulp(32);
        s.call("square", numpy, r, s.numbers({3, 3})).value_within_ulp(32);
        s.call("wide", numpy, r, s.numbers({2, 4})).value_within_ulp(32);
        s.call("a column", numpy, r, s.numbers({3, 1})).value_within_ulp(32);
        s.call("a row", numpy, r, s.numbers({1, 3})).up_to_order(0); // straight: its second derivative is rounding
        s.call("one number", numpy, r, s.array({1, 1}, {-2.0}));
        s.call("several matrices", numpy, r, s.numbers({2, 1, 3, 2})).value_within_ulp(32);
        s.call("no rows", "np.zeros((0, 2))", r, s.numbers({0, 2}));
        s.call("no columns", "np.zeros((0, 0))", r, s.numbers({3, 0}));
        s.call("no matrices", "np.zeros((0, 2, 2))", r, s.numbers({0, 3, 2}));
    }
};
AUTOGRAD_OPERATION(qr_r_rule)

/// The leading square of R as it is, for derivatives, which divide by it: refused where a diagonal element is no more
/// than rounding makes of 0.
struct qr_full_rank_rule : general
{
    static constexpr auto name = "qr_full_rank";
    static constexpr auto latex = "#1";
    static constexpr bool throws = true;
    struct attributes
    {
        std::size_t extent; ///< the larger one of the matrices that were factorized
    };
    static constexpr bool acts_on_last_axes = true;
    static std::string print(const attributes& a) { return "larger extent " + std::to_string(a.extent); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class Call>
    static void generic(const Call& call, const attributes&)
    {
        call.result = call.operands[0];
    }
    // No linear rule: forward mode would ask the same of tangents.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, y.cotangent());
    }
    static void samples(auto& s)
    {
        const auto same = [](auto x)
        {
            using T = typename decltype(x)::value_type;
            return record<qr_full_rank_rule, T>({}, x, attributes{3});
        };
        s.call("a triangle", "x", same, s.array({2, 2}, {1.5, -0.5, 0.0, 0.25}));
        s.call("several", "x", same, s.array({2, 1, 1}, {1.5, 2.5}));
        s.error("dependent columns", same,
                "autograd: qr: column 1 of matrix (1) of a depends on those before it: R has 0 on its diagonal there, "
                "and the column a norm of 0.5; a derivative needs columns that do not, the first min(m, n) of a. Leave "
                "the column out, or use pinv or lstsq.",
                s.array({2, 2, 2}, {1.5, -0.5, 0.0, 0.25, 1.5, 0.5, 0.0, 0.0}));
    }
};
AUTOGRAD_OPERATION(qr_full_rank_rule)

namespace detail
{
template <class T>
variable<T> qr_factorized(variable<T> a, std::size_t columns, location where)
{
    return record_once<qr_factor_rule, T>(where, a, payload(columns_of_q{columns}));
}

/// Q with the columns that complete it, and R with the zeros that those are multiplied with.
template <class T>
variable<T> completed_q(variable<T> q, variable<T> a, variable<T> packed, location where);
template <class T>
variable<T> completed_r(variable<T> r, std::size_t rows, location where);
} // namespace detail

/// a = q r: of variables, or of arrays where a function that returns it is compiled.
template <class Leaf>
struct qr_result
{
    Leaf q; ///< (..., m, k)
    Leaf r; ///< (..., k, n)

    auto members() { return std::tie(q, r); }
    auto members() const { return std::tie(q, r); }
    static constexpr auto member_names() { return std::array{"q", "r"}; }
};

/// The factors a = q r of each matrix, the columns of q orthonormal, r upper triangular: auto [q, r] = qr(a). They are
/// made unique: the diagonal of r is nowhere negative (those of LAPACK and NumPy differ by signs). Shapes: (..., m, n)
/// gives (..., m, k) and (..., k, n), k = min(m, n); in qr_mode::complete k = m. Gradient: (g - q S(g^T q)) r^-T to a
/// from q, q S(r g^T) r^-T from r, S(x) the symmetric matrix with the lower triangle of x (Walter and Lehmann 2010); of
/// wide matrices by their first m columns, to which the others add (Roberts and Roberts 2020). Throws shape_error for
/// less than two axes, value_error for NaN and infinities. Its derivative throws value_error where one of the first
/// min(m, n) columns depends on those before it: it has no more than (max(m, n) + 32) epsilon of its norm beside them.
/// The columns of q behind the n-th, in qr_mode::complete, are any orthonormal basis of what is left, without a
/// derivative: asked for that of such a q it throws not_differentiable.
template <class T>
qr_result<variable<T>> qr(variable<T> a, qr_mode mode = qr_mode::reduced, location where = location::current())
{
    const shape_view shape = a.checked("qr", where).shape();
    detail::require_matrices("qr", "a", shape, where);
    const std::size_t rows = detail::rows_of(shape);
    const std::size_t columns = mode == qr_mode::complete ? rows : detail::smaller_extent(shape);
    return record_composite("qr", where, a,
                            [&]
                            {
                                const variable<T> packed = detail::qr_factorized(a, columns, where);
                                const variable<T> q = record<qr_q_rule, T>(where, {a, packed});
                                const variable<T> r = record<qr_r_rule, T>(where, {a, packed});
                                return qr_result<variable<T>>{detail::completed_q(q, a, packed, where),
                                                              detail::completed_r(r, columns, where)};
                            });
}

struct qr_samples
{
    static constexpr auto name = "qr";
    static void samples(auto& s)
    {
        const auto complete = [](auto x)
        {
            const auto [q, r] = qr(x, qr_mode::complete);
            return detail::product(q * q, r * r);
        };
        const auto value_of_product = [](auto x)
        {
            const auto [q, r] = qr(x, qr_mode::complete);
            return stop_gradient(detail::product(q, r));
        };
        const auto complete_r = [](auto x) { return qr(x, qr_mode::complete).r; };
        const auto both = [](auto x)
        {
            const auto [q, r] = qr(x);
            return detail::product(q * q, r * r);
        };
        const auto numpy = "(lambda q, r: (q * q) @ (r * r))(*np.linalg.qr(x))";
        const auto numpy_r = "(lambda r: r * np.sign(np.concatenate([np.diag(r), [1, 1]]))[:, None])"
                             "(np.linalg.qr(x, 'complete')[1])";
        s.call(
             "q", "(lambda q, r: q * np.sign(np.diag(r)))(*np.linalg.qr(x))", [](auto x) { return qr(x).q; },
             s.numbers({3, 2}))
            .value_within_ulp(32)
            .shown("q", "np.linalg.qr(x)[0]");
        s.call(
             "r", "(lambda q, r: r * np.sign(np.diag(r))[:, None])(*np.linalg.qr(x))", [](auto x) { return qr(x).r; },
             s.numbers({3, 2}))
            .value_within_ulp(32)
            .shown("r", "np.linalg.qr(x)[1]");
        s.call("both factors of a tall one", numpy, both, s.numbers({4, 2})).value_within_ulp(32);
        s.call("both factors of a wide one", numpy, both, s.numbers({2, 4})).value_within_ulp(32);
        s.call("complete, wide", numpy, complete, s.numbers({2, 4})).value_within_ulp(32);
        s.call("complete, tall", "x", value_of_product, s.numbers({4, 2})).value_within_ulp(32).up_to_order(0);
        s.call("complete, without columns", "x", value_of_product, s.numbers({2, 0})).up_to_order(0);
        s.call("R in full", numpy_r, complete_r, s.numbers({4, 2})).value_within_ulp(32);
        s.call("dependent columns", "x", value_of_product, s.array({2, 2}, {1.0, 2.0, 2.0, 4.0})).up_to_order(0);
        s.error("a vector", complete,
                "autograd: qr: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}));
        s.error("NaN", complete,
                "autograd: qr: element (1, 0) of matrix (1) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2, 1}, {1.5, 2.5, 0.5, s.nan}));
    }
};
AUTOGRAD_COMPOSITE(qr_samples)

} // namespace autograd
