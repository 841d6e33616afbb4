#include "autograd/operations/joining.hpp"

#include "autograd/kernels/dispatch.hpp"

namespace autograd
{

shape_vector concatenate_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    shape_vector result(operands[0]);
    result[a.axis] = 0;
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        bool fits = operands[k].size() == operands[0].size();
        for (std::size_t axis = 0; fits && axis < operands[0].size(); ++axis)
        {
            fits = axis == a.axis || operands[k][axis] == operands[0][axis];
        }
        if (!fits)
        {
            throw error::shape_error(name, "operand ", k, " has shape ", operands[k], " and operand 0 has ",
                                     operands[0], "; off axis ", a.axis, " they must be equal.");
        }
        result[a.axis] = detail::extent_sum(result[a.axis], operands[k][a.axis], name);
    }
    return result;
}

template <class T>
void concatenate_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const std::size_t inner = element_count(call.shape.slice(a.axis + 1, call.shape.size()));
    const std::size_t outer = element_count(call.shape.slice(0, a.axis));
    const std::size_t row = call.shape[a.axis] * inner;
    T* to = call.out();
    for (std::size_t k = 0; k < call.operands.size(); ++k)
    {
        const std::size_t length = call.operands[k].shape[a.axis] * inner;
        kernels::copies<T>->pieces(call.in(k), length, to, row, length, outer);
        to += length;
    }
}

template void concatenate_rule::forward(const evaluation<float>&, const attributes&);
template void concatenate_rule::forward(const evaluation<double>&, const attributes&);

std::size_t detail::length_of_part(std::int64_t n, shape_view shape, std::size_t axis, location where)
{
    // Each part is an instruction on the tape, also where there is nothing in it.
    constexpr std::int64_t most_empty_parts = 65536;
    if (n < 1)
    {
        throw error::shape_error(where, "split", "the number of parts is ", n, "; it must be 1 or more.");
    }
    if (n > most_empty_parts && element_count(shape) == 0)
    {
        throw error::shape_error(where, "split", "the array of shape ", shape, " is empty, but is cut into ", n,
                                 " parts; more than ", most_empty_parts, " empty parts are not made.");
    }
    const auto count = static_cast<std::size_t>(n);
    if (shape[axis] % count != 0)
    {
        throw error::shape_error(where, "split", "axis ", axis, " of shape ", shape, " does not divide into ", count,
                                 " equal parts.");
    }
    return shape[axis] / count;
}

} // namespace autograd
