#include "autograd/operations/shaping.hpp"

#include "autograd/kernels/dispatch.hpp"

namespace autograd
{

template <class T>
variable<T> broadcast_rule::batched(const batched_call<T>& y)
{
    const shape_view from = y.operand_shape(0);
    shape_vector aligned(y.shape().size() - from.size(), 1);
    aligned.append(from);
    handle<T> x = y.given(0);
    if (aligned.size() != from.size())
    {
        x = autograd::record_shaped<reshape_rule, T>({}, x, y.behind_axis(aligned));
    }
    return y.record_shaped({&x, 1}, {}, y.behind_axis(y.shape()));
}

template variable<float> broadcast_rule::batched(const batched_call<float>&);
template variable<double> broadcast_rule::batched(const batched_call<double>&);

shape_vector detail::inferred_shape(const axes_list& extents, shape_view of, location where)
{
    const std::size_t count = element_count(of);
    axes_list known = extents;
    std::int64_t* inferred = std::find(known.begin(), known.end(), -1);
    if (inferred != known.end())
    {
        *inferred = 1;
        if (std::find(known.begin(), known.end(), -1) != known.end())
        {
            throw error::shape_error(where, "reshape",
                                     "the extent -1, which is inferred from the others, may be given once.");
        }
        const std::size_t others = element_count(detail::extents_of(known, "reshape", where), "reshape", where);
        if (others == 0 || count % others != 0)
        {
            throw error::shape_error(where, "reshape", "x has shape ", of, " with ", count,
                                     " elements, which do not divide into ", to_text(extents), ".");
        }
        *inferred = static_cast<std::int64_t>(count / others);
    }
    const shape_vector shape = detail::extents_of(known, "reshape", where);
    if (element_count(shape, "reshape", where) != count)
    {
        throw error::shape_error(where, "reshape", "x has shape ", of, " with ", count, " elements, but ", shape,
                                 " has ", element_count(shape), "; the counts must be equal.");
    }
    return shape;
}

transpose_rule::attributes detail::permutation(const axes_list& axes, shape_view shape, const char* operation,
                                               location where)
{
    if (axes.size() != shape.size())
    {
        throw error::shape_error(where, operation, axes.size(), " axes for shape ", shape, "; each of its ",
                                 shape.size(), " axes must be given once.");
    }
    axes_set(axes, shape, operation, where); // refuses axes given twice
    transpose_rule::attributes order{};
    order.dimension = static_cast<std::uint8_t>(shape.size());
    for (std::size_t k = 0; k < axes.size(); ++k)
    {
        order.order[k] = static_cast<std::uint8_t>(normalized_axis(axes[k], shape, operation, where));
    }
    return order;
}

transpose_rule::attributes detail::inverse(const transpose_rule::attributes& order)
{
    transpose_rule::attributes result{};
    result.dimension = order.dimension;
    for (std::uint8_t k = 0; k < order.dimension; ++k)
    {
        result.order[order.order[k]] = k;
    }
    return result;
}

transpose_rule::attributes detail::reversed_axes(std::size_t dimension)
{
    transpose_rule::attributes result{};
    result.dimension = static_cast<std::uint8_t>(dimension);
    for (std::size_t k = 0; k < dimension; ++k)
    {
        result.order[k] = static_cast<std::uint8_t>(dimension - 1 - k);
    }
    return result;
}

transpose_rule::attributes transpose_rule::with_leading_axis(const attributes& a)
{
    attributes result{};
    result.dimension = static_cast<std::uint8_t>(a.dimension + 1);
    for (std::size_t k = 0; k < a.dimension; ++k)
    {
        result.order[k + 1] = static_cast<std::uint8_t>(a.order[k] + 1);
    }
    return result;
}

std::string transpose_rule::print(const attributes& a)
{
    std::string text = "axes {";
    for (std::size_t k = 0; k < a.dimension; ++k)
    {
        text += (k == 0 ? "" : ", ") + std::to_string(a.order[k]);
    }
    return text + "}";
}

shape_vector transpose_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    shape_vector result(operands[0]);
    for (std::size_t k = 0; k < a.dimension; ++k)
    {
        result[k] = operands[0][a.order[k]];
    }
    return result;
}

template <class T>
void transpose_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const array_view& x = call.operands[0];
    std::ptrdiff_t dense[max_dimension];
    std::ptrdiff_t stride = 1;
    for (std::size_t axis = x.shape.size(); axis-- > 0;)
    {
        dense[axis] = stride;
        stride *= static_cast<std::ptrdiff_t>(x.shape[axis]);
    }
    std::ptrdiff_t permuted[max_dimension];
    for (std::size_t k = 0; k < a.dimension; ++k)
    {
        permuted[k] = dense[a.order[k]];
    }
    kernels::copies<T>->strided(array_view{x.data, call.shape, call.size, permuted}, call.out());
}

template void transpose_rule::forward(const evaluation<float>&, const attributes&);
template void transpose_rule::forward(const evaluation<double>&, const attributes&);

} // namespace autograd
