#pragma once

#include "autograd/tape/integers.hpp"

#include <tuple>
#include <type_traits>

namespace xt
{
struct keep_dims_type;
namespace evaluation_strategy
{
struct immediate_type;
struct lazy_type;
} // namespace evaluation_strategy
} // namespace xt

/// Axes as xtensor's functions take them. Negative ones count from the end.
namespace autograd
{

/// The axes as a set: bit a for axis a. Throws shape_error for axes out of range or given twice.
std::uint32_t axes_set(const axes_list& axes, shape_view shape, const char* operation, location where = {});

namespace detail
{
/// All axes of a shape.
inline std::uint32_t all_axes(shape_view shape)
{
    return static_cast<std::uint32_t>((std::uint64_t{1} << shape.size()) - 1);
}

/// xtensor's xt::keep_dims, or its evaluation strategies (which mean nothing here and are accepted so that one generic
/// function serves arrays and variables), or both joined by |. Its xt::initial is not taken.
template <class O>
inline constexpr bool is_reduction_option = false;
template <class... Options>
inline constexpr bool is_reduction_option<std::tuple<Options...>> =
    ((std::is_same_v<Options, xt::keep_dims_type> || std::is_same_v<Options, xt::evaluation_strategy::immediate_type> ||
      std::is_same_v<Options, xt::evaluation_strategy::lazy_type>)&&...);
template <class O>
concept reduction_option = is_reduction_option<O>;

/// The number of an axis: no truth value, which would be that of axis 0 or 1.
template <class I>
concept axis_number = std::integral<I> && !std::same_as<I, bool>;

template <class O>
inline constexpr bool keeps_dims = false;
template <class... Options>
inline constexpr bool keeps_dims<std::tuple<Options...>> = (std::is_same_v<Options, xt::keep_dims_type> || ...);
} // namespace detail

} // namespace autograd

/// Two overloads of a reduction: over the axes given as `parameter`, without and with an option behind them. `axes` is
/// the list that they are; template parameters behind T stand last.
#define AUTOGRAD_REDUCTION_OVER(name, over, parameter, axes, ...)                                                      \
    template <class T __VA_OPT__(, ) __VA_ARGS__>                                                                      \
    variable<T> name(variable<T> x, parameter, location where = location::current())                                   \
    {                                                                                                                  \
        return over(x, false, axes, false, where);                                                                     \
    }                                                                                                                  \
    template <class T __VA_OPT__(, ) __VA_ARGS__, detail::reduction_option O>                                          \
    variable<T> name(variable<T> x, parameter, [[maybe_unused]] const O& keep_dims,                                    \
                     location where = location::current())                                                             \
    {                                                                                                                  \
        return over(x, false, axes, detail::keeps_dims<O>, where);                                                     \
    }

/// The overloads of a reduction over axes in all spellings, in terms of
///     over(variable<T>, bool all, const axes_list&, bool keep_dims, location).
/// The list in braces is for {}, too, which is no axis rather than a location. By mistake axes are given without
/// braces, a truth value to keep them, as in NumPy, or integers are reduced.
#define AUTOGRAD_REDUCTION_BY(name, over)                                                                              \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, location where = location::current())                                              \
    {                                                                                                                  \
        return over(x, true, axes_list(), false, where);                                                               \
    }                                                                                                                  \
    template <class T, detail::reduction_option O>                                                                     \
    variable<T> name(variable<T> x, [[maybe_unused]] const O& keep_dims, location where = location::current())         \
    {                                                                                                                  \
        return over(x, true, axes_list(), detail::keeps_dims<O>, where);                                               \
    }                                                                                                                  \
    template <class T, std::integral I, std::integral J, std::integral... More>                                        \
    mistake::list_of_integers name(variable<T>, I, J, More...);                                                        \
    template <class T, std::integral I>                                                                                \
    mistake::truth name(variable<T>, I, bool);                                                                         \
    template <class T>                                                                                                 \
    mistake::truth name(variable<T>, std::initializer_list<integer>, bool);                                            \
    template <class T, std::same_as<bool> B>                                                                           \
    mistake::truth name(variable<T>, B);                                                                               \
    template <class T, class... More>                                                                                  \
    mistake::function_of_integers name(indices<T>, More&&...);                                                         \
    AUTOGRAD_REDUCTION_OVER(name, over, I axis, axes_list(axis), detail::axis_number I)                                \
    AUTOGRAD_REDUCTION_OVER(name, over, const I(&axes)[N], axes_list(axes, #name, where), std::integral I,             \
                            std::size_t N)                                                                             \
    AUTOGRAD_REDUCTION_OVER(name, over, std::initializer_list<integer> axes, axes_list(axes, #name, where))            \
    AUTOGRAD_REDUCTION_OVER(name, over, C&& axes, axes_list(axes, #name, where), axis_container C)

/// Of a function detail::name##_over, and of a rule name##_rule whose attributes are reduced_axes.
#define AUTOGRAD_REDUCTION(name) AUTOGRAD_REDUCTION_BY(name, detail::name##_over)
#define AUTOGRAD_REDUCTION_RULE(name) AUTOGRAD_REDUCTION_BY(name, detail::record_reduction<name##_rule>)

/// One overload of a function of a list; template parameters behind T stand last.
#define AUTOGRAD_TAKES_LIST(name, list, parameter, ...)                                                                \
    template <class T __VA_OPT__(, ) __VA_ARGS__>                                                                      \
    variable<T> name(variable<T> x, parameter, location where = location::current())                                   \
    {                                                                                                                  \
        return detail::name##_list(x, axes_list(list, #name, where), where);                                           \
    }

/// The overloads of a function that takes a shape or a permutation in any spelling, in terms of
///     detail::name##_list(variable<T>, const axes_list&, location);
/// `list` is what the function calls it. xtensor takes some lists as const S&, which would be as good a match as C&&
/// under using namespace xt. By mistake the integers are given without braces.
#define AUTOGRAD_TAKES_INTEGERS(name, list)                                                                            \
    template <class T, std::integral I, std::integral J, std::integral... More>                                        \
    mistake::list_of_integers name(variable<T>, I, J, More...);                                                        \
    AUTOGRAD_TAKES_LIST(name, list, const I(&list)[N], std::integral I, std::size_t N)                                 \
    AUTOGRAD_TAKES_LIST(name, list, std::initializer_list<integer> list)                                               \
    AUTOGRAD_TAKES_LIST(name, list, C&& list, axis_container C)                                                        \
    AUTOGRAD_TAKES_LIST(name, list, const C& list, axis_container C)
