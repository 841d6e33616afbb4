#include "autograd/linalg/qr.hpp"

#include "autograd/kernels/qr.hpp"
#include "autograd/kernels/unique_factors.hpp"
#include "autograd/linalg/triangular.hpp"
#include "autograd/operations/joining.hpp"

#include <cmath>
#include <numeric>

namespace autograd
{

namespace
{

/// The extents of one of the matrices of a, and of what is packed of it.
kernels::qr_extents extents_of(shape_view a, std::size_t columns_of_q)
{
    return {detail::rows_of(a), detail::columns_of(a), columns_of_q};
}

/// Calls f(packed, result) for the matrices of a rule that takes parts of what is packed.
template <class T, class F>
void for_each_packed(const evaluation<T>& call, const F& f)
{
    const shape_view packed = call.operands[1].shape;
    const std::size_t count = element_count(detail::batch_of(packed));
    for (std::size_t k = 0; k < count; ++k)
    {
        f(call.in(1) + k * (call.operands[1].size / count), call.out() + k * (call.size / count));
    }
}

} // namespace

// ------------------------------------------------------------------------------------------------------- qr_factor

shape_vector qr_factor_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const shape_view x = operands[0];
    return detail::matrices_shape(detail::batch_of(x), detail::rows_of(x) + detail::columns_of(x), a.columns);
}

template <class T>
void qr_factor_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const array_view& x = call.operands[0];
    detail::require_finite("qr", "a", call.in(0), x.shape);
    const kernels::qr_extents of = extents_of(x.shape, a.columns);
    const std::size_t count = element_count(detail::batch_of(x.shape));
    for (std::size_t k = 0; k < count; ++k)
    {
        kernels::qr(of, call.in(0) + k * of.rows * of.columns, call.out() + k * of.packed(), call.scratch);
    }
}

template <class T>
std::size_t qr_factor_rule::scratch(const evaluation<T>& call, const attributes& a)
{
    return kernels::scratch_of_qr<T>(extents_of(call.operands[0].shape, a.columns), "qr");
}

// -------------------------------------------------------------------------------------------- qr_q, qr_complement

namespace
{

/// The columns of Q from one on, out of what is packed, as many as the result has.
template <class T>
void take_columns(const evaluation<T>& call, std::size_t first)
{
    const std::size_t rows = detail::rows_of(call.shape);
    const std::size_t columns = detail::columns_of(call.shape);
    const std::size_t all = detail::columns_of(call.operands[1].shape);
    for_each_packed(call,
                    [&](const T* packed, T* q)
                    {
                        for (std::size_t i = 0; i < rows; ++i)
                        {
                            q = std::copy_n(packed + i * all + first, columns, q);
                        }
                    });
}

} // namespace

shape_vector qr_q_rule::shape(std::span<const shape_view> operands)
{
    const shape_view a = operands[0];
    return detail::matrices_shape(detail::batch_of(a), detail::rows_of(a), detail::smaller_extent(a));
}

template <class T>
void qr_q_rule::forward(const evaluation<T>& call)
{
    take_columns(call, 0);
}

shape_vector qr_complement_rule::shape(std::span<const shape_view> operands)
{
    const shape_view a = operands[0];
    return detail::matrices_shape(detail::batch_of(a), detail::rows_of(a),
                                  detail::columns_of(operands[1]) - detail::smaller_extent(a));
}

template <class T>
void qr_complement_rule::forward(const evaluation<T>& call)
{
    take_columns(call, detail::smaller_extent(call.operands[0].shape));
}

// ---------------------------------------------------------------------------------------------------------- qr_r

shape_vector qr_r_rule::shape(std::span<const shape_view> operands)
{
    const shape_view a = operands[0];
    return detail::matrices_shape(detail::batch_of(a), detail::smaller_extent(a), detail::columns_of(a));
}

template <class T>
void qr_r_rule::forward(const evaluation<T>& call)
{
    const std::size_t rows = detail::rows_of(call.shape);
    const std::size_t columns = detail::columns_of(call.shape);
    const std::size_t rows_of_q = detail::rows_of(call.operands[0].shape);
    const std::size_t all = detail::columns_of(call.operands[1].shape);
    for_each_packed(call,
                    [&](const T* packed, T* r)
                    {
                        const T* const columns_of_r = packed + rows_of_q * all;
                        for (std::size_t i = 0; i < rows; ++i)
                        {
                            for (std::size_t j = 0; j < columns; ++j)
                            {
                                *r++ = columns_of_r[j * all + i];
                            }
                        }
                    });
}

// --------------------------------------------------------------------------------------------------- qr_full_rank

namespace
{

/// The norm of column j of an upper triangle of n columns, however large its elements are.
template <class T>
T norm_of_column(const T* r, std::size_t n, std::size_t j)
{
    T norm = 0;
    for (std::size_t i = 0; i <= j; ++i)
    {
        norm = std::hypot(norm, r[i * n + j]);
    }
    return norm;
}

/// The first column of an upper triangle whose diagonal element is at most `rounding` times its norm, or n. Norms are
/// asked for where a bound of them all leaves that open.
template <class T>
std::size_t first_dependent_column(const T* r, std::size_t n, T rounding)
{
    const T largest = std::transform_reduce(
        r, r + n * n, T(0), [](T x, T y) { return std::max(x, y); }, [](T x) { return std::abs(x); });
    const T enough = rounding * std::sqrt(static_cast<T>(n)) * largest;
    for (std::size_t j = 0; j < n; ++j)
    {
        const T on_diagonal = std::abs(r[j * n + j]);
        if (!(on_diagonal > enough || on_diagonal > rounding * norm_of_column(r, n, j)))
        {
            return j;
        }
    }
    return n;
}

} // namespace

template <class T>
void qr_full_rank_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const std::size_t n = detail::columns_of(call.shape);
    const std::size_t count = element_count(detail::batch_of(call.shape));
    const T rounding = kernels::rounding_of_factors<T>(a.extent);
    for (std::size_t k = 0; k < count; ++k)
    {
        const T* const r = call.in(0) + k * n * n;
        const std::size_t j = first_dependent_column(r, n, rounding);
        if (j < n)
        {
            throw error::value_error("qr", "column ", j, " of ", detail::matrix_name("a", call.shape, k),
                                     " depends on those before it: R has ", r[j * n + j],
                                     " on its diagonal there, and the column a norm of ", norm_of_column(r, n, j),
                                     "; a derivative needs columns that do not, the first min(m, n) of a. Leave the "
                                     "column out, or use pinv or lstsq.");
        }
    }
    std::copy_n(call.in(0), call.size, call.out());
}

// ----------------------------------------------------------------------------------------------------- derivatives

namespace
{

/// The symmetric matrices with the lower triangles of x.
template <class T>
variable<T> symmetric_of_lower(variable<T> x)
{
    return tril(x) + detail::transposed_matrices(tril(x, -1));
}

/// Q and R of the matrices that a part of their factors was taken of, reduced, and the square of R that derivatives
/// divide by.
template <class T>
struct factors_of
{
    variable<T> q;
    variable<T> r;
    variable<T> u;

    explicit factors_of(const recorded<T>& y)
    {
        const variable<T> a = y.operand(0);
        const variable<T> packed = y.operand(1);
        const std::size_t smaller = detail::smaller_extent(a.shape());
        q = record<qr_q_rule, T>({}, {a, packed});
        r = record<qr_r_rule, T>({}, {a, packed});
        const std::size_t extent = std::max(detail::rows_of(a.shape()), detail::columns_of(a.shape()));
        u = record<qr_full_rank_rule, T>({}, leading(r, smaller), qr_full_rank_rule::attributes{extent});
    }

    /// x u^-T.
    variable<T> divided(variable<T> x) const
    {
        return detail::transposed_matrices(triangular_solve(u, detail::transposed_matrices(x), {.upper = true}));
    }

    static variable<T> leading(variable<T> x, std::size_t columns)
    {
        return detail::columns_of(x.shape()) == columns ? x : slice(x, -1, 0, columns);
    }
};

} // namespace

// G - Q S(G^T Q) is what of a cotangent of Q is not taken back by its columns staying orthonormal.
template <class T>
void qr_q_rule::vjp(pullback<T>& y)
{
    const std::size_t smaller = detail::smaller_extent(y.operand_shape(0));
    const std::size_t columns = detail::columns_of(y.operand_shape(0));
    const factors_of<T> f(y);
    const variable<T> g = y.cotangent();
    const variable<T> x = f.divided(g - detail::product(f.q, symmetric_of_lower(detail::product(g, f.q, true, false))));
    if (columns == smaller)
    {
        y.give(0, x);
        return;
    }
    pad_widths behind(x.dimension());
    behind.back().second = static_cast<std::ptrdiff_t>(columns - smaller);
    y.give(0, pad(x, behind));
}

// Of wide matrices a = Q [U V]: V = Q^T a's other columns, which Q follows.
template <class T>
void qr_r_rule::vjp(pullback<T>& y)
{
    const std::size_t smaller = detail::smaller_extent(y.operand_shape(0));
    const factors_of<T> f(y);
    const variable<T> u_bar = triu(f.leading(y.cotangent(), smaller));
    const variable<T> of_u = detail::product(f.u, u_bar, false, true);
    if (detail::columns_of(y.shape()) == smaller)
    {
        y.give(0, f.divided(detail::product(f.q, symmetric_of_lower(of_u))));
        return;
    }
    const std::size_t columns = detail::columns_of(y.shape());
    const variable<T> v = slice(f.r, -1, smaller, columns);
    const variable<T> v_bar = slice(y.cotangent(), -1, smaller, columns);
    const variable<T> of_v = detail::product(v, v_bar, false, true);
    const variable<T> inner = of_v + symmetric_of_lower(of_u - detail::product(v_bar, v, false, true));
    y.give(0, concatenate({f.divided(detail::product(f.q, inner)), detail::product(f.q, v_bar)}, -1));
}

template <class T>
variable<T> detail::completed_q(variable<T> q, variable<T> a, variable<T> packed, location where)
{
    if (columns_of(q.shape()) == columns_of(packed.shape()))
    {
        return q;
    }
    return concatenate({q, record<qr_complement_rule, T>(where, {a, packed})}, -1, where);
}

template <class T>
variable<T> detail::completed_r(variable<T> r, std::size_t rows, location where)
{
    if (rows_of(r.shape()) == rows)
    {
        return r;
    }
    pad_widths below(r.dimension());
    below[r.dimension() - 2].second = static_cast<std::ptrdiff_t>(rows - rows_of(r.shape()));
    return pad(r, below, 0, where);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void qr_factor_rule::forward(const evaluation<T>&, const attributes&);                                    \
    template std::size_t qr_factor_rule::scratch(const evaluation<T>&, const attributes&);                             \
    template void qr_q_rule::forward(const evaluation<T>&);                                                            \
    template void qr_complement_rule::forward(const evaluation<T>&);                                                   \
    template void qr_q_rule::vjp(pullback<T>&);                                                                        \
    template void qr_r_rule::forward(const evaluation<T>&);                                                            \
    template void qr_r_rule::vjp(pullback<T>&);                                                                        \
    template void qr_full_rank_rule::forward(const evaluation<T>&, const attributes&);                                 \
    template variable<T> detail::completed_q(variable<T>, variable<T>, variable<T>, location);                         \
    template variable<T> detail::completed_r(variable<T>, std::size_t, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
