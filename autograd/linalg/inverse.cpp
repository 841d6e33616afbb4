#include "autograd/linalg/inverse.hpp"

#include "autograd/kernels/lu.hpp"
#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"

#include <algorithm>

namespace autograd
{

template <class T>
void inverse_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const std::size_t n = detail::rows_of(call.shape);
    const std::size_t count = element_count(detail::batch_of(call.shape));
    std::fill_n(call.out(), call.size, T(0));
    const auto invert = [&](std::size_t k)
    {
        const T* const packed = call.in(1) + k * kernels::packed_lu(n);
        T* const inverse = call.out() + k * n * n;
        detail::require_regular(a.caller, packed, call.shape, k, a.remedy);
        for (std::size_t i = 0; i < n; ++i)
        {
            inverse[i * n + i] = 1;
        }
        kernels::lu_solve(n, n, packed, false, inverse, a.caller);
    };
    kernels::for_each_in_batch(count, kernels::elements_worth({n, n, n, false, false}), invert);
}

template void inverse_rule::forward(const evaluation<float>&, const attributes&);
template void inverse_rule::forward(const evaluation<double>&, const attributes&);

} // namespace autograd
