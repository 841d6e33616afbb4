#pragma once

#include "autograd/operations/shaping.hpp"

#include <array>
#include <tuple>

/// The overloads of a function of several arrays for the other spellings of the list: braces, std::vector, std::array,
/// and xtensor's xt::xtuple(x, y, ...), in terms of name(std::span<const variable<T>>, I axis, location). By mistake
/// they are given without braces, or not all as variables of one tape.
#define AUTOGRAD_JOINS_LISTS(name)                                                                                     \
    template <class T, class... X>                                                                                     \
    mistake::list_of_arrays name(variable<T>, variable<T>, X&&...);                                                    \
    template <std::size_t N>                                                                                           \
    mistake::list_of_arrays name(const detail::anything(&)[N], ...);                                                   \
    template <class T, std::size_t N, std::integral I = int>                                                           \
    variable<T> name(const variable<T>(&xs)[N], I axis = 0, location where = location::current())                      \
    {                                                                                                                  \
        return name(std::span<const variable<T>>(xs), axis, where);                                                    \
    }                                                                                                                  \
    template <class T, std::integral I = int>                                                                          \
    variable<T> name(const std::vector<variable<T>>& xs, I axis = 0, location where = location::current())             \
    {                                                                                                                  \
        return name(std::span<const variable<T>>(xs), axis, where);                                                    \
    }                                                                                                                  \
    template <class T, std::size_t N, std::integral I = int>                                                           \
    variable<T> name(const std::array<variable<T>, N>& xs, I axis = 0, location where = location::current())           \
    {                                                                                                                  \
        return name(std::span<const variable<T>>(xs), axis, where);                                                    \
    }                                                                                                                  \
    template <class T, class... X>                                                                                     \
    variable<T> name(std::tuple<const variable<T>&, X...>&& xs, std::size_t axis = 0,                                  \
                     location where = location::current())                                                             \
    {                                                                                                                  \
        return name(detail::listed<T>(xs), axis, where);                                                               \
    }                                                                                                                  \
    template <class T, class... X, std::integral I>                                                                    \
    variable<T> name(std::tuple<const variable<T>&, X...>&& xs, I axis, location where = location::current())          \
    {                                                                                                                  \
        return name(detail::listed<T>(xs), axis, where);                                                               \
    }

/// Arrays put together, taken apart, and repeated.
/// \ingroup shape
namespace autograd
{

namespace detail
{
/// The variables of xt::xtuple(x, y, ...).
template <class T, class... X>
std::vector<variable<T>> listed(const std::tuple<X...>& xs)
{
    return std::apply([](const auto&... x) { return std::vector<variable<T>>{x...}; }, xs);
}
} // namespace detail

// ----------------------------------------------------------------------------------------------------- concatenate

struct concatenate_rule : linear
{
    static constexpr auto name = "concatenate";
    struct attributes
    {
        std::size_t axis;
    };
    static attributes with_leading_axis(const attributes& a) { return {a.axis + 1}; }
    static std::string print(const attributes& a) { return "axis " + std::to_string(a.axis); }
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        std::size_t first = 0;
        for (std::size_t k = 0; k < y.operand_count(); ++k)
        {
            const std::size_t last = first + y.operand_shape(k)[axis];
            if (y.wanted(k))
            {
                y.give(k, slice(y.cotangent(), static_cast<std::ptrdiff_t>(axis), first, last));
            }
            first = last;
        }
    }
    static void samples(auto& s)
    {
        s.call(
            "axis 0", "np.concatenate((x, y), 0)",
            [](auto x, auto y) {
                return concatenate(std::vector{x, y}, 0);
            },
            s.numbers({2, 3}), s.numbers({1, 3}));
        s.call(
            "axis -1", "np.concatenate((x, y, x), -1)",
            [](auto x, auto y) {
                return concatenate(std::vector{x, y, x}, -1);
            },
            s.numbers({2, 3}), s.numbers({2, 1}));
        s.call(
            "of one shape", "np.concatenate((x, y), 0)",
            [](auto x, auto y) {
                return concatenate(std::vector{x, y}, 0);
            },
            s.numbers({2, 3}), s.positive({2, 3}));
        s.call(
            "one of them empty", "np.concatenate((x, y), 0)",
            [](auto x, auto y) {
                return concatenate(std::vector{x, y}, 0);
            },
            s.numbers({0, 3}), s.numbers({1, 3}));
        s.error(
            "shapes",
            [](auto x, auto y) {
                return concatenate(std::vector{x, y}, 0);
            },
            "autograd: concatenate: operand 1 has shape (2, 2) and operand 0 has (2, 3); off axis 0 they must be "
            "equal.",
            s.numbers({2, 3}), s.numbers({2, 2}));
        s.error(
            "scalars",
            [](auto x) {
                return concatenate(std::vector{x, x}, 0);
            },
            "autograd: concatenate: axis 0 is outside of shape (), which has no axes.", s.numbers({}));
        s.error(
            "nothing", [](auto x) { return concatenate(std::vector<decltype(x)>(), 0); },
            "autograd: concatenate: the list is empty; at least one array is needed.", s.numbers({2}));
    }
};
AUTOGRAD_OPERATION(concatenate_rule)

namespace detail
{
/// Refuses empty lists, and gives the shape of the first.
template <class T>
shape_view first_shape(std::span<const variable<T>> xs, const char* operation, location where)
{
    if (xs.empty())
    {
        throw error::shape_error(where, operation, "the list is empty; at least one array is needed.");
    }
    return xs.front().checked(operation, where).shape();
}
} // namespace detail

/// Arrays one behind the other along an axis. Shape: equal off the axis; there, the sum. Gradient: to each its part of
/// g. Throws shape_error for shapes that differ elsewhere, an empty list, an axis out of range. As in xtensor:
/// xt::concatenate.
template <class T, std::integral I = int>
variable<T> concatenate(std::span<const variable<T>> xs, I axis = 0, location where = location::current())
{
    const std::size_t a = normalized_axis(detail::signed_integer(axis), detail::first_shape(xs, "concatenate", where),
                                          "concatenate", where);
    const std::vector<handle<T>> handles(xs.begin(), xs.end());
    return record<concatenate_rule, T>(where, std::span<const handle<T>>(handles), {a});
}
AUTOGRAD_JOINS_LISTS(concatenate)

// ----------------------------------------------------------------------------------------------------------- stack

namespace detail
{
template <class T>
void require_equal_shapes(variable<T> x, shape_view first, std::size_t number, location where)
{
    const shape_view shape = x.checked("stack", where).shape();
    if (!(shape == first))
    {
        throw error::shape_error(where, "stack", "operand ", number, " has shape ", shape, " and operand 0 has ", first,
                                 "; they must be equal.");
    }
}
} // namespace detail

/// Arrays of one shape along a new axis. Shape: with the number of arrays as extent of that axis. Gradient: to each its
/// part of g. Throws shape_error for different shapes, an empty list, an axis out of range. As in xtensor: xt::stack.
template <class T, std::integral I = int>
variable<T> stack(std::span<const variable<T>> xs, I axis = 0, location where = location::current())
{
    const shape_vector shape(detail::first_shape(xs, "stack", where));
    return record_composite("stack", where, xs,
                            [&]
                            {
                                std::vector<variable<T>> expanded;
                                for (const variable<T>& x : xs)
                                {
                                    detail::require_equal_shapes(x, shape, expanded.size(), where);
                                    expanded.push_back(expand_dims(x, axis, where));
                                }
                                return concatenate(expanded, axis, where);
                            });
}
AUTOGRAD_JOINS_LISTS(stack)

struct stack_samples
{
    static constexpr auto name = "stack";
    static void samples(auto& s)
    {
        s.call(
            "first", "np.stack((x, y))",
            [](auto x, auto y) {
                return stack({x, y});
            },
            s.numbers({2, 3}), s.positive({2, 3}));
        s.call(
            "last", "np.stack((x, y), -1)",
            [](auto x, auto y) {
                return stack({x, y}, -1);
            },
            s.numbers({2}), s.positive({2}));
        s.call(
            "scalars", "np.stack((x, y))",
            [](auto x, auto y) {
                return stack({x, y});
            },
            s.numbers({}), s.positive({}));
        s.error(
            "shapes",
            [](auto x, auto y) {
                return stack({x, y}, 0);
            },
            "autograd: stack: operand 1 has shape (1, 3) and operand 0 has (2, 3); they must be equal.",
            s.numbers({2, 3}), s.numbers({1, 3}));
    }
};
AUTOGRAD_COMPOSITE(stack_samples)

// ----------------------------------------------------------------------------------------------------------- split

namespace detail
{
/// The length of each of n equal parts of an axis. Throws shape_error where n does not divide the extent.
std::size_t length_of_part(std::int64_t n, shape_view shape, std::size_t axis, location where);
} // namespace detail

/// x cut into n parts of equal length along an axis. Shapes: that extent divided by n. Gradient: 0 outside of each
/// part. Throws shape_error where n does not divide the extent, for more than 65536 parts of an empty array, or for an
/// axis out of range. As in xtensor: xt::split.
template <class T, std::integral N, std::integral I = int>
std::vector<variable<T>> split(variable<T> x, N n, I axis = 0, location where = location::current())
{
    const shape_view extents = x.checked("split", where).shape();
    const std::size_t a = normalized_axis(detail::signed_integer(axis), extents, "split", where);
    const auto count = static_cast<std::size_t>(n);
    const std::size_t length = detail::length_of_part(detail::signed_integer(n), extents, a, where);
    return record_composite("split", where, x,
                            [&]
                            {
                                std::vector<variable<T>> parts;
                                for (std::size_t i = 0; i < count; ++i)
                                {
                                    parts.push_back(
                                        slice(x, static_cast<std::ptrdiff_t>(a), i * length, (i + 1) * length, where));
                                }
                                return parts;
                            });
}
/// The same for the very types of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
std::vector<variable<T>> split(variable<T> x, std::size_t n, std::size_t axis = 0, location where = location::current())
{
    return split(x, detail::signed_integer(n), axis, where);
}

struct split_samples
{
    static constexpr auto name = "split";
    static void samples(auto& s)
    {
        s.call(
            "second of two", "np.split(x, 2, 1)[1]", [](auto x) { return split(x, 2, 1)[1]; }, s.numbers({2, 4}));
        s.call(
            "product of two", "np.split(x, 2)[0] * np.split(x, 2)[1]",
            [](auto x)
            {
                const auto parts = split(x, 2);
                return parts[0] * parts[1];
            },
            s.numbers({4}));
        s.error(
            "no parts", [](auto x) { return split(x, 0, 1)[0]; },
            "autograd: split: the number of parts is 0; it must be 1 or more.", s.numbers({2, 4}));
        s.error(
            "a negative number", [](auto x) { return split(x, -2, 1)[0]; },
            "autograd: split: the number of parts is -2; it must be 1 or more.", s.numbers({2, 4}));
        s.error(
            "parts", [](auto x) { return split(x, 3, 1)[0]; },
            "autograd: split: axis 1 of shape (2, 4) does not divide into 3 equal parts.", s.numbers({2, 4}));
        s.error(
            "parts of nothing", [](auto x) { return split(x, std::int64_t{1} << 40, 1)[0]; },
            "autograd: split: the array of shape (2, 0) is empty, but is cut into 1099511627776 parts; more than 65536 "
            "empty parts are not made.",
            s.numbers({2, 0}));
        s.call(
            "an empty part", "np.split(x, 3, 1)[2]", [](auto x) { return split(x, 3, 1)[2]; }, s.numbers({2, 0}));
    }
};
AUTOGRAD_COMPOSITE(split_samples)

// --------------------------------------------------------------------------------------------------- tile and repeat

namespace detail
{
/// x with axes of extent 1 between its own, those repeated, and all of it joined to the shape of the result.
template <class T>
variable<T> spread(const char* name, variable<T> x, const shape_vector& apart, const shape_vector& repeated,
                   const shape_vector& joined, location where)
{
    return record_composite(
        name, where, x, [&] { return reshape(broadcast(reshape(x, apart, where), repeated, where), joined, where); });
}
} // namespace detail

namespace detail
{
template <class T>
variable<T> tile_list(variable<T> x, const axes_list& counts, location where)
{
    return record_composite("tile", where, x,
                            [&]
                            {
                                const shape_view extents = x.shape();
                                const shape_vector repeats = extents_of(counts, "tile", where);
                                const std::size_t dimension = std::max(repeats.size(), extents.size());
                                shape_vector apart, repeated, joined;
                                for (std::size_t axis = 0; axis < dimension; ++axis)
                                {
                                    const std::size_t missing = dimension - extents.size();
                                    const std::size_t extent = axis < missing ? 1 : extents[axis - missing];
                                    const std::size_t unsaid = dimension - repeats.size();
                                    const std::size_t count = axis < unsaid ? 1 : repeats[axis - unsaid];
                                    apart.append(shape_vector{1, extent});
                                    repeated.append(shape_vector{count, extent});
                                    joined.push_back(extent_product(count, extent, "tile", where));
                                }
                                return detail::spread("tile", x, apart, repeated, joined, where);
                            });
}
} // namespace detail

/// x laid side by side: counts[k] times along axis k, aligned at the last axes as NumPy's tile. Shape: extents times
/// counts. Gradient: g summed over the tiles. Throws shape_error for negative counts. As in xtensor: xt::tile.
AUTOGRAD_TAKES_INTEGERS(tile, counts)
template <class T, std::integral I>
variable<T> tile(variable<T> x, I count, location where = location::current())
{
    return detail::tile_list(x, axes_list(count), where);
}
/// The same for the very type of xtensor's function, which would be a better match under using namespace xt.
template <class T, std::integral I>
variable<T> tile(variable<T> x, std::initializer_list<I> counts, location where = location::current())
{
    return detail::tile_list(x, axes_list(counts), where);
}

struct tile_samples
{
    static constexpr auto name = "tile";
    static void samples(auto& s)
    {
        s.call(
            "matrix", "np.tile(x, (2, 2))",
            [](auto x) {
                return tile(x, {2, 2});
            },
            s.numbers({2, 3}));
        s.call(
            "fewer counts", "np.tile(x, 2)", [](auto x) { return tile(x, 2); }, s.numbers({2, 3}));
        s.call(
            "more counts", "np.tile(x, (2, 1, 3))",
            [](auto x) {
                return tile(x, {2, 1, 3});
            },
            s.numbers({2}));
    }
};
AUTOGRAD_COMPOSITE(tile_samples)

/// x with every element repeated `count` times in a row along an axis. Shape: that extent times count. Gradient: g
/// summed over the repetitions. Throws shape_error for an axis out of range and a negative count. As in xtensor:
/// xt::repeat.
template <class T, std::integral N, std::integral I>
variable<T> repeat(variable<T> x, N count, I axis, location where = location::current())
{
    const shape_view extents = x.checked("repeat", where).shape();
    const std::size_t a = normalized_axis(detail::signed_integer(axis), extents, "repeat", where);
    // The axes before and after count as one each: an array may have all the axes that there are.
    const auto elements = [&](shape_view of) { return element_count(of, "repeat", where); };
    const std::size_t times = detail::count_of(count, "count", "repeat", where);
    const std::size_t before = elements(extents.slice(0, a + 1));
    const std::size_t after = elements(extents.slice(a + 1, extents.size()));
    const shape_vector apart{before, 1, after};
    const shape_vector repeated{before, times, after};
    shape_vector joined(extents);
    joined[a] = detail::extent_product(joined[a], times, "repeat", where);
    return detail::spread("repeat", x, apart, repeated, joined, where);
}
/// The same for the very types of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
variable<T> repeat(variable<T> x, std::size_t count, std::size_t axis, location where = location::current())
{
    return repeat(x, detail::signed_integer(count), axis, where);
}

struct repeat_samples
{
    static constexpr auto name = "repeat";
    static void samples(auto& s)
    {
        s.call(
            "rows", "np.repeat(x, 2, 0)", [](auto x) { return repeat(x, 2, 0); }, s.numbers({2, 3}));
        s.call(
            "columns", "np.repeat(x, 3, -1)", [](auto x) { return repeat(x, 3, -1); }, s.numbers({2, 3}));
        s.call(
            "not at all", "np.repeat(x, 0, 0)", [](auto x) { return repeat(x, 0, 0); }, s.numbers({2, 3}));
        s.error(
            "negative", [](auto x) { return repeat(x, -1, 0); }, "autograd: repeat: count is -1; it must be 0 or more.",
            s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(repeat_samples)

} // namespace autograd
