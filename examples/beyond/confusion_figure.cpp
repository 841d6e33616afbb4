#include "examples/beyond/confusion_figure.hpp"

#include "examples/article/gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace beyond
{

namespace
{

/// A line for each cell: column, row, count, share of the row.
std::string cells(const xt::xarray<std::int64_t>& confusion)
{
    const std::size_t classes = confusion.shape()[0];
    std::string text;
    for (std::size_t i = 0; i < classes; ++i)
    {
        const std::int64_t* row = confusion.data() + i * classes;
        const auto total = static_cast<double>(std::accumulate(row, row + classes, std::int64_t{0}));
        for (std::size_t j = 0; j < classes; ++j)
        {
            fmt::format_to(std::back_inserter(text), "{} {} {} {:.4f}\n", j, i, row[j],
                           total > 0 ? static_cast<double>(row[j]) / total : 0);
        }
    }
    return text;
}

/// ('boot' 0, 'bag' 1, ...)
std::string tics(const std::vector<std::string>& classes)
{
    std::string text;
    for (std::size_t k = 0; k < classes.size(); ++k)
    {
        text += fmt::format("{}{} {}", k == 0 ? "(" : ", ", article::quoted_for_gnuplot(classes[k]), k);
    }
    return text + ")";
}

/// Long names below the columns would run into one another: they are turned.
const char* turned(const std::vector<std::string>& classes)
{
    constexpr std::size_t longest_upright = 3;
    const bool is_short = std::all_of(classes.begin(), classes.end(),
                                      [](const std::string& name) { return name.size() <= longest_upright; });
    return is_short ? "norotate" : "rotate by 40 right";
}

/// The square root of the share is shaded, or rare mistakes would be as white as none.
constexpr auto style = R"(
set size ratio -1
set border linecolor rgb 0x808080
set xlabel 'predicted'
set ylabel 'true'
set xrange [-0.5:last + 0.5]
set yrange [last + 0.5:-0.5]
set palette defined (0 '#FFFFFF', 1 '#0072B2')
set cbrange [0:1]
unset colorbox
unset key
count_if(wanted, n) = wanted && n > 0 ? sprintf('%d', n) : ''
plot $cells using 1:2:(sqrt($4)) with image pixels, \
     $cells using 1:2:(count_if($4 < 0.3, $3)) with labels textcolor rgb 0x303030, \
     $cells using 1:2:(count_if($4 >= 0.3, $3)) with labels textcolor rgb 0xFFFFFF)";

} // namespace

bool draw_confusion(const xt::xarray<std::int64_t>& confusion, const std::vector<std::string>& classes,
                    const std::string& title, const std::filesystem::path& figure)
{
    const std::string names = tics(classes);
    const std::string plots = fmt::format("set title {} noenhanced\nset xtics scale 0 textcolor rgb 0x202020 {} {}\n"
                                          "set ytics scale 0 textcolor rgb 0x202020 {}",
                                          article::quoted_for_gnuplot(title), turned(classes), names, names);
    return article::draw({760, 720, 14,
                          fmt::format("last = {}\n$cells << END\n{}END\n", classes.size() - 1, cells(confusion)),
                          plots + style},
                         article::script_of(figure), {&figure, 1});
}

} // namespace beyond
