#pragma once

#include "autograd/operations/recorded.hpp"

#include <span>
#include <vector>

/// The two walks over a tape that everything else is made of. Both record: a derivative is more of the same program.
namespace autograd
{

/// What a derivative does for an input that the output does not depend on.
enum class unconnected
{
    error, ///< throws not_differentiable and names it
    zero   ///< gives zeros of the input's shape
};

namespace detail
{
/// How to differentiate: `where` names the caller in errors.
struct differentiation
{
    const char* caller = "vjp";
    unconnected policy = unconnected::error;
    /// Instructions before this one are taken as given: derivatives do not flow through them.
    std::uint32_t first = 0;
};

/// Reverse mode: the cotangents of xs when y has the cotangent y_bar. One loop from y down to the first of xs; an
/// instruction is pulled only when it lies between xs and y. Linear in the number of those instructions. Shapes: those
/// of xs; an empty variable where the cotangent is zero. Throws shape_error unless y_bar has the shape of y; tape_error
/// and not_differentiable, before anything is recorded, as require_connected (connections.hpp).
template <class T>
std::vector<variable<T>> pull(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs,
                              const differentiation& how = {});

/// Forward mode: the tangent of y when xs have the tangents x_dots. One loop from the first of xs up to y. Shape: that
/// of y; an empty variable when it is zero. Throws shape_error unless each tangent has the shape of its input;
/// otherwise as pull.
template <class T>
variable<T> push(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                 const differentiation& how = {});

/// The vjp of an operation that is defined by expansion into others: that of the expansion.
template <class T>
void vjp_by_expansion(pullback<T>& y);
/// The jvp of the same; empty when it is zero.
template <class T>
variable<T> jvp_by_expansion(const pushforward<T>& y);

/// The jvp of an operation that has only a vjp; empty when it is zero. The vjp u -> J^T u is linear in u and recorded,
/// so its transpose, taken by a second reverse walk, is J (Griewank & Walther, Evaluating Derivatives, 2nd ed., section
/// 3.1).
template <class T>
variable<T> jvp_by_transposition(const pushforward<T>& y);
} // namespace detail

} // namespace autograd
