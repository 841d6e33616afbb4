#include "autograd/operations/axes.hpp"

namespace autograd
{

std::uint32_t axes_set(const axes_list& axes, shape_view shape, const char* operation, location where)
{
    std::uint32_t set = 0;
    for (std::int64_t axis : axes)
    {
        const std::uint32_t bit = std::uint32_t{1} << normalized_axis(axis, shape, operation, where);
        if (set & bit)
        {
            throw error::shape_error(where, operation, "axis ", axis, " is given twice; each may be given once.");
        }
        set |= bit;
    }
    return set;
}

} // namespace autograd
