#pragma once

#include "autograd/operations/record.hpp"

#include <array>

/// Functions of variables among which there may be numbers and xtensor expressions.
namespace autograd::detail
{

/// The T of the first variable among arguments of which the others may be arrays.
template <class... X>
struct first_variable;
template <class T, class... X>
struct first_variable<variable<T>, X...>
{
    using type = T;
};
template <class X, class... Rest>
struct first_variable<X, Rest...> : first_variable<Rest...>
{
};
template <class... X>
using real_among = typename first_variable<X...>::type;

/// Variables of one T, and numbers or xtensor expressions beside them.
template <class... X>
concept variables_among_constants = (is_variable<X> || ...) &&
                                    ((constant_argument<X> || std::same_as<X, variable<real_among<X...>>>)&&...);

template <class T>
variable<T> find_variable(variable<T> x, const auto&...)
{
    return x;
}
template <class X>
auto find_variable(const X&, const auto&... others)
{
    return find_variable(others...);
}

/// Records what f makes of the arguments as variables of one tape, as one operation.
template <class F, class... X>
auto record_lifted(const char* name, location where, F f, const X&... x)
{
    using T = real_among<X...>;
    const variable<T> beside = find_variable(x...);
    return record_composite(name, where, beside,
                            [&]
                            {
                                const auto lifted = [&]<class Y>(const Y& y)
                                {
                                    if constexpr (is_variable<Y>)
                                    {
                                        return y;
                                    }
                                    else
                                    {
                                        return variable<T>(beside.tape().constant(y, where));
                                    }
                                };
                                return f(std::array<variable<T>, sizeof...(X)>{lifted(x)...});
                            });
}

} // namespace autograd::detail
