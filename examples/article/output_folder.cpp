#include "examples/article/output_folder.hpp"

#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace article
{

namespace fs = std::filesystem;

bool prepare_to_write(const std::vector<fs::path>& files, const fs::path& unless_told)
{
    if (std::find(files.begin(), files.end(), unless_told) != files.end())
    {
        std::error_code failed;
        fs::create_directories(unless_told.parent_path(), failed);
        if (failed)
        {
            fmt::print("No picture: the folder {} cannot be made: {}\n", unless_told.parent_path().string(),
                       failed.message());
            return false;
        }
    }
    for (const fs::path& file : files)
    {
        if (const std::string reason = nn::why_unwritable(file); !reason.empty())
        {
            fmt::print("No picture: {} cannot be written: {}\n", file.string(), reason);
            return false;
        }
    }
    return true;
}

void report_pictures(bool drawn, const std::vector<fs::path>& figures, const fs::path& script)
{
    if (!drawn)
    {
        fmt::print("No picture: gnuplot is not installed. With it: gnuplot {}\n", script.string());
        return;
    }
    for (const fs::path& figure : figures)
    {
        fmt::print("Picture: {}, made by {}\n", figure.string(), script.string());
    }
}

void draw_and_report(const drawing& what, const fs::path& figure)
{
    const fs::path script = script_of(figure);
    report_pictures(draw(what, script, {&figure, 1}), {figure}, script);
}

} // namespace article
