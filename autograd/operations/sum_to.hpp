#pragma once

#include "autograd/operations/reduction.hpp"
#include "autograd/operations/shaping.hpp"

/// The transpose of broadcasting.
/// \ingroup reduce
namespace autograd
{

/// x summed over the axes along which `shape` broadcasts to that of x: the transpose of broadcast. Shape: the one
/// given. Gradient: g, broadcast. Throws shape_error unless `shape` broadcasts to that of x.
template <class T>
variable<T> sum_to(variable<T> x, shape_view shape, location where = location::current())
{
    const shape_view extents = x.checked("sum_to", where).shape();
    if (extents == shape)
    {
        return x;
    }
    if (!broadcasts_to(shape, extents))
    {
        throw error::shape_error(where, "sum_to", "x has shape ", extents, ", to which ", shape,
                                 " does not broadcast.");
    }
    const std::size_t added = extents.size() - shape.size();
    std::uint32_t axes = 0;
    for (std::size_t axis = 0; axis < extents.size(); ++axis)
    {
        if (axis < added || (shape[axis - added] == 1 && extents[axis] != 1))
        {
            axes |= std::uint32_t{1} << axis;
        }
    }
    const shape_vector to(shape);
    const variable<T> sums = record<sum_rule, T>(where, x, reduced_axes{axes, false});
    return sums.shape() == shape_view(to) ? sums : record_shaped<reshape_rule, T>(where, sums, to);
}

struct sum_to_samples
{
    static constexpr auto name = "sum_to";
    static void samples(auto& s)
    {
        s.call(
            "row", "x.sum(0)", [](auto x) { return sum_to(x, shape_vector{3}); }, s.numbers({2, 3}));
        s.call(
            "column", "x.sum(1, keepdims=True)",
            [](auto x) {
                return sum_to(x, shape_vector{2, 1});
            },
            s.numbers({2, 3}));
        s.call(
            "scalar", "x.sum()", [](auto x) { return sum_to(x, shape_vector{}); }, s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(sum_to_samples)

} // namespace autograd
