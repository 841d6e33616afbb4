#include "autograd/operations/matmul_plus_row.hpp"

#include "autograd/kernels/matmul.hpp"

namespace autograd
{

template <class T>
void matmul_plus_row_rule::forward(const evaluation<T>& call, const attributes& flags)
{
    const shape_view a = call.operands[0].shape;
    const kernels::product of{call.shape[0], call.shape[1], flags.transpose_a ? a[0] : a[1], flags.transpose_a,
                              flags.transpose_b};
    kernels::matmul(of, call.in(0), call.in(1), call.out(), call.in(2));
}

template void matmul_plus_row_rule::forward(const evaluation<float>&, const attributes&);
template void matmul_plus_row_rule::forward(const evaluation<double>&, const attributes&);

} // namespace autograd
