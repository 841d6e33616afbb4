#include "examples/beyond/short_program.hpp"

#include "autograd/tape/error.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"

#include <fmt/format.h>

#include <iterator>

namespace beyond
{

short_program::short_program(const std::string& name, const std::string& description, const std::string& what_is_random,
                             const std::string& what_is_drawn)
    : command_line(name, description + "\nIn parentheses: what an option is unless given."),
      m_unless_told("output/" + name + ".png"),
      m_figure(m_unless_told)
{
    article::add_seed(*this, "--seed", m_seed, ("seed of " + what_is_random).c_str());
    picture("--figure", m_figure,
            "draw " + what_is_drawn + " to this .png or .svg file, its script beside it; or none");
}

void short_program::draw(const std::string& plots, const std::string& data) const
{
    if (!m_figure.empty() && article::prepare_to_write({m_figure}, m_unless_told))
    {
        article::draw_and_report({1000, 640, 15, data, article::graph_style + plots}, m_figure);
    }
}

std::string data_block(const std::string& name, const std::vector<xt::xarray<double>>& columns)
{
    const std::size_t lines = columns.empty() || columns.front().dimension() == 0 ? 0 : columns.front().shape(0);
    for (const xt::xarray<double>& each : columns)
    {
        if (each.dimension() == 0 || each.dimension() > 2 || each.shape(0) != lines)
        {
            throw autograd::error::shape_error(
                "data_block",
                fmt::format("{} has columns of shapes ({}) and ({}); all must be vectors or matrices of "
                            "one length.",
                            name, fmt::join(columns.front().shape(), ", "), fmt::join(each.shape(), ", ")));
        }
    }
    std::string block = name + " << END\n";
    for (std::size_t i = 0; i < lines; ++i)
    {
        for (const xt::xarray<double>& each : columns)
        {
            const std::size_t width = each.size() / lines;
            const double* const row = each.data() + i * width;
            fmt::format_to(std::back_inserter(block), "{:.6g} ", fmt::join(row, row + width, " "));
        }
        block.back() = '\n';
    }
    return block + "END\n";
}

} // namespace beyond
