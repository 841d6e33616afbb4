#pragma once

#include "autograd/operations/batched.hpp"
#include "autograd/operations/record.hpp"

/// The same values under another name: with its derivative, and without.
/// \ingroup control
namespace autograd
{

struct identity_rule : linear
{
    static constexpr auto name = "identity";
    static constexpr auto latex = "#1";
    static constexpr auto storage = storage_kind::shared;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static variable<T> transpose(const recorded<T>&, variable<T> g)
    {
        return g;
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::batched_behind_axis(y, {});
    }
    static void samples(auto& s)
    {
        s.call(
            "matrix", "x", [](auto x) { return identity(x); }, s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(identity_rule)

/// The same values under a new name, without storage: for differentiating by an argument rather than by all uses of
/// what was passed. Shape: that of x. Gradient: g.
template <class T>
variable<T> identity(variable<T> x, location where = location::current())
{
    return record<identity_rule, T>(where, x);
}

struct stop_gradient_rule : general
{
    static constexpr auto name = "stop_gradient";
    static constexpr auto storage = storage_kind::shared;
    static constexpr auto not_differentiable = "stops derivatives by definition";

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::batched_behind_axis(y, {});
    }
    static void samples(auto& s)
    {
        s.call(
             "matrix", "x", [](auto x) { return stop_gradient(x); }, s.numbers({2, 3}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(stop_gradient_rule)

/// The same values, through which no derivative flows: gradients take them for constants. Shape: that of x.
/// Gradient: 0 beside other paths; asking for it alone throws not_differentiable.
template <class T>
variable<T> stop_gradient(variable<T> x, location where = location::current())
{
    return record<stop_gradient_rule, T>(where, x);
}

} // namespace autograd
