#include "autograd/linalg/matrix_norm.hpp"

#include "autograd/kernels/unique_factors.hpp"
#include "autograd/linalg/inverse.hpp"
#include "autograd/linalg/scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace autograd
{

namespace
{

/// The largest singular value of each matrix, or the least, by its factorization.
template <class T>
variable<T> extreme_singular_value(variable<T> a, variable<T> factors, bool largest, const char* operation,
                                   location where)
{
    const shape_vector batch(detail::batch_of(a.shape()));
    const std::size_t which = largest ? 0 : detail::svd_of(a.shape()).count() - 1;
    return reshape(detail::singular_values(a, factors, {which, 1, operation}, where), shape_view(batch));
}

/// Throws shape_error where there is nothing to take the largest or the least of.
void require_some(std::size_t count, const char* things, detail::norm_in asked, shape_view x, double order,
                  location where)
{
    if (count == 0)
    {
        throw error::shape_error(where, asked.operation, asked.argument, " has shape ", x, ", without ", things,
                                 "; order ", order, " needs one at least.");
    }
}

/// The largest element along the last axis, or the least.
template <class T>
variable<T> extreme(variable<T> x, bool largest)
{
    return largest ? amax(x, -1) : amin(x, -1);
}

template <class T>
variable<T> norm_of_vector(variable<T> x, double order, detail::norm_in asked, location where)
{
    if (std::isnan(order))
    {
        throw error::value_error(where, asked.operation, "order ", order, " of a vector; it must be a number.");
    }
    if (std::isinf(order))
    {
        require_some(x.size(), "elements", asked, x.shape(), order, where);
        return extreme(abs(x), order > 0);
    }
    if (order == 0)
    {
        return sum(not_equal(x, T(0)));
    }
    if (order == 1)
    {
        return norm_l1(x);
    }
    if (order == 2)
    {
        return norm_l2(x);
    }
    if (x.size() == 0)
    {
        return pow(sum(x), static_cast<T>(1 / order));
    }
    // What counts most in the sum is near 1: powers of it stay in the range.
    const variable<T> magnitudes = abs(x);
    const variable<T> scale = detail::scale_of(order > 0 ? amax(magnitudes) : amin(magnitudes));
    return scale * pow(sum(pow(magnitudes / scale, static_cast<T>(order))), static_cast<T>(1 / order));
}

template <class T>
variable<T> norm_of_matrices(variable<T> x, double order, detail::norm_in asked, location where)
{
    const double magnitude = std::abs(order);
    if (magnitude == 1)
    {
        require_some(detail::columns_of(x.shape()), "columns", asked, x.shape(), order, where);
        return extreme(sum(abs(x), -2), order > 0);
    }
    if (std::isinf(order))
    {
        require_some(detail::rows_of(x.shape()), "rows", asked, x.shape(), order, where);
        return extreme(sum(abs(x), -1), order > 0);
    }
    if (magnitude != 2)
    {
        throw error::value_error(where, asked.operation, "order ", order,
                                 " of a matrix; it must be 1, -1, 2, -2, infinity or -infinity, or "
                                 "matrix_norm::frobenius or matrix_norm::nuclear.");
    }
    require_some(detail::svd_of(x.shape()).count(), "singular values", asked, x.shape(), order, where);
    const variable<T> factors = detail::svd_factors(x, asked.operation, where);
    return extreme_singular_value(x, factors, order > 0, asked.operation, where);
}

} // namespace

template <class T>
void condition_slope_rule::forward(const evaluation<T>& call, const attributes& a)
{
    for (std::size_t k = 0; k < call.size; ++k)
    {
        const T g = call.in(0)[k];
        const auto [least, largest] = std::minmax(call.in(1)[k], call.in(2)[k]);
        if (g != 0 && !(least > kernels::rounding_of_factors<T>(a.extent) * largest))
        {
            const shape_vector matrices = detail::matrices_shape(call.shape, 1, 1);
            throw error::value_error("cond", "the least singular value of ",
                                     detail::name_behind_directions(a.directions, matrices, k), " is ", least,
                                     ", 0 but for rounding, where the largest is ", largest,
                                     "; the condition number has no derivative there.");
        }
        call.out()[k] = g == 0 ? T(0) : g / call.in(2)[k];
    }
}

template <class T>
void condition_number_rule::forward(const evaluation<T>& call, const attributes&)
{
    std::transform(call.in(0), call.in(0) + call.size, call.in(1), call.out(),
                   [](T s, T t) { return t == 0 ? std::numeric_limits<T>::infinity() : s / t; });
}

void detail::require_vector_or_matrices(norm_in asked, shape_view x, location where)
{
    if (x.empty())
    {
        throw error::shape_error(where, asked.operation, asked.argument,
                                 " has shape (); it must be a vector or a matrix.");
    }
}

template <class T>
variable<T> detail::norm_of_order(variable<T> x, double order, norm_in asked, location where)
{
    require_vector_or_matrices(asked, x.shape(), where);
    return x.dimension() == 1 ? norm_of_vector(x, order, asked, where) : norm_of_matrices(x, order, asked, where);
}

template <class T>
variable<T> detail::norm_of_order(variable<T> x, matrix_norm order, norm_in asked, location where)
{
    require_vector_or_matrices(asked, x.shape(), where);
    require_matrices(asked.operation, asked.argument, x.shape(), where);
    return order == matrix_norm::nuclear
               ? record<nuclear_norm_rule, T>(where, {x, svd_factors(x, asked.operation, where)})
               : norm_l2(x, {-2, -1});
}

template <class T, class Order>
variable<T> detail::condition_number(variable<T> a, Order order, location where)
{
    constexpr norm_in asked{"cond", "a"};
    if constexpr (std::same_as<Order, double>)
    {
        if (std::abs(order) == 2)
        {
            require_some(svd_of(a.shape()).count(), "singular values", asked, a.shape(), order, where);
            const variable<T> factors = svd_factors(a, asked.operation, where);
            const variable<T> largest = extreme_singular_value(a, factors, true, asked.operation, where);
            const variable<T> least = extreme_singular_value(a, factors, false, asked.operation, where);
            return record<condition_number_rule, T>(where, {order > 0 ? largest : least, order > 0 ? least : largest},
                                                    {detail::svd_of(a.shape()).larger()});
        }
    }
    require_square(asked.operation, asked.argument, a.shape(), where);
    // It does not depend on the scale of a, and that of what its derivative is made of would be squared.
    const variable<T> scaled = a.size() == 0 ? a : a / binade_of_matrices(a);
    const variable<T> norm_of_a = norm_of_order(scaled, order, asked, where);
    const variable<T> inverse =
        inverse_for(asked.operation, scaled, where, "Use cond(a), of order 2, which is infinite there.");
    return norm_of_a * norm_of_order(inverse, order, asked, where);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void condition_slope_rule::forward(const evaluation<T>&, const attributes&);                              \
    template void condition_number_rule::forward(const evaluation<T>&, const attributes&);                             \
    template variable<T> detail::norm_of_order(variable<T>, double, detail::norm_in, location);                        \
    template variable<T> detail::norm_of_order(variable<T>, matrix_norm, detail::norm_in, location);                   \
    template variable<T> detail::condition_number(variable<T>, double, location);                                      \
    template variable<T> detail::condition_number(variable<T>, matrix_norm, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
