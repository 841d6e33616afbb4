#pragma once

#include "autograd/differentiate/differentiate.hpp"
#include "autograd/tape/structure.hpp"

#include <array>
#include <concepts>
#include <span>
#include <tuple>
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

/// The structure that holds its parts itself: std::tie(x, w) refers to variables of somebody else.
template <class S>
struct owned
{
    using type = S;
};
template <class S>
using owned_t = typename owned<std::remove_cvref_t<S>>::type;
template <class... Parts>
struct owned<std::tuple<Parts...>>
{
    using type = std::tuple<owned_t<Parts>...>;
};
template <class First, class Second>
struct owned<std::pair<First, Second>>
{
    using type = std::pair<owned_t<First>, owned_t<Second>>;
};

template <std::size_t N, class T>
std::array<variable<T>, N> as_array(const std::vector<variable<T>>& list)
{
    std::array<variable<T>, N> result;
    std::copy(list.begin(), list.end(), result.begin());
    return result;
}
} // namespace detail

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
/// The gradients by a list of inputs, in its order.
template <class T>
std::vector<variable<T>> gradient(variable<T> y, const std::vector<variable<T>>& xs,
                                  unconnected policy = unconnected::error, location where = location::current())
{
    return detail::gradient<T>(y, xs, policy, where);
}
/// The gradients by the variables of a span, in its order.
template <class T, class X, std::size_t N>
    requires std::same_as<std::remove_const_t<X>, variable<T>> std::vector<variable<T>>
    gradient(variable<T> y, std::span<X, N> xs, unconnected policy = unconnected::error,
             location where = location::current())
    {
        return detail::gradient<T>(y, xs, policy, where);
    }
/// The gradient by every variable of a structure (a tuple, a nested container, a model with members()), in a structure
/// of the same type; of a tuple of references (std::tie(x, w)), in a tuple of variables. Indices, buffers and what is
/// no variable stay as they are.
template <class T, class Structure>
    requires(detail::has_parts<Structure> && !array_expression<Structure>)
detail::owned_t<Structure> gradient(variable<T> y, Structure structure, unconnected policy = unconnected::error,
                                    location where = location::current())
{
    detail::owned_t<Structure> xs(std::move(structure));
    std::vector<variable<T>> list;
    const auto each_variable = [&](auto f)
    {
        detail::for_each_trained_leaf(
            xs,
            [&]<class Leaf>(Leaf& leaf)
            {
                static_assert(!std::is_const_v<Leaf>, "The gradient takes the place of the variable: no const.");
                static_assert(std::is_same_v<Leaf, variable<T>> || std::is_same_v<Leaf, indices<T>>,
                              "float and double are different tapes");
                if constexpr (std::is_same_v<Leaf, variable<T>>)
                {
                    f(leaf);
                }
            });
    };
    each_variable([&](auto& x) { list.push_back(x); });
    const auto results = detail::gradient<T>(y, list, policy, where);
    auto next = results.begin();
    each_variable([&](auto& x) { x = *next++; });
    return xs;
}

/// The vector-Jacobian product y_bar^T dy/dx: what flows to x when y_bar flows into y. Shape: that of x.
/// Throws shape_error unless y_bar has the shape of y; otherwise as gradient.
template <class T>
variable<T> vjp(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> y_bar,
                unconnected policy = unconnected::error, location where = location::current())
{
    return detail::vjp<T>(y, {&x, 1}, y_bar, policy, where).front();
}
/// The same by several inputs from one walk. Shapes: those of xs.
template <class T, std::size_t N>
std::array<variable<T>, N> vjp(variable<T> y, const variable<T> (&xs)[N], std::type_identity_t<variable<T>> y_bar,
                               unconnected policy = unconnected::error, location where = location::current())
{
    return detail::as_array<N>(detail::vjp<T>(y, xs, y_bar, policy, where));
}
/// The same by a list of inputs, in its order.
template <class T>
std::vector<variable<T>> vjp(variable<T> y, const std::vector<variable<T>>& xs, std::type_identity_t<variable<T>> y_bar,
                             unconnected policy = unconnected::error, location where = location::current())
{
    return detail::vjp<T>(y, xs, y_bar, policy, where);
}

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
/// The same for a list of inputs. Throws shape_error, too, unless there are as many tangents as inputs.
template <class T>
variable<T> jvp(variable<T> y, const std::vector<variable<T>>& xs,
                const std::vector<std::type_identity_t<variable<T>>>& x_dots, unconnected policy = unconnected::error,
                location where = location::current())
{
    return detail::jvp<T>(y, xs, x_dots, policy, where);
}

/// All first derivatives of y by x. Shape: y.shape + x.shape. One reverse walk per element of y, or one forward walk
/// per element of x where those are fewer: the numbers are those of gradient, up to rounding, where values and
/// derivatives on the way are finite.
/// Throws not_differentiable and tape_error as gradient.
template <class T>
variable<T> jacobian(variable<T> y, variable<T> x, unconnected policy = unconnected::error,
                     location where = location::current());

/// All second derivatives of a scalar y by x. Shape: x.shape + x.shape. Zero where y is linear in x. Throws as
/// gradient.
template <class T>
variable<T> hessian(variable<T> y, variable<T> x, location where = location::current());

/// The Hessian of a scalar y times v, without the Hessian: forward over reverse, with the numbers of hessian where
/// values and derivatives on the way are finite. Shape: that of x. Throws shape_error unless v has the shape of x;
/// otherwise as gradient. (Pearlmutter 1994, Fast exact multiplication by the Hessian.)
template <class T>
variable<T> hessian_vector_product(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> v,
                                   location where = location::current());

} // namespace autograd
