#include "autograd/linalg/matrix_norm.hpp"

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
variable<T> extreme_singular_value(variable<T> a, variable<T> factors, bool largest, location where)
{
    const shape_vector batch(detail::batch_of(a.shape()));
    const std::size_t which = largest ? 0 : detail::svd_of(a.shape()).count() - 1;
    return reshape(detail::singular_values(a, factors, {which, 1}, where), shape_view(batch));
}

/// Throws shape_error where there is none of them.
void require_singular_values(const char* operation, const char* argument, shape_view x, double order, location where)
{
    if (detail::svd_of(x).count() == 0)
    {
        throw error::shape_error(where, operation, argument, " has shape ", x, ", without singular values; order ",
                                 order, " needs one at least.");
    }
}

/// The largest element along the last axis, or the least.
template <class T>
variable<T> extreme(variable<T> x, bool largest)
{
    return largest ? amax(x, -1) : amin(x, -1);
}

template <class T>
variable<T> norm_of_vector(variable<T> x, double order, const char* operation, location where)
{
    if (std::isnan(order))
    {
        throw error::value_error(where, operation, "order ", order, " of a vector; it must be a number.");
    }
    if (std::isinf(order))
    {
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
variable<T> norm_of_matrices(variable<T> x, double order, const char* operation, location where)
{
    const double magnitude = std::abs(order);
    if (magnitude == 1 || std::isinf(order))
    {
        return extreme(sum(abs(x), magnitude == 1 ? -2 : -1), order > 0);
    }
    if (magnitude != 2)
    {
        throw error::value_error(where, operation, "order ", order,
                                 " of a matrix; it must be 1, -1, 2, -2, infinity or -infinity, or "
                                 "matrix_norm::frobenius or matrix_norm::nuclear.");
    }
    require_singular_values(operation, "x", x.shape(), order, where);
    return extreme_singular_value(x, detail::svd_factors(x, operation, where), order > 0, where);
}

} // namespace

template <class T>
void reciprocal_of_singular_value_rule::forward(const evaluation<T>& call)
{
    for (std::size_t k = 0; k < call.size; ++k)
    {
        const T s = call.in(0)[k];
        if (s == 0)
        {
            const shape_vector matrices = detail::matrices_shape(call.shape, 1, 1);
            throw error::value_error("cond", "a singular value of ", detail::matrix_name("a", matrices, k),
                                     " is 0; the condition number has no derivative there.");
        }
        call.out()[k] = 1 / s;
    }
}

template <class T>
void condition_number_rule::forward(const evaluation<T>& call)
{
    std::transform(call.in(0), call.in(0) + call.size, call.in(1), call.out(),
                   [](T s, T t) { return t == 0 ? std::numeric_limits<T>::infinity() : s / t; });
}

template <class T>
variable<T> detail::norm_of_order(variable<T> x, double order, const char* operation, location where)
{
    if (x.dimension() == 0)
    {
        throw error::shape_error(where, operation, "x has shape (); it must be a vector or a matrix.");
    }
    return x.dimension() == 1 ? norm_of_vector(x, order, operation, where)
                              : norm_of_matrices(x, order, operation, where);
}

template <class T>
variable<T> detail::norm_of_order(variable<T> x, matrix_norm order, const char* operation, location where)
{
    require_matrices(operation, "x", x.shape(), where);
    return order == matrix_norm::nuclear ? nuclear_norm(x, where) : norm_l2(x, {-2, -1});
}

template <class T, class Order>
variable<T> detail::condition_number(variable<T> a, Order order, location where)
{
    if constexpr (std::same_as<Order, double>)
    {
        if (std::abs(order) == 2)
        {
            require_singular_values("cond", "a", a.shape(), order, where);
            const variable<T> factors = svd_factors(a, "cond", where);
            const variable<T> largest = extreme_singular_value(a, factors, true, where);
            const variable<T> least = extreme_singular_value(a, factors, false, where);
            return record<condition_number_rule, T>(where, {order > 0 ? largest : least, order > 0 ? least : largest});
        }
    }
    require_square("cond", "a", a.shape(), where);
    // It does not depend on the scale of a, and that of what its derivative is made of would be squared.
    const variable<T> scaled = a.size() == 0 ? a : a / binade_of_matrices(a);
    const variable<T> inverse = inverse_for("cond", scaled, where);
    return norm_of_order(scaled, order, "cond", where) * norm_of_order(inverse, order, "cond", where);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void reciprocal_of_singular_value_rule::forward(const evaluation<T>&);                                    \
    template void condition_number_rule::forward(const evaluation<T>&);                                                \
    template variable<T> detail::norm_of_order(variable<T>, double, const char*, location);                            \
    template variable<T> detail::norm_of_order(variable<T>, matrix_norm, const char*, location);                       \
    template variable<T> detail::condition_number(variable<T>, double, location);                                      \
    template variable<T> detail::condition_number(variable<T>, matrix_norm, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
