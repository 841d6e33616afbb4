#pragma once

#include <filesystem>
#include <string>

namespace article
{

/// A text between quotes, as gnuplot reads it.
std::string quoted_for_gnuplot(const std::string& text);

/// Runs a script with the variable `figure` set to a file name, which the script is to make.
/// Returns false where gnuplot is not installed. Throws autograd::error::file_error, with gnuplot's own words, where it
/// fails or makes nothing.
bool run_gnuplot(const std::filesystem::path& script, const std::filesystem::path& figure);

} // namespace article
