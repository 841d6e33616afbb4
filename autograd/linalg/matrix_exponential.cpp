#include "autograd/linalg/matrix_exponential.hpp"

#include "autograd/kernels/matrix_exponential.hpp"
#include "autograd/linalg/blocks.hpp"
#include "autograd/linalg/scale.hpp"
#include "autograd/operations/joining.hpp"

namespace autograd
{

shape_vector detail::shape_of_frechet(shape_view a, shape_view e, const char* operation, location where)
{
    require_square(operation, "a", a, where);
    require_square(operation, "e", e, where);
    if (rows_of(a) != rows_of(e))
    {
        throw error::shape_error(where, operation, "a is ", a, " and e is ", e,
                                 "; their matrices must have the same extents.");
    }
    try
    {
        return broadcast_shapes(a, e, operation);
    }
    catch (const error::shape_error&)
    {
        throw error::shape_error(where, operation, "a is ", a, " and e is ", e, "; their batch axes ", batch_of(a),
                                 " and ", batch_of(e), " do not broadcast.");
    }
}

template <class T>
void expm_rule::forward(const evaluation<T>& call)
{
    const std::size_t n = detail::rows_of(call.shape);
    for (std::size_t first = 0; first < call.size; first += n * n)
    {
        kernels::matrix_exponential(n, call.in(0) + first, call.out() + first, call.scratch);
    }
}

template <class T>
std::size_t expm_rule::scratch(const evaluation<T>& call)
{
    return kernels::scratch_of_matrix_exponential(detail::rows_of(call.shape), name);
}

template <class T>
void expm_frechet_rule::forward(const evaluation<T>& call)
{
    const std::size_t n = detail::rows_of(call.shape);
    for (std::size_t first = 0; first < call.size; first += n * n)
    {
        kernels::matrix_exponential_derivative(n, call.in(0) + first, call.in(1) + first, call.out() + first,
                                               call.scratch);
    }
}

template <class T>
std::size_t expm_frechet_rule::scratch(const evaluation<T>& call)
{
    return kernels::scratch_of_matrix_exponential_derivative(detail::rows_of(call.shape), name);
}

template <class T>
void expm_frechet_rule::vjp(pullback<T>& y)
{
    const variable<T> g = y.cotangent();
    const variable<T> a_transposed = detail::transposed_matrices(y.operand(0));
    if (y.wanted(1))
    {
        y.give(1, record<expm_frechet_rule, T>({}, {a_transposed, g}));
    }
    if (!y.wanted(0) || element_count(y.shape()) == 0)
    {
        return;
    }
    const std::size_t n = detail::rows_of(y.shape());
    const variable<T> above = detail::among_zeros(a_transposed, {0, 0}, {0, n});
    // Linear in the direction, which is scaled so that it does not vanish beside a.
    const variable<T> scale = detail::binade_of_matrices(y.operand(1));
    const variable<T> direction = detail::transposed_matrices(y.operand(1) / scale);
    const variable<T> below = concatenate({direction, a_transposed}, -1);
    const variable<T> b_bar =
        record<expm_frechet_rule, T>({}, {concatenate({above, below}, -2), detail::among_zeros(g, {0, n}, {n, 0})});
    const detail::extents first{0, n};
    const detail::extents second{n, 2 * n};
    y.give(0, (detail::block(b_bar, first, first) + detail::block(b_bar, second, second)) * scale);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void expm_rule::forward(const evaluation<T>&);                                                            \
    template std::size_t expm_rule::scratch(const evaluation<T>&);                                                     \
    template void expm_frechet_rule::forward(const evaluation<T>&);                                                    \
    template std::size_t expm_frechet_rule::scratch(const evaluation<T>&);                                             \
    template void expm_frechet_rule::vjp(pullback<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
