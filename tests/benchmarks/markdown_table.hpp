#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Tables of figures in Markdown, and the pages that they stand in.
namespace measure
{

using rows = std::vector<std::vector<std::string>>;

/// Three digits that count.
inline std::string digits(double x)
{
    return x >= 100 ? fmt::format("{:.0f}", x) : x >= 10 ? fmt::format("{:.1f}", x) : fmt::format("{:.3g}", x);
}

/// Markdown that reads well as text, too. The first row is the head.
inline std::string aligned(const rows& lines)
{
    std::vector<std::size_t> widths(lines[0].size());
    for (const auto& line : lines)
    {
        for (std::size_t c = 0; c < line.size(); ++c)
        {
            widths[c] = std::max(widths[c], line[c].size());
        }
    }
    std::string text;
    for (std::size_t r = 0; r < lines.size(); ++r)
    {
        for (std::size_t c = 0; c < widths.size(); ++c)
        {
            text += fmt::format("| {:<{}} ", lines[r][c], widths[c]);
        }
        text += "|\n";
        if (r == 0)
        {
            for (const std::size_t width : widths)
            {
                text += "|" + std::string(width + 2, '-');
            }
            text += "|\n";
        }
    }
    return text;
}

/// Replaces what stands between the lines <!-- table --> and <!-- end of table -->. The file is written beside and
/// renamed, so that it is never half written.
inline void write_into(const std::string& file, const std::string& text)
{
    constexpr std::string_view start = "<!-- table -->\n", end = "<!-- end of table -->";
    std::ifstream in(file);
    std::string page{std::istreambuf_iterator<char>(in), {}};
    const std::size_t from = page.find(start);
    const std::size_t to = page.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from)
    {
        throw std::runtime_error(file + " has no lines <!-- table --> and <!-- end of table -->");
    }
    page.replace(from + start.size(), to - from - start.size(), "\n" + text + "\n");
    const std::string beside = file + ".new";
    std::ofstream out(beside);
    out << page;
    out.close();
    if (!out)
    {
        throw std::runtime_error(beside + " could not be written");
    }
    std::filesystem::rename(beside, file);
}

} // namespace measure
