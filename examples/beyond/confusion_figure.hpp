#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace beyond
{

/// Draws a confusion matrix by gnuplot: a row for each true class, its cells shaded by their share of the row, with
/// their counts. The file's ending, .png or .svg, decides what is made; the script stays beside it with the ending .gp.
///
/// Returns false where there is no gnuplot; the script is written even so.
/// Throws autograd::error::file_error where a file cannot be written or gnuplot fails.
bool draw_confusion(const xt::xarray<std::int64_t>& confusion, const std::vector<std::string>& classes,
                    const std::string& title, const std::filesystem::path& figure);

} // namespace beyond
