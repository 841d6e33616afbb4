#include "autograd/linalg/cholesky.hpp"

#include "autograd/kernels/cholesky.hpp"
#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"

namespace autograd
{

template <class T>
void cholesky_pull_rule::forward(const evaluation<T>& call)
{
    const std::size_t n = detail::rows_of(call.shape);
    const std::size_t count = element_count(detail::batch_of(call.shape));
    const auto pull = [&](std::size_t k)
    {
        const std::size_t first = k * n * n;
        kernels::cholesky_pull(n, call.in(0) + first, call.in(1) + first, call.out() + first, call.scratch, name);
    };
    // Larger ones take turns with the scratch.
    const bool is_small = n <= kernels::small_cholesky;
    kernels::for_each_in_batch(count, is_small ? kernels::elements_worth({n, n, n, false, false}) : 0, pull);
}

template <class T>
std::size_t cholesky_pull_rule::scratch(const evaluation<T>& call)
{
    kernels::scratch_memory scratch;
    kernels::cholesky_pull_scratch<T>(detail::rows_of(call.shape), scratch);
    return scratch.bytes();
}

template void cholesky_pull_rule::forward(const evaluation<float>&);
template void cholesky_pull_rule::forward(const evaluation<double>&);
template std::size_t cholesky_pull_rule::scratch(const evaluation<float>&);
template std::size_t cholesky_pull_rule::scratch(const evaluation<double>&);

template <class T>
void cholesky_rule::forward(const evaluation<T>& call)
{
    const std::size_t n = detail::rows_of(call.shape);
    const std::size_t count = element_count(detail::batch_of(call.shape));
    const auto factorize = [&](std::size_t k)
    {
        const auto [minor, pivot] = kernels::cholesky(n, call.in(0) + k * n * n, call.out() + k * n * n, name);
        if (minor != 0)
        {
            detail::require_finite_lower(name, "a", call.in(0), call.shape); // they spoil pivots
            throw error::value_error(
                name, detail::matrix_name("a", call.shape, k),
                " is not positive definite: the pivot of its leading minor of order ", minor, " is ", pivot,
                "; all must be positive. Add to the diagonal, a + c I, where rounding is to blame.");
        }
    };
    kernels::for_each_in_batch(count, kernels::elements_worth({n, n, n, false, false}), factorize);
}

template void cholesky_rule::forward(const evaluation<float>&);
template void cholesky_rule::forward(const evaluation<double>&);

} // namespace autograd
