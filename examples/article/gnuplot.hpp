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

/// How a script begins that makes a picture of so many pixels: what it draws goes into the variable `figure`, which is
/// the given file unless somebody sets it: gnuplot -e "figure = 'a.svg'" script. SVG where the ending says so, else
/// PNG.
std::string begin_script(const std::filesystem::path& script, const std::filesystem::path& figure, int width,
                         int height, int letters);

/// Writes a script and makes pictures with it, each with the ending .png or .svg.
///
/// Returns false where gnuplot is not installed; the script is written even so.
/// Throws autograd::error::file_error where a file cannot be written, and, with gnuplot's own words, where it fails or
/// makes nothing.
bool draw(const std::string& text, const std::filesystem::path& script, std::span<const std::filesystem::path> figures);

} // namespace article
