#pragma once

#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace article
{

/// What stands above a picture.
struct caption
{
    std::string title;
    std::string subtitle;
};

/// Draws what the network answers in every place of the plane, with the points on top, by gnuplot: the file's ending,
/// .png or .svg, decides what is made. The script that made it stays beside it with the ending .gp.
///
/// Returns false where there is no gnuplot; the script is written even so.
/// Throws autograd::error::file_error where a file cannot be written or gnuplot fails.
bool draw_decision_regions(const arrays& parameters, const nn::labelled_points& data, const caption& above,
                           const std::filesystem::path& figure);

/// A network among others in one picture.
struct panel
{
    caption above;
    arrays parameters;
};

/// Draws the same of several networks side by side, for the same points, once into each of the figures; the script is
/// that of the first. Returns and throws as above. There is at least one panel, and one figure.
bool draw_panels(const std::vector<panel>& panels, const nn::labelled_points& data,
                 std::span<const std::filesystem::path> figures);

} // namespace article
