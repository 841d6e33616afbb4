#include "autograd/linalg/matrix_products.hpp"

#include <limits>

namespace autograd::detail
{

kron_plan plan_kron(shape_view a, shape_view b)
{
    const std::size_t axes = std::max(a.size(), b.size());
    const auto extent = [&](shape_view x, std::size_t axis)
    { return axis + x.size() < axes ? 1 : x[axis + x.size() - axes]; };
    kron_plan plan;
    for (std::size_t axis = 0; axis < axes; ++axis)
    {
        const std::size_t of_a = extent(a, axis);
        const std::size_t of_b = extent(b, axis);
        plan.a.push_back(of_a);
        plan.a.push_back(1);
        plan.b.push_back(1);
        plan.b.push_back(of_b);
        plan.result.push_back(element_count(shape_vector{of_a, of_b}, "kron"));
    }
    return plan;
}

namespace
{

void require_factors(std::span<const shape_view> shapes, location where)
{
    for (std::size_t k = 0; k < shapes.size(); ++k)
    {
        const bool at_end = k == 0 || k + 1 == shapes.size();
        if (shapes[k].size() != 2 && !(at_end && shapes[k].size() == 1))
        {
            throw error::shape_error(where, "multi_dot", "array ", k, " has shape ", shapes[k],
                                     at_end
                                         ? "; the first and the last are vectors or matrices. Use matmul for batches."
                                         : "; between the first and the last there are matrices only.");
        }
    }
}

/// The extents on both sides of each factor: factor k has extents[k] rows and extents[k + 1] columns.
std::vector<std::size_t> extents_between(std::span<const shape_view> shapes, location where)
{
    std::vector<std::size_t> extents{shapes.front().size() == 1 ? 1 : shapes.front()[0]};
    for (std::size_t k = 0; k + 1 < shapes.size(); ++k)
    {
        const std::size_t columns = shapes[k].back();
        const std::size_t rows = shapes[k + 1][0];
        if (columns != rows)
        {
            throw error::shape_error(where, "multi_dot", "array ", k, " has shape ", shapes[k], " and array ", k + 1,
                                     " has ", shapes[k + 1], "; the columns of the one (", columns,
                                     ") must equal the rows of the other (", rows, ").");
        }
        extents.push_back(columns);
    }
    extents.push_back(shapes.back().size() == 1 ? 1 : shapes.back()[1]);
    return extents;
}

} // namespace

std::vector<std::size_t> cheapest_order(std::span<const shape_view> shapes, location where)
{
    require_factors(shapes, where);
    const std::vector<std::size_t> extents = extents_between(shapes, where);
    const std::size_t count = shapes.size();
    std::vector<double> cost(count * count, 0.0); // numbers of multiplications, which may be large
    std::vector<std::size_t> splits(count * count, 0);
    for (std::size_t length = 1; length < count; ++length)
    {
        for (std::size_t first = 0; first + length < count; ++first)
        {
            const std::size_t last = first + length;
            double& lowest = cost[first * count + last];
            lowest = std::numeric_limits<double>::infinity();
            for (std::size_t split = first; split < last; ++split)
            {
                const double product = static_cast<double>(extents[first]) * static_cast<double>(extents[split + 1]) *
                                       static_cast<double>(extents[last + 1]);
                const double all = cost[first * count + split] + cost[(split + 1) * count + last] + product;
                if (all < lowest)
                {
                    lowest = all;
                    splits[first * count + last] = split;
                }
            }
        }
    }
    return splits;
}

std::size_t axis_of_cross(const char* argument, shape_view x, std::int64_t axis, location where)
{
    const std::size_t along = normalized_axis(axis, x, "cross", where);
    if (x[along] != 2 && x[along] != 3)
    {
        throw error::shape_error(where, "cross", argument, " has shape ", x, ", with ", x[along],
                                 " elements along axis ", along, "; vectors of 2 or 3 have a cross product.");
    }
    return along;
}

} // namespace autograd::detail
