#include "autograd/differentiate/gradient.hpp"

#include "autograd/differentiate/connections.hpp"
#include "autograd/operations/operations.hpp"

namespace autograd
{

namespace
{

/// Runs f; what it records belongs to the user's line, and so does what it throws. Where it throws, the tape is as
/// before.
template <class T, class F>
auto at_line(location where, const char* caller, variable<T> y, F f)
{
    try
    {
        y.checked(caller);
        const typename tape<T>::as_if_at here(y.tape(), where);
        return y.tape().together(caller, where, f);
    }
    catch (error::exception& e)
    {
        e.recorded_at(where);
        throw;
    }
}

/// x, or zeros of the shape of `like` in place of an empty one.
template <class T>
variable<T> or_zeros(variable<T> x, variable<T> like)
{
    return x.empty() ? like.tape().full(like.shape(), T(0)) : x;
}

template <class T>
std::vector<variable<T>> or_zeros(std::vector<variable<T>> list, std::span<const variable<T>> like)
{
    std::transform(list.begin(), list.end(), like.begin(), list.begin(),
                   [](variable<T> x, variable<T> of) { return or_zeros(x, of); });
    return list;
}

/// The i-th of the arrays that span the shape of x: 1 at one element, 0 elsewhere.
template <class T>
variable<T> unit(variable<T> x, std::size_t i, location where)
{
    array<T> values = array<T>::from_shape(variable<T>::extents_of(x.shape()));
    std::fill(values.data(), values.data() + values.size(), T(0));
    values.data()[i] = T(1);
    return x.tape().constant(values, where);
}

template <class T>
std::vector<variable<T>> gradient_of_scalar(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                            unconnected policy)
{
    if (y.size() != 1)
    {
        throw error::shape_error(caller, "y has shape ", y.shape(),
                                 ", but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).");
    }
    detail::require_connected(y, xs, {caller, policy}); // before the seed is recorded
    return or_zeros(detail::pull<T>(y, y.tape().full(y.shape(), T(1)), xs, {caller, unconnected::zero}), xs);
}

template <class T>
variable<T> tangent(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                    std::span<const variable<T>> x_dots, unconnected policy)
{
    if (xs.size() != x_dots.size())
    {
        throw error::shape_error(caller, xs.size(), " inputs and ", x_dots.size(), " tangents; each input needs one.");
    }
    return or_zeros(detail::push<T>(y, xs, x_dots, {caller, policy}), y);
}

/// The Jacobian of y by x: by rows in reverse mode, or by columns in forward mode where those are fewer.
template <class T>
variable<T> all_derivatives(const char* caller, variable<T> y, variable<T> x, unconnected policy, location where)
{
    const std::span<const variable<T>> xs(&x, 1);
    detail::require_connected(y, xs, {caller, policy});
    detail::require_dimension(y.dimension() + x.dimension(), caller);
    shape_vector shape(y.shape());
    shape.append(x.shape());
    if (y.size() == 0 || x.size() == 0)
    {
        return y.tape().together(caller, where,
                                 [&]
                                 {
                                     element_count(shape, caller);
                                     return y.tape().full(shape, T(0));
                                 });
    }
    const bool by_rows = y.size() <= x.size();
    std::vector<variable<T>> parts(by_rows ? y.size() : x.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
    {
        const detail::differentiation how{caller, unconnected::zero};
        const variable<T> seed = unit(by_rows ? y : x, i, where);
        const variable<T> part = by_rows ? or_zeros(detail::pull<T>(y, seed, xs, how).front(), x)
                                         : or_zeros(detail::push<T>(y, xs, {&seed, 1}, how), y);
        parts[i] = flatten(part);
    }
    const variable<T> matrix = stack(parts, 0);
    return reshape(by_rows ? matrix : transpose(matrix), shape);
}

} // namespace

template <class T>
std::vector<variable<T>> detail::gradient(variable<T> y, std::span<const variable<T>> xs, unconnected policy,
                                          location where)
{
    return at_line(where, "gradient", y, [&] { return gradient_of_scalar("gradient", y, xs, policy); });
}

template <class T>
std::vector<variable<T>> detail::vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bar,
                                     unconnected policy, location where)
{
    return at_line(where, "vjp", y, [&] { return or_zeros(detail::pull<T>(y, y_bar, xs, {"vjp", policy}), xs); });
}

template <class T>
variable<T> detail::jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                        unconnected policy, location where)
{
    return at_line(where, "jvp", y, [&] { return tangent("jvp", y, xs, x_dots, policy); });
}

template <class T>
variable<T> jacobian(variable<T> y, variable<T> x, unconnected policy, location where)
{
    return at_line(where, "jacobian", y, [&] { return all_derivatives("jacobian", y, x, policy, where); });
}

template <class T>
variable<T> hessian(variable<T> y, variable<T> x, location where)
{
    constexpr auto caller = "hessian";
    return at_line(where, caller, y,
                   [&]
                   {
                       const variable<T> g = gradient_of_scalar<T>(caller, y, {&x, 1}, unconnected::error).front();
                       return all_derivatives(caller, g, x, unconnected::zero, where);
                   });
}

template <class T>
variable<T> hessian_vector_product(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> v, location where)
{
    constexpr auto caller = "hessian_vector_product";
    return at_line(where, caller, y,
                   [&]
                   {
                       const std::span<const variable<T>> xs(&x, 1);
                       const variable<T> g = gradient_of_scalar(caller, y, xs, unconnected::error).front();
                       return tangent<T>(caller, g, xs, {&v, 1}, unconnected::zero);
                   });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<variable<T>> detail::gradient(variable<T>, std::span<const variable<T>>, unconnected,         \
                                                       location);                                                      \
    template std::vector<variable<T>> detail::vjp(variable<T>, std::span<const variable<T>>, variable<T>, unconnected, \
                                                  location);                                                           \
    template variable<T> detail::jvp(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,          \
                                     unconnected, location);                                                           \
    template variable<T> jacobian(variable<T>, variable<T>, unconnected, location);                                    \
    template variable<T> hessian(variable<T>, variable<T>, location);                                                  \
    template variable<T> hessian_vector_product(variable<T>, variable<T>, variable<T>, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
