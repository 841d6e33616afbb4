#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/identity.hpp"

#include <tuple>

/// Derivatives as functions of functions.
namespace autograd
{

namespace detail
{

template <class X>
inline constexpr bool is_variable = false;
template <class T>
inline constexpr bool is_variable<variable<T>> = true;

/// The arguments with fresh names for those that are differentiated, so that a function that also captured one of them
/// from outside is differentiated by its argument only.
template <std::size_t... K, class F, class... X>
auto value_and_gradients(const F& f, std::tuple<X...> arguments, location where)
{
    ((std::get<K>(arguments) = identity(std::get<K>(arguments), where)), ...);
    const auto value = std::apply(f, arguments);
    using T = typename std::remove_cvref_t<decltype(value)>::value_type;
    const variable<T> by[] = {std::get<K>(arguments)...};
    return std::pair(value, gradient(value, by, unconnected::error, where));
}

/// Puts arrays and numbers on a tape as variables; what is on it already stays.
template <class T, class X>
auto lift(tape<T>& tape, const X& x, location where)
{
    if constexpr (array_expression<X> || number<X>)
    {
        return tape.variable(x, where);
    }
    else
    {
        return x;
    }
}

template <class X>
struct element_of
{
    using type = X;
};
template <class X>
    requires requires
    {
        typename X::value_type;
    }
struct element_of<X>
{
    using type = typename X::value_type;
};

template <std::size_t... K, class F, class... X>
auto value_and_gradients_of_arrays(const F& f, location where, const X&... x)
{
    using T = typename element_of<std::tuple_element_t<0, std::tuple<X...>>>::type;
    static_assert(std::is_floating_point_v<T>,
                  "Integers are not differentiable: give arrays of double, and 3.0 for 3.");
    tape<T> own;
    const auto [value, gradients] = value_and_gradients<K...>(f, std::make_tuple(lift(own, x, where)...), where);
    std::array<xt::xarray<T>, sizeof...(K)> arrays;
    std::transform(gradients.begin(), gradients.end(), arrays.begin(),
                   [](variable<T> g) { return xt::xarray<T>(g.value()); });
    return std::pair(value.item(), std::move(arrays));
}

/// One gradient by itself, several as an array.
template <class Array>
auto unwrap(Array&& gradients)
{
    if constexpr (std::tuple_size_v<std::remove_cvref_t<Array>> == 1)
    {
        return std::move(gradients[0]);
    }
    else
    {
        return std::forward<Array>(gradients);
    }
}

} // namespace detail

/// The function x... -> (f(x...), gradient of f by its arguments K..., by default the first).
///
/// f is a generic function of variables with a scalar result. On variables the result is recorded on their tape, so it
/// can be differentiated again: grad(grad(f)). On xtensor arrays (and numbers) it runs on a tape of its own and gives
/// back the value as a number and the gradients as xt::xarray, of the element type of the first argument. One gradient
/// comes by itself, several as a std::array. Shapes: those of the arguments. What f captured is constant: it is
/// differentiated by its arguments only. Its derivative is recorded at the line that calls value_and_grad.
/// Throws as gradient.
template <std::size_t... K, class F>
auto value_and_grad(F f, location where = location::current())
{
    return [f, where](const auto&... x)
    {
        if constexpr (sizeof...(K) == 0)
        {
            return value_and_grad<0>(f, where)(x...);
        }
        else if constexpr ((detail::is_variable<std::remove_cvref_t<decltype(x)>> || ...))
        {
            using arguments = std::tuple<std::remove_cvref_t<decltype(x)>...>;
            static_assert((detail::is_variable<std::tuple_element_t<K, arguments>> && ...),
                          "Beside a variable, what is differentiated by is a variable, too: tape.variable(array).");
            auto [value, gradients] = detail::value_and_gradients<K...>(f, arguments(x...), where);
            return std::pair(value, detail::unwrap(std::move(gradients)));
        }
        else
        {
            auto [value, gradients] = detail::value_and_gradients_of_arrays<K...>(f, where, x...);
            return std::pair(value, detail::unwrap(std::move(gradients)));
        }
    };
}

/// The function x... -> gradient of f by its arguments K..., by default the first. See value_and_grad.
template <std::size_t... K, class F>
auto grad(F f, location where = location::current())
{
    return [both = value_and_grad<K...>(f, where)](const auto&... x) { return both(x...).second; };
}

} // namespace autograd
