#pragma once

#include "autograd/kernels/triangle.hpp"
#include "autograd/operations/reduction.hpp"
#include "autograd/operations/slicing.hpp"

#include <concepts>
#include <limits>
#include <utility>

/// Diagonals and triangles of matrices. Diagonal k holds the elements whose column is their row + k: 0 is the main one,
/// positive ones lie above it.
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// Diagonal k of a matrix in row-major order: every (columns + 1)-th of its elements, from `first` on.
struct diagonal_of_matrix
{
    std::size_t first;
    std::size_t step;
    std::size_t count;

    diagonal_of_matrix(std::size_t rows, std::size_t columns, std::int64_t k) : step(columns + 1)
    {
        const std::size_t down = k < 0 ? std::min(rows, static_cast<std::size_t>(-k)) : 0;
        const std::size_t right = k > 0 ? std::min(columns, static_cast<std::size_t>(k)) : 0;
        count = std::min(rows - down, columns - right);
        first = count == 0 ? 0 : down * columns + right;
    }

    /// The steps that take it from one axis of elements in row-major order, and all of the others.
    slice_steps along(shape_view shape, std::size_t axis) const
    {
        slice_steps steps = axis_range(shape, axis, first);
        steps.step[axis] = static_cast<std::int64_t>(step);
        return steps;
    }
};

template <class T>
variable<T> diagonal(variable<T> x, std::int64_t k, std::int64_t axis1, std::int64_t axis2, const char* name,
                     location where)
{
    const shape_view extents = x.checked(name, where).shape();
    std::size_t rows = normalized_axis(axis1, extents, name, where);
    std::size_t columns = normalized_axis(axis2, extents, name, where);
    if (rows == columns)
    {
        throw error::shape_error(where, name, "both axes are axis ", rows, " of shape ", extents,
                                 "; they must differ.");
    }
    if (rows > columns) // the diagonals of the transpose are those mirrored
    {
        std::swap(rows, columns);
        k = -k;
    }
    if (columns != rows + 1)
    {
        x = moveaxis(x, static_cast<std::ptrdiff_t>(columns), static_cast<std::ptrdiff_t>(rows + 1), where);
    }
    // Both axes in one, a slice of that, and the one as the last axis.
    shape_vector flat(x.shape());
    const diagonal_of_matrix taken(flat[rows], flat[rows + 1], k);
    flat[rows] *= flat[rows + 1];
    flat.erase(rows + 1);
    shape_vector sliced(flat);
    sliced[rows] = taken.count;
    x = record_slice<slice_rule>(where, reshape(x, shape_view(flat), where), sliced, taken.along(flat, rows));
    return rows + 1 == x.dimension() ? x : moveaxis(x, static_cast<std::ptrdiff_t>(rows), -1, where);
}

/// The square matrix with x on diagonal k.
template <class T>
variable<T> matrix_of_diagonal(variable<T> x, std::int64_t k, location where)
{
    const std::size_t extent = x.size() + static_cast<std::size_t>(k < 0 ? -k : k);
    const shape_vector square{extent, extent};
    const shape_vector flat{element_count(square, "diag", where)};
    const diagonal_of_matrix filled(extent, extent, k);
    return record_composite("diag", where, x,
                            [&] {
                                return reshape(record_slice<embed_rule>(where, x, flat, filled.along(flat, 0)),
                                               shape_view(square), where);
                            });
}

template <class K>
concept other_than_int = std::integral<K> && !std::same_as<K, int>;

/// The number of a diagonal as an int: beyond its range there are no diagonals on either side.
template <std::integral K>
int saturated(K k)
{
    constexpr int farthest = std::numeric_limits<int>::max();
    return std::in_range<int>(k) ? static_cast<int>(k) : std::cmp_less(k, 0) ? -farthest : farthest;
}

} // namespace detail

// -------------------------------------------------------------------------------------------------- diagonal, diag

/// Diagonal `offset` of each matrix that two axes make, by default the first two, as NumPy's: of the matrices of a
/// batch, which stand in the last two, it is diagonal(x, 0, -2, -1). Shape: that of x without the two, and the length
/// of the diagonal as last axis. Gradient: g on the diagonal, 0 elsewhere. Throws shape_error for axes out of range or
/// equal. As in xtensor: xt::diagonal, for any number of axes.
template <class T, std::integral I = int, std::integral J = int>
variable<T> diagonal(variable<T> x, int offset = 0, I axis1 = 0, J axis2 = 1, location where = location::current())
{
    return detail::diagonal(x, offset, detail::signed_integer(axis1), detail::signed_integer(axis2), "diagonal", where);
}

/// The same for the very types of xtensor's function, which would be as good a match under using namespace xt.
template <class T>
variable<T> diagonal(variable<T> x, int offset, std::size_t axis1, std::size_t axis2,
                     location where = location::current())
{
    return diagonal(x, offset, detail::signed_integer(axis1), detail::signed_integer(axis2), where);
}

/// The same for offsets of other types.
template <class T, detail::other_than_int K, std::integral I = int, std::integral J = int>
variable<T> diagonal(variable<T> x, K offset, I axis1 = 0, J axis2 = 1, location where = location::current())
{
    return diagonal(x, detail::saturated(offset), axis1, axis2, where);
}

struct diagonal_samples
{
    static constexpr auto name = "diagonal";
    static void samples(auto& s)
    {
        const auto main = [](auto x) { return diagonal(x); };
        s.call("square", "np.diagonal(x)", main, s.numbers({3, 3}));
        s.call("wide", "np.diagonal(x)", main, s.numbers({2, 4}));
        s.call("tall", "np.diagonal(x)", main, s.numbers({4, 2}));
        s.call(
            "above", "np.diagonal(x, 1)", [](auto x) { return diagonal(x, 1); }, s.numbers({3, 3}));
        s.call(
            "below", "np.diagonal(x, -2)", [](auto x) { return diagonal(x, -2); }, s.numbers({4, 3}));
        s.call(
            "the corner", "np.diagonal(x, 3)", [](auto x) { return diagonal(x, 3); }, s.numbers({3, 4}));
        s.call(
            "outside", "np.diagonal(x, 4)", [](auto x) { return diagonal(x, 4); }, s.numbers({3, 4}));
        s.call(
            "outside below", "np.diagonal(x, -7)", [](auto x) { return diagonal(x, -7); }, s.numbers({3, 4}));
        s.call("first two of three axes", "np.diagonal(x)", main, s.numbers({2, 3, 4}));
        s.call(
            "last two of three axes", "np.diagonal(x, 1, -2, -1)", [](auto x) { return diagonal(x, 1, -2, -1); },
            s.numbers({2, 3, 4}));
        s.call(
            "outer axes", "np.diagonal(x, 1, 0, 2)", [](auto x) { return diagonal(x, 1, 0, 2); }, s.numbers({3, 2, 4}));
        s.call(
            "columns before rows", "np.diagonal(x, 1, 1, 0)", [](auto x) { return diagonal(x, 1, 1, 0); },
            s.numbers({3, 4}));
        s.call(
            "outer axes reversed", "np.diagonal(x, -1, 2, 0)", [](auto x) { return diagonal(x, -1, 2u, 0u); },
            s.numbers({3, 2, 4}));
        s.call("of nothing", "np.diagonal(x)", main, s.numbers({0, 3}));
        s.call(
            "of a broadcast", "np.diagonal(np.broadcast_to(x, (3, 3)))",
            [](auto x) {
                return diagonal(broadcast(x, {3, 3}));
            },
            s.numbers({3}));
        s.error(
            "the same axis", [](auto x) { return diagonal(x, 0, 1, -1); },
            "autograd: diagonal: both axes are axis 1 of shape (2, 3); they must differ.", s.numbers({2, 3}));
        s.error("vector", main, "autograd: diagonal: axis 1 is outside of shape (3,); it must be from -1 to 0.",
                s.numbers({3}));
    }
};
AUTOGRAD_COMPOSITE(diagonal_samples)

/// Of a vector: the square matrix with it on diagonal k and 0 elsewhere. Of a matrix: its diagonal k. Shape: (n + |k|,
/// n + |k|), or the length of the diagonal. Gradient: diagonal k of g, or g on it. Throws shape_error unless x has one
/// or two axes. As NumPy's diag; xtensor's xt::diag takes vectors only.
template <class T>
variable<T> diag(variable<T> x, int k = 0, location where = location::current())
{
    const shape_view extents = x.checked("diag", where).shape();
    if (extents.size() == 1)
    {
        return detail::matrix_of_diagonal(x, k, where);
    }
    if (extents.size() != 2)
    {
        throw error::shape_error(where, "diag", "x has shape ", extents,
                                 ", but only a vector or a matrix will do. Use diagonal(x, k, axis1, axis2).");
    }
    return detail::diagonal(x, k, 0, 1, "diag", where);
}

/// The same for k of other types.
template <class T, detail::other_than_int K>
variable<T> diag(variable<T> x, K k, location where = location::current())
{
    return diag(x, detail::saturated(k), where);
}

struct diag_samples
{
    static constexpr auto name = "diag";
    static void samples(auto& s)
    {
        const auto main = [](auto x) { return diag(x); };
        s.call("vector", "np.diag(x)", main, s.numbers({3}));
        s.call(
            "above", "np.diag(x, 2)", [](auto x) { return diag(x, 2); }, s.numbers({3}));
        s.call(
            "below", "np.diag(x, -1)", [](auto x) { return diag(x, -1); }, s.numbers({3}));
        s.call("empty vector", "np.diag(x)", main, s.numbers({0}));
        s.call(
            "empty vector above", "np.diag(x, 2)", [](auto x) { return diag(x, 2); }, s.numbers({0}));
        s.call("matrix", "np.diag(x)", main, s.numbers({3, 4}));
        s.call(
            "matrix below", "np.diag(x, -1)", [](auto x) { return diag(x, -1); }, s.numbers({3, 4}));
        s.call("infinite elsewhere", "np.diag(x)", main, s.array({2, 2}, {1.5, s.inf, s.nan, -2.5})).up_to_order(0);
        s.error(
            "axes", main,
            "autograd: diag: x has shape (2, 3, 4), but only a vector or a matrix will do. Use diagonal(x, k, axis1, "
            "axis2).",
            s.numbers({2, 3, 4}));
    }
};
AUTOGRAD_COMPOSITE(diag_samples)

// ----------------------------------------------------------------------------------------------------------- trace

/// The sum of diagonal `offset` of each matrix that two axes make, by default the first two, as NumPy's: of the
/// matrices of a batch, which stand in the last two, it is trace(x, 0, -2, -1). Shape: that of x without the two.
/// Gradient: g on the diagonal, 0 elsewhere. Throws shape_error for axes out of range or equal. As in xtensor-blas:
/// xt::linalg::trace.
template <class T, std::integral I = int, std::integral J = int>
variable<T> trace(variable<T> x, int offset = 0, I axis1 = 0, J axis2 = 1, location where = location::current())
{
    const variable<T> summed =
        detail::diagonal(x, offset, detail::signed_integer(axis1), detail::signed_integer(axis2), "trace", where);
    return sum(summed, -1, where);
}

/// The same for offsets of other types.
template <class T, detail::other_than_int K, std::integral I = int, std::integral J = int>
variable<T> trace(variable<T> x, K offset, I axis1 = 0, J axis2 = 1, location where = location::current())
{
    return trace(x, detail::saturated(offset), axis1, axis2, where);
}

struct trace_samples
{
    static constexpr auto name = "trace";
    static void samples(auto& s)
    {
        s.call(
            "square", "np.trace(x)", [](auto x) { return trace(x); }, s.numbers({3, 3}));
        s.call(
            "above", "np.trace(x, 1)", [](auto x) { return trace(x, 1); }, s.numbers({3, 4}));
        s.call(
            "outside", "np.trace(x, -5)", [](auto x) { return trace(x, -5); }, s.numbers({3, 4}));
        s.call(
            "first two of three axes", "np.trace(x)", [](auto x) { return trace(x); }, s.numbers({3, 3, 2}));
        s.call(
            "last two of three axes", "np.trace(x, 0, 1, 2)", [](auto x) { return trace(x, 0, 1, 2); },
            s.numbers({2, 3, 3}));
        s.call(
            "of nothing", "np.trace(x)", [](auto x) { return trace(x); }, s.numbers({0, 0}));
        s.error(
            "vector", [](auto x) { return trace(x); },
            "autograd: trace: axis 1 is outside of shape (3,); it must be from -1 to 0.", s.numbers({3}));
    }
};
AUTOGRAD_COMPOSITE(trace_samples)

// ------------------------------------------------------------------------------------------------------ tril, triu

namespace detail
{
/// The diagonal that bounds a triangle.
struct bounding_diagonal
{
    std::int64_t k;
};

/// The shape of triangles: that of x. Throws shape_error unless it has two axes.
inline shape_vector shape_of_triangle(shape_view x, const char* name)
{
    if (x.size() < 2)
    {
        throw error::shape_error(name, "x has shape ", x, "; a triangle needs at least two axes.");
    }
    return x;
}
} // namespace detail

struct tril_rule : linear
{
    static constexpr auto name = "tril";
    static constexpr bool acts_on_last_axes = true;
    using attributes = detail::bounding_diagonal;
    static std::string print(const attributes& a) { return "diagonal " + std::to_string(a.k); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&)
    {
        return detail::shape_of_triangle(operands[0], name);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::triangle(call.in(0), call.shape, kernels::half::lower, a.k, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return record<tril_rule, T>({}, g, y.template attributes<attributes>());
    }
    static void samples(auto& s)
    {
        const auto main = [](auto x) { return tril(x); };
        s.call("square", "np.tril(x)", main, s.numbers({3, 3}));
        s.call("wide", "np.tril(x)", main, s.numbers({2, 4}));
        s.call("tall", "np.tril(x)", main, s.numbers({4, 2}));
        s.call(
            "above", "np.tril(x, 1)", [](auto x) { return tril(x, 1); }, s.numbers({3, 4}));
        s.call(
            "below", "np.tril(x, -2)", [](auto x) { return tril(x, -2); }, s.numbers({4, 3}));
        s.call(
            "all", "np.tril(x, 9)", [](auto x) { return tril(x, 9); }, s.numbers({3, 4}));
        s.call(
            "none", "np.tril(x, -9)", [](auto x) { return tril(x, -9); }, s.numbers({3, 4}));
        s.call("several matrices", "np.tril(x)", main, s.numbers({2, 3, 3}));
        s.call("empty", "np.tril(x)", main, s.numbers({0, 3}));
        s.call("infinite in the dropped half", "np.tril(x)", main, s.array({2, 2}, {1.5, s.inf, -0.5, 2.5}))
            .up_to_order(0);
        s.call("NaN in the dropped half", "np.tril(x)", main, s.array({2, 2}, {1.5, s.nan, s.inf, 2.5})).up_to_order(0);
        s.error("vector", main, "autograd: tril: x has shape (3,); a triangle needs at least two axes.",
                s.numbers({3}));
    }
};
AUTOGRAD_OPERATION(tril_rule)

struct triu_rule : linear
{
    static constexpr auto name = "triu";
    static constexpr bool acts_on_last_axes = true;
    using attributes = detail::bounding_diagonal;
    static std::string print(const attributes& a) { return tril_rule::print(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&)
    {
        return detail::shape_of_triangle(operands[0], name);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::triangle(call.in(0), call.shape, kernels::half::upper, a.k, call.out());
    }
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g)
    {
        return record<triu_rule, T>({}, g, y.template attributes<attributes>());
    }
    static void samples(auto& s)
    {
        const auto main = [](auto x) { return triu(x); };
        s.call("square", "np.triu(x)", main, s.numbers({3, 3}));
        s.call("wide", "np.triu(x)", main, s.numbers({2, 4}));
        s.call("tall", "np.triu(x)", main, s.numbers({4, 2}));
        s.call(
            "above", "np.triu(x, 1)", [](auto x) { return triu(x, 1); }, s.numbers({3, 4}));
        s.call(
            "below", "np.triu(x, -2)", [](auto x) { return triu(x, -2); }, s.numbers({4, 3}));
        s.call(
            "all", "np.triu(x, -9)", [](auto x) { return triu(x, -9); }, s.numbers({3, 4}));
        s.call(
            "none", "np.triu(x, 9)", [](auto x) { return triu(x, 9); }, s.numbers({3, 4}));
        s.call("several matrices", "np.triu(x)", main, s.numbers({2, 3, 3}));
        s.call("empty", "np.triu(x)", main, s.numbers({3, 0}));
        s.call("infinite in the dropped half", "np.triu(x)", main, s.array({2, 2}, {1.5, -0.5, s.inf, 2.5}))
            .up_to_order(0);
        s.error("scalar", main, "autograd: triu: x has shape (); a triangle needs at least two axes.", s.numbers({}));
    }
};
AUTOGRAD_OPERATION(triu_rule)

/// The elements on and below diagonal k of the matrices of the last two axes, 0 above, whatever was there. Shape: that
/// of x. Gradient: tril(g, k). Throws shape_error for fewer than two axes. As in xtensor: xt::tril, for any number of
/// matrices.
template <class T>
variable<T> tril(variable<T> x, int k = 0, location where = location::current())
{
    return record<tril_rule, T>(where, x, detail::bounding_diagonal{k});
}
/// The same for k of other types.
template <class T, detail::other_than_int K>
variable<T> tril(variable<T> x, K k, location where = location::current())
{
    return tril(x, detail::saturated(k), where);
}

/// The elements on and above diagonal k of the matrices of the last two axes, 0 below, whatever was there. Shape: that
/// of x. Gradient: triu(g, k). Throws shape_error for fewer than two axes. As in xtensor: xt::triu, for any number of
/// matrices.
template <class T>
variable<T> triu(variable<T> x, int k = 0, location where = location::current())
{
    return record<triu_rule, T>(where, x, detail::bounding_diagonal{k});
}
/// The same for k of other types.
template <class T, detail::other_than_int K>
variable<T> triu(variable<T> x, K k, location where = location::current())
{
    return triu(x, detail::saturated(k), where);
}

} // namespace autograd
