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

/// The axis in [0, dimension) that a possibly negative one means. Throws shape_error, in the name of the operation:
/// "autograd: sum: axis 2 is outside of shape (3, 4); it must be from -2 to 1."
std::size_t normalized_axis(std::int64_t axis, shape_view shape, const char* operation, location where = {});

/// The axes as a set: bit a for axis a. Throws shape_error for axes out of range or given twice.
std::uint32_t axes_set(const axes_list& axes, shape_view shape, const char* operation, location where = {});

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

template <class O>
inline constexpr bool keeps_dims = false;
template <class... Options>
inline constexpr bool keeps_dims<std::tuple<Options...>> = (std::is_same_v<Options, xt::keep_dims_type> || ...);

} // namespace autograd

/// The overloads of a reduction over axes in all spellings, in terms of
///     name##_over(variable<T>, bool all, const axes_list&, bool keep_dims, location).
#define AUTOGRAD_REDUCTION(name)                                                                                       \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, location where = location::current())                                              \
    {                                                                                                                  \
        return name##_over(x, true, axes_list(), false, where);                                                        \
    }                                                                                                                  \
    template <class T, reduction_option O>                                                                             \
    variable<T> name(variable<T> x, const O&, location where = location::current())                                    \
    {                                                                                                                  \
        return name##_over(x, true, axes_list(), keeps_dims<O>, where);                                                \
    }                                                                                                                  \
    template <class T, std::integral I>                                                                                \
    variable<T> name(variable<T> x, I axis, location where = location::current())                                      \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axis), false, where);                                                   \
    }                                                                                                                  \
    template <class T, std::integral I, reduction_option O>                                                            \
    variable<T> name(variable<T> x, I axis, const O&, location where = location::current())                            \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axis), keeps_dims<O>, where);                                           \
    }                                                                                                                  \
    template <class T, std::integral I, std::size_t N>                                                                 \
    variable<T> name(variable<T> x, const I(&axes)[N], location where = location::current())                           \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), false, where);                                     \
    }                                                                                                                  \
    template <class T, std::integral I, std::size_t N, reduction_option O>                                             \
    variable<T> name(variable<T> x, const I(&axes)[N], const O&, location where = location::current())                 \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), keeps_dims<O>, where);                             \
    }                                                                                                                  \
    /* For {}, which is no axis rather than a location. */                                                             \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, std::initializer_list<integer> axes, location where = location::current())         \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), false, where);                                     \
    }                                                                                                                  \
    template <class T, reduction_option O>                                                                             \
    variable<T> name(variable<T> x, std::initializer_list<integer> axes, const O&,                                     \
                     location where = location::current())                                                             \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), keeps_dims<O>, where);                             \
    }                                                                                                                  \
    template <class T, axis_container C>                                                                               \
    variable<T> name(variable<T> x, C&& axes, location where = location::current())                                    \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), false, where);                                     \
    }                                                                                                                  \
    template <class T, axis_container C, reduction_option O>                                                           \
    variable<T> name(variable<T> x, C&& axes, const O&, location where = location::current())                          \
    {                                                                                                                  \
        return name##_over(x, false, axes_list(axes, #name, where), keeps_dims<O>, where);                             \
    }

/// The overloads of a function that takes a shape or a permutation in any spelling, in terms of
///     name##_list(variable<T>, const axes_list&, location).
#define AUTOGRAD_TAKES_INTEGERS(name)                                                                                  \
    template <class T, std::integral I, std::size_t N>                                                                 \
    variable<T> name(variable<T> x, const I(&list)[N], location where = location::current())                           \
    {                                                                                                                  \
        return name##_list(x, axes_list(list, #name, where), where);                                                   \
    }                                                                                                                  \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, std::initializer_list<integer> list, location where = location::current())         \
    {                                                                                                                  \
        return name##_list(x, axes_list(list, #name, where), where);                                                   \
    }                                                                                                                  \
    template <class T, axis_container C>                                                                               \
    variable<T> name(variable<T> x, C&& list, location where = location::current())                                    \
    {                                                                                                                  \
        return name##_list(x, axes_list(list, #name, where), where);                                                   \
    }                                                                                                                  \
    /* xtensor takes some lists as const S&, which would be as good a match under using namespace xt */                \
    template <class T, axis_container C>                                                                               \
    variable<T> name(variable<T> x, const C& list, location where = location::current())                               \
    {                                                                                                                  \
        return name##_list(x, axes_list(list, #name, where), where);                                                   \
    }
