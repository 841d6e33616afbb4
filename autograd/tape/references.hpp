#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// The members of a structure, by reference: what std::tie gives, for less of a compiler's time. A model has many
/// structures, each of them const and not, over arrays and over variables.
namespace autograd::detail
{

template <std::size_t K, class M>
struct reference_at
{
    M& member;
};

template <class Sequence, class... M>
struct references;
template <std::size_t... K, class... M>
struct references<std::index_sequence<K...>, M...> : reference_at<K, M>...
{
};

template <class... M>
references<std::index_sequence_for<M...>, M...> refer_to(M&... members)
{
    return {{members}...};
}

template <class Tuple>
inline constexpr bool is_references = false;
template <class Sequence, class... M>
inline constexpr bool is_references<references<Sequence, M...>> = true;

template <std::size_t K, class M>
M& member_of(const reference_at<K, M>& of)
{
    return of.member;
}

/// Element K of references, or of what std::get takes.
template <std::size_t K, class Tuple>
decltype(auto) element_of_tuple(Tuple& tuple)
{
    if constexpr (is_references<std::remove_const_t<Tuple>>)
    {
        return member_of<K>(tuple);
    }
    else
    {
        return std::get<K>(tuple);
    }
}

} // namespace autograd::detail

template <class Sequence, class... M>
struct std::tuple_size<autograd::detail::references<Sequence, M...>> : std::integral_constant<std::size_t, sizeof...(M)>
{
};
template <std::size_t K, class Sequence, class... M>
struct std::tuple_element<K, autograd::detail::references<Sequence, M...>>
{
    using type =
        decltype(autograd::detail::member_of<K>(std::declval<const autograd::detail::references<Sequence, M...>&>()));
};
