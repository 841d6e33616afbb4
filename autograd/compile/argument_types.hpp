#pragma once

#include "autograd/compile/placeholder.hpp"
#include "autograd/tape/rebind.hpp"
#include "autograd/tape/tape.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// What compiled functions are called with and what they give, as types.
namespace autograd
{

namespace detail
{

/// An xtensor expression, and not a reference to one.
template <class X>
concept plain_expression = array_expression<X> && !std::is_reference_v<X>;

/// The elements of a leaf of an argument; void for what is none.
template <class X>
struct argument_leaf
{
    using element = void;
};
template <plain_expression X>
struct argument_leaf<X>
{
    using element = typename X::value_type;
};
template <class Element>
struct argument_leaf<borrowed<Element>>
{
    using element = Element;
};
template <class Element>
struct argument_leaf<placeholder<Element>>
{
    using element = Element;
};
template <class X>
using leaf_element_t = typename argument_leaf<std::remove_const_t<X>>::element;

/// Arguments as a function is given them: arrays as variables, those of integers as indices.
template <class T>
struct recorded_leaves
{
    template <class X>
    static constexpr bool is_leaf = !std::is_void_v<leaf_element_t<X>>;
    template <class X>
    using type = std::conditional_t<std::is_integral_v<leaf_element_t<X>>, indices<T>, variable<T>>;
};
/// Results as its caller is given them: variables and indices as arrays.
struct stored_leaves
{
    template <class X>
    static constexpr bool is_leaf = detail::is_leaf<X>;
    template <class X>
    using type = array<typename X::value_type>;
};
/// Arrays of results, as they are.
struct arrays_as_leaves
{
    template <class X>
    static constexpr bool is_leaf = plain_expression<X>;
    template <class X>
    using type = X;
};

/// What is recorded of an argument: of a number, a variable or indices of shape ().
template <class T, class A>
struct recorded_argument : rebound<A, recorded_leaves<T>>
{
};
template <class T, number N>
struct recorded_argument<T, N>
{
    using type = std::conditional_t<std::is_integral_v<N>, indices<T>, variable<T>>;
};
template <class T, class A>
using recorded_t = typename recorded_argument<T, std::remove_cvref_t<A>>::type;
template <class R>
using stored_t = typename rebound<std::remove_cvref_t<R>, stored_leaves>::type;

// ----------------------------------------------------------------------------------- what is asked, to refuse in words

template <class X>
using is_tape_leaf = std::bool_constant<is_leaf<X>>;
template <class X>
using is_argument_leaf = std::bool_constant<!std::is_void_v<leaf_element_t<X>>>;
template <class Element>
struct elements
{
    template <class X>
    using are_of = std::is_same<leaf_element_t<X>, Element>;
    /// Neither of them nor integers.
    template <class X>
    using are_foreign =
        std::bool_constant<is_argument_leaf<X>::value && !std::is_integral_v<leaf_element_t<X>> && !are_of<X>::value>;
};

/// The type of tape for some arguments: what their arrays hold, or else their numbers; void where neither tells.
template <class... A>
struct real_of
{
    template <class Element>
    static constexpr bool hold = (has_part<elements<Element>::template are_of, A>() || ...);
    static constexpr bool is_single = hold<float> || (!hold<double> && (std::is_same_v<A, float> || ...));
    static constexpr bool is_double = hold<double> || (std::is_floating_point_v<A> || ...);
    using type = std::conditional_t<is_single, float, std::conditional_t<is_double, double, void>>;
};

/// Numbers in a container that is no array, though it may be meant as one. A text is not.
template <class A>
concept numbers_in_no_array = std::is_bounded_array_v<A> ||(plain_numbers<A> && !std::same_as<A, std::string>);

/// Refuses what no compiled function on a tape of T takes.
template <class T, class... A>
constexpr bool may_be_arguments()
{
    if constexpr ((has_part<is_tape_leaf, A>() || ...))
    {
        static_assert(never<T>, "A compiled function takes arrays, and records them itself: of a variable x.value().");
    }
    else if constexpr ((numbers_in_no_array<A> || ...))
    {
        static_assert(never<T>, "A compiled function takes xtensor expressions: write xt::adapt(numbers).");
    }
    else if constexpr ((has_part<elements<T>::template are_foreign, A>() || ...))
    {
        static_assert(never<T>,
                      "float and double are different tapes: a compiled function takes arrays of one of them, "
                      "and of integers.");
    }
    else if constexpr ((has_part<is_argument_leaf, recorded_t<T, A>>() || ...))
    {
        static_assert(never<T>, "A structure of arrays is a template over the type of its leaves.");
    }
    else
    {
        return true;
    }
    return false;
}

/// Whether there is a number beside variables: it would be that of the recording forever.
template <class R>
constexpr bool returns_number();
template <class R, std::size_t... K>
constexpr bool one_returns_number(std::index_sequence<K...>)
{
    return (returns_number<std::remove_cvref_t<std::tuple_element_t<K, R>>>() || ...);
}
template <class R>
constexpr bool returns_number()
{
    if constexpr (tuple_like<R> && !has_members<R>)
    {
        return one_returns_number<R>(std::make_index_sequence<std::tuple_size_v<R>>());
    }
    return std::is_arithmetic_v<R>;
}

/// Refuses what a compiled function does not return.
template <class R>
constexpr bool may_be_result()
{
    if constexpr (returns_number<R>() || has_part<is_array, R>())
    {
        static_assert(never<R>, "A compiled function returns variables: a number or an array, loss.item(), would be "
                                "that of the recording.");
    }
    else if constexpr (!has_part<is_tape_leaf, R>())
    {
        static_assert(never<R>, "A compiled function returns variables.");
    }
    else if constexpr (has_part<is_tape_leaf, stored_t<R>>())
    {
        static_assert(never<R>, "A structure of variables is a template over the type of its leaves.");
    }
    else
    {
        return true;
    }
    return false;
}

/// Whether a place for results has the form of what is stored there: tuples, pairs and arrays may stand for each other.
template <class To, class From>
constexpr bool is_place_for();
template <class To, class From, std::size_t... K>
constexpr bool are_places_for(std::index_sequence<K...>)
{
    return (is_place_for<std::tuple_element_t<K, To>, std::tuple_element_t<K, From>>() && ...);
}
template <class To, class From>
constexpr bool is_place_for()
{
    using to = std::remove_reference_t<To>;
    if constexpr (std::is_same_v<to, From>)
    {
        return true;
    }
    else if constexpr (tuple_like<to> && tuple_like<From> && !has_members<to> && !has_members<From>)
    {
        constexpr std::size_t size = std::tuple_size_v<From>;
        if constexpr (std::tuple_size_v<to> == size)
        {
            return are_places_for<to, From>(std::make_index_sequence<size>());
        }
    }
    return false;
}

} // namespace detail

} // namespace autograd
