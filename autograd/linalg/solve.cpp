#include "autograd/linalg/solve.hpp"

#include "autograd/kernels/lu.hpp"
#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"

namespace autograd
{

template <class T>
void solve_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const shape_view shape = call.operands[0].shape;
    const std::size_t n = detail::rows_of(shape);
    const std::size_t columns = detail::columns_of_right_side(call.shape);
    kernels::scratch_memory scratch(call.scratch);
    const kernels::matrices<T> packed(call.operands[1], scratch);
    kernels::copies<T>->strided(call.operands[2], call.out());
    kernels::for_each_matrix(
        detail::batch_of(shape), kernels::elements_worth({n, columns, n, false, false}),
        [&](std::size_t k, const T* lu)
        {
            detail::require_regular(name, lu, shape, k);
            kernels::lu_solve(n, columns, lu, a.transposed, call.out() + k * n * columns, name);
        },
        packed);
}

template <class T>
std::size_t solve_rule::scratch(const evaluation<T>& call, const attributes&)
{
    kernels::scratch_memory scratch;
    kernels::room_for_copy<T>(call.operands[1], scratch);
    return scratch.bytes();
}

template void solve_rule::forward(const evaluation<float>&, const attributes&);
template void solve_rule::forward(const evaluation<double>&, const attributes&);
template std::size_t solve_rule::scratch(const evaluation<float>&, const attributes&);
template std::size_t solve_rule::scratch(const evaluation<double>&, const attributes&);

template <class T>
variable<T> solve_rule::batched(const batched_call<T>& y)
{
    return detail::batched_solution<solve_rule>(y);
}

template variable<float> solve_rule::batched(const batched_call<float>&);
template variable<double> solve_rule::batched(const batched_call<double>&);

} // namespace autograd
