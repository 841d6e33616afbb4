#include "nn/summary.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace nn::detail
{

namespace
{

struct row
{
    std::string layer;
    std::string leaves;
    std::size_t parameters = 0;
};

std::size_t size_of(const summary_leaf& leaf)
{
    return std::accumulate(leaf.shape.begin(), leaf.shape.end(), std::size_t{1}, std::multiplies<>());
}

/// One row for the leaves of each layer: those whose names are alike up to the last dot.
std::vector<row> rows_of(const std::vector<summary_leaf>& leaves)
{
    std::vector<row> rows;
    for (const summary_leaf& leaf : leaves)
    {
        const std::size_t dot = leaf.name.rfind('.');
        const std::string layer = dot == std::string::npos ? "" : leaf.name.substr(0, dot);
        if (rows.empty() || rows.back().layer != layer)
        {
            rows.push_back({layer, "", 0});
        }
        const std::string name = dot == std::string::npos ? leaf.name : leaf.name.substr(dot + 1);
        rows.back().leaves +=
            fmt::format("{}{}{}{}{}", rows.back().leaves.empty() ? "" : ", ", leaf.as == role::buffer ? "buffer " : "",
                        name, name.empty() ? "" : " ", autograd::to_string(leaf.shape));
        rows.back().parameters += leaf.as == role::parameter ? size_of(leaf) : 0;
    }
    return rows;
}

} // namespace

std::string summary_of(const std::vector<summary_leaf>& leaves, std::size_t bytes_of_number)
{
    std::vector<row> rows = rows_of(leaves);
    std::size_t parameters = 0;
    std::size_t in_buffers = 0;
    for (const summary_leaf& leaf : leaves)
    {
        (leaf.as == role::parameter ? parameters : in_buffers) += size_of(leaf);
    }
    rows.push_back({"total", "", parameters});

    std::size_t layer_width = 5;
    std::size_t leaves_width = 6;
    for (const row& each : rows)
    {
        layer_width = std::max(layer_width, each.layer.size());
        leaves_width = std::max(leaves_width, each.leaves.size());
    }
    std::string text = fmt::format("{:<{}}  {:<{}}  parameters", "layer", layer_width, "leaves", leaves_width);
    for (const row& each : rows)
    {
        text += fmt::format("\n{:<{}}  {:<{}}  {:>10}", each.layer, layer_width, each.leaves, leaves_width,
                            each.parameters);
    }
    return text + fmt::format("  ({} bytes), {} numbers in buffers\n", parameters * bytes_of_number, in_buffers);
}

} // namespace nn::detail
