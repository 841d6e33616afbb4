#include "autograd/linalg/singular_values.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/linalg/structural_zeros.hpp"

#include <algorithm>
#include <cmath>

namespace autograd
{

std::string detail::name_behind_directions(std::size_t directions, shape_view a, std::size_t k)
{
    const shape_view of_one = a.slice(directions, a.size());
    return matrix_name("a", of_one, k % element_count(batch_of(of_one)));
}

namespace
{

using kernels::svd_extents;

/// The shape of one row of numbers for each matrix.
shape_vector rows_for_each(shape_view matrices, std::size_t length)
{
    shape_vector result(detail::batch_of(matrices));
    result.push_back(length);
    return result;
}

} // namespace

// --------------------------------------------------------------------------------------------------- factorization

shape_vector svd_factors_rule::shape(std::span<const shape_view> operands, const attributes& how)
{
    constexpr std::size_t most = 23169; // gesdd counts 4 n^2 + 7 n numbers of work by an int
    const svd_extents of = detail::svd_of(operands[0]);
    if (of.count() > most)
    {
        throw error::shape_error(how.caller, "a has shape ", operands[0], "; LAPACK's gesdd takes ", most,
                                 " rows or columns at most, whichever are fewer.");
    }
    static_cast<void>(kernels::lapack::extent(of.larger(), how.caller));
    const shape_vector parts{of.rows + 1 + of.columns, of.count()};
    return rows_for_each(operands[0], element_count(parts, name));
}

namespace
{

/// Throws value_error for what LAPACK says or shows to have failed.
template <class T>
void require_found(const char* operation, int status, const svd_extents& of, const T* block, shape_view a,
                   std::size_t k)
{
    if (status != 0)
    {
        throw error::value_error(operation, "LAPACK's gesdd did not converge for ", detail::matrix_name("a", a, k),
                                 " (its status is ", status, ").");
    }
    if (of.count() > 0 && !std::isfinite(of.s(block)[0]))
    {
        throw error::value_error(operation, "the largest singular value of ", detail::matrix_name("a", a, k), " is ",
                                 of.s(block)[0], "; it leaves the range of its type. Scale the matrix.");
    }
}

} // namespace

template <class T>
void svd_factors_rule::forward(const evaluation<T>& call, const attributes& how)
{
    const shape_view a = call.operands[0].shape;
    const svd_extents of = detail::svd_of(a);
    detail::require_finite(how.caller, "a", call.in(0), a);
    const std::size_t count = element_count(detail::batch_of(a));
    for (std::size_t k = 0; k < count; ++k)
    {
        const T* const matrix = call.in(0) + k * of.rows * of.columns;
        const int status = kernels::svd(of, matrix, call.out() + k * of.size(), call.scratch);
        require_found(how.caller, status, of, call.out() + k * of.size(), a, k);
    }
}

template <class T>
std::size_t svd_factors_rule::scratch(const evaluation<T>& call, const attributes&)
{
    return call.size == 0 ? 0 : kernels::scratch_of_svd<T>(detail::svd_of(call.operands[0].shape));
}

// ------------------------------------------------------------------------------------- vectors and their derivative

shape_vector singular_vectors_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const svd_extents of = detail::svd_of(operands[0]);
    return detail::matrices_shape(detail::batch_of(operands[0]), a.count, of.rows + of.columns);
}

shape_vector singular_resolvent_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const shape_vector rows = singular_vectors_rule::shape(operands, a);
    const shape_view x = operands[2];
    const std::size_t axes = x.size();
    if (axes < 2 || x[axes - 2] != rows[rows.size() - 2] || x[axes - 1] != rows.back())
    {
        throw error::shape_error(name, "operand 2 has shape ", x, "; its last axes are rows of each triplet, ", rows,
                                 ".");
    }
    return x;
}

template <class T>
void singular_vectors_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    const std::size_t rows = a.count * (of.rows + of.columns);
    detail::for_each_svd(
        call, [&](std::size_t k, const T* block)
        { kernels::singular_vectors(of, block, a.first, a.count, call.in(2) + k * a.count, call.out() + k * rows); });
}

namespace
{

/// The parts of vectors (u, v), row by row.
template <class T>
struct sides
{
    variable<T> left;
    variable<T> right;

    sides(variable<T> rows, std::size_t split)
        : left(slice(rows, -1, 0, split)), right(slice(rows, -1, split, rows.shape().back()))
    {
    }
};

/// What flows into a when that into its dilation is the sum over the rows of x y^T, symmetrised: both are symmetric,
/// each holds a twice.
template <class T>
variable<T> cotangent_of_dilated(variable<T> x, variable<T> y, std::size_t split)
{
    const sides<T> of_x(x, split);
    const sides<T> of_y(y, split);
    return detail::product(of_x.left, of_y.right, true) + detail::product(of_y.left, of_x.right, true);
}

/// The inner product of each row of x with that of y. Shape: with 1 as last axis.
template <class T>
variable<T> inner_products(variable<T> x, variable<T> y)
{
    return sum(x * y, -1, xt::keep_dims);
}

} // namespace

template <class T>
void singular_vectors_rule::vjp(pullback<T>& y)
{
    const attributes range = y.template attributes<attributes>();
    const variable<T> a = y.operand(0);
    const variable<T> factors = y.operand(1);
    const variable<T> reached = detail::structure_of(y.cotangent());
    const variable<T> used = reached.empty() ? y.operand(2) : y.operand(2) * sum(reached, -1);
    const variable<T> vectors =
        reached.empty() ? y.output() : record<singular_vectors_rule, T>({}, {a, factors, used}, range);
    const variable<T> moved = record<singular_resolvent_rule, T>({}, {a, factors, y.cotangent(), used}, range);
    y.give(0, cotangent_of_dilated(moved, vectors, detail::rows_of(a.shape())));
}

namespace
{

/// Throws value_error where a triplet that is used has no derivatives of its vectors.
template <class T>
void require_gaps(const svd_extents& of, const T* block, const detail::triplets& range, const T* used, shape_view a,
                  std::size_t k)
{
    kernels::singular_pair pair{};
    if (!kernels::find_close_pair(of, block, range.first, range.count, used, pair))
    {
        return;
    }
    const T* const s = of.s(block);
    const std::string matrix = detail::name_behind_directions(range.directions, a, k);
    const T level = kernels::rounding_level(of, block);
    const char* const remedy =
        range.of_values
            ? "Use nuclear_norm for their sum, norm_sq for that of their squares, trace(spectral(matmul(transpose(a), "
              "a), f)) for that of f(s^2)."
            : "Use what does not depend on the choice of vectors (polar, nuclear_norm, pinv, lstsq, the gradient of "
              "singular_values), or take fewer triplets: svd(a, first, count).";
    if (pair.other == of.count())
    {
        throw error::value_error(range.caller, "singular value ", pair.one, " of ", matrix, " is ", s[pair.one],
                                 ", which is 0 up to rounding (", level,
                                 range.of_values ? "), so that it has no second derivative. "
                                                 : "), so its vectors are not unique and have no derivative. ",
                                 remedy);
    }
    throw error::value_error(range.caller, "singular values ", pair.one, " and ", pair.other, " of ", matrix, " are ",
                             s[pair.one], " and ", s[pair.other], ", ", s[pair.one] - s[pair.other],
                             " apart, which is equal up to rounding (", level,
                             range.of_values ? "), so that they have no second derivative. "
                                             : "), so their vectors are not unique and have no derivative. ",
                             remedy);
}

} // namespace

template <class T>
void singular_resolvent_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const shape_view matrices = call.operands[0].shape;
    const svd_extents of = detail::svd_of(matrices);
    const std::size_t rows = a.count * (of.rows + of.columns);
    detail::for_each_svd(call,
                         [&](std::size_t k, const T* block)
                         {
                             const T* const used = call.in(3) + k * a.count;
                             require_gaps(of, block, a, used, matrices, k);
                             kernels::resolvents(of, block, a.first, a.count, used, call.in(2) + k * rows,
                                                 call.out() + k * rows, call.scratch);
                         });
}

template <class T>
std::size_t singular_resolvent_rule::scratch(const evaluation<T>& call, const attributes& a)
{
    return kernels::scratch_of_resolvents<T>(detail::svd_of(call.operands[0].shape), a.count);
}

/// With y = R x, p = R g and w the normalised vectors, R moves by R dH R - (w^T dH w) R^2 - w w^T dH R^2 - R^2 dH w
/// w^T. Each w is paired with another, so the root of 1/2 in (u, v) is a half.
template <class T>
void singular_resolvent_rule::vjp(pullback<T>& y)
{
    const attributes range = y.template attributes<attributes>();
    const variable<T> a = y.operand(0);
    const variable<T> factors = y.operand(1);
    const variable<T> x = y.operand(2);
    const variable<T> used = y.operand(3);
    const auto resolve = [&](variable<T> rows) {
        return record<singular_resolvent_rule, T>({}, {a, factors, rows, used}, range);
    };
    const variable<T> g = y.cotangent();
    const variable<T> p = resolve(g);
    y.give(2, p);
    if (y.wanted(0))
    {
        const std::size_t split = detail::rows_of(a.shape());
        const variable<T> w = record<singular_vectors_rule, T>({}, {a, factors, used}, range);
        const variable<T> beside =
            resolve(inner_products(g, w) * y.output() + inner_products(x, w) * p) + inner_products(p, y.output()) * w;
        y.give(0, cotangent_of_dilated(p, y.output(), split) - cotangent_of_dilated(T(0.5) * beside, w, split));
    }
}

// -------------------------------------------------------------------------------------------------- singular values

shape_vector singular_values_nonzero_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    return rows_for_each(operands[0], a.count);
}

template <class T>
void singular_values_nonzero_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    detail::for_each_svd(call,
                         [&](std::size_t k, const T* block)
                         {
                             const T* const s = of.s(block) + a.first;
                             const T level = kernels::rounding_level(of, block);
                             std::transform(s, s + a.count, call.out() + k * a.count,
                                            [&](T x) { return x > level ? T(1) : T(0); });
                         });
}

shape_vector singular_values_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    return rows_for_each(operands[0], a.count);
}

template <class T>
void singular_values_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    detail::for_each_svd(call, [&](std::size_t k, const T* block)
                         { std::copy_n(of.s(block) + a.first, a.count, call.out() + k * a.count); });
}

template <class T>
void singular_values_rule::vjp(pullback<T>& y)
{
    const attributes range = y.template attributes<attributes>();
    const variable<T> a = y.operand(0);
    const variable<T> factors = y.operand(1);
    const variable<T> reached = detail::structure_of(y.cotangent());
    const variable<T> used = reached.empty() ? y.tape().full(y.shape(), T(1)) : reached;
    const variable<T> w = record<singular_vectors_rule, T>({}, {a, factors, used}, range);
    // Not a part of `used`: a 0 that the numbers bring is for the first derivative alone.
    const variable<T> nonzero = record<singular_values_nonzero_rule, T>({}, {a, factors}, range);
    const sides<T> vectors(w, detail::rows_of(a.shape()));
    const variable<T> weighted = expand_dims(where(nonzero, y.cotangent(), T(0)), -1) * vectors.left;
    y.give(0, detail::product(weighted, vectors.right, true));
}

// -------------------------------------------------------------------------------------------------------------- svd

detail::triplets detail::checked_triplets(const char* operation, shape_view matrices, std::ptrdiff_t first,
                                          std::ptrdiff_t count, location where)
{
    const std::size_t all = svd_of(matrices).count();
    return {first_of_range(operation, "triplets", first, count, all, matrices, where), static_cast<std::size_t>(count),
            operation};
}

template <class T>
svd_result<variable<T>> detail::record_svd(variable<T> a, const triplets& range, location where)
{
    return record_composite<T>(
        "svd", where, {a},
        [&]
        {
            const std::size_t split = rows_of(a.shape());
            const variable<T> factors = svd_factors(a, "svd", where);
            const variable<T> all = a.tape().full(rows_for_each(a.shape(), range.count), T(1));
            const variable<T> vectors = record<singular_vectors_rule, T>(where, {a, factors, all}, range.for_vectors());
            const variable<T> s = singular_values(a, factors, range, where);
            return svd_result<variable<T>>{moveaxis(slice(vectors, -1, 0, split), -1, -2), s,
                                           slice(vectors, -1, split, vectors.shape().back())};
        });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void svd_factors_rule::forward(const evaluation<T>&, const attributes&);                                  \
    template std::size_t svd_factors_rule::scratch(const evaluation<T>&, const attributes&);                           \
    template void singular_vectors_rule::forward(const evaluation<T>&, const attributes&);                             \
    template void singular_vectors_rule::vjp(pullback<T>&);                                                            \
    template void singular_resolvent_rule::forward(const evaluation<T>&, const attributes&);                           \
    template std::size_t singular_resolvent_rule::scratch(const evaluation<T>&, const attributes&);                    \
    template void singular_resolvent_rule::vjp(pullback<T>&);                                                          \
    template void singular_values_nonzero_rule::forward(const evaluation<T>&, const attributes&);                      \
    template void singular_values_rule::forward(const evaluation<T>&, const attributes&);                              \
    template void singular_values_rule::vjp(pullback<T>&);                                                             \
    template svd_result<variable<T>> detail::record_svd(variable<T>, const triplets&, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
