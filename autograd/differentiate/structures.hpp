#pragma once

#include "autograd/tape/structure.hpp"
#include "autograd/tape/tape.hpp"

#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Structures as what derivatives are taken by: the list of their variables, and a structure again from a list.
namespace autograd
{

namespace detail
{

/// What is neither a variable nor an array, but has parts.
template <class S>
concept structure_of_variables = has_parts<S> && !array_expression<S>;

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
template <class X, std::size_t N>
struct owned<std::span<X, N>>
{
    using type = std::vector<std::remove_const_t<X>>;
};

/// In a class, for the compiler to say it once.
template <class S>
struct made_of_variables : std::true_type
{
    static_assert(!has_part<is_array, S>() || has_part<is_variable_part, S>(),
                  "What is differentiated by is made of variables: by the model that nn::on_tape(tape, model) gives.");
};

/// f(variable, its path) for each variable of a structure that is not in a buffer, in order. Indices, and what is no
/// leaf, are passed over.
template <class T, class S, class F>
void for_each_variable(S& structure, F f)
{
    for_each_trained_leaf(structure,
                          [&]<class Leaf>(Leaf& leaf, const part_path& path)
                          {
                              using bare = std::remove_const_t<Leaf>;
                              static_assert(std::is_same_v<bare, variable<T>> || std::is_same_v<bare, indices<T>>,
                                            "float and double are different tapes");
                              if constexpr (std::is_same_v<bare, variable<T>>)
                              {
                                  f(leaf, path);
                              }
                          });
}

/// Of a copy, since members() need not be const.
template <class T, class S>
std::vector<variable<T>> variables_of(S structure)
{
    static_assert(made_of_variables<S>::value);
    std::vector<variable<T>> list;
    for_each_variable<T>(structure, [&](const variable<T>& x, const part_path&) { list.push_back(x); });
    return list;
}

template <class T, class S>
std::vector<std::string> names_of_variables(S structure)
{
    std::vector<std::string> names;
    for_each_variable<T>(structure, [&](const variable<T>&, const part_path& path) { names.push_back(path.text()); });
    return names;
}

template <class S>
owned_t<S> own(S structure)
{
    return owned_t<S>(std::move(structure));
}
template <class X, std::size_t N>
owned_t<std::span<X, N>> own(std::span<X, N> span)
{
    return {span.begin(), span.end()};
}

/// The structure with f(its variables), a list again, in their places.
template <class T, class S, class F>
owned_t<S> with_variables(S structure, F f)
{
    static_assert(made_of_variables<S>::value);
    owned_t<S> result = own(std::move(structure));
    const std::vector<variable<T>> list = f(variables_of<T>(result));
    auto next = list.begin();
    for_each_variable<T>(result,
                         [&]<class X>(X& x, const part_path&)
                         {
                             static_assert(!std::is_const_v<X>,
                                           "The result takes the place of the variable: no const.");
                             x = *next++;
                         });
    return result;
}

} // namespace detail

} // namespace autograd
