#include "autograd/operations/matmul_update.hpp"

#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/parallel/ranges.hpp"

#include <algorithm>
#include <cmath>

namespace autograd
{

namespace
{

kernels::product product_of(shape_view a, shape_view result, const matmul_rule::attributes& flags)
{
    return {result[0], result[1], a[flags.transpose_a ? 0 : 1], flags.transpose_a, flags.transpose_b};
}

/// By others parts of sums come to something else than the product.
template <class T>
bool may_multiply_parts(T factor)
{
    return factor != 0 && std::isfinite(factor);
}

} // namespace

bool matmul_update_rule::is_gain(shape_view a, shape_view result, const matmul_rule::attributes& flags)
{
    return kernels::is_added_in_place(product_of(a, result, flags));
}

template <class T>
std::size_t matmul_update_rule::scratch(const evaluation<T>& call, const attributes& how)
{
    const bool is_in_place = call.operands.size() == 3 && may_multiply_parts(static_cast<T>(how.factor)) &&
                             is_gain(call.operands[1].shape, call.shape, how.flags);
    kernels::scratch_memory scratch;
    scratch.take<T>(is_in_place ? 0 : call.size);
    return scratch.bytes();
}

template <class T>
void matmul_update_rule::forward(const evaluation<T>& call, const attributes& how)
{
    const kernels::product of = product_of(call.operands[1].shape, call.shape, how.flags);
    const T factor = static_cast<T>(how.factor) * (call.operands.size() > 3 ? *call.in(3) : T(1));
    const T* const c = call.in(0);
    T* const result = call.out();
    if (kernels::is_added_in_place(of) && may_multiply_parts(factor))
    {
        std::copy_n(c, result == c ? 0 : call.size, result);
        kernels::add_matmul(of, factor, call.in(1), call.in(2), result);
        return;
    }
    kernels::scratch_memory scratch(call.scratch);
    T* const product = scratch.take<T>(call.size);
    kernels::matmul(of, call.in(1), call.in(2), product);
    parallel::for_each_range(call.size, call.size, 64,
                             [&](std::size_t first, std::size_t last)
                             {
                                 for (std::size_t i = first; i < last; ++i)
                                 {
                                     result[i] = c[i] + factor * product[i];
                                 }
                             });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::size_t matmul_update_rule::scratch(const evaluation<T>&, const attributes&);                         \
    template void matmul_update_rule::forward(const evaluation<T>&, const attributes&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
