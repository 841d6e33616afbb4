#include "autograd/operations/generic_lines.hpp"

namespace autograd
{

std::vector<std::vector<std::size_t>> detail::lines_along(shape_view shape, std::uint32_t axes)
{
    const auto is_along = [axes](std::size_t axis) { return ((axes >> axis) & 1) != 0; };
    std::size_t count = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        count *= is_along(axis) ? 1 : shape[axis];
    }
    std::vector<std::vector<std::size_t>> lines(count);
    for (std::size_t place = 0; place < element_count(shape); ++place)
    {
        std::size_t line = 0;
        std::size_t stride = 1;
        std::size_t rest = place;
        for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
        {
            if (!is_along(axis))
            {
                line += rest % shape[axis] * stride;
                stride *= shape[axis];
            }
        }
        lines[line].push_back(place);
    }
    return lines;
}

} // namespace autograd
