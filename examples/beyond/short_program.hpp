#pragma once

#include "autograd/tape/xtensor.hpp"
#include "examples/article/command_line.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace beyond
{

/// The command line of an example that draws random numbers and one graph: it has --seed and --figure beside the
/// options of its own.
class short_program : public article::command_line
{
public:
    /// Its help tells what the seed is of, and what is drawn.
    short_program(const std::string& name, const std::string& description, const std::string& what_is_random,
                  const std::string& what_is_drawn);

    std::int64_t seed() const { return m_seed; }

    /// Draws a graph of the usual size and style, its script beside it, and says where they are; nothing with
    /// --figure none. Throws as article::draw.
    void draw(const std::string& plots, const std::string& data) const;

private:
    std::int64_t m_seed = 0;
    std::filesystem::path m_unless_told;
    std::filesystem::path m_figure; ///< empty: none
};

/// Columns of numbers as a block of data under a name, as gnuplot reads it: a line for each position. A column is a
/// vector, and a matrix is as many columns as it has. Throws autograd::error::shape_error for other shapes, or other
/// lengths than the first one's.
std::string data_block(const std::string& name, const std::vector<xt::xarray<double>>& columns);

} // namespace beyond
