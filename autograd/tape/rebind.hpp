#pragma once

#include "autograd/tape/structure.hpp"

#include <array>
#include <type_traits>

/// Structures over other leaves: a model of variables for one of arrays. A structure is then a template over the type
/// of its leaves, or made of such, and parts that hold no leaf stay as they are.
namespace autograd
{

/// What a part of a structure is to it.
enum class role
{
    parameter,     ///< a leaf that is trained
    buffer,        ///< a leaf that is kept, but not trained
    hyperparameter ///< anything else: a rate, an axis, a flag
};

namespace detail
{

/// The type of a structure over other leaves. Which types are leaves, and what becomes of each, tells
///
///     struct leaves
///     {
///         template <class X>
///         static constexpr bool is_leaf = ...;
///         template <class X>
///         using type = ...; // of a leaf
///     };
///
/// The leaf's type must be among the arguments of the templates that the structure is made of. Parts that it refers to,
/// std::tie(x, w), are held.
template <class S, class Leaves>
struct rebound
{
    using type = S;
};
template <class S, class Leaves>
    requires(Leaves::template is_leaf<S>)
struct rebound<S, Leaves>
{
    using type = typename Leaves::template type<S>;
};
template <template <class...> class S, class... Arguments, class Leaves>
    requires(!Leaves::template is_leaf<S<Arguments...>>)
struct rebound<S<Arguments...>, Leaves>
{
    using type = S<typename rebound<Arguments, Leaves>::type...>;
};
template <class S, std::size_t N, class Leaves>
    requires(!Leaves::template is_leaf<std::array<S, N>>)
struct rebound<std::array<S, N>, Leaves>
{
    using type = std::array<typename rebound<S, Leaves>::type, N>;
};
template <class S, class Leaves>
struct rebound<S&, Leaves> : rebound<std::remove_cv_t<S>, Leaves>
{
};

template <class... Types>
struct first_found
{
    using type = void;
};
template <class First, class... Others>
struct first_found<First, Others...>
{
    using type = std::conditional_t<std::is_void_v<First>, typename first_found<Others...>::type, First>;
};

/// The first type of leaves among the template arguments of a structure; void if there is none.
template <class S, class Leaves>
struct found_leaf
{
    using type = std::conditional_t<Leaves::template is_leaf<S>, S, void>;
};
template <template <class...> class S, class... Arguments, class Leaves>
    requires(!Leaves::template is_leaf<S<Arguments...>>)
struct found_leaf<S<Arguments...>, Leaves>
{
    using type = typename first_found<typename found_leaf<Arguments, Leaves>::type...>::type;
};
template <class S, std::size_t N, class Leaves>
    requires(!Leaves::template is_leaf<std::array<S, N>>)
struct found_leaf<std::array<S, N>, Leaves> : found_leaf<S, Leaves>
{
};
template <class S, class Leaves>
struct found_leaf<S&, Leaves> : found_leaf<std::remove_cv_t<S>, Leaves>
{
};

/// Whether a structure has no leaf among its template arguments.
template <class S, class Leaves>
inline constexpr bool is_leafless = std::is_void_v<typename found_leaf<S, Leaves>::type>;

/// Gives `to` as many parts as `from` has.
template <class To, class From>
void fit(To& to, const From& from)
{
    if constexpr (is_optional<From>)
    {
        from ? void(to.emplace()) : to.reset();
    }
    else if constexpr (requires { to.resize(from.size()); })
    {
        to.resize(from.size());
    }
}

/// to = f(path, role, leaf, leaves of the others...), leaf by leaf; hyperparameters are copied from `from`.
template <class Leaves, class F, class To, class From, class... Others>
void map_into(const part_path& path, role as, F& f, To& to, const From& from, const Others&... others)
{
    if constexpr (Leaves::template is_leaf<From>)
    {
        to = f(path, as, from, others...);
    }
    else if constexpr (is_leafless<From, Leaves>)
    {
        to = from;
    }
    else
    {
        static_assert(has_parts<From>,
                      "A structure lists its parts: by members(), a layer of nn by NN_MEMBERS(weight, bias).");
        fit(to, from);
        const role inside = is_buffer<From> ? role::buffer : as;
        for_each_part(
            [&](const part_name& name, auto& to_part, const auto& part, const auto&... parts) {
                map_into<Leaves>({&path, name}, inside, f, to_part, part, parts...);
            },
            to, from, others...);
    }
}

} // namespace detail

} // namespace autograd
