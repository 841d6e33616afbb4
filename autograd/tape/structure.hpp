#pragma once

#include "autograd/tape/references.hpp"
#include "autograd/tape/variable.hpp"

#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// Structures of variables: what functions take and return beside single variables, and what models are. A structure is
/// a leaf (a variable, indices), or a pair, tuple, array, container or optional of structures, or any type whose
/// members() gives a tuple of references to its members. Other members (numbers, flags) are passed over; pointers,
/// reference wrappers and variants, which may hide parts, do not compile.
namespace autograd
{

/// A leaf of a model that is not trained: a running statistic. gradient(y, model) leaves it as it is.
template <class Leaf>
struct buffer
{
    Leaf value;
};

/// What a part of a structure is called in it: a member by its name, if the structure's member_names() tells it, an
/// element by its number, and the content of an optional or a buffer not at all.
struct part_name
{
    enum class kind
    {
        text,
        number,
        none
    };
    kind is = kind::none;
    std::string_view text;
    std::size_t number = 0;
};

namespace detail
{
template <class S>
inline constexpr bool is_leaf = false;
template <class T>
inline constexpr bool is_leaf<variable<T>> = true;
template <class T>
inline constexpr bool is_leaf<indices<T>> = true;

template <class S>
inline constexpr bool is_optional = false;
template <class S>
inline constexpr bool is_optional<std::optional<S>> = true;

template <class S>
inline constexpr bool is_buffer = false;
template <class Leaf>
inline constexpr bool is_buffer<buffer<Leaf>> = true;

template <class S>
concept has_members = requires(S& s)
{
    s.members();
};
template <class S>
concept tuple_like = requires
{
    std::tuple_size<std::remove_const_t<S>>::value;
};
/// A container of what may be structures: neither an array of numbers nor a text.
template <class S>
concept container = requires(S& s)
{
    s.begin();
    s.end();
    requires std::is_lvalue_reference_v<decltype(*s.begin())>;
    requires !std::is_arithmetic_v<std::remove_cvref_t<decltype(*s.begin())>>;
}
&&!xt::is_xexpression<std::remove_const_t<S>>::value;

template <class S>
concept has_parts = has_members<S> || tuple_like<S> || std::is_bounded_array_v<std::remove_const_t<S>> ||
    is_optional<std::remove_const_t<S>> || is_buffer<std::remove_const_t<S>> || container<S>;

/// What refers to parts, or may hold one of several, and would be passed over in silence.
template <class S>
inline constexpr bool is_variant = false;
template <class... S>
inline constexpr bool is_variant<std::variant<S...>> = true;
template <class S>
inline constexpr bool is_reference_wrapper = false;
template <class S>
inline constexpr bool is_reference_wrapper<std::reference_wrapper<S>> = true;
template <class S>
concept points_to_parts = requires(const S& s)
{
    *s;
    requires is_leaf<std::remove_cvref_t<decltype(*s)>> || has_parts<std::remove_cvref_t<decltype(*s)>>;
};
/// A structure that tells its members only where it may change: a const one would look as if it had none.
template <class S>
concept hides_members = has_members<std::remove_const_t<S>> && !has_members<S>;
template <class S>
concept hides_parts =
    is_variant<std::remove_const_t<S>> || is_reference_wrapper<std::remove_const_t<S>> || points_to_parts<S>;

template <class S>
using is_array = xt::is_xexpression<S>;
template <class S>
using is_variable_part = std::bool_constant<is_variable<S>>;

/// Whether a structure of this type has parts for which Is is true. One that holds structures of its own type is looked
/// into once.
template <template <class> class Is, class S, class... Around>
constexpr bool has_part();
template <template <class> class Is, class Tuple, class... Around, std::size_t... K>
constexpr bool has_part_among(std::index_sequence<K...>)
{
    return (has_part<Is, std::remove_reference_t<std::tuple_element_t<K, Tuple>>, Around...>() || ...);
}
template <template <class> class Is, class S, class... Around>
constexpr bool has_part()
{
    using bare = std::remove_const_t<S>;
    if constexpr (Is<bare>::value || (std::is_same_v<bare, Around> || ...))
    {
        return Is<bare>::value;
    }
    else if constexpr (has_members<S>)
    {
        using parts = std::remove_reference_t<decltype(std::declval<S&>().members())>;
        return has_part_among<Is, parts, bare, Around...>(std::make_index_sequence<std::tuple_size_v<parts>>());
    }
    else if constexpr (tuple_like<S>)
    {
        return has_part_among<Is, bare, bare, Around...>(std::make_index_sequence<std::tuple_size_v<bare>>());
    }
    else if constexpr (is_buffer<bare>)
    {
        return has_part<Is, decltype(bare::value), bare, Around...>();
    }
    else if constexpr (is_optional<bare>)
    {
        return has_part<Is, typename bare::value_type, bare, Around...>();
    }
    else if constexpr (has_parts<S>)
    {
        return has_part<Is, std::remove_reference_t<decltype(*std::begin(std::declval<S&>()))>, bare, Around...>();
    }
    else
    {
        return false;
    }
}

/// Whether members() gives the members themselves: a tuple of references, or a reference to a tuple.
template <class Tuple>
inline constexpr bool gives_members = std::is_lvalue_reference_v<Tuple>;
template <class... Members>
inline constexpr bool gives_members<std::tuple<Members...>> = (std::is_lvalue_reference_v<Members> && ...);
template <class Sequence, class... Members>
inline constexpr bool gives_members<references<Sequence, Members...>> = true;

/// The way to a part of a structure, through the parts that it is in.
struct part_path
{
    const part_path* outer = nullptr; ///< null for the structure itself
    part_name name = {};

    /// The full name: "hidden.weight", "layers.2.bias"; "" of the structure itself.
    std::string text() const;
};

/// Throws shape_error: structures that are walked together differ.
[[noreturn]] void throw_different_structures(std::size_t parts, std::size_t others);

inline void require_equal_parts(std::size_t parts, std::size_t others)
{
    if (parts != others)
    {
        throw_different_structures(parts, others);
    }
}

template <class S>
part_name name_of_part(std::size_t k)
{
    if constexpr (requires { S::member_names(); })
    {
        return {part_name::kind::text, S::member_names()[k]};
    }
    else
    {
        return {part_name::kind::number, {}, k};
    }
}

template <class S, std::size_t K, class F, class Tuple, class... Others>
void call_at(F& f, Tuple& tuple, Others&... others)
{
    f(name_of_part<S>(K), element_of_tuple<K>(tuple), element_of_tuple<K>(others)...);
}
template <class S, class F, class Tuple, class... Others>
void for_each_element(F& f, Tuple&& tuple, Others&&... others)
{
    [&]<std::size_t... K>(std::index_sequence<K...>)
    {
        (call_at<S, K>(f, tuple, others...), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>());
}

template <class F, class S, class... Others>
void for_each_item(F& f, S& first, Others&... others)
{
    const auto size = [](auto& items)
    { return static_cast<std::size_t>(std::distance(std::begin(items), std::end(items))); };
    [[maybe_unused]] const std::size_t count = size(first);
    (require_equal_parts(count, size(others)), ...);
    std::size_t k = 0;
    [&](auto... iterators)
    {
        for (auto& each : first)
        {
            f(part_name{part_name::kind::number, {}, k++}, each, *iterators++...);
        }
    }(std::begin(others)...);
}
} // namespace detail

/// Calls f(name, part, parts of the others...) for each part of a structure, in order, together with the corresponding
/// ones of others of the same form. One level: a part may have parts itself. Throws shape_error where the structures
/// differ: containers of different lengths, an optional that only one has.
template <class F, class S, class... Others>
void for_each_part(F&& f, S& structure, Others&... others)
{
    using bare = std::remove_const_t<S>;
    if constexpr (detail::has_members<S>)
    {
        static_assert(detail::gives_members<decltype(structure.members())>,
                      "members() gives a tuple of references to the members: std::tie(weight, bias).");
        detail::for_each_element<bare>(f, structure.members(), others.members()...);
    }
    else if constexpr (detail::tuple_like<S>)
    {
        detail::for_each_element<bare>(f, structure, others...);
    }
    else if constexpr (detail::is_buffer<bare>)
    {
        f(part_name{part_name::kind::none, {}}, structure.value, others.value...);
    }
    else if constexpr (detail::is_optional<bare>)
    {
        (detail::require_equal_parts(structure.has_value(), others.has_value()), ...);
        if (structure)
        {
            f(part_name{part_name::kind::none, {}}, *structure, *others...);
        }
    }
    else
    {
        detail::for_each_item(f, structure, others...);
    }
}

/// Calls f on every variable (and indices) in a structure, in order.
template <class S, class F>
void for_each_leaf(S& structure, F&& f)
{
    if constexpr (detail::is_leaf<std::remove_const_t<S>>)
    {
        f(structure);
    }
    else if constexpr (detail::has_parts<S>)
    {
        for_each_part([&](part_name, auto& part) { for_each_leaf(part, f); }, structure);
    }
    else
    {
        static_assert(!detail::hides_parts<S>, "A structure holds its parts: no pointers, references or variants.");
        static_assert(!detail::hides_members<S>, "The members of a const structure are listed, too: members() const.");
    }
}

namespace detail
{
/// for_each_leaf without what buffers hold: f(leaf, its path).
template <class S, class F>
void for_each_trained_leaf(S& structure, F&& f, const part_path& path = {})
{
    if constexpr (is_leaf<std::remove_const_t<S>>)
    {
        f(structure, path);
    }
    else if constexpr (has_parts<S> && !is_buffer<std::remove_const_t<S>>)
    {
        for_each_part(
            [&](const part_name& name, auto& part) {
                for_each_trained_leaf(part, f, {&path, name});
            },
            structure);
    }
    else
    {
        static_assert(!hides_parts<S>, "A structure holds its parts: no pointers, references or variants.");
        static_assert(!hides_members<S>, "The members of a const structure are listed, too: members() const.");
    }
}
} // namespace detail

} // namespace autograd
