#pragma once

#include "autograd/tape/variable.hpp"

#include <tuple>
#include <utility>

namespace autograd
{

namespace detail
{
template <class S>
inline constexpr bool is_leaf = false;
template <class T>
inline constexpr bool is_leaf<variable<T>> = true;
template <class T>
inline constexpr bool is_leaf<indices<T>> = true;
} // namespace detail

/// Calls f on every variable (and indices) in a structure, in order: the variable itself; pairs, tuples, arrays and
/// vectors of structures; and any type whose members() gives a tuple of references to its members. Other members
/// (numbers, flags) are passed over.
template <class S, class F>
void for_each_leaf(S& structure, F&& f)
{
    if constexpr (detail::is_leaf<std::remove_const_t<S>>)
    {
        f(structure);
    }
    else if constexpr (requires { structure.members(); })
    {
        std::apply([&](auto&... members) { (for_each_leaf(members, f), ...); }, structure.members());
    }
    else if constexpr (requires { std::tuple_size<std::remove_const_t<S>>::value; })
    {
        std::apply([&](auto&... members) { (for_each_leaf(members, f), ...); }, structure);
    }
    else if constexpr (requires {
                           structure.begin();
                           structure.end();
                       })
    {
        for (auto& each : structure)
        {
            for_each_leaf(each, f);
        }
    }
}

} // namespace autograd
