#include "autograd/differentiate/blocks_of_rows.hpp"

namespace autograd::detail
{

std::size_t common_rows(const char* caller, std::span<const shape_vector> shapes, location where)
{
    const shape_view first = shapes.front();
    for (std::size_t k = 0; k < shapes.size(); ++k)
    {
        const shape_view shape = shapes[k];
        if (shape.empty())
        {
            throw error::shape_error(where, caller, "array ", k, " has 0 axes; rows lie along the first one.");
        }
        if (shape[0] != first[0])
        {
            throw error::shape_error(where, caller, "array 0 has shape ", first, " and array ", k, " has shape ", shape,
                                     "; all must have the same number of rows, the extent of axis 0.");
        }
    }
    return first[0];
}

std::size_t rows_to_cut(std::int64_t rows_per_block, std::span<const shape_vector> shapes)
{
    constexpr auto caller = "blocks_of_rows";
    if (rows_per_block < 1)
    {
        throw error::value_error(caller, "a block would have ", rows_per_block, " rows; it must have 1 or more.");
    }
    const std::size_t rows = common_rows(caller, shapes, {});
    if (rows == 0)
    {
        throw error::value_error(caller, "array 0 has shape ", shape_view(shapes.front()),
                                 "; there must be 1 row or more.");
    }
    return rows;
}

} // namespace autograd::detail
