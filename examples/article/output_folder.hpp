#pragma once

#include "examples/article/gnuplot.hpp"

#include <filesystem>
#include <vector>

namespace article
{

/// Whether the files can be written, which was tried before for those that the user named. For the file that is written
/// unless the user names another, its folder is made, and where that is impossible, this is said: it is no reason to
/// fail.
bool prepare_to_write(const std::vector<std::filesystem::path>& files, const std::filesystem::path& unless_told);

/// Says where the pictures are, or, where they were not drawn for want of gnuplot, their script.
void report_pictures(bool drawn, const std::vector<std::filesystem::path>& figures,
                     const std::filesystem::path& script);

/// Draws one picture, its script beside it, and says where they are. Throws as draw.
void draw_and_report(const drawing& what, const std::filesystem::path& figure);

} // namespace article
