#include "nn/summary.hpp"

#include <algorithm>

namespace nn::detail
{

std::string summary_text(const std::vector<summary_line>& lines)
{
    const auto shape_of = [](const summary_line& line)
    { return autograd::to_string(autograd::shape_view(line.shape.data(), line.shape.size())); };
    const auto padded = [](std::string text, std::size_t width)
    {
        text.resize(std::max(width, text.size()), ' ');
        return text + "  ";
    };
    std::size_t of_names = 0;
    std::size_t of_shapes = 0;
    std::size_t parameters = 0;
    for (const summary_line& line : lines)
    {
        of_names = std::max(of_names, line.name.size());
        of_shapes = std::max(of_shapes, shape_of(line).size());
        parameters += line.trained ? line.size : 0;
    }
    std::string text;
    for (const summary_line& line : lines)
    {
        text += padded(line.name, of_names) + padded(shape_of(line), of_shapes) + std::to_string(line.size) +
                (line.trained ? "\n" : "  buffer\n");
    }
    return text + std::to_string(parameters) + (parameters == 1 ? " parameter\n" : " parameters\n");
}

} // namespace nn::detail
