#include "autograd/linalg/right_sides.hpp"

#include "autograd/linalg/vectors_in_batch.hpp"

namespace autograd::detail
{

shape_vector batch_of_systems(const system_names& names, shape_view a, shape_view b, location where)
{
    const auto [operation, matrices] = names;
    if (b.empty())
    {
        throw error::shape_error(where, operation,
                                 "b has shape (); it must be a vector, a matrix, or a batch of "
                                 "matrices.");
    }
    const bool is_vector = b.size() == 1;
    const std::size_t rows = is_vector ? b[0] : rows_of(b);
    if (rows != rows_of(a))
    {
        throw error::shape_error(where, operation, matrices, " is ", a, " and b is ", b, "; the ",
                                 is_vector ? "length" : "rows", " of b (", rows, ") must equal the rows of ", matrices,
                                 " (", rows_of(a), ").", remedy_of_vectors(a, b));
    }
    const shape_view batch = is_vector ? shape_view() : batch_of(b);
    try
    {
        return broadcast_shapes(batch_of(a), batch, operation);
    }
    catch (const error::shape_error&)
    {
        throw error::shape_error(where, operation, matrices, " is ", a, " and b is ", b, "; their batch axes ",
                                 batch_of(a), " and ", batch, " do not broadcast.");
    }
}

} // namespace autograd::detail
