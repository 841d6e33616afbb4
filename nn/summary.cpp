#include "nn/summary.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nn::detail
{

void add_leaf(std::vector<summary_row>& rows, const std::string& name, role as, autograd::shape_view shape)
{
    // One row for the leaves of each layer: those whose names are alike up to the last dot.
    const std::size_t dot = name.rfind('.');
    const std::string layer = dot == std::string::npos ? "" : name.substr(0, dot);
    const std::string leaf = dot == std::string::npos ? name : name.substr(dot + 1);
    if (rows.empty() || rows.back().layer != layer)
    {
        rows.push_back({layer, "", 0, 0, ""});
    }
    summary_row& row = rows.back();
    row.leaves += fmt::format("{}{}{}{}{}", row.leaves.empty() ? "" : ", ", as == role::buffer ? "buffer " : "", leaf,
                              leaf.empty() ? "" : " ", autograd::to_text(shape));
    (as == role::parameter ? row.parameters : row.in_buffers) += element_count(shape);
}

void add_leafless(std::vector<summary_row>& rows, const std::string& name, std::string_view kind,
                  const std::string& hyperparameters)
{
    const std::string text =
        hyperparameters.empty() ? std::string(kind) : fmt::format("{} ({})", kind, hyperparameters);
    rows.push_back({name, text, 0, 0, ""});
}

void add_output(std::vector<summary_row>& rows, const std::string& layer, autograd::shape_view shape)
{
    const auto found =
        std::find_if(rows.rbegin(), rows.rend(),
                     [&](const summary_row& row) { return row.layer == layer || row.layer.starts_with(layer + "."); });
    if (found != rows.rend())
    {
        found->output = autograd::to_text(shape);
    }
}

std::string summary_of(std::vector<summary_row> rows, const std::string& output, std::size_t bytes_of_number)
{
    summary_row total{"total", "", 0, 0, output};
    for (const summary_row& row : rows)
    {
        total.parameters += row.parameters;
        total.in_buffers += row.in_buffers;
    }
    rows.push_back(total);

    std::size_t layer_width = 5;
    std::size_t leaves_width = 6;
    std::size_t output_width = 6;
    for (const summary_row& row : rows)
    {
        layer_width = std::max(layer_width, row.layer.size());
        leaves_width = std::max(leaves_width, row.leaves.size());
        output_width = std::max(output_width, row.output.size());
    }
    const auto line = [&](const std::string& layer, const std::string& leaves, const std::string& shape,
                          const std::string& parameters)
    {
        return fmt::format("{:<{}}  {:<{}}  ", layer, layer_width, leaves, leaves_width) +
               (output.empty() ? "" : fmt::format("{:<{}}  ", shape, output_width)) + fmt::format("{:>10}", parameters);
    };
    std::string text = line("layer", "leaves", "output", "parameters");
    for (const summary_row& row : rows)
    {
        text += "\n" + line(row.layer, row.leaves, row.output, fmt::format("{}", row.parameters));
    }
    return text +
           fmt::format("  ({} bytes), {} numbers in buffers\n", total.parameters * bytes_of_number, total.in_buffers);
}

} // namespace nn::detail
