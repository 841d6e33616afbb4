#include "autograd/linalg/pseudo_inverse.hpp"

#include "autograd/kernels/pseudo_inverse.hpp"
#include "autograd/kernels/unique_factors.hpp"
#include "autograd/linalg/blocks.hpp"
#include "autograd/linalg/scale.hpp"
#include "autograd/linalg/spectral.hpp"
#include "autograd/linalg/vectors_in_batch.hpp"

namespace autograd
{

detail::relative_cutoff detail::checked_cutoff(const char* operation, double rcond, location where)
{
    if (!(rcond >= 0 && rcond < 1))
    {
        throw error::value_error(where, operation, "rcond is ", rcond,
                                 "; it must be at least 0 and less than 1: singular values up to rcond times the "
                                 "largest count as 0.");
    }
    return {rcond};
}

namespace
{

using kernels::svd_extents;

/// f(k, its block, its rank) for all matrices.
template <class T, class F>
void for_each_rank(const evaluation<T>& call, double rcond, const F& f)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    detail::for_each_svd(call, [&](std::size_t k, const T* block)
                         { f(k, block, kernels::rank_of(of, block, static_cast<T>(rcond))); });
}

} // namespace

// ------------------------------------------------------------------------------------------------------------- rank

template <class T>
void matrix_rank_rule::forward(const evaluation<T>& call, const attributes& a)
{
    for_each_rank(call, a.rcond,
                  [&](std::size_t k, const T*, std::size_t rank)
                  { call.out_indices()[k] = static_cast<std::int64_t>(rank); });
}

// -------------------------------------------------------------------------------------------------------------- pinv

shape_vector pinv_rule::shape(std::span<const shape_view> operands, const attributes&)
{
    const svd_extents of = detail::svd_of(operands[0]);
    return detail::matrices_shape(detail::batch_of(operands[0]), of.columns, of.rows);
}

template <class T>
void pinv_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    for_each_rank(call, a.rcond,
                  [&](std::size_t k, const T* block, std::size_t rank)
                  { kernels::pseudo_inverse(of, block, rank, call.out() + k * of.rows * of.columns, call.scratch); });
}

template <class T>
std::size_t pinv_rule::scratch(const evaluation<T>& call, const attributes&)
{
    return kernels::scratch_of_pseudo_inverse<T>(detail::svd_of(call.operands[0].shape));
}

namespace
{

using detail::product;

/// Whether singular values that count as 0 may be other than 0 but for rounding. Then the rank of the matrix is not
/// what it counts as, and the derivative is not that at constant rank.
template <class T>
bool cuts_more_than_rounding(shape_view a, double rcond)
{
    const svd_extents of = detail::svd_of(a);
    return rcond > kernels::rounding_of_factors<T>(of.rows + of.columns);
}

/// What flows to a when g flows into x = a^+ without the singular values that are cut off, in the name of an operation.
/// The symmetric matrix [0, a^T; a, 0] has the eigenvalues s, -s and 0; a function of them that is odd makes
/// [0, f(a); f(a)^T, 0] of it, f(a) = V diag(f(s)) U^T (Golub and Kahan 1965). f is 1 / s, or 0: it has the derivatives
/// of spectral functions, which divide by the distances of what is kept from what is cut. a is scaled, since what is
/// made of it is as its inverse's square.
template <class T>
variable<T> pull_truncated(const char* caller, variable<T> a, double rcond, variable<T> g)
{
    const svd_extents of = detail::svd_of(a.shape());
    if (of.count() == 0)
    {
        return a * T(0);
    }
    const variable<T> scale = detail::binade_of_matrices(a);
    const variable<T> symmetric = detail::among_zeros(a / scale, {of.columns, 0}, {0, of.rows});
    const variable<T> direction = detail::among_zeros(g / scale, {0, of.rows}, {of.columns, 0});
    const kernels::point_function f{.is = kernels::point_function::form::truncated_inverse, .cutoff = rcond};
    const variable<T> moved = detail::function_of_matrix(caller, symmetric, f, {}, direction);
    return 2 * detail::block(moved, {of.columns, of.columns + of.rows}, {0, of.columns}) / scale;
}

/// What flows to a of at least as many rows as columns when g flows into x = a^+: no product is larger than a.
template <class T>
variable<T> pull_tall(variable<T> a, variable<T> x, variable<T> g)
{
    const variable<T> b = product(g, x, false, true);
    const variable<T> b_transposed = product(x, g, false, true);
    const variable<T> within = b_transposed - b - product(b_transposed, product(x, a));
    const variable<T> beside = detail::transposed_matrices(g) - product(a, b_transposed);
    return product(x, within, true) + product(beside, product(x, x, false, true));
}

/// The same of one with at most as many rows.
template <class T>
variable<T> pull_wide(variable<T> a, variable<T> x, variable<T> g)
{
    const variable<T> c = product(x, g, true);
    const variable<T> c_transposed = product(g, x, true);
    const variable<T> within = c_transposed - c - product(product(a, x), c_transposed);
    const variable<T> beside = detail::transposed_matrices(g) - product(c_transposed, a);
    return product(within, x, false, true) + product(product(x, x, true), beside);
}

} // namespace

template <class T>
void pinv_rule::vjp(pullback<T>& y)
{
    const double rcond = y.template attributes<attributes>().rcond;
    const variable<T> a = y.operand(0);
    if (cuts_more_than_rounding<T>(a.shape(), rcond))
    {
        y.give(0, pull_truncated(name, a, rcond, y.cotangent()));
        return;
    }
    const svd_extents of = detail::svd_of(a.shape());
    const auto pull = of.rows >= of.columns ? pull_tall<T> : pull_wide<T>;
    y.give(0, pull(a, y.output(), y.cotangent()));
}

// ------------------------------------------------------------------------------------------------------------- lstsq

shape_vector pseudo_solve_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const svd_extents of = detail::svd_of(operands[0]);
    return detail::matrices_shape(detail::batch_of(operands[0]), a.transposed ? of.rows : of.columns,
                                  detail::columns_of(operands[2]));
}

template <class T>
void pseudo_solve_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    const std::size_t columns = detail::columns_of(call.shape);
    const std::size_t given = (a.transposed ? of.columns : of.rows) * columns;
    const std::size_t taken = (a.transposed ? of.rows : of.columns) * columns;
    for_each_rank(call, a.rcond,
                  [&](std::size_t k, const T* block, std::size_t rank)
                  {
                      kernels::pseudo_solve(of, block, rank, a.transposed, columns, call.in(2) + k * given,
                                            call.out() + k * taken, call.scratch);
                  });
}

template <class T>
std::size_t pseudo_solve_rule::scratch(const evaluation<T>& call, const attributes&)
{
    return kernels::scratch_of_pseudo_solve<T>(detail::svd_of(call.operands[0].shape), detail::columns_of(call.shape));
}

/// With m, which is a or its transpose: x = m^+ b moves by -m^+ dm x + m^+ m^+^T dm^T (b - m x) + (I - m^+ m) dm^T
/// m^+^T x.
template <class T>
void pseudo_solve_rule::vjp(pullback<T>& y)
{
    const attributes how = y.template attributes<attributes>();
    const variable<T> a = y.operand(0);
    const auto solve = [&](bool transposed, variable<T> b) {
        return record<pseudo_solve_rule, T>({}, {a, y.operand(1), b}, attributes{how.rcond, transposed});
    };
    const variable<T> g = y.cotangent();
    const variable<T> x = y.output();
    const variable<T> u = solve(!how.transposed, g);
    y.give(2, u);
    if (!y.wanted(0))
    {
        return;
    }
    if (cuts_more_than_rounding<T>(a.shape(), how.rcond))
    {
        const variable<T> b = y.operand(2);
        const variable<T> to_inverse = how.transposed ? product(b, g, false, true) : product(g, b, false, true);
        y.give(0, pull_truncated("lstsq", a, how.rcond, to_inverse));
    }
    else
    {
        const variable<T> residual = y.operand(2) - product(a, x, how.transposed);
        const variable<T> rest = g - product(a, u, !how.transposed);
        const variable<T> by_residual = solve(how.transposed, u);
        const variable<T> by_rest = solve(!how.transposed, x);
        // u x^T of m, which is a, or its transpose
        const auto outer = [&](variable<T> left, variable<T> right)
        { return how.transposed ? product(right, left, false, true) : product(left, right, false, true); };
        y.give(0, outer(residual, by_residual) + outer(by_rest, rest) - outer(u, x));
    }
}

namespace
{

/// The axes of the batch of a and b, which is a vector or matrices.
shape_vector batch_of_least_squares(shape_view a, shape_view b, location where)
{
    const shape_view of_a = detail::batch_of(a);
    const shape_view of_b = b.size() == 1 ? shape_view() : detail::batch_of(b);
    try
    {
        return broadcast_shapes(of_a, of_b, "lstsq");
    }
    catch (const error::shape_error&)
    {
        throw error::shape_error(where, "lstsq", "a is ", a, " and b is ", b, "; their batch axes ", of_a, " and ",
                                 of_b, " do not broadcast.");
    }
}

/// x repeated along the batch, but for as many last axes.
template <class T>
variable<T> along_batch(variable<T> x, const shape_vector& batch, std::size_t axes)
{
    const shape_view extents = x.shape();
    shape_vector shape = batch;
    shape.append(extents.slice(extents.size() - axes, extents.size()));
    return extents == shape_view(shape) ? x : broadcast(x, shape);
}

} // namespace

void detail::require_right_sides(shape_view a, shape_view b, location where)
{
    const std::size_t rows = rows_of(a);
    if (b.empty() || (b.size() == 1 ? b[0] : rows_of(b)) != rows)
    {
        throw error::shape_error(where, "lstsq", "a is ", a, " and b is ", b, "; b must have as many rows as a (", rows,
                                 "): be a vector of as many elements, or matrices.", remedy_of_vectors(a, b));
    }
}

template <class T>
variable<T> detail::record_lstsq(variable<T> a, variable<T> b, const relative_cutoff& cutoff, location where)
{
    require_right_sides(a.shape(), b.checked("lstsq", where).shape(), where);
    const bool is_vector = b.dimension() == 1;
    const shape_vector batch = batch_of_least_squares(a.shape(), b.shape(), where);
    return record_composite<T>(
        "lstsq", where, {a, b},
        [&]
        {
            const variable<T> factors = svd_factors(a, "lstsq", where);
            const variable<T> columns = is_vector ? expand_dims(b, -1) : b;
            const variable<T> x = record<pseudo_solve_rule, T>(
                where, {along_batch(a, batch, 2), along_batch(factors, batch, 1), along_batch(columns, batch, 2)},
                pseudo_solve_options{cutoff.rcond, false});
            return is_vector ? squeeze(x, -1) : x;
        });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void matrix_rank_rule::forward(const evaluation<T>&, const attributes&);                                  \
    template void pinv_rule::forward(const evaluation<T>&, const attributes&);                                         \
    template std::size_t pinv_rule::scratch(const evaluation<T>&, const attributes&);                                  \
    template void pinv_rule::vjp(pullback<T>&);                                                                        \
    template void pseudo_solve_rule::forward(const evaluation<T>&, const attributes&);                                 \
    template std::size_t pseudo_solve_rule::scratch(const evaluation<T>&, const attributes&);                          \
    template void pseudo_solve_rule::vjp(pullback<T>&);                                                                \
    template variable<T> detail::record_lstsq(variable<T>, variable<T>, const relative_cutoff&, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
