#pragma once

#include "autograd/differentiate/differentiate.hpp"

#include <array>

/// Derivatives of recorded variables. All of them are recorded themselves: differentiate again for the next order.
namespace autograd
{

namespace detail
{
template <class T>
std::vector<variable<T>> gradient(variable<T> y, std::span<const variable<T>> xs, unconnected policy);
template <class T>
std::vector<variable<T>> vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bar, unconnected policy);
template <class T>
variable<T> jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                unconnected policy);

template <std::size_t N, class T>
std::array<variable<T>, N> as_array(const std::vector<variable<T>>& list)
{
    std::array<variable<T>, N> result;
    std::copy(list.begin(), list.end(), result.begin());
    return result;
}
} // namespace detail

/// dy/dx for a scalar y (any shape with one element). Shape: that of x.
/// Throws shape_error when y has not exactly one element, not_differentiable when y does not depend on x (unless
/// unconnected::zero) or only through operations without a derivative, tape_error for x and y of different tapes.
/// Reverse mode (Griewank & Walther, Evaluating Derivatives, 2nd ed., chapter 3).
template <class T>
variable<T> gradient(variable<T> y, variable<T> x, unconnected policy = unconnected::error)
{
    return detail::gradient<T>(y, {&x, 1}, policy).front();
}
/// The gradients by several inputs from one walk: auto [dx, dw] = gradient(y, {x, w}).
template <class T, std::size_t N>
std::array<variable<T>, N> gradient(variable<T> y, const variable<T> (&xs)[N],
                                    unconnected policy = unconnected::error)
{
    return detail::as_array<N>(detail::gradient<T>(y, xs, policy));
}
/// The gradients by a list of inputs, in its order.
template <class T>
std::vector<variable<T>> gradient(variable<T> y, const std::vector<variable<T>>& xs,
                                  unconnected policy = unconnected::error)
{
    return detail::gradient<T>(y, xs, policy);
}
/// The gradient by every variable of a structure (a tuple, a nested container, a model with members()), in a structure
/// of the same type. Indices, buffers and what is no variable stay as they are.
template <class T, class Structure>
    requires(!detail::is_leaf<Structure>)
Structure gradient(variable<T> y, Structure xs, unconnected policy = unconnected::error)
{
    std::vector<variable<T>> list;
    const auto each_variable = [&](auto f) {
        detail::for_each_trained_leaf(xs, [&](auto& leaf) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(leaf)>, variable<T>>)
            {
                f(leaf);
            }
        });
    };
    each_variable([&](auto& x) { list.push_back(x); });
    const auto results = detail::gradient<T>(y, list, policy);
    auto next = results.begin();
    each_variable([&](auto& x) { x = *next++; });
    return xs;
}

/// The vector-Jacobian product y_bar^T dy/dx: what flows to x when y_bar flows into y. Shape: that of x.
/// Throws shape_error unless y_bar has the shape of y; otherwise as gradient.
template <class T>
variable<T> vjp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> y_bar,
                unconnected policy = unconnected::error)
{
    return detail::vjp<T>(y, {&x, 1}, y_bar, policy).front();
}
template <class T, std::size_t N>
std::array<variable<T>, N> vjp(variable<T> y, const variable<T> (&xs)[N], std::type_identity_t<variable<T>> y_bar,
                               unconnected policy = unconnected::error)
{
    return detail::as_array<N>(detail::vjp<T>(y, xs, y_bar, policy));
}
template <class T>
std::vector<variable<T>> vjp(variable<T> y, const std::vector<variable<T>>& xs,
                             std::type_identity_t<variable<T>> y_bar, unconnected policy = unconnected::error)
{
    return detail::vjp<T>(y, xs, y_bar, policy);
}

/// The Jacobian-vector product dy/dx x_dot: the tangent of y when x moves along x_dot. Shape: that of y. Forward mode.
/// Throws shape_error unless x_dot has the shape of x; otherwise as gradient.
template <class T>
variable<T> jvp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> x_dot,
                unconnected policy = unconnected::error)
{
    return detail::jvp<T>(y, {&x, 1}, {&x_dot, 1}, policy);
}
template <class T, std::size_t N>
variable<T> jvp(variable<T> y, const variable<T> (&xs)[N], const std::type_identity_t<variable<T>> (&x_dots)[N],
                unconnected policy = unconnected::error)
{
    return detail::jvp<T>(y, xs, x_dots, policy);
}
template <class T>
variable<T> jvp(variable<T> y, const std::vector<variable<T>>& xs,
                const std::vector<std::type_identity_t<variable<T>>>& x_dots, unconnected policy = unconnected::error)
{
    return detail::jvp<T>(y, xs, x_dots, policy);
}

/// All first derivatives of y by x. Shape: y.shape + x.shape. One reverse walk per element of y, or one forward walk
/// per element of x where those are fewer. An input that y does not depend on throws as in gradient.
template <class T>
variable<T> jacobian(variable<T> y, variable<T> x, unconnected policy = unconnected::error);

/// All second derivatives of a scalar y by x. Shape: x.shape + x.shape. Zero where y is linear in x.
/// Throws shape_error when y has not exactly one element, not_differentiable when y does not depend on x.
template <class T>
variable<T> hessian(variable<T> y, variable<T> x);

/// The Hessian of a scalar y times v, without the Hessian: forward over reverse. Shape: that of x.
/// Throws as hessian, and shape_error unless v has the shape of x. (Pearlmutter 1994, Fast exact multiplication by the
/// Hessian.)
template <class T>
variable<T> hessian_vector_product(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> v);

} // namespace autograd
