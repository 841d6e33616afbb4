#pragma once

#include "autograd/differentiate/batching.hpp"
#include "autograd/differentiate/differentiate.hpp"
#include "autograd/differentiate/hessian_blocks.hpp"
#include "autograd/differentiate/structures.hpp"

#include <array>
#include <span>
#include <utility>

/// Derivatives of recorded variables. All of them are recorded themselves: differentiate again for the next order.
namespace autograd
{

namespace detail
{
template <class T>
std::vector<variable<T>> gradient(variable<T> y, std::span<const variable<T>> xs, unconnected policy, location where);
template <class T>
std::vector<variable<T>> vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bar, unconnected policy,
                             location where);
template <class T>
variable<T> jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots, unconnected policy,
                location where);
template <class T>
std::vector<variable<T>> vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bars, batched_directions,
                             unconnected policy, location where);
template <class T>
variable<T> jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots, batched_directions,
                unconnected policy, location where);

template <class T>
std::vector<variable<T>> jacobian(variable<T> y, std::span<const variable<T>> xs, unconnected policy, location where);
template <class T>
std::vector<variable<T>> hessian_vector_product(variable<T> y, std::span<const variable<T>> xs,
                                                std::span<const variable<T>> vs, unconnected policy, location where);
/// Its blocks, by rows.
template <class T>
std::vector<variable<T>> hessian(variable<T> y, std::span<const variable<T>> xs, unconnected policy, location where);

template <std::size_t N, class T>
std::array<variable<T>, N> as_array(const std::vector<variable<T>>& list)
{
    std::array<variable<T>, N> result;
    std::copy(list.begin(), list.end(), result.begin());
    return result;
}
} // namespace detail

/// \name First derivatives
///
/// By one variable they are one; by {x, w}, a std::array; by a structure (a vector, a tuple, a nested container, a
/// model with members()), a structure of the same type, in which they take the places of the variables. Indices,
/// buffers and what is no variable stay as they are; of a tuple of references (std::tie(x, w)) it is a tuple of
/// variables, of a span a vector.
/// \{

/// dy/dx for a scalar y (any shape with one element). x is a variable or constant leaf, or any intermediate result.
/// Shape: that of x. Throws shape_error when y has not exactly one element, not_differentiable when y does not depend
/// on x or only through operations without a derivative (unless unconnected::zero: then it gives zeros), tape_error for
/// x and y of different tapes. Reverse mode (Griewank & Walther, Evaluating Derivatives, 2nd ed., chapter 3).
template <class T>
variable<T> gradient(variable<T> y, variable<T> x, unconnected policy = unconnected::error,
                     location where = location::current())
{
    return detail::gradient<T>(y, {&x, 1}, policy, where).front();
}
/// The gradients by several inputs from one walk: auto [dx, dw] = gradient(y, {x, w}).
template <class T, std::size_t N>
std::array<variable<T>, N> gradient(variable<T> y, const variable<T> (&xs)[N], unconnected policy = unconnected::error,
                                    location where = location::current())
{
    return detail::as_array<N>(detail::gradient<T>(y, xs, policy, where));
}
/// The gradient by every variable of a structure, from one walk: gradient(loss, model).
template <class T, detail::structure_of_variables Structure>
detail::owned_t<Structure> gradient(variable<T> y, Structure structure, unconnected policy = unconnected::error,
                                    location where = location::current())
{
    return detail::with_variables<T>(std::move(structure),
                                     [&](const auto& xs) { return detail::gradient<T>(y, xs, policy, where); });
}
// By mistake: of something else, by something else, by several without braces, or by nothing.
mistake::output gradient(detail::anything, detail::anything, ...);
template <class T, detail::no_variable<T> X, class... More>
mistake::inputs gradient(variable<T>, const X&, More&&...);
template <class T, std::size_t N>
mistake::inputs_without_braces gradient(variable<T>, const detail::anything (&)[N], ...);
template <class T, class... More>
mistake::inputs_without_braces gradient(variable<T>, variable<T>, variable<T>, More&&...);
template <class T>
mistake::by_nothing gradient(variable<T>);

/// The vector-Jacobian product y_bar^T dy/dx: what flows to x when y_bar flows into y. Shape: that of x.
/// Throws shape_error unless y_bar has the shape of y; otherwise as gradient.
template <class T>
variable<T> vjp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> y_bar,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::vjp<T>(y, {&x, 1}, y_bar, policy, where).front();
}
template <class T, std::size_t N>
std::array<variable<T>, N> vjp(variable<T> y, const variable<T> (&xs)[N], std::type_identity_t<variable<T>> y_bar,
                               unconnected policy = unconnected::error, location where = location::current())
{
    return detail::as_array<N>(detail::vjp<T>(y, xs, y_bar, policy, where));
}
template <class T, detail::structure_of_variables Structure>
detail::owned_t<Structure> vjp(variable<T> y, Structure structure, std::type_identity_t<variable<T>> y_bar,
                               unconnected policy = unconnected::error, location where = location::current())
{
    return detail::with_variables<T>(std::move(structure),
                                     [&](const auto& xs) { return detail::vjp<T>(y, xs, y_bar, policy, where); });
}
/// Those of many cotangents at once, which stand behind one another in y_bars. Shape: (D, ...) of y_bars, where ... is
/// that of y, gives (D, ...) of each input. The numbers are those of D calls, up to the order in which sums are added;
/// what is recorded are as many instructions as for a few of them. Throws shape_error unless y_bars has the shape of y
/// behind an axis of directions; otherwise as vjp.
template <class T>
variable<T> vjp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> y_bars, batched_directions many,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::vjp<T>(y, {&x, 1}, y_bars, many, policy, where).front();
}
template <class T, std::size_t N>
std::array<variable<T>, N> vjp(variable<T> y, const variable<T> (&xs)[N], std::type_identity_t<variable<T>> y_bars,
                               batched_directions many, unconnected policy = unconnected::error,
                               location where = location::current())
{
    return detail::as_array<N>(detail::vjp<T>(y, xs, y_bars, many, policy, where));
}
template <class T, detail::structure_of_variables Structure>
detail::owned_t<Structure> vjp(variable<T> y, Structure structure, std::type_identity_t<variable<T>> y_bars,
                               batched_directions many, unconnected policy = unconnected::error,
                               location where = location::current())
{
    return detail::with_variables<T>(std::move(structure), [&](const auto& xs)
                                     { return detail::vjp<T>(y, xs, y_bars, many, policy, where); });
}
template <class T, detail::no_variable<T> V, class... More>
mistake::direction vjp(variable<T>, variable<T>, const V&, More&&...);
template <class T>
mistake::direction vjp(variable<T>, variable<T>);

/// The Jacobian-vector product dy/dx x_dot: the tangent of y when x moves along x_dot. Shape: that of y. Forward mode
/// (Griewank & Walther, chapter 3). What does not move moves nothing: an operation with an infinite derivative at
/// finite operands gives a tangent of 0 for one that is exactly 0, so that sqrt(relu(x)) at -1 has the derivative 0 in
/// this mode, too. (Behind an infinite value it may be NaN where that of gradient is not.) Throws shape_error unless
/// x_dot has the shape of x; otherwise as gradient.
template <class T>
variable<T> jvp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> x_dot,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::jvp<T>(y, {&x, 1}, {&x_dot, 1}, policy, where);
}
/// The tangent of y when several inputs move at once: the sum of their contributions.
template <class T, std::size_t N>
variable<T> jvp(variable<T> y, const variable<T> (&xs)[N], const std::type_identity_t<variable<T>> (&x_dots)[N],
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::jvp<T>(y, xs, x_dots, policy, where);
}
/// The same for the variables of a structure, with a structure of as many tangents. Throws shape_error, too, where one
/// has more variables than the other.
template <class T, detail::structure_of_variables Structure, detail::structure_of_variables Tangents>
variable<T> jvp(variable<T> y, const Structure& xs, const Tangents& x_dots, unconnected policy = unconnected::error,
                location where = location::current())
{
    return detail::jvp<T>(y, detail::variables_of<T>(xs), detail::variables_of<T>(x_dots), policy, where);
}
/// The tangents of y along many directions at once, which stand behind one another in x_dots. Shape: (D, ...) of
/// x_dots, where ... is that of x, gives (D, ...) of y. The numbers are those of D calls, up to the order in which sums
/// are added; what is recorded are as many instructions as for a few of them. Throws shape_error unless x_dots has the
/// shape of x behind an axis of directions, of which there are as many for each input; otherwise as jvp.
template <class T>
variable<T> jvp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> x_dots, batched_directions many,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::jvp<T>(y, {&x, 1}, {&x_dots, 1}, many, policy, where);
}
template <class T, std::size_t N>
variable<T> jvp(variable<T> y, const variable<T> (&xs)[N], const std::type_identity_t<variable<T>> (&x_dots)[N],
                batched_directions many, unconnected policy = unconnected::error, location where = location::current())
{
    return detail::jvp<T>(y, xs, x_dots, many, policy, where);
}
template <class T, detail::structure_of_variables Structure, detail::structure_of_variables Tangents>
variable<T> jvp(variable<T> y, const Structure& xs, const Tangents& x_dots, batched_directions many,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::jvp<T>(y, detail::variables_of<T>(xs), detail::variables_of<T>(x_dots), many, policy, where);
}
template <class T, detail::no_variable<T> V, class... More>
mistake::direction jvp(variable<T>, variable<T>, const V&, More&&...);
template <class T>
mistake::direction jvp(variable<T>, variable<T>);

/// All first derivatives of y by x. Shape: y.shape + x.shape. In reverse mode along each element of y, or in forward
/// mode along each element of x where those are fewer; many of them at once, as vjp and jvp do it (batched), in blocks
/// that depend on the shapes alone. The numbers are those of gradient, up to rounding, where values and derivatives on
/// the way are finite.
/// Throws not_differentiable and tape_error as gradient.
template <class T>
variable<T> jacobian(variable<T> y, variable<T> x, unconnected policy = unconnected::error,
                     location where = location::current())
{
    return detail::jacobian<T>(y, {&x, 1}, policy, where).front();
}
/// The Jacobians by several inputs, from the same walks: auto [by_x, by_w] = jacobian(y, {x, w}).
template <class T, std::size_t N>
std::array<variable<T>, N> jacobian(variable<T> y, const variable<T> (&xs)[N], unconnected policy = unconnected::error,
                                    location where = location::current())
{
    return detail::as_array<N>(detail::jacobian<T>(y, xs, policy, where));
}
template <class T, detail::structure_of_variables Structure>
detail::owned_t<Structure> jacobian(variable<T> y, Structure structure, unconnected policy = unconnected::error,
                                    location where = location::current())
{
    return detail::with_variables<T>(std::move(structure),
                                     [&](const auto& xs) { return detail::jacobian<T>(y, xs, policy, where); });
}
mistake::output jacobian(detail::anything, detail::anything, ...);
mistake::output jacobian(detail::anything);
template <class T, detail::no_variable<T> X, class... More>
mistake::inputs jacobian(variable<T>, const X&, More&&...);
/// \}

/// \name Second derivatives
/// \{

/// All second derivatives of a scalar y by x. Shape: x.shape + x.shape. Zero where y is linear in x. Throws as
/// gradient.
template <class T>
variable<T> hessian(variable<T> y, variable<T> x, unconnected policy = unconnected::error,
                    location where = location::current())
{
    return detail::hessian<T>(y, {&x, 1}, policy, where).front();
}
/// Those by several inputs, in blocks: hessian(y, {x, w})(0, 1) is d2y / dx dw. See hessian_blocks.
template <class T, std::size_t N>
hessian_blocks<T> hessian(variable<T> y, const variable<T> (&xs)[N], unconnected policy = unconnected::error,
                          location where = location::current())
{
    return hessian(y, std::span<const variable<T>>(xs), policy, where);
}
/// Those by the variables of a structure, in blocks that are named as its members:
/// hessian(loss, model)("hidden.weight", "hidden.bias").
template <class T, detail::structure_of_variables Structure>
hessian_blocks<T> hessian(variable<T> y, const Structure& structure, unconnected policy = unconnected::error,
                          location where = location::current())
{
    const std::vector<variable<T>> list = detail::variables_of<T>(structure);
    return {detail::names_of_variables<T>(structure), list, detail::hessian<T>(y, list, policy, where)};
}
mistake::output hessian(detail::anything, detail::anything, ...);
mistake::output hessian(detail::anything);
template <class T, detail::no_variable<T> X, class... More>
mistake::inputs hessian(variable<T>, const X&, More&&...);

/// The Hessian of a scalar y times v, without the Hessian: forward over reverse, with the numbers of hessian where
/// values and derivatives on the way are finite. Shape: that of x. Throws shape_error unless v has the shape of x;
/// otherwise as gradient. (Pearlmutter 1994, Fast exact multiplication by the Hessian.)
template <class T>
variable<T> hessian_vector_product(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> v,
                                   unconnected policy = unconnected::error, location where = location::current())
{
    return detail::hessian_vector_product<T>(y, {&x, 1}, {&v, 1}, policy, where).front();
}
/// The same for several inputs that move at once: of all blocks of a row, the sum.
template <class T, std::size_t N>
std::array<variable<T>, N>
hessian_vector_product(variable<T> y, const variable<T> (&xs)[N], const std::type_identity_t<variable<T>> (&vs)[N],
                       unconnected policy = unconnected::error, location where = location::current())
{
    return detail::as_array<N>(detail::hessian_vector_product<T>(y, xs, vs, policy, where));
}
template <class T, detail::structure_of_variables Structure, detail::structure_of_variables Directions>
detail::owned_t<Structure> hessian_vector_product(variable<T> y, Structure structure, const Directions& vs,
                                                  unconnected policy = unconnected::error,
                                                  location where = location::current())
{
    return detail::with_variables<T>(
        std::move(structure), [&](const auto& xs)
        { return detail::hessian_vector_product<T>(y, xs, detail::variables_of<T>(vs), policy, where); });
}
template <class T, detail::no_variable<T> V, class... More>
mistake::direction hessian_vector_product(variable<T>, variable<T>, const V&, More&&...);
template <class T>
mistake::direction hessian_vector_product(variable<T>, variable<T>);
/// \}

} // namespace autograd
