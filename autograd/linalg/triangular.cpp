#include "autograd/linalg/triangular.hpp"

#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/matrices.hpp"
#include "autograd/kernels/triangular.hpp"

#include <cmath>

namespace autograd
{

namespace
{

kernels::triangle_form form_of(const triangular_options& a)
{
    using namespace kernels::lapack;
    return {a.upper ? triangle::upper : triangle::lower, a.transposed ? form::transposed : form::as_stored,
            a.unit_diagonal ? diagonal::ones : diagonal::as_stored};
}

/// Throws value_error unless the diagonal of matrix k of an argument has pivots.
template <class T>
void require_pivots(const triangular_solve_rule::attributes& how, const T* matrix, std::size_t n, shape_view a,
                    std::size_t k)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        const T pivot = matrix[i * n + i];
        if (pivot == 0 || !std::isfinite(pivot))
        {
            throw error::value_error(how.caller, "element (", i, ", ", i, ") of ",
                                     detail::matrix_name(how.argument, a, k), ", on the diagonal, is ", pivot,
                                     "; each must be finite and not 0: ", how.argument, " is singular.");
        }
    }
}

} // namespace

std::string triangular_solve_rule::print(const attributes& a)
{
    return std::string(a.upper ? "upper" : "lower") + (a.transposed ? ", transposed" : "") +
           (a.unit_diagonal ? ", ones on the diagonal" : "");
}

template <class T>
void triangular_solve_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const shape_view shape = call.operands[0].shape;
    const std::size_t n = detail::rows_of(shape);
    const std::size_t columns = detail::columns_of_right_side(call.shape);
    kernels::scratch_memory scratch(call.scratch);
    const kernels::matrices<T> triangles(call.operands[0], scratch);
    kernels::copies<T>->strided(call.operands[1], call.out());
    kernels::for_each_matrix(
        detail::batch_of(shape), kernels::elements_worth({n, columns, n, false, false}),
        [&](std::size_t k, const T* matrix)
        {
            if (!a.unit_diagonal)
            {
                require_pivots(a, matrix, n, shape, k);
            }
            kernels::solve_triangle(form_of(a), n, columns, matrix, n, call.out() + k * n * columns, a.caller);
        },
        triangles);
}

template <class T>
std::size_t triangular_solve_rule::scratch(const evaluation<T>& call, const attributes&)
{
    kernels::scratch_memory scratch;
    kernels::room_for_copy<T>(call.operands[0], scratch);
    return scratch.bytes();
}

template void triangular_solve_rule::forward(const evaluation<float>&, const attributes&);
template void triangular_solve_rule::forward(const evaluation<double>&, const attributes&);
template std::size_t triangular_solve_rule::scratch(const evaluation<float>&, const attributes&);
template std::size_t triangular_solve_rule::scratch(const evaluation<double>&, const attributes&);

template <class T>
variable<T> triangular_solve_rule::batched(const batched_call<T>& y)
{
    return detail::batched_solution<triangular_solve_rule>(y);
}

template variable<float> triangular_solve_rule::batched(const batched_call<float>&);
template variable<double> triangular_solve_rule::batched(const batched_call<double>&);

} // namespace autograd
