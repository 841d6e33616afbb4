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

template <std::size_t K, std::size_t...>
inline constexpr std::size_t first_of = K;

/// The arguments with fresh names for those that are differentiated, so that a function that also captured one of them
/// from outside is differentiated by its argument only.
template <std::size_t... K, class F, class... X>
auto value_and_gradients(const F& f, std::tuple<X...> arguments, unconnected policy, location where)
{
    const auto& first = std::get<first_of<K...>>(arguments);
    first.checked("grad", where);
    return first.tape().together("grad", where,
                                 [&]
                                 {
                                     ((std::get<K>(arguments) = identity(std::get<K>(arguments), where)), ...);
                                     const auto value = std::apply(f, arguments);
                                     using T = typename std::remove_cvref_t<decltype(value)>::value_type;
                                     const variable<T> by[] = {std::get<K>(arguments)...};
                                     return std::pair(value, gradient(value, by, policy, where));
                                 });
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

/// Puts arrays and numbers on a tape: as variables, arrays of integers (labels, positions) as indices; what is on it
/// already, and single integers (an axis, an exponent), stay as they are.
template <class T, class X>
auto lift(tape<T>& tape, const X& x, location where)
{
    constexpr bool integers = std::is_integral_v<typename element_of<X>::type>;
    if constexpr (array_expression<X> && integers)
    {
        return tape.index(x, where);
    }
    else if constexpr (array_expression<X> || (number<X> && !integers))
    {
        return tape.variable(x, where);
    }
    else
    {
        return x;
    }
}

template <std::size_t... K, class F, class... X>
auto value_and_gradients_of_arrays(const F& f, unconnected policy, location where, const X&... x)
{
    using arguments = std::tuple<X...>;
    static_assert((std::is_floating_point_v<typename element_of<std::tuple_element_t<K, arguments>>::type> && ...),
                  "Integers are not differentiable: give arrays of double, and 3.0 for 3.");
    using T = typename element_of<std::tuple_element_t<first_of<K...>, arguments>>::type;
    tape<T> own;
    const auto [value, gradients] =
        value_and_gradients<K...>(f, std::make_tuple(lift(own, x, where)...), policy, where);
    std::array<array<T>, sizeof...(K)> arrays;
    std::transform(gradients.begin(), gradients.end(), arrays.begin(),
                   [](variable<T> g) { return array<T>(g.value()); });
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
/// back the value as a number and the gradients as xt::xarray, of the element type of argument K (the first of them);
/// there, arrays of integers reach f as indices, and single integers as they are. One gradient comes by itself, several
/// as a std::array. Shapes: those of the arguments. What f captured is constant: it is differentiated by its arguments
/// only. Its derivative is recorded at the line that calls value_and_grad. Throws as gradient, to which `policy` goes.
template <std::size_t... K, class F>
auto value_and_grad(F f, unconnected policy = unconnected::error, location where = location::current())
{
    return [f, policy, where](const auto&... x)
    {
        if constexpr (sizeof...(K) == 0)
        {
            return value_and_grad<0>(f, policy, where)(x...);
        }
        else if constexpr ((detail::is_variable<std::remove_cvref_t<decltype(x)>> || ...))
        {
            using arguments = std::tuple<std::remove_cvref_t<decltype(x)>...>;
            static_assert((detail::is_variable<std::tuple_element_t<K, arguments>> && ...),
                          "Beside a variable, what is differentiated by is a variable, too: tape.variable(array).");
            auto [value, gradients] = detail::value_and_gradients<K...>(f, arguments(x...), policy, where);
            return std::pair(value, detail::unwrap(std::move(gradients)));
        }
        else
        {
            auto [value, gradients] = detail::value_and_gradients_of_arrays<K...>(f, policy, where, x...);
            return std::pair(value, detail::unwrap(std::move(gradients)));
        }
    };
}

/// The function x... -> gradient of f by its arguments K..., by default the first. See value_and_grad.
template <std::size_t... K, class F>
auto grad(F f, unconnected policy = unconnected::error, location where = location::current())
{
    return [both = value_and_grad<K...>(f, policy, where)](const auto&... x) { return both(x...).second; };
}

} // namespace autograd
