#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace article
{

/// A text between quotes, as gnuplot reads it.
std::string quoted_for_gnuplot(const std::string& text);

/// Where the script of a picture is: beside it, with the ending .gp.
std::filesystem::path script_of(std::filesystem::path figure);

/// What gnuplot is told.
struct drawing
{
    int width; ///< in pixels
    int height;
    int letters;       ///< their size in points
    std::string data;  ///< run once: blocks of data, variables, tables
    std::string plots; ///< run for each picture, from gnuplot's own settings each time
};

/// Writes a script and makes pictures with it, each with the ending .png or .svg, in one run of gnuplot. Who runs the
/// script again draws the same pictures, or others: gnuplot -e "array figures = ['a.svg']" script.
///
/// Returns false where gnuplot is not installed; the script is written even so.
/// Throws autograd::error::file_error where a file cannot be written, and, with gnuplot's own words, where it fails or
/// makes nothing.
bool draw(const drawing& what, const std::filesystem::path& script, std::span<const std::filesystem::path> figures);

/// How graphs look: two axes, ticks outside, a light line across at each tick.
inline constexpr auto graph_style = R"(
set border 3 linecolor rgb 0x808080
set tics out nomirror textcolor rgb 0x404040
set grid ytics linetype 1 linecolor rgb 0xE4E4E4 linewidth 1)";

} // namespace article
