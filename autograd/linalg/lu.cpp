#include "autograd/linalg/lu.hpp"

#include "autograd/kernels/lu.hpp"
#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"

#include <cmath>

namespace autograd
{

shape_vector lu_factor_rule::shape(std::span<const shape_view> operands, const attributes&)
{
    const shape_view a = operands[0];
    return detail::matrices_shape(detail::batch_of(a), detail::rows_of(a) + 1, detail::columns_of(a));
}

template <class T>
void lu_factor_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const shape_view shape = call.operands[0].shape;
    detail::require_finite(a.caller, "a", call.in(0), shape);
    const std::size_t n = detail::rows_of(shape);
    const std::size_t count = element_count(detail::batch_of(shape));
    const auto factorize = [&](std::size_t k)
    { kernels::lu_factor(n, call.in(0) + k * n * n, call.out() + k * kernels::packed_lu(n), call.scratch, a.caller); };
    // Larger ones take turns with the scratch.
    const bool is_small = n <= kernels::small_lu;
    kernels::for_each_in_batch(count, is_small ? kernels::elements_worth({n, n, n, false, false}) : 0, factorize);
}

template <class T>
std::size_t lu_factor_rule::scratch(const evaluation<T>& call, const attributes&)
{
    kernels::scratch_memory scratch;
    kernels::lu_factor_scratch(detail::columns_of(call.shape), scratch);
    return scratch.bytes();
}

template void lu_factor_rule::forward(const evaluation<float>&, const attributes&);
template void lu_factor_rule::forward(const evaluation<double>&, const attributes&);
template std::size_t lu_factor_rule::scratch(const evaluation<float>&, const attributes&);
template std::size_t lu_factor_rule::scratch(const evaluation<double>&, const attributes&);

template <class T>
void detail::require_factors(const char* operation, const T* packed, shape_view a, std::size_t k)
{
    const std::size_t n = rows_of(a);
    for (std::size_t i = 0; i < n; ++i)
    {
        const T pivot = packed[i * n + i];
        if (!std::isfinite(pivot))
        {
            throw error::value_error(operation, "pivot ", i, " of the LU factorization of ", matrix_name("a", a, k),
                                     " is ", pivot, ", since numbers left the range; scale the matrix.");
        }
        const T exchange = packed[n * n + i];
        if (!(exchange >= T(i) && exchange < T(n)))
        {
            throw error::value_error(operation, "exchange ", i, " of the LU factorization of ", matrix_name("a", a, k),
                                     " is ", exchange, "; it must be from ", i, " to ", n - 1, ". Use lu_factor.");
        }
    }
}

template <class T>
void detail::require_regular(const char* operation, const T* packed, shape_view a, std::size_t k, const char* remedy)
{
    require_factors(operation, packed, a, k);
    const std::size_t n = rows_of(a);
    for (std::size_t i = 0; i < n; ++i)
    {
        if (packed[i * n + i] == 0)
        {
            throw error::value_error(operation, matrix_name("a", a, k), " is singular: pivot ", i,
                                     " of its LU factorization is 0. ", remedy);
        }
    }
}

template void detail::require_factors(const char*, const float*, shape_view, std::size_t);
template void detail::require_factors(const char*, const double*, shape_view, std::size_t);
template void detail::require_regular(const char*, const float*, shape_view, std::size_t, const char*);
template void detail::require_regular(const char*, const double*, shape_view, std::size_t, const char*);

} // namespace autograd
