#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/identity.hpp"

#include <tuple>

/// Derivatives as functions of functions.
namespace autograd
{

namespace detail
{

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
    using T = typename element_of<std::tuple_element_t<first_of<K...>, std::tuple<X...>>>::type;
    tape<T> own;
    const auto [value, gradients] =
        value_and_gradients<K...>(f, std::make_tuple(lift(own, x, where)...), policy, where);
    std::array<array<T>, sizeof...(K)> arrays;
    std::transform(gradients.begin(), gradients.end(), arrays.begin(),
                   [](variable<T> g) { return array<T>(g.value()); });
    return std::pair(value.item(), std::move(arrays));
}

/// One gradient by itself, several as an array.
template <class Value, class Array>
auto unwrap(std::pair<Value, Array>&& result)
{
    if constexpr (std::tuple_size_v<Array> == 1)
    {
        return std::pair(result.first, std::move(result.second[0]));
    }
    else
    {
        return std::move(result);
    }
}

/// The element of argument K, if there is one.
template <std::size_t K, class... X>
struct element_of_argument
{
    using type = void;
};
template <std::size_t K, class... X>
    requires(K < sizeof...(X))
struct element_of_argument<K, X...> : element_of<std::tuple_element_t<K, std::tuple<X...>>>
{
};

/// Whether f can be called with these arguments, arrays among them being put on a tape<T>, and gives one variable.
template <class T, class F, class... X>
concept calls = requires(const F& f, tape<T>& tape, const X&... x)
{
    f(lift(tape, x, location())...);
};
template <class T, class F, class... X>
concept gives_variable = is_variable<std::remove_cvref_t<decltype(std::declval<const F&>()(
    lift(std::declval<tape<T>&>(), std::declval<const X&>(), location())...))>>;

/// The value of f and its gradients by the arguments K..., on the tape of variables or on one of its own. What is wrong
/// with the types is told here, before anything else goes wrong for it.
template <std::size_t... K, class F, class... X>
auto differentiated(const F& f, unconnected policy, location where, const X&... x)
{
    using T = typename element_of_argument<first_of<K...>, X...>::type;
    if constexpr (!((K < sizeof...(X)) && ...))
    {
        static_assert(never<F>, "grad<K> differentiates by argument K, from 0: there are not as many arguments.");
        return std::pair(0, 0);
    }
    else if constexpr (!(std::is_floating_point_v<typename element_of_argument<K, X...>::type> && ...))
    {
        static_assert(never<F>, "Integers are not differentiable: give arrays of double, and 3.0 for 3.");
        return std::pair(0, 0);
    }
    else if constexpr ((is_variable<X> || ...) && !(is_variable<std::tuple_element_t<K, std::tuple<X...>>> && ...))
    {
        static_assert(never<F>,
                      "Beside a variable, what is differentiated by is a variable, too: tape.variable(array).");
        return std::pair(0, 0);
    }
    else if constexpr (!calls<T, F, X...>)
    {
        static_assert(never<F>,
                      "The function takes what its gradient is given, arrays as variables: let it take auto.");
        return std::pair(0, 0);
    }
    else if constexpr (!gives_variable<T, F, X...>)
    {
        static_assert(never<F>, "What is differentiated returns one variable: sum(x), not sum(x).item(), no tuple.");
        return std::pair(0, 0);
    }
    else if constexpr ((is_variable<X> || ...))
    {
        return unwrap(value_and_gradients<K...>(f, std::tuple<X...>(x...), policy, where));
    }
    else
    {
        return unwrap(value_and_gradients_of_arrays<K...>(f, policy, where, x...));
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
    if constexpr (sizeof...(K) == 0)
    {
        return value_and_grad<0>(f, policy, where);
    }
    else if constexpr (detail::is_variable<F>)
    {
        static_assert(detail::never<F>, "A variable is no function, which grad(f) is of: write gradient(y, x).");
        return [](const auto&...) { return 0; };
    }
    else
    {
        return [f, policy, where](const auto&... x) { return detail::differentiated<K...>(f, policy, where, x...); };
    }
}
template <std::size_t... K>
mistake::arguments_of_gradient value_and_grad(detail::anything, detail::anything, ...);

/// The function x... -> gradient of f by its arguments K..., by default the first. See value_and_grad.
template <std::size_t... K, class F>
auto grad(F f, unconnected policy = unconnected::error, location where = location::current())
{
    if constexpr (sizeof...(K) == 0)
    {
        return grad<0>(f, policy, where);
    }
    else if constexpr (detail::is_variable<F>)
    {
        static_assert(detail::never<F>, "A variable is no function, which grad(f) is of: write gradient(y, x).");
        return [](const auto&...) { return 0; };
    }
    else
    {
        return [f, policy, where](const auto&... x)
        { return detail::differentiated<K...>(f, policy, where, x...).second; };
    }
}
template <std::size_t... K>
mistake::arguments_of_gradient grad(detail::anything, detail::anything, ...);

} // namespace autograd
