#pragma once

#include "autograd/linalg/inverse.hpp"
#include "autograd/operations/cumulative.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/operations/selection.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

/// Products of vectors and matrices beside matmul, dot and outer: several at once, with themselves, of all elements
/// with all.
/// \ingroup algebra
namespace autograd
{

// ------------------------------------------------------------------------------------------------------------ kron

namespace detail
{
/// The extents of both factors of a Kronecker product in turns: of a with ones between, of b with ones before, and
/// those of the result.
struct kron_plan
{
    shape_vector a;
    shape_vector b;
    shape_vector result;
};
kron_plan plan_kron(shape_view a, shape_view b);
} // namespace detail

/// The Kronecker product: b in the place of each element of a, times that element. Shape: extents multiplied, axis by
/// axis from the last; the array with less axes gets some of length 1 in front. Gradient: the sums of g times what each
/// element was multiplied with. Throws shape_error for more than 16 axes. As NumPy's kron; xtensor-blas' takes
/// matrices.
template <class T>
variable<T> kron(variable<T> a, variable<T> b, location where = location::current())
{
    return record_composite<T>("kron", where, {a, b},
                               [&]
                               {
                                   const detail::kron_plan plan = detail::plan_kron(a.shape(), b.shape());
                                   const variable<T> products =
                                       detail::multiplied(reshape(a, plan.a, where), reshape(b, plan.b, where), where);
                                   return reshape(products, plan.result, where);
                               });
}
AUTOGRAD_TAKES_ARRAYS(kron)

struct kron_samples
{
    static constexpr auto name = "kron";
    static void samples(auto& s)
    {
        const auto f = [](auto a, auto b) { return kron(a, b); };
        s.call("matrices", "np.kron(x, y)", f, s.numbers({2, 3}), s.positive({2, 3}));
        s.call("vectors", "np.kron(x, y)", f, s.numbers({2}), s.positive({3}));
        s.call("a vector and a matrix", "np.kron(x, y)", f, s.numbers({3}), s.positive({2, 2}));
        s.call("three axes", "np.kron(x, y)", f, s.numbers({2, 1, 2}), s.positive({2, 3, 1}));
        s.call("a matrix and three axes", "np.kron(x, y)", f, s.numbers({2, 2}), s.positive({2, 1, 3}));
        s.call("a scalar", "np.kron(x, y)", f, s.numbers({}), s.positive({2, 2}));
        s.call("nothing", "np.zeros((0, 4))", f, s.numbers({0, 2}), s.positive({3, 2}));
        s.call(
            "by itself", "np.kron(x, x)", [](auto x) { return kron(x, x); }, s.numbers({2, 2}));
    }
};
AUTOGRAD_COMPOSITE(kron_samples)

// --------------------------------------------------------------------------------------------------- matrix_power

namespace detail
{
/// a to a positive power: products of its squares.
template <class T>
variable<T> positive_power(variable<T> a, std::uint64_t exponent)
{
    variable<T> result;
    for (variable<T> square = a;; square = product(square, square))
    {
        if (exponent % 2 == 1)
        {
            result = result.empty() ? square : product(result, square);
        }
        exponent /= 2;
        if (exponent == 0)
        {
            return result;
        }
    }
}

/// The identity in the shape of a, which does not depend on a: its derivative is 0.
template <class T>
variable<T> power_zero(variable<T> a, location where)
{
    const variable<T> one = diag(a.tape().full(shape_vector{rows_of(a.shape())}, T(1), where), 0, where);
    const variable<T> never = a.tape().full(a.shape(), T(0), where);
    return record_elementwise<where_rule, T>({never, where}, {a, where}, {one, where});
}
} // namespace detail

/// a to an integer power, a product of matrices: the identity for 0, and for negative ones the power of the inverse.
/// Shape: that of a, whose matrices are square. Gradient: that of the products, about 2 log2(n) of them; 0 for n = 0.
/// Throws shape_error unless they are square, and for negative powers as inverse. As NumPy's matrix_power.
template <class T, std::integral N>
variable<T> matrix_power(variable<T> a, N n, location where = location::current())
{
    constexpr auto name = "matrix_power";
    detail::require_square(name, "a", a.checked(name, where).shape(), where);
    const bool is_negative = std::is_signed_v<N> && n < N(0);
    const auto modulo = static_cast<std::uint64_t>(n); // 2^64
    return record_composite(name, where, a,
                            [&]
                            {
                                if (n == 0)
                                {
                                    return detail::power_zero(a, where);
                                }
                                if (is_negative)
                                {
                                    return detail::positive_power(detail::inverse_for(name, a, where), -modulo);
                                }
                                return n == 1 ? identity(a, where) : detail::positive_power(a, modulo);
                            });
}

struct matrix_power_samples
{
    static constexpr auto name = "matrix_power";
    static void samples(auto& s)
    {
        const auto to = [](int n) { return [n](auto a) { return matrix_power(a, n); }; };
        for (const int n : {3, 0, 1, 2, 4, 6, 7, 10, -1, -2, -3})
        {
            const std::string exponent = std::to_string(n);
            s.call("to " + exponent, "np.linalg.matrix_power(x, " + exponent + ")", to(n), s.numbers({2, 2}))
                .value_within_ulp(64)
                .up_to_order(n == 0 ? 0 : 2); // of a constant, a fault in the derivative cannot be noticed
        }
        s.call(
             "to 2^64 - 1", "np.array([[1.0, 2.0**64 - 1], [0.0, 1.0]])",
             [](auto a) { return matrix_power(a, ~std::uint64_t{0}); }, s.array({2, 2}, {1.0, 1.0, 0.0, 1.0}))
            .value_within_ulp(16)
            .up_to_order(0); // derivatives are of the size of its square
        s.call(
             "to -2^63", "np.array([[1.0, -2.0**63], [0.0, 1.0]])",
             [](auto a) { return matrix_power(a, std::numeric_limits<std::int64_t>::min()); },
             s.array({2, 2}, {1.0, 1.0, 0.0, 1.0}))
            .value_within_ulp(16)
            .up_to_order(0);
        s.call("several matrices", "np.linalg.matrix_power(x, 5)", to(5), s.numbers({2, 1, 2, 2})).value_within_ulp(16);
        s.call("of nothing", "x", to(3), s.numbers({0, 0}));
        s.call("of no matrices", "x", to(-2), s.numbers({0, 2, 2}));
        s.error("not square", to(2),
                "autograd: matrix_power: a has shape (2, 3); its matrices must be square, the last two axes of one "
                "length.",
                s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(matrix_power_samples)

// ------------------------------------------------------------------------------------------------------ multi_dot

namespace detail
{
/// Where a product of several matrices is split: first[i * count + j] is the last factor of the left part of the
/// product of those from i to j.
std::vector<std::size_t> cheapest_order(std::span<const shape_view> shapes, location where);

template <class T>
variable<T> product_in_order(std::span<const variable<T>> xs, const std::vector<std::size_t>& splits, std::size_t first,
                             std::size_t last, location where)
{
    if (first == last)
    {
        return xs[first];
    }
    const std::size_t split = splits[first * xs.size() + last];
    return matmul(product_in_order(xs, splits, first, split, where),
                  product_in_order(xs, splits, split + 1, last, where), where);
}
} // namespace detail

/// The product of several matrices, in the order that takes the fewest multiplications (dynamic programming, as
/// NumPy's multi_dot). The first may be a row and the last a column, vectors, whose axis is dropped. Shape: the rows of
/// the first and the columns of the last. Gradient: as matmul's. Throws shape_error for less than two, for other axes,
/// and where columns and rows do not match.
template <class T>
variable<T> multi_dot(std::span<const variable<T>> xs, location where = location::current())
{
    if (xs.size() < 2)
    {
        throw error::shape_error(where, "multi_dot", "there are ", xs.size(), " arrays; a product needs two at least.");
    }
    return record_composite("multi_dot", where, xs,
                            [&]
                            {
                                std::vector<shape_view> shapes;
                                for (const variable<T>& x : xs)
                                {
                                    shapes.push_back(x.shape());
                                }
                                return detail::product_in_order(xs, detail::cheapest_order(shapes, where), 0,
                                                                xs.size() - 1, where);
                            });
}
template <class T, std::size_t N>
variable<T> multi_dot(const variable<T> (&xs)[N], location where = location::current())
{
    return multi_dot(std::span<const variable<T>>(xs), where);
}
template <class T>
variable<T> multi_dot(const std::vector<variable<T>>& xs, location where = location::current())
{
    return multi_dot(std::span<const variable<T>>(xs), where);
}
template <class T, std::size_t N>
variable<T> multi_dot(const std::array<variable<T>, N>& xs, location where = location::current())
{
    return multi_dot(std::span<const variable<T>>(xs), where);
}
/// By mistake they are given without braces, or not all as variables.
template <class T, class... X>
mistake::list_of_arrays multi_dot(variable<T>, variable<T>, X&&...);
template <std::size_t N>
mistake::list_of_arrays multi_dot(const detail::anything (&)[N], ...);

struct multi_dot_samples
{
    static constexpr auto name = "multi_dot";
    static void samples(auto& s)
    {
        const auto two = [](auto x, auto y) { return multi_dot({x, y}); };
        const auto three = [](auto x, auto y, auto z) { return multi_dot({x, y, z}); };
        const auto numpy = "np.linalg.multi_dot([x, y, z])";
        s.call("the left ones first", numpy, three, s.numbers({2, 4}), s.positive({4, 3}), s.numbers({3, 5}))
            .value_within_ulp(16);
        s.call("the right ones first", numpy, three, s.numbers({5, 3}), s.positive({3, 4}), s.numbers({4, 2}))
            .value_within_ulp(16);
        s.call("two", "x @ y", two, s.numbers({2, 3}), s.numbers({3, 2}));
        s.call("square ones", numpy, three, s.numbers({2, 2}), s.positive({2, 2}), s.between(1, 2, {2, 2}))
            .value_within_ulp(16);
        s.call("a row, a matrix, a column", numpy, three, s.numbers({2}), s.positive({2, 3}), s.numbers({3}))
            .value_within_ulp(16);
        s.call("a row and matrices", numpy, three, s.numbers({2}), s.positive({2, 3}), s.numbers({3, 2}))
            .value_within_ulp(16);
        s.call("matrices and a column", numpy, three, s.numbers({2, 3}), s.positive({3, 2}), s.numbers({2}))
            .value_within_ulp(16);
        s.call("two vectors", "x @ y", two, s.numbers({3}), s.positive({3}));
        s.call(
             "by itself", "x @ x @ x @ x @ x",
             [](auto x) {
                 return multi_dot({x, x, x, x, x});
             },
             s.numbers({2, 2}))
            .value_within_ulp(16);
        s.call("nothing to sum", "np.zeros((2, 3))", two, s.numbers({2, 0}), s.numbers({0, 3}));
        s.error(
            "one", [](auto x) { return multi_dot({x}); },
            "autograd: multi_dot: there are 1 arrays; a product needs two at least.", s.numbers({2, 2}));
        s.error("a vector between", three,
                "autograd: multi_dot: array 1 has shape (3,); between the first and the last there are matrices only.",
                s.numbers({3}), s.numbers({3}), s.numbers({3}));
        s.error("extents", three,
                "autograd: multi_dot: array 1 has shape (3, 2) and array 2 has (3, 4); the columns of the one (2) must "
                "equal the rows of the other (3).",
                s.numbers({2, 3}), s.numbers({3, 2}), s.numbers({3, 4}));
        s.error("a batch", two,
                "autograd: multi_dot: array 0 has shape (2, 2, 3); the first and the last are vectors or matrices. Use "
                "matmul for batches.",
                s.numbers({2, 2, 3}), s.numbers({3, 2}));
    }
};
AUTOGRAD_COMPOSITE(multi_dot_samples)

// ----------------------------------------------------------------------------------------------------------- cross

namespace detail
{
/// Throws shape_error unless there are two or three elements along the axis, which is normalized.
std::size_t axis_of_cross(const char* argument, shape_view x, std::int64_t axis, location where);

/// a_i b_j - a_j b_i of vectors along the last axis, which keeps one element; what is beyond a plane is 0.
template <class T>
variable<T> cross_component(variable<T> a, variable<T> b, std::size_t i, std::size_t j, location where)
{
    const auto times = [&](std::size_t k, std::size_t l)
    { return multiplied(slice(a, -1, k, k + 1, where), slice(b, -1, l, l + 1, where), where); };
    const bool has_first = i < a.shape().back() && j < b.shape().back();
    const bool has_second = j < a.shape().back() && i < b.shape().back();
    return has_first && has_second ? times(i, j) - times(j, i) : has_first ? times(i, j) : -times(j, i);
}

template <class T>
variable<T> cross_along_last(variable<T> a, variable<T> b, location where)
{
    const variable<T> z = cross_component(a, b, 0, 1, where);
    if (a.shape().back() == 2 && b.shape().back() == 2)
    {
        const shape_vector without_axis(z.shape().slice(0, z.dimension() - 1));
        return reshape(z, without_axis, where);
    }
    return concatenate({cross_component(a, b, 1, 2, where), cross_component(a, b, 2, 0, where), z}, -1, where);
}
} // namespace detail

/// The cross product of vectors of three or two elements along an axis, by default the last; in a plane the third is 0.
/// Shape: the other axes broadcast, with three elements along the axis; of two vectors in a plane, which give a number,
/// without it. Gradient: b x g to a and g x a to b. Throws shape_error for an axis out of range or of other lengths. As
/// NumPy's cross.
template <class T, std::integral I = int>
variable<T> cross(variable<T> a, variable<T> b, I axis = -1, location where = location::current())
{
    const std::int64_t along = detail::signed_integer(axis);
    const std::size_t of_a = detail::axis_of_cross("a", a.checked("cross", where).shape(), along, where);
    const std::size_t of_b = detail::axis_of_cross("b", b.checked("cross", where).shape(), along, where);
    const auto last = [&](variable<T> x, std::size_t from)
    { return from + 1 == x.dimension() ? x : moveaxis(x, static_cast<std::ptrdiff_t>(from), -1, where); };
    return record_composite<T>("cross", where, {a, b},
                               [&]
                               {
                                   const variable<T> y = detail::cross_along_last(last(a, of_a), last(b, of_b), where);
                                   const bool is_number = a.shape()[of_a] == 2 && b.shape()[of_b] == 2;
                                   return is_number || along == -1 ? y : moveaxis(y, -1, along, where);
                               });
}
AUTOGRAD_TAKES_ARRAYS(cross)

struct cross_samples
{
    static constexpr auto name = "cross";
    static void samples(auto& s)
    {
        const auto f = [](auto a, auto b) { return cross(a, b); };
        const auto first = [](auto a, auto b) { return cross(a, b, 0); };
        s.call("vectors", "np.cross(x, y)", f, s.numbers({3}), s.positive({3}));
        s.call("rows", "np.cross(x, y)", f, s.numbers({2, 3}), s.positive({2, 3}));
        s.call("rows and a vector", "np.cross(x, y)", f, s.numbers({2, 3}), s.positive({3}));
        s.call("all with all", "np.cross(x, y)", f, s.numbers({2, 1, 3}), s.positive({4, 3}));
        s.call("columns", "np.cross(x, y, axis=0)", first, s.numbers({3, 2}), s.positive({3, 2}));
        s.call(
            "the middle axis", "np.cross(x, y, axis=1)", [](auto a, auto b) { return cross(a, b, 1u); },
            s.numbers({2, 3, 2}), s.positive({2, 3, 2}));
        s.call("in a plane", "np.cross(x, y)", f, s.numbers({2}), s.positive({2}));
        s.call("columns in a plane", "np.cross(x, y, axis=0)", first, s.numbers({2, 3}), s.positive({2, 3}));
        s.call("a plane and space", "np.cross(x, y)", f, s.numbers({4, 2}), s.positive({3}));
        s.call("space and a plane", "np.cross(x, y)", f, s.numbers({3}), s.positive({4, 2}));
        s.call("no vectors", "x", f, s.numbers({0, 3}), s.numbers({3}));
        s.call(
            "by itself", "np.zeros(3)", [](auto x) { return cross(x, x); }, s.numbers({3}));
        s.error("length", f,
                "autograd: cross: a has shape (2, 4), with 4 elements along axis 1; vectors of 2 or 3 have a cross "
                "product.",
                s.numbers({2, 4}), s.numbers({3}));
        s.error("axis", first, "autograd: cross: axis 0 is outside of shape (), which has no axes.", s.numbers({3}),
                s.numbers({}));
    }
};
AUTOGRAD_COMPOSITE(cross_samples)

// ---------------------------------------------------------------------------------------------------------- vander

/// The matrix that vander makes: vander(x, {.columns = 3, .increasing = true}).
struct vander_options
{
    std::optional<std::size_t> columns{}; ///< as many as x has elements, if nothing is said
    bool increasing = false;              ///< the powers from 0 on, and not down to 0
};

/// Vandermonde's matrix: the powers of each element of a vector, in a row. Shape: (x.size, columns). Gradient: that of
/// the products (cumprod): right at 0. Throws shape_error unless x is a vector. As NumPy's vander.
template <class T>
variable<T> vander(variable<T> x, vander_options options = {}, location where = location::current())
{
    constexpr auto name = "vander";
    const shape_view shape = x.checked(name, where).shape();
    if (shape.size() != 1)
    {
        throw error::shape_error(where, name, "x has shape ", shape, "; the powers are those of a vector's elements.");
    }
    const std::size_t rows = shape[0];
    const std::size_t columns = options.columns.value_or(rows);
    return record_composite(name, where, x,
                            [&]
                            {
                                const shape_vector factors{rows, std::max<std::size_t>(columns, 1) - 1};
                                const variable<T> ones = x.tape().full(shape_vector{rows, 1}, T(1), where);
                                const variable<T> repeated = broadcast(expand_dims(x, 1, where), factors, where);
                                variable<T> powers = cumprod(concatenate({ones, repeated}, 1, where), 1, where);
                                powers = columns == 0 ? slice(powers, 1, 0, 0, where) : powers;
                                return options.increasing ? powers : flip(powers, 1, where);
                            });
}

struct vander_samples
{
    static constexpr auto name = "vander";
    static void samples(auto& s)
    {
        const auto with = [](vander_options options) { return [options](auto x) { return vander(x, options); }; };
        s.call("square", "np.vander(x)", with({}), s.numbers({3}));
        s.call("four columns", "np.vander(x, 4)", with({.columns = 4}), s.numbers({3}));
        s.call("increasing", "np.vander(x, 4, increasing=True)", with({.columns = 4, .increasing = true}),
               s.numbers({3}));
        s.call("at zero", "np.vander(x, increasing=True)", with({.increasing = true}), s.array({3}, {0.0, 1.5, -2.0}));
        s.call("one column", "np.vander(x, 1)", with({.columns = 1}), s.numbers({3}));
        s.call("no columns", "np.vander(x, 0)", with({.columns = 0}), s.numbers({3}));
        s.call("no rows", "np.vander(x, 2)", with({.columns = 2}), s.numbers({0}));
        s.error("a matrix", with({}),
                "autograd: vander: x has shape (2, 3); the powers are those of a vector's elements.",
                s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(vander_samples)

} // namespace autograd
