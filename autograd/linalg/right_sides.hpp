#pragma once

#include "autograd/linalg/matrices.hpp"
#include "autograd/operations/batched.hpp"

#include <concepts>
#include <span>
#include <vector>

/// What solvers make of their right sides: matrices of one batch with the matrices on the left.
namespace autograd::detail
{

/// How errors call an operation that solves systems, and its matrices.
struct system_names
{
    const char* operation;
    const char* matrices;

    system_names(const char* of_operation, const char* of_matrices = "a")
        : operation(of_operation), matrices(of_matrices)
    {
    }
};

/// The axes of the batch that a x = b is over. Throws shape_error where b is no vector of n elements and no batch of
/// matrices of n rows, for square matrices a of n rows, and where batches do not broadcast.
shape_vector batch_of_systems(const system_names& names, shape_view a, shape_view b, location where);

/// The matrices repeated along the axes of a batch; nothing is stored for it.
template <class T>
variable<T> broadcast_matrices(variable<T> x, shape_view batch)
{
    const shape_view extents = x.shape();
    return batch_of(extents) == batch ? x : broadcast(x, matrices_shape(batch, rows_of(extents), columns_of(extents)));
}

/// x = solve(b) for a batch of b, by one matrix of many columns: memory is gone over once, and products are large.
template <class T, class Solve>
variable<T> solve_side_by_side(variable<T> b, const Solve& solve)
{
    const variable<T> rows = moveaxis(b, -2, 0);
    const shape_vector extents = rows.shape();
    const std::size_t n = extents[0];
    const shape_vector columns{n, element_count(shape_view(extents).slice(1, extents.size()))};
    return moveaxis(reshape(solve(reshape(rows, columns)), extents), 0, -2);
}

/// How many columns b, or x, has: a vector is one.
inline std::size_t columns_of_right_side(shape_view b)
{
    return b.size() == 1 ? 1 : columns_of(b);
}

/// u x^T of matrices, or of vectors.
template <class T>
variable<T> outer_product(variable<T> u, variable<T> x)
{
    const auto columns = [](variable<T> v) {
        return v.shape().size() == 1 ? reshape(v, shape_vector{v.size(), 1}) : v;
    };
    return product(columns(u), columns(x), false, true);
}

/// x of a x = b, a of that shape, by solve(b, batch) for b a matrix or a batch of them, or a vector where there is no
/// batch: else a vector is one column, and the axis of it is dropped from the result; what one matrix a is the left
/// side of is put side by side.
template <class T, class Solve>
variable<T> solve_right_sides(const system_names& names, shape_view a, variable<T> b, location where,
                              const Solve& solve)
{
    const shape_vector batch = batch_of_systems(names, a, b.shape(), where);
    if (b.shape().size() == 1 && !batch.empty())
    {
        const std::size_t n = b.size();
        const variable<T> column = reshape(b, shape_vector{n, 1});
        shape_vector vectors = batch;
        vectors.push_back(n);
        return reshape(solve(broadcast_matrices(column, batch), batch), vectors);
    }
    if (a.size() == 2 && b.shape().size() > 2)
    {
        return solve_side_by_side(b, [&](variable<T> columns) { return solve(columns, shape_view()); });
    }
    return solve(batch.empty() ? b : broadcast_matrices(b, batch), batch);
}

/// The batched form of a solver whose last operand is b: for one matrix on the left, directions side by side.
template <class Rule, class T>
variable<T> batched_solution(const batched_call<T>& y)
{
    const auto how = y.template attributes<typename Rule::attributes>();
    const std::size_t last = y.operand_count() - 1;
    const bool side_by_side = y.operand_shape(0).size() == 2 && !y.varies(0);
    std::vector<handle<T>> operands;
    for (std::size_t k = 0; k < last; ++k)
    {
        operands.push_back(side_by_side ? y.operand_handle(k) : y.behind_axis(k));
    }
    operands.emplace_back();
    const auto solve = [&](variable<T> b)
    {
        operands[last] = b;
        return record<Rule, T>({}, std::span<const handle<T>>(operands), how);
    };
    const shape_vector result = y.behind_axis(y.shape());
    shape_vector matrices = result;
    if (y.shape().size() == 1)
    {
        matrices.push_back(1);
    }
    const variable<T> b = reshape(variable<T>(y.behind_axis(last)), matrices);
    return reshape(side_by_side ? solve_side_by_side(b, solve) : solve(b), result);
}

/// What other libraries call the options of their solvers, to know them when they are given by mistake.
struct options_of_others
{
    anything overwrite_a = 0;
    anything overwrite_b = 0;
    anything lower = 0;
    anything upper = 0;
    anything trans = 0;
    anything transposed = 0;
    anything transpose = 0;
    anything adjoint = 0;
    anything left = 0;
    anything unit_diagonal = 0;
    anything unitriangular = 0;
    anything check_finite = 0;
    anything assume_a = 0;
};
template <class X, class Options>
concept no_options = !std::convertible_to<X, Options>;

} // namespace autograd::detail

/// For a solver name(variable, variable, type, location): the same with an xtensor expression in place of one of the
/// two. By mistake options are given that are others' (SciPy's, PyTorch's), or none.
#define AUTOGRAD_SOLVES_ARRAYS(name, type)                                                                             \
    template <class T, array_expression E>                                                                             \
    variable<T> name(variable<T> a, E&& b, type options = {}, location where = location::current())                    \
    {                                                                                                                  \
        return record_composite(#name, where, a,                                                                       \
                                [&] { return name(a, a.tape().constant(b, where), options, where); });                 \
    }                                                                                                                  \
    template <class T, array_expression E>                                                                             \
    variable<T> name(E&& a, variable<T> b, type options = {}, location where = location::current())                    \
    {                                                                                                                  \
        return record_composite(#name, where, b,                                                                       \
                                [&] { return name(b.tape().constant(a, where), b, options, where); });                 \
    }                                                                                                                  \
    template <class A, class B, detail::no_options<type> C>                                                            \
    mistake::options name(const A&, const B&, const C&);                                                               \
    mistake::options name(detail::anything, detail::anything, detail::options_of_others);                              \
    AUTOGRAD_TAKES_NO_OTHERS(name)
