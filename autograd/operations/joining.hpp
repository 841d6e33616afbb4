#pragma once

#include "autograd/operations/shaping.hpp"

/// Arrays put together, taken apart, and repeated.
namespace autograd
{

// ----------------------------------------------------------------------------------------------------- concatenate

struct concatenate_rule : linear
{
    static constexpr auto name = "concatenate";
    struct attributes
    {
        std::size_t axis;
    };
    static std::string print(const attributes& a) { return "axis " + std::to_string(a.axis); }
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g, std::size_t k)
    {
        const std::size_t axis = y.template attributes<attributes>().axis;
        std::size_t first = 0;
        for (std::size_t j = 0; j < k; ++j)
        {
            first += y.operand_shape(j)[axis];
        }
        return slice(g, static_cast<std::ptrdiff_t>(axis), first, first + y.operand_shape(k)[axis]);
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

/// Refuses empty lists, and gives the shape of the first.
template <class T>
shape_view first_shape(std::span<const variable<T>> xs, const char* operation, location where)
{
    if (xs.empty())
    {
        throw error::shape_error(where, operation, "the list is empty; at least one array is needed.");
    }
    return xs.front().shape();
}

/// Arrays one behind the other along an axis. Shape: equal off the axis; there, the sum. Gradient: to each its part of
/// g. Throws shape_error for shapes that differ elsewhere, an empty list, an axis out of range. As in xtensor:
/// xt::concatenate.
template <class T, std::integral I = int>
variable<T> concatenate(std::span<const variable<T>> xs, I axis = 0, location where = location::current())
{
    const std::size_t a =
        normalized_axis(static_cast<std::int64_t>(axis), first_shape(xs, "concatenate", where), "concatenate", where);
    const std::vector<handle<T>> handles(xs.begin(), xs.end());
    return record<concatenate_rule, T>(where, std::span<const handle<T>>(handles), {a});
}
template <class T, std::size_t N, std::integral I = int>
variable<T> concatenate(const variable<T> (&xs)[N], I axis = 0, location where = location::current())
{
    return concatenate(std::span<const variable<T>>(xs), axis, where);
}
template <class T, std::integral I = int>
variable<T> concatenate(const std::vector<variable<T>>& xs, I axis = 0, location where = location::current())
{
    return concatenate(std::span<const variable<T>>(xs), axis, where);
}

// ----------------------------------------------------------------------------------------------------------- stack

/// Arrays of one shape along a new axis. Shape: with the number of arrays as extent of that axis. Gradient: to each its
/// part of g. Throws shape_error for different shapes, an empty list, an axis out of range. As in xtensor: xt::stack.
template <class T, std::integral I = int>
variable<T> stack(std::span<const variable<T>> xs, I axis = 0, location where = location::current())
{
    const shape_vector shape(first_shape(xs, "stack", where));
    std::vector<variable<T>> expanded;
    for (const variable<T>& x : xs)
    {
        if (!(x.shape() == shape_view(shape)))
        {
            throw error::shape_error(where, "stack", "operand ", expanded.size(), " has shape ", x.shape(),
                                     " and operand 0 has ", shape, "; they must be equal.");
        }
        expanded.push_back(expand_dims(x, axis, where));
    }
    return concatenate(expanded, axis, where);
}
template <class T, std::size_t N, std::integral I = int>
variable<T> stack(const variable<T> (&xs)[N], I axis = 0, location where = location::current())
{
    return stack(std::span<const variable<T>>(xs), axis, where);
}
template <class T, std::integral I = int>
variable<T> stack(const std::vector<variable<T>>& xs, I axis = 0, location where = location::current())
{
    return stack(std::span<const variable<T>>(xs), axis, where);
}

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

/// x cut into n parts of equal length along an axis. Shapes: that extent divided by n. Gradient: 0 outside of each
/// part. Throws shape_error where n does not divide the extent, or for an axis out of range. As in xtensor: xt::split.
template <class T, std::integral I = int>
std::vector<variable<T>> split(variable<T> x, std::size_t n, I axis = 0, location where = location::current())
{
    const std::size_t a = normalized_axis(static_cast<std::int64_t>(axis), x.shape(), "split", where);
    if (n == 0 || x.shape(a) % n != 0)
    {
        throw error::shape_error(where, "split", "axis ", a, " of shape ", x.shape(), " does not divide into ", n,
                                 " equal parts.");
    }
    const std::size_t length = x.shape(a) / n;
    std::vector<variable<T>> parts;
    for (std::size_t i = 0; i < n; ++i)
    {
        parts.push_back(slice(x, static_cast<std::ptrdiff_t>(a), i * length, (i + 1) * length, where));
    }
    return parts;
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
            "parts", [](auto x) { return split(x, 3, 1)[0]; },
            "autograd: split: axis 1 of shape (2, 4) does not divide into 3 equal parts.", s.numbers({2, 4}));
    }
};
AUTOGRAD_COMPOSITE(split_samples)

// --------------------------------------------------------------------------------------------------- tile and repeat

template <class T>
variable<T> tile_list(variable<T> x, const axes_list& counts, location where)
{
    const shape_vector repeats = extents_of(counts, "tile", where);
    const std::size_t dimension = std::max(repeats.size(), x.dimension());
    shape_vector apart, repeated, joined;
    for (std::size_t axis = 0; axis < dimension; ++axis)
    {
        const std::size_t missing = dimension - x.dimension();
        const std::size_t extent = axis < missing ? 1 : x.shape(axis - missing);
        const std::size_t unsaid = dimension - repeats.size();
        const std::size_t count = axis < unsaid ? 1 : repeats[axis - unsaid];
        apart.append(shape_vector{1, extent});
        repeated.append(shape_vector{count, extent});
        joined.push_back(extent_product(count, extent, "tile", where));
    }
    return reshape(broadcast(reshape(x, shape_view(apart), where), shape_view(repeated), where), shape_view(joined),
                   where);
}

/// x laid side by side: counts[k] times along axis k, aligned at the last axes as NumPy's tile. Shape: extents times
/// counts. Gradient: g summed over the tiles. Throws shape_error for negative counts. As in xtensor: xt::tile.
AUTOGRAD_TAKES_INTEGERS(tile)
template <class T, std::integral I>
variable<T> tile(variable<T> x, I count, location where = location::current())
{
    return tile_list(x, axes_list(count), where);
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
/// summed over the repetitions. Throws shape_error for an axis out of range. As in xtensor: xt::repeat.
template <class T, std::integral I>
variable<T> repeat(variable<T> x, std::size_t count, I axis, location where = location::current())
{
    const std::size_t a = normalized_axis(static_cast<std::int64_t>(axis), x.shape(), "repeat", where);
    shape_vector apart(x.shape());
    apart.insert(a + 1, 1);
    shape_vector repeated(apart);
    repeated[a + 1] = count;
    shape_vector joined(x.shape());
    joined[a] = extent_product(joined[a], count, "repeat", where);
    return reshape(broadcast(reshape(x, shape_view(apart), where), shape_view(repeated), where), shape_view(joined),
                   where);
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
    }
};
AUTOGRAD_COMPOSITE(repeat_samples)

} // namespace autograd
