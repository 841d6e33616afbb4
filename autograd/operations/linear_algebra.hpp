#pragma once

#include "autograd/operations/shaping.hpp"

/// Products of vectors, matrices and batches of matrices.
/// \ingroup algebra
namespace autograd
{

/// op(a) op(b) over the last two axes; equal axes before them count the matrices of a batch.
struct matmul_rule : bilinear
{
    static constexpr auto name = "matmul";
    static constexpr auto latex = R"(#1 \, #2
a transposed: #1^{\top} \, #2
b transposed: #1 \, #2^{\top}
a transposed, b transposed: #1^{\top} \, #2^{\top})";
    static constexpr bool reads_broadcasts = true; // along the batch
    struct attributes
    {
        bool transpose_a = false;
        bool transpose_b = false;
    };
    static std::string print(const attributes& a);
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& flags);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&);
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call, const attributes& flags)
    {
        const shape_view a = call.operands[0].shape;
        return 2 * a[a.size() - (flags.transpose_a ? 2 : 1)] * call.size;
    }

    // With A = op(a), B = op(b) and Y = A B, the cotangents are G B^T for A and A^T G for B; where op transposes, those
    // are transposed by exchanging the factors. Nothing is ever transposed in memory.
    template <class T>
    static variable<T> transpose_left(const recorded<T>& y, variable<T> g)
    {
        const auto [ta, tb] = y.template attributes<attributes>();
        return ta ? product(y.operand(1), g, tb, true) : product(g, y.operand(1), false, !tb);
    }
    template <class T>
    static variable<T> transpose_right(const recorded<T>& y, variable<T> g)
    {
        const auto [ta, tb] = y.template attributes<attributes>();
        return tb ? product(g, y.operand(0), true, ta) : product(y.operand(0), g, !ta, false);
    }
    template <class T>
    static variable<T> product(variable<T> a, variable<T> b, bool transpose_a, bool transpose_b)
    {
        return record<matmul_rule, T>({}, {a, b}, attributes{transpose_a, transpose_b});
    }
    /// Rows of a, and vectors b, for all directions are the rows of one tall matrix; else there is a product for each.
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s)
    {
        const auto multiply = [](auto x, auto y) { return matmul(x, y); };
        s.call("matrices", "x @ y", multiply, s.numbers({2, 3}), s.numbers({3, 4}));
        s.call("square matrices", "x @ y", multiply, s.numbers({3, 3}), s.positive({3, 3}));
        s.call("matrix and vector", "x @ y", multiply, s.numbers({2, 3}), s.numbers({3}));
        s.call("vector and matrix", "x @ y", multiply, s.numbers({2}), s.numbers({2, 3}));
        s.call("vectors", "x @ y", multiply, s.numbers({3}), s.positive({3}));
        s.call("batches", "x @ y", multiply, s.numbers({2, 2, 3}), s.numbers({2, 3, 2}));
        s.call("a batch and a matrix", "x @ y", multiply, s.numbers({2, 2, 3}), s.numbers({3, 2}));
        s.call("a matrix and a batch", "x @ y", multiply, s.numbers({2, 3}), s.numbers({2, 3, 2}));
        s.call("batches that broadcast", "x @ y", multiply, s.numbers({2, 1, 2, 3}), s.numbers({2, 3, 1}));
        s.call("a vector and a batch", "x @ y", multiply, s.numbers({3}), s.numbers({2, 3, 2}));
        s.call("a batch and a vector", "x @ y", multiply, s.numbers({2, 2, 3}), s.numbers({3}));
        s.call("nothing to sum", "x @ y", multiply, s.numbers({2, 0}), s.numbers({0, 3}));
        s.call("no rows", "x @ y", multiply, s.numbers({0, 2}), s.numbers({2, 3}));
        s.call("an empty batch", "x @ y", multiply, s.numbers({0, 2, 3}), s.numbers({3, 2}));
        s.call(
            "by itself", "x @ x", [](auto x) { return matmul(x, x); }, s.numbers({3, 3}));
        s.call("wide", "x @ y", multiply, s.numbers({2, 3}), s.numbers({3, 19}));
        s.call("tall", "x @ y", multiply, s.numbers({19, 2}), s.numbers({2, 3}));
        s.error("inner extents", multiply,
                "autograd: matmul: a is (3, 4) and b is (5, 6); the columns of a (4) must equal the rows of b (5).",
                s.numbers({3, 4}), s.numbers({5, 6}));
        s.error("vector lengths", multiply,
                "autograd: matmul: a is (3,) and b is (4,); the length of a (3) must equal the length of b (4).",
                s.numbers({3}), s.numbers({4}));
        s.error("batches", multiply,
                "autograd: matmul: a is (2, 2, 3) and b is (3, 3, 2); their batch axes (2,) and (3,) do not broadcast.",
                s.numbers({2, 2, 3}), s.numbers({3, 3, 2}));
        s.error("a scalar", multiply,
                "autograd: matmul: a is () and b is (3,); both need at least one axis. Use * to scale.", s.numbers({}),
                s.numbers({3}));
    }
};
AUTOGRAD_OPERATION(matmul_rule)

namespace detail
{
/// What matmul makes of its operands: reshaped (vectors become matrices; a batch times one matrix becomes one tall
/// matrix, and one product), then broadcast to a common batch.
struct matmul_plan
{
    shape_vector a, a_batch;
    shape_vector b, b_batch;
    shape_vector result;
};
/// Throws shape_error where NumPy's rules are broken.
matmul_plan plan_matmul(shape_view a, shape_view b, location where);
} // namespace detail

/// The matrix product over the last two axes; the axes before them are a batch and broadcast. A vector is a row on the
/// left and a column on the right, and its axis is dropped from the result.
/// Shape: (..., m, k) and (..., k, n) give (..., m, n). Gradient: G b^T and a^T G, summed over broadcast batches.
/// Throws shape_error. As NumPy's matmul.
template <class T>
variable<T> matmul(variable<T> a, variable<T> b, location where = location::current())
{
    const shape_view a_shape = a.checked(matmul_rule::name, where).shape();
    const shape_view b_shape = b.checked(matmul_rule::name, where).shape();
    if (a_shape.size() == 2 && b_shape.size() == 2 && a_shape[1] == b_shape[0])
    {
        return record<matmul_rule, T>(where, {a, b}, matmul_rule::attributes{});
    }
    const detail::matmul_plan plan = detail::plan_matmul(a_shape, b_shape, where);
    const auto fit = [&](variable<T> x, const shape_vector& matrices, const shape_vector& batch)
    {
        const variable<T> reshaped = x.shape() == shape_view(matrices) ? x : reshape(x, matrices, where);
        return shape_view(matrices) == shape_view(batch) ? reshaped : broadcast(reshaped, batch, where);
    };
    return record_composite<T>(
        matmul_rule::name, where, {a, b},
        [&]
        {
            const variable<T> product = record<matmul_rule, T>(
                where, {fit(a, plan.a, plan.a_batch), fit(b, plan.b, plan.b_batch)}, matmul_rule::attributes{});
            return product.shape() == shape_view(plan.result) ? product : reshape(product, plan.result, where);
        });
}
AUTOGRAD_TAKES_ARRAYS(matmul)

namespace detail
{
/// a * b, at the line that the caller was called from.
template <class T>
variable<T> multiplied(variable<T> a, variable<T> b, location where)
{
    return record_elementwise<multiply_rule, T>({a, where}, {b, where});
}
} // namespace detail

/// The product of vectors or matrices: the inner product of vectors, the matrix product of matrices and of a matrix and
/// a vector, and of a scalar with anything. Shape: as matmul. Gradient: as matmul. Throws shape_error for more than two
/// axes. As xtensor-blas: xt::linalg::dot.
template <class T>
variable<T> dot(variable<T> a, variable<T> b, location where = location::current())
{
    const shape_view a_shape = a.checked("dot", where).shape();
    const shape_view b_shape = b.checked("dot", where).shape();
    if (a_shape.size() > 2 || b_shape.size() > 2)
    {
        throw error::shape_error(where, "dot", "a is ", a_shape, " and b is ", b_shape,
                                 "; both must be vectors or matrices. Use matmul for batches.");
    }
    const bool scales = a_shape.empty() || b_shape.empty();
    return record_composite<T>("dot", where, {a, b},
                               [&] { return scales ? detail::multiplied(a, b, where) : matmul(a, b, where); });
}
AUTOGRAD_TAKES_ARRAYS(dot)

struct dot_samples
{
    static constexpr auto name = "dot";
    static void samples(auto& s)
    {
        const auto multiply = [](auto x, auto y) { return dot(x, y); };
        s.call("vectors", "np.dot(x, y)", multiply, s.numbers({3}), s.positive({3}));
        s.call("matrices", "np.dot(x, y)", multiply, s.numbers({2, 3}), s.numbers({3, 2}));
        s.call("matrix and vector", "np.dot(x, y)", multiply, s.numbers({2, 3}), s.numbers({3}));
        s.call("a scalar", "np.dot(x, y)", multiply, s.numbers({}), s.numbers({3}));
        s.error("a batch", multiply,
                "autograd: dot: a is (2, 2, 3) and b is (3,); both must be vectors or matrices. Use matmul for "
                "batches.",
                s.numbers({2, 2, 3}), s.numbers({3}));
    }
};
AUTOGRAD_COMPOSITE(dot_samples)

/// All products of elements of two vectors (other shapes are flattened, as NumPy does): y_ij = a_i b_j. Shape: (a.size,
/// b.size). Gradient: G b and G^T a. Throws nothing. As xtensor-blas: xt::linalg::outer.
template <class T>
variable<T> outer(variable<T> a, variable<T> b, location where = location::current())
{
    return record_composite<T>("outer", where, {a, b},
                               [&]
                               {
                                   // not {-1, 1}: what -1 stands for is not determined where there are no elements
                                   const shape_vector column{a.size(), 1};
                                   const shape_vector row{1, b.checked("outer", where).size()};
                                   return detail::multiplied(reshape(a, column, where), reshape(b, row, where), where);
                               });
}
AUTOGRAD_TAKES_ARRAYS(outer)

struct outer_samples
{
    static constexpr auto name = "outer";
    static void samples(auto& s)
    {
        const auto multiply = [](auto x, auto y) { return outer(x, y); };
        s.call("vectors", "np.outer(x, y)", multiply, s.numbers({2}), s.positive({3}));
        s.call("a matrix", "np.outer(x, y)", multiply, s.numbers({2, 2}), s.positive({3}));
        s.call("a scalar", "np.outer(x, y)", multiply, s.numbers({}), s.positive({3}));
    }
};
AUTOGRAD_COMPOSITE(outer_samples)

} // namespace autograd
