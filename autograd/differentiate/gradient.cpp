#include "autograd/differentiate/gradient.hpp"

#include "autograd/differentiate/connections.hpp"
#include "autograd/differentiate/rows.hpp"
#include "autograd/operations/batched.hpp"
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

/// x, or zeros of a shape in place of an empty one.
template <class T>
variable<T> or_zeros(variable<T> x, tape<T>& tape, shape_view shape)
{
    return x.empty() ? tape.full(shape, T(0)) : x;
}

/// The same, of the shape of `like`.
template <class T>
variable<T> or_zeros(variable<T> x, variable<T> like)
{
    return or_zeros(x, like.tape(), like.shape());
}

template <class T>
std::vector<variable<T>> or_zeros(std::vector<variable<T>> list, std::span<const variable<T>> like)
{
    std::transform(list.begin(), list.end(), like.begin(), list.begin(),
                   [](variable<T> x, variable<T> of) { return or_zeros(x, of); });
    return list;
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
void require_tangents(const char* caller, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots)
{
    if (xs.size() != x_dots.size())
    {
        throw error::shape_error(caller, xs.size(), " inputs and ", x_dots.size(), " tangents; each input needs one.");
    }
}

template <class T>
variable<T> tangent(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                    std::span<const variable<T>> x_dots, unconnected policy)
{
    require_tangents(caller, xs, x_dots);
    return or_zeros(detail::push<T>(y, xs, x_dots, {caller, policy}), y);
}

/// Checks that directions, by name, stand behind one another: on the tape of y, each of the shape of what it belongs
/// to.
template <class T>
void require_batch(const char* caller, variable<T> y, variable<T> of, const std::string& of_name, variable<T> batch,
                   const char* batch_name)
{
    const shape_view shape = batch.checked(caller).shape();
    if (batch.tape_pointer() != y.tape_pointer())
    {
        throw error::tape_error(caller, of_name, " and its ", batch_name,
                                " live on different tapes. Record both through one tape, or pass the value: "
                                "tape.constant(x.value()).");
    }
    if (shape.empty() || !(shape.slice(1, shape.size()) == of.shape()))
    {
        throw error::shape_error(caller, of_name, " has shape ", of.shape(), " and its ", batch_name, " ", shape,
                                 "; batched, they must have that shape behind a first axis, that of the directions.");
    }
}

/// What flows to xs for many cotangents of y.
template <class T>
std::vector<variable<T>> cotangents(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                                    variable<T> y_bars, unconnected policy)
{
    detail::require_connected(y, xs, {caller, policy});
    require_batch(caller, y, y, "y", y_bars, "cotangents y_bars");
    const std::size_t directions = y_bars.shape()[0];
    for (const variable<T>& x : xs)
    {
        detail::require_dimension(x.dimension() + 1, caller);
    }
    detail::linear_program<T> program(
        [=](std::span<const variable<T>> y_bar) {
            return detail::pull<T>(y, y_bar.front(), xs, {caller, unconnected::zero});
        });
    std::vector<variable<T>> results = program.along({&y_bars, 1});
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        results[k] = or_zeros(results[k], y.tape(), detail::behind_axis(directions, xs[k].shape()));
    }
    return results;
}

/// The tangents of y for as many of each of xs.
template <class T>
variable<T> tangents(const char* caller, variable<T> y, std::span<const variable<T>> xs,
                     std::span<const variable<T>> x_dots, unconnected policy)
{
    require_tangents(caller, xs, x_dots);
    if (xs.empty())
    {
        throw error::shape_error(caller, "there are no inputs; batched, their tangents tell the number of directions.");
    }
    detail::require_connected(y, xs, {caller, policy});
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        require_batch(caller, y, xs[k], "input " + std::to_string(k), x_dots[k], "tangents");
        if (x_dots[k].shape()[0] != x_dots[0].shape()[0])
        {
            throw error::shape_error(caller, "input 0 has ", x_dots[0].shape()[0], " tangents and input ", k, " has ",
                                     x_dots[k].shape()[0], "; there must be as many directions for each.");
        }
    }
    detail::require_dimension(y.dimension() + 1, caller);
    detail::linear_program<T> program(
        [=](std::span<const variable<T>> x_dot) {
            return std::vector<variable<T>>{detail::push<T>(y, xs, x_dot, {caller, unconnected::zero})};
        });
    return or_zeros(program.along(x_dots).front(), y.tape(), detail::behind_axis(x_dots[0].shape()[0], y.shape()));
}

/// How many directions are carried at once: so many that the largest array on the way from xs to y has, for all of
/// them, about as many elements as this; and of `all` as many in each block as in another, but for the last.
template <class T>
std::size_t directions_in_block(variable<T> y, std::span<const variable<T>> xs, std::size_t all)
{
    constexpr std::size_t elements = std::size_t{1} << 17;
    std::uint32_t first = y.index();
    std::size_t largest = 1;
    for (const variable<T>& x : xs)
    {
        first = std::min(first, x.index());
        largest = std::max(largest, x.size());
    }
    const tape<T>& tape = y.tape();
    const std::vector<char> needed = detail::needed_for(tape, first, y.index(), detail::edges::differentiable);
    for (std::size_t i = 0; i < needed.size(); ++i)
    {
        largest = needed[i] ? std::max(largest, tape[first + static_cast<std::uint32_t>(i)].size()) : largest;
    }
    const std::size_t most = std::max<std::size_t>(elements / largest, 1);
    const std::size_t blocks = (all + most - 1) / most;
    return (all + blocks - 1) / blocks;
}

/// The unit directions number first to last of so many elements, behind one another: 1 at one element, 0 elsewhere.
template <class T>
variable<T> units(tape<T>& tape, std::size_t first, std::size_t last, std::size_t elements, location where)
{
    array<T> values = array<T>::from_shape({last - first, elements});
    std::fill(values.data(), values.data() + values.size(), T(0));
    for (std::size_t i = first; i < last; ++i)
    {
        values.data()[(i - first) * elements + i] = T(1);
    }
    return tape.constant(values, where);
}

/// What a program gives along all unit directions of x, which are vectors to it: for each of its results, vectors of
/// the elements of one of `like`, a matrix that has a row for each direction.
template <class T>
std::vector<variable<T>> along_units(variable<T> x, std::span<const variable<T>> like, std::size_t block,
                                     location where, detail::linear_program<T> program)
{
    std::vector<std::vector<variable<T>>> blocks(like.size());
    for (std::size_t first = 0; first < x.size(); first += block)
    {
        const std::size_t last = std::min(first + block, x.size());
        const variable<T> directions = units(x.tape(), first, last, x.size(), where);
        const std::vector<variable<T>> results = program.along({&directions, 1});
        for (std::size_t k = 0; k < like.size(); ++k)
        {
            blocks[k].push_back(or_zeros(results[k], x.tape(), shape_vector{last - first, like[k].size()}));
        }
    }
    std::vector<variable<T>> matrices;
    for (const std::vector<variable<T>>& of_one : blocks)
    {
        matrices.push_back(of_one.size() == 1 ? of_one.front() : concatenate(of_one, 0));
    }
    return matrices;
}

template <class T>
std::vector<variable<T>> flattened(std::vector<variable<T>> list)
{
    std::transform(list.begin(), list.end(), list.begin(), [](variable<T> x) { return x.empty() ? x : flatten(x); });
    return list;
}

/// The Jacobians by xs, as matrices of y.size() rows.
template <class T>
std::vector<variable<T>> by_rows(variable<T> y, std::span<const variable<T>> xs, const char* caller, location where)
{
    const auto row = [=](std::span<const variable<T>> y_bar)
    {
        const variable<T> direction = reshape(y_bar.front(), y.shape());
        return flattened(detail::pull<T>(y, direction, xs, {caller, unconnected::zero}));
    };
    return along_units(y, xs, directions_in_block(y, xs, y.size()), where, detail::linear_program<T>(row));
}

/// The Jacobian by x, as such a matrix.
template <class T>
variable<T> by_columns(variable<T> y, variable<T> x, const char* caller, location where)
{
    const auto column = [=](std::span<const variable<T>> x_dot)
    {
        const variable<T> direction = reshape(x_dot.front(), x.shape());
        return flattened<T>({detail::push<T>(y, {&x, 1}, {&direction, 1}, {caller, unconnected::zero})});
    };
    const std::size_t block = directions_in_block(y, {&x, 1}, x.size());
    return transpose(along_units(x, {&y, 1}, block, where, detail::linear_program<T>(column)).front());
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
std::vector<variable<T>> detail::vjp(variable<T> y, std::span<const variable<T>> xs, variable<T> y_bars,
                                     batched_directions, unconnected policy, location where)
{
    return at_line(where, "vjp", y, [&] { return cotangents("vjp", y, xs, y_bars, policy); });
}

template <class T>
variable<T> detail::jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                        unconnected policy, location where)
{
    return at_line(where, "jvp", y, [&] { return tangent("jvp", y, xs, x_dots, policy); });
}

template <class T>
variable<T> detail::jvp(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                        batched_directions, unconnected policy, location where)
{
    return at_line(where, "jvp", y, [&] { return tangents("jvp", y, xs, x_dots, policy); });
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
    template std::vector<variable<T>> detail::vjp(variable<T>, std::span<const variable<T>>, variable<T>,              \
                                                  batched_directions, unconnected, location);                          \
    template variable<T> detail::jvp(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,          \
                                     batched_directions, unconnected, location);                                       \
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
