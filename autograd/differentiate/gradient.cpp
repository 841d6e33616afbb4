#include "autograd/differentiate/gradient.hpp"

#include "autograd/differentiate/explain_unconnected.hpp"
#include "autograd/operations/operations.hpp"

namespace autograd
{

namespace detail
{

template <class T>
std::vector<variable<T>> gradient(variable<T> y, std::span<const variable<T>> xs, unconnected policy)
{
    if (y.checked("gradient").size != 1)
    {
        throw error::shape_error("gradient", "y has shape ", y.shape(),
                                 ", but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).");
    }
    return pull<T>(y, y.tape().full(y.shape(), T(1)), xs, {"gradient", policy});
}

template <class T>
std::vector<variable<T>> vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bar, unconnected policy)
{
    if (y_bar.tape_pointer() != y.tape_pointer())
    {
        throw error::tape_error("vjp", "the output and its cotangent live on different tapes.");
    }
    return pull<T>(y, y_bar, xs, {"vjp", policy});
}

template <class T>
variable<T> jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots, unconnected policy)
{
    if (xs.size() != x_dots.size())
    {
        throw error::shape_error("jvp", xs.size(), " inputs and ", x_dots.size(), " tangents; each input needs one.");
    }
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        xs[k].checked("jvp");
        x_dots[k].checked("jvp");
        if (!(xs[k].shape() == x_dots[k].shape()))
        {
            throw error::shape_error("jvp", "input ", k, " has shape ", xs[k].shape(), " and its tangent ",
                                     x_dots[k].shape(), "; they must be equal.");
        }
        if (x_dots[k].tape_pointer() != y.tape_pointer())
        {
            throw error::tape_error("jvp", "the output and a tangent live on different tapes.");
        }
    }
    const variable<T> tangent = push<T>(y, xs, x_dots, {"jvp", policy});
    for (std::size_t k = 0; k < xs.size() && policy == unconnected::error; ++k)
    {
        if (!depends_on(y, xs[k], edges::differentiable))
        {
            throw_unconnected(y, xs[k], k, "jvp");
        }
    }
    return tangent.empty() ? y.tape().full(y.shape(), T(0)) : tangent;
}

} // namespace detail

namespace
{

/// The i-th of the arrays that span a shape: 1 at one element, 0 elsewhere.
template <class T>
variable<T> unit(tape<T>& tape, shape_view shape, std::size_t i)
{
    xt::xarray<T> values = xt::xarray<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    std::fill(values.data(), values.data() + values.size(), T(0));
    values.data()[i] = T(1);
    return tape.constant(values);
}

shape_vector joined(shape_view a, shape_view b)
{
    shape_vector result(a);
    result.append(b);
    return result;
}

} // namespace

template <class T>
variable<T> jacobian(variable<T> y, variable<T> x, unconnected policy)
{
    y.checked("jacobian");
    x.checked("jacobian");
    tape<T>& tape = y.tape();
    const shape_vector y_shape(y.shape());
    const shape_vector x_shape(x.shape());
    const shape_vector result = joined(y_shape, x_shape);
    const std::size_t rows = y.size();
    const std::size_t columns = x.size();
    if (policy == unconnected::error && !depends_on(y, x, edges::differentiable))
    {
        throw_unconnected(y, x, 0, "jacobian");
    }
    if (rows == 0 || columns == 0)
    {
        return tape.full(result, T(0));
    }
    std::vector<variable<T>> parts;
    const bool by_rows = rows <= columns;
    for (std::size_t i = 0; i < std::min(rows, columns); ++i)
    {
        parts.push_back(flatten(by_rows ? detail::vjp<T>(y, {&x, 1}, unit(tape, y_shape, i), unconnected::zero)[0]
                                        : jvp(y, x, unit(tape, x_shape, i), unconnected::zero)));
    }
    const variable<T> matrix = stack(parts, 0);
    return reshape(by_rows ? matrix : transpose(matrix), result);
}

template <class T>
variable<T> hessian(variable<T> y, variable<T> x)
{
    return jacobian(gradient(y, x), x, unconnected::zero);
}

template <class T>
variable<T> hessian_vector_product(variable<T> y, variable<T> x, std::type_identity_t<variable<T>> v)
{
    return jvp(gradient(y, x), x, v, unconnected::zero);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<variable<T>> detail::gradient(variable<T>, std::span<const variable<T>>, unconnected);        \
    template std::vector<variable<T>> detail::vjp(variable<T>, std::span<const variable<T>>, variable<T>,              \
                                                  unconnected);                                                        \
    template variable<T> detail::jvp(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,          \
                                     unconnected);                                                                     \
    template variable<T> jacobian(variable<T>, variable<T>, unconnected);                                              \
    template variable<T> hessian(variable<T>, variable<T>);                                                            \
    template variable<T> hessian_vector_product(variable<T>, variable<T>, variable<T>);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
