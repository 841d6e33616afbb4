#include "autograd/operations/joining.hpp"

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
        result[a.axis] = extent_sum(result[a.axis], operands[k][a.axis], name);
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
        kernels::copy_pieces(call.in(k), length, to, row, length, outer);
        to += length;
    }
}

template void concatenate_rule::forward(const evaluation<float>&, const attributes&);
template void concatenate_rule::forward(const evaluation<double>&, const attributes&);

} // namespace autograd
