#include "nn/data/rows.hpp"

#include "autograd/tape/error.hpp"

namespace nn::detail
{

std::size_t checked_row(const char* where, const autograd::array<std::int64_t>& rows, std::size_t i, std::size_t count)
{
    const std::int64_t row = rows.data()[i];
    if (row < 0 || static_cast<std::size_t>(row) >= count)
    {
        throw autograd::error::index_error(where, "row ", row, " at position (", i, ") is outside axis 0 of length ",
                                           count, ".");
    }
    return static_cast<std::size_t>(row);
}

std::size_t row_count(const char* where, autograd::shape_view shape)
{
    if (shape.empty())
    {
        throw autograd::error::shape_error(where, "the array has 0 axes; its rows lie along the first one.");
    }
    return shape[0];
}

void require_list(const char* where, autograd::shape_view rows)
{
    if (rows.size() != 1)
    {
        throw autograd::error::shape_error(where, "the row numbers are of shape ", rows, "; they must have one axis.");
    }
}

void require_columns(autograd::shape_view shape, std::size_t first, std::size_t last)
{
    if (shape.size() != 2 || first > last || last > shape[1])
    {
        throw autograd::error::shape_error("columns", "the columns from ", first, " to before ", last,
                                           " of an array of shape ", shape,
                                           "; it must have two axes, and the columns.");
    }
}

std::vector<std::size_t> with_rows(autograd::shape_view shape, std::size_t rows)
{
    std::vector<std::size_t> result(shape.begin(), shape.end());
    result[0] = rows;
    return result;
}

} // namespace nn::detail
