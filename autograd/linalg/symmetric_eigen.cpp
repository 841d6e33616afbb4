#include "autograd/linalg/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>

namespace autograd
{

// ------------------------------------------------------------------------------------------------- the factorization

shape_vector symmetric_eigen_rule::shape(std::span<const shape_view> operands, const attributes& how)
{
    constexpr std::size_t most = 32766; // syevd counts 1 + 6 n + 2 n^2 numbers of work by an int
    const shape_view a = operands[0];
    const std::size_t n = detail::rows_of(a);
    if (n > most)
    {
        throw error::shape_error(how.caller, "a has shape ", a, "; LAPACK's syevd takes ", most, " rows at most.");
    }
    return detail::matrices_shape(detail::batch_of(a), n + 1, n);
}

namespace
{

/// Refuses NaN and infinities in the lower triangle of matrix k of a.
template <class T>
void require_finite_triangle(const char* caller, const T* a, std::size_t n, shape_view shape, std::size_t k)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        const T* const row = a + i * n;
        const T* const found = std::find_if_not(row, row + i + 1, [](T x) { return std::isfinite(x); });
        if (found != row + i + 1)
        {
            throw error::value_error(caller, "element (", i, ", ", found - row, ") of ",
                                     detail::matrix_name("a", shape, k), " is ", *found,
                                     "; the lower triangle must be finite.");
        }
    }
}

/// Refuses what LAPACK says or shows to have failed.
template <class T>
void require_found(const char* caller, int status, const T* values, std::size_t n, shape_view shape, std::size_t k)
{
    if (status != 0)
    {
        throw error::value_error(caller, "LAPACK's syevd did not converge for ", detail::matrix_name("a", shape, k),
                                 " (its status is ", status, ").");
    }
    const T* const found = std::find_if_not(values, values + n, [](T x) { return std::isfinite(x); });
    if (found != values + n)
    {
        throw error::value_error(caller, "eigenvalue ", found - values, " of ", detail::matrix_name("a", shape, k),
                                 " is ", *found, "; it leaves the range of its type. Scale the matrix.");
    }
}

/// f(k, the pairs of matrix k) for all matrices whose factorization operand 1 is.
template <class T, class F>
void for_each_factorization(const evaluation<T>& call, F f)
{
    const std::size_t n = detail::columns_of(call.operands[1].shape);
    const std::size_t size = kernels::eigen_pairs<T>::packed_size(n);
    const std::size_t count = element_count(detail::batch_of(call.operands[1].shape));
    for (std::size_t k = 0; k < count; ++k)
    {
        f(k, kernels::eigen_pairs<T>(n, call.in(1) + k * size));
    }
}

} // namespace

template <class T>
void symmetric_eigen_rule::forward(const evaluation<T>& call, const attributes& how)
{
    const shape_view shape = call.operands[0].shape;
    const std::size_t n = detail::rows_of(shape);
    if (call.size == 0)
    {
        return;
    }
    const int rows = static_cast<int>(n);
    kernels::scratch_memory scratch(call.scratch);
    const kernels::eigen_work<T> work(rows, scratch);
    T* packed = call.out();
    const std::size_t matrices = element_count(detail::batch_of(shape));
    for (std::size_t k = 0; k < matrices; ++k, packed += kernels::eigen_pairs<T>::packed_size(n))
    {
        const T* const a = call.in(0) + k * n * n;
        require_finite_triangle(how.caller, a, n, shape, k);
        std::copy_n(a, n * n, packed + n);
        const int status = kernels::symmetric_eigen(rows, packed, work);
        require_found(how.caller, status, packed, n, shape, k);
    }
}

template <class T>
std::size_t symmetric_eigen_rule::scratch(const evaluation<T>& call, const attributes&)
{
    if (call.size == 0)
    {
        return 0;
    }
    kernels::scratch_memory scratch;
    static_cast<void>(kernels::eigen_work<T>(static_cast<int>(detail::rows_of(call.operands[0].shape)), scratch));
    return scratch.bytes();
}

// ------------------------------------------------------------------------------------------------------------ ranges

std::string detail::print_range(const eigen_range& a)
{
    return std::to_string(a.count) + " from " + std::to_string(a.first);
}

detail::eigen_range detail::range_of(std::ptrdiff_t first, std::ptrdiff_t count, shape_view a, const char* name,
                                     location where)
{
    require_square(name, "a", a, where);
    return {first_of_range(name, "eigenvalues", first, count, rows_of(a), a, where), static_cast<std::size_t>(count)};
}

// ------------------------------------------------------------------------------------------------------ eigenvectors

shape_vector eigenvectors_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    return detail::matrices_shape(detail::batch_of(operands[1]), detail::columns_of(operands[1]), a.count);
}

template <class T>
void eigenvectors_rule::forward(const evaluation<T>& call, const attributes& range)
{
    for_each_factorization(
        call, [&](std::size_t k, const kernels::eigen_pairs<T>& a)
        { kernels::eigenvector_columns(a, range, call.in(2) + k * range.count, call.out() + k * a.n * range.count); });
}

// ------------------------------------------------------------------------------------------------- reduced_resolvent

shape_vector reduced_resolvent_rule::shape(std::span<const shape_view> operands, const attributes&)
{
    return operands[2];
}

namespace
{

/// Refuses eigenvalues that are equal to those of columns which something flows into.
template <class T>
void require_gaps(const kernels::eigen_pairs<T>& a, const detail::asked_range& range, const T* reached,
                  shape_view shape, std::size_t k)
{
    const kernels::close_pair pair = kernels::find_close_pair(a, range, reached);
    if (pair.exists())
    {
        const T one = a.values[pair.lower];
        const T other = a.values[pair.upper];
        throw error::value_error(
            range.caller, "eigenvalues ", pair.lower, " and ", pair.upper, " of ", detail::matrix_name("a", shape, k),
            ", ", one, " and ", other, ", are ", other - one, " apart; ",
            range.of_values ? "they have a second derivative" : "vectors have a derivative",
            " where that is more than rounding, ", a.rounding_level(),
            range.of_values
                ? ". Use trace(spectral(a, f)) for the sum of f(eigenvalue): it has derivatives of every order."
                : ". Use spectral, projector or eigenvalues, or eigenvectors of a range without them.");
    }
}

} // namespace

template <class T>
void reduced_resolvent_rule::forward(const evaluation<T>& call, const attributes& range)
{
    for_each_factorization(call,
                           [&](std::size_t k, const kernels::eigen_pairs<T>& a)
                           {
                               const std::size_t size = a.n * range.count;
                               const T* const reached = call.in(3) + k * range.count;
                               require_gaps(a, range, reached, call.operands[0].shape, k);
                               if (size > 0)
                               {
                                   kernels::reduced_resolvent(a, range, call.in(2) + k * size, reached,
                                                              call.out() + k * size, static_cast<T*>(call.scratch));
                               }
                           });
}

template <class T>
std::size_t reduced_resolvent_rule::scratch(const evaluation<T>& call, const attributes& range)
{
    kernels::scratch_memory scratch;
    scratch.take<T>(detail::rows_of(call.operands[0].shape) * range.count);
    return scratch.bytes();
}

// ------------------------------------------------------------------------------------------------------- eigenvalues

shape_vector eigenvalues_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    shape_vector result(detail::batch_of(operands[1]));
    result.push_back(a.count);
    return result;
}

template <class T>
void eigenvalues_rule::forward(const evaluation<T>& call, const attributes& range)
{
    for_each_factorization(call, [&](std::size_t k, const kernels::eigen_pairs<T>& a)
                           { std::copy_n(a.values + range.first, range.count, call.out() + k * range.count); });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void symmetric_eigen_rule::forward(const evaluation<T>&, const attributes&);                              \
    template std::size_t symmetric_eigen_rule::scratch(const evaluation<T>&, const attributes&);                       \
    template void eigenvectors_rule::forward(const evaluation<T>&, const attributes&);                                 \
    template void reduced_resolvent_rule::forward(const evaluation<T>&, const attributes&);                            \
    template std::size_t reduced_resolvent_rule::scratch(const evaluation<T>&, const attributes&);                     \
    template void eigenvalues_rule::forward(const evaluation<T>&, const attributes&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
