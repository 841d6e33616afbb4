#include "autograd/operations/linear_algebra.hpp"

#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"

namespace autograd
{

namespace
{

/// The extents of op(a) op(b) from the shapes as stored.
kernels::product product_of(shape_view a, shape_view b, const matmul_rule::attributes& flags)
{
    const std::size_t rows = a[a.size() - 2];
    const std::size_t columns = a[a.size() - 1];
    return {flags.transpose_a ? columns : rows, flags.transpose_b ? b[b.size() - 2] : b[b.size() - 1],
            flags.transpose_a ? rows : columns, flags.transpose_a, flags.transpose_b};
}

} // namespace

std::string matmul_rule::print(const attributes& a)
{
    return std::string(a.transpose_a ? "a transposed" : "") + (a.transpose_a && a.transpose_b ? ", " : "") +
           (a.transpose_b ? "b transposed" : "");
}

shape_vector matmul_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const kernels::product extents = product_of(operands[0], operands[1], a);
    shape_vector result(operands[0]);
    result[result.size() - 2] = extents.rows;
    result[result.size() - 1] = extents.columns;
    return result;
}

template <class T>
void matmul_rule::forward(const evaluation<T>& call, const attributes& flags)
{
    const shape_view a_shape = call.operands[0].shape;
    const kernels::product extents = product_of(a_shape, call.operands[1].shape, flags);
    kernels::scratch_memory scratch(call.scratch);
    const kernels::matrices<T> a(call.operands[0], scratch);
    const kernels::matrices<T> b(call.operands[1], scratch);
    kernels::for_each_matrix(
        a_shape.slice(0, a_shape.size() - 2), kernels::elements_worth(extents),
        [&, c = call.out()](std::size_t k, const T* left, const T* right)
        { kernels::matmul(extents, left, right, c + k * extents.rows * extents.columns); },
        a, b);
}

template <class T>
std::size_t matmul_rule::scratch(const evaluation<T>& call, const attributes&)
{
    kernels::scratch_memory scratch;
    kernels::room_for_copy<T>(call.operands[0], scratch);
    kernels::room_for_copy<T>(call.operands[1], scratch);
    return scratch.bytes();
}

template void matmul_rule::forward(const evaluation<float>&, const attributes&);
template void matmul_rule::forward(const evaluation<double>&, const attributes&);
template std::size_t matmul_rule::scratch(const evaluation<float>&, const attributes&);
template std::size_t matmul_rule::scratch(const evaluation<double>&, const attributes&);

template <class T>
variable<T> matmul_rule::batched(const batched_call<T>& y)
{
    const attributes flags = y.template attributes<attributes>();
    const bool matrices = y.shape().size() == 2;
    const kernels::product extents = product_of(y.operand_shape(0), y.operand_shape(1), flags);
    const shape_vector result = y.behind_axis(y.shape());
    // One row has the same elements in the same order as one column.
    if (matrices && !y.varies(1) && (!flags.transpose_a || extents.rows == 1))
    {
        const shape_vector rows{y.directions() * extents.rows, extents.inner};
        const variable<T> a = record_shaped<reshape_rule, T>({}, y.given(0), rows);
        return reshape(product(a, y.operand(1), false, flags.transpose_b), result);
    }
    if (matrices && !y.varies(0) && extents.columns == 1)
    {
        const shape_vector rows{y.directions(), extents.inner};
        const variable<T> b = record_shaped<reshape_rule, T>({}, y.given(1), rows);
        return reshape(product(b, y.operand(0), false, !flags.transpose_a), result);
    }
    return y.record(y.operands_behind_axis(), payload(flags));
}

template variable<float> matmul_rule::batched(const batched_call<float>&);
template variable<double> matmul_rule::batched(const batched_call<double>&);

namespace
{

void require_matching(shape_view a, shape_view b, const shape_vector& left, const shape_vector& right, location where)
{
    const std::size_t columns = left.back();
    const std::size_t rows = right[right.size() - 2];
    if (columns != rows)
    {
        throw error::shape_error(where, matmul_rule::name, "a is ", a, " and b is ", b, "; the ",
                                 a.size() == 1 ? "length" : "columns", " of a (", columns, ") must equal the ",
                                 b.size() == 1 ? "length" : "rows", " of b (", rows, ").");
    }
}

shape_vector common_batch(shape_view a, shape_view b, shape_view left, shape_view right, location where)
{
    const shape_view left_batch = left.slice(0, left.size() - 2);
    const shape_view right_batch = right.slice(0, right.size() - 2);
    try
    {
        return broadcast_shapes(left_batch, right_batch, matmul_rule::name);
    }
    catch (const error::shape_error&)
    {
        throw error::shape_error(where, matmul_rule::name, "a is ", a, " and b is ", b, "; their batch axes ",
                                 left_batch, " and ", right_batch, " do not broadcast.");
    }
}

} // namespace

detail::matmul_plan detail::plan_matmul(shape_view a, shape_view b, location where)
{
    if (a.empty() || b.empty())
    {
        throw error::shape_error(where, matmul_rule::name, "a is ", a, " and b is ", b,
                                 "; both need at least one axis. Use * to scale.");
    }
    const shape_vector left = a.size() == 1 ? shape_vector{1, a[0]} : shape_vector(a);
    const shape_vector right = b.size() == 1 ? shape_vector{b[0], 1} : shape_vector(b);
    require_matching(a, b, left, right, where);

    detail::matmul_plan plan;
    const shape_vector batch = common_batch(a, b, left, right, where);
    plan.result = batch;
    if (a.size() > 1)
    {
        plan.result.push_back(left[left.size() - 2]);
    }
    if (b.size() > 1)
    {
        plan.result.push_back(right.back());
    }
    if (right.size() == 2)
    {
        // One matrix for all: the batch is a tall matrix.
        plan.a = {element_count(shape_view(left).slice(0, left.size() - 1)), left.back()};
        plan.b = right;
        plan.a_batch = plan.a;
        plan.b_batch = plan.b;
        return plan;
    }
    plan.a = left;
    plan.b = right;
    plan.a_batch = batch;
    plan.a_batch.append(shape_view(left).slice(left.size() - 2, left.size()));
    plan.b_batch = batch;
    plan.b_batch.append(shape_view(right).slice(right.size() - 2, right.size()));
    return plan;
}

} // namespace autograd
