#include "autograd/differentiate/gradient.hpp"

#include "autograd/differentiate/connections.hpp"
#include "autograd/differentiate/rows.hpp"
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

/// The cotangent of a scalar whose gradient is wanted. Throws as gradient, before anything is recorded.
template <class T>
variable<T> seed_of_scalar(const char* caller, variable<T> y, std::span<const variable<T>> xs, unconnected policy)
{
    if (y.size() != 1)
    {
        throw error::shape_error(caller, "y has shape ", y.shape(),
                                 ", but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).");
    }
    detail::require_connected(y, xs, {caller, policy});
    return y.tape().full(y.shape(), T(1));
}

template <class T>
std::vector<variable<T>> gradient_of_scalar(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                            unconnected policy)
{
    const variable<T> seed = seed_of_scalar(caller, y, xs, policy);
    return or_zeros(detail::pull<T>(y, seed, xs, {caller, unconnected::zero}), xs);
}

template <class T>
auto gradient_of_scalar_by_rows(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                const detail::wanted_by_rows& wanted, unconnected policy)
{
    const variable<T> seed = seed_of_scalar(caller, y, xs, policy);
    auto results = detail::pull_by_rows<T>(y, seed, xs, wanted, {caller, unconnected::zero});
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        results[k].whole = results[k].rows.empty() ? or_zeros(results[k].whole, xs[k]) : variable<T>();
    }
    return results;
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

/// The Jacobians by xs, as matrices of y.size() rows, one reverse walk for a row of all of them.
template <class T>
std::vector<variable<T>> by_rows(variable<T> y, std::span<const variable<T>> xs, const char* caller, location where)
{
    std::vector<std::vector<variable<T>>> rows(xs.size());
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        const auto parts = or_zeros(detail::pull<T>(y, unit(y, i, where), xs, {caller, unconnected::zero}), xs);
        for (std::size_t k = 0; k < xs.size(); ++k)
        {
            rows[k].push_back(flatten(parts[k]));
        }
    }
    std::vector<variable<T>> matrices;
    for (const std::vector<variable<T>>& of_one : rows)
    {
        matrices.push_back(stack(of_one, 0));
    }
    return matrices;
}

/// The Jacobian by x, as such a matrix, one forward walk for a column.
template <class T>
variable<T> by_columns(variable<T> y, variable<T> x, const char* caller, location where)
{
    std::vector<variable<T>> columns;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const variable<T> seed = unit(x, i, where);
        columns.push_back(flatten(or_zeros(detail::push<T>(y, {&x, 1}, {&seed, 1}, {caller, unconnected::zero}), y)));
    }
    return transpose(stack(columns, 0));
}

/// The Jacobians of y by xs: by rows in reverse mode, or by columns in forward mode where those are fewer.
template <class T>
std::vector<variable<T>> all_derivatives(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                         unconnected policy, location where)
{
    detail::require_connected(y, xs, {caller, policy});
    std::vector<shape_vector> shapes;
    std::size_t columns = 0;
    bool any = false;
    for (const variable<T>& x : xs)
    {
        detail::require_dimension(y.dimension() + x.dimension(), caller);
        shapes.emplace_back(y.shape()).append(x.shape());
        any = element_count(shapes.back(), caller) != 0 || any;
        columns += x.size();
    }
    std::vector<variable<T>> matrices;
    if (any && y.size() <= columns)
    {
        matrices = by_rows(y, xs, caller, where);
    }
    std::vector<variable<T>> results;
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        const bool empty = y.size() == 0 || xs[k].size() == 0;
        results.push_back(
            empty ? y.tape().full(shapes[k], T(0))
                  : reshape(matrices.empty() ? by_columns(y, xs[k], caller, where) : matrices[k], shapes[k]));
    }
    return results;
}

/// The blocks of the Hessian, by rows.
template <class T>
std::vector<variable<T>> all_second_derivatives(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                                unconnected policy, location where)
{
    std::vector<variable<T>> blocks;
    for (const variable<T>& slope : gradient_of_scalar(caller, y, xs, policy))
    {
        const auto row = all_derivatives(caller, slope, xs, unconnected::zero, where);
        blocks.insert(blocks.end(), row.begin(), row.end());
    }
    return blocks;
}

template <class T>
std::vector<variable<T>> products_with_hessian(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                               std::span<const variable<T>> vs, unconnected policy)
{
    std::vector<variable<T>> products;
    for (const variable<T>& slope : gradient_of_scalar(caller, y, xs, policy))
    {
        products.push_back(tangent(caller, slope, xs, vs, unconnected::zero));
    }
    return products;
}

} // namespace

template <class T>
std::vector<variable<T>> detail::gradient(variable<T> y, std::span<const variable<T>> xs, unconnected policy,
                                          location where)
{
    return at_line(where, "gradient", y, [&] { return gradient_of_scalar("gradient", y, xs, policy); });
}

template <class T>
auto detail::gradient_by_rows(variable<T> y, std::span<const variable<T>> xs, const detail::wanted_by_rows& wanted,
                              unconnected policy, location where) -> std::vector<cotangent_by_rows<T>>
{
    return at_line(where, "gradient", y, [&] { return gradient_of_scalar_by_rows("gradient", y, xs, wanted, policy); });
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
std::vector<variable<T>> detail::jacobian(variable<T> y, std::span<const variable<T>> xs, unconnected policy,
                                          location where)
{
    return at_line(where, "jacobian", y, [&] { return all_derivatives("jacobian", y, xs, policy, where); });
}

template <class T>
std::vector<variable<T>> detail::hessian(variable<T> y, std::span<const variable<T>> xs, unconnected policy,
                                         location where)
{
    return at_line(where, "hessian", y, [&] { return all_second_derivatives("hessian", y, xs, policy, where); });
}

template <class T>
std::vector<variable<T>> detail::hessian_vector_product(variable<T> y, std::span<const variable<T>> xs,
                                                        std::span<const variable<T>> vs, unconnected policy,
                                                        location where)
{
    constexpr auto caller = "hessian_vector_product";
    return at_line(where, caller, y, [&] { return products_with_hessian(caller, y, xs, vs, policy); });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<variable<T>> detail::gradient(variable<T>, std::span<const variable<T>>, unconnected,         \
                                                       location);                                                      \
    template std::vector<detail::cotangent_by_rows<T>> detail::gradient_by_rows(                                       \
        variable<T>, std::span<const variable<T>>, const detail::wanted_by_rows&, unconnected, location);              \
    template std::vector<variable<T>> detail::vjp(variable<T>, std::span<const variable<T>>, variable<T>, unconnected, \
                                                  location);                                                           \
    template variable<T> detail::jvp(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,          \
                                     unconnected, location);                                                           \
    template std::vector<variable<T>> detail::jacobian(variable<T>, std::span<const variable<T>>, unconnected,         \
                                                       location);                                                      \
    template std::vector<variable<T>> detail::hessian(variable<T>, std::span<const variable<T>>, unconnected,          \
                                                      location);                                                       \
    template std::vector<variable<T>> detail::hessian_vector_product(                                                  \
        variable<T>, std::span<const variable<T>>, std::span<const variable<T>>, unconnected, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
