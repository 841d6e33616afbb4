#include "examples/article/decision_regions.hpp"

#include "autograd/tape/error.hpp"
#include "examples/article/gnuplot.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace article
{

namespace
{

/// The article's: the grid reaches this far beyond the outermost points, in such steps.
constexpr double margin = 0.5;
constexpr double step = 0.01;

/// With much noise the points spread, and the steps grow so that there are no more than so many along an axis.
constexpr double most_steps = 800;

/// Equally distant places along one axis.
struct grid_axis
{
    double first;
    double distance;
    std::size_t count;

    double operator[](std::size_t i) const { return first + distance * static_cast<double>(i); }
    double last() const { return (*this)[count - 1]; }
};

grid_axis axis_around(const xt::xarray<double>& points, std::size_t coordinate)
{
    double low = points(0, coordinate);
    double high = low;
    for (std::size_t i = 1; i < points.shape()[0]; ++i)
    {
        low = std::min(low, points(i, coordinate));
        high = std::max(high, points(i, coordinate));
    }
    const double extent = high - low + 2 * margin;
    const double distance = std::max(step, extent / most_steps);
    return {low - margin, distance, static_cast<std::size_t>(extent / distance) + 1};
}

/// By how much the score of class 1 exceeds that of class 0, in gnuplot's matrix form: one line for each row of the
/// grid. The tape is used for values only, and cleared for each row.
std::string score_differences(const arrays& parameters, const grid_axis& x, const grid_axis& y)
{
    autograd::tape<double> tape;
    xt::xarray<double> row = zeros(x.count, 2);
    std::string text;
    for (std::size_t j = 0; j < y.count; ++j)
    {
        for (std::size_t i = 0; i < x.count; ++i)
        {
            row(i, 0) = x[i];
            row(i, 1) = y[j];
        }
        tape.clear();
        const double* score = scores(on_tape(tape, parameters), tape.constant(row)).data();
        for (std::size_t i = 0; i < x.count; ++i)
        {
            fmt::format_to(std::back_inserter(text), "{:.3g} ", score[2 * i + 1] - score[2 * i]);
        }
        text.back() = '\n';
    }
    return text;
}

std::string points_of_class(const nn::labelled_points& data, std::int64_t label)
{
    std::string text;
    for (std::size_t i = 0; i < data.labels.size(); ++i)
    {
        if (data.labels.data()[i] == label)
        {
            fmt::format_to(std::back_inserter(text), "{:.6g} {:.6g}\n", data.points(i, 0), data.points(i, 1));
        }
    }
    return text;
}

std::string terminal_for(const std::filesystem::path& figure)
{
    return figure.extension() == ".svg" ? "svg size 1200,900 font 'DejaVu Sans,17' background 'white'"
                                        : "pngcairo size 1200,900 font 'DejaVu Sans,17'";
}

/// The colours are Okabe and Ito's blue and vermilion, which do not depend on telling red from green.
constexpr auto style = R"(
light_0 = '#D3E6F5'; colour_0 = '#0072B2'; dark_0 = '#00344F'
light_1 = '#FBE1CC'; colour_1 = '#D55E00'; dark_1 = '#662D00'

# Where both scores are equal: the boundary, by linear interpolation between the places of the grid.
set contour base
set cntrparam levels discrete 0
unset surface
set table $boundary
splot $score_1_minus_score_0 matrix using (x0 + dx * $1):(y0 + dy * $2):3 with lines notitle
unset table

set tmargin 4
set border linewidth 1 linecolor rgb 0x808080
set tics out nomirror textcolor rgb 0x404040
set xlabel 'x_1'
set ylabel 'x_2' norotate offset 1
set size ratio -1
set xrange [x0:x1]
set yrange [y0:y1]
set palette defined (0 light_0, 1 light_1)
set cbrange [0:1]
unset colorbox
set key outside bottom center horizontal reverse Left samplen 1.5 width 2
set pointsize 1.7
plot $score_1_minus_score_0 matrix using (x0 + dx * $1):(y0 + dy * $2):($3 > 0) with image notitle, \
     $boundary using 1:2 with lines linewidth 2.5 linecolor rgb 0x404040 title 'boundary', \
     $class_0 with points pointtype 7 linecolor rgb colour_0 title 'class 0', \
     $class_0 with points pointtype 6 linecolor rgb dark_0 notitle, \
     $class_1 with points pointtype 7 linecolor rgb colour_1 title 'class 1', \
     $class_1 with points pointtype 6 linecolor rgb dark_1 notitle
unset output
)";

std::string script_for(const arrays& parameters, const nn::labelled_points& data, const caption& above,
                       const std::filesystem::path& figure)
{
    const grid_axis x = axis_around(data.points, 0);
    const grid_axis y = axis_around(data.points, 1);
    const std::string file = figure.filename().string();
    std::string script =
        fmt::format("# Draws {0}: gnuplot {1}\n"
                    "if (!exists('figure')) figure = {2}\n"
                    "set terminal {3}\n"
                    "set output figure\n"
                    "set title \"{{/*1.2 {4}}}\\n{{/*0.8 {5}}}\"\n"
                    "x0 = {6}; x1 = {7}; dx = {8}\n"
                    "y0 = {9}; y1 = {10}; dy = {11}\n",
                    file, script_of(figure).filename().string(), quoted_for_gnuplot(file), terminal_for(figure),
                    above.title, above.subtitle, x.first, x.last(), x.distance, y.first, y.last(), y.distance);
    const auto add_data = [&](const char* name, const std::string& lines)
    { script += fmt::format("${} << END\n{}END\n", name, lines); };
    add_data("class_0", points_of_class(data, 0));
    add_data("class_1", points_of_class(data, 1));
    add_data("score_1_minus_score_0", score_differences(parameters, x, y));
    return script + style;
}

} // namespace

std::filesystem::path script_of(std::filesystem::path figure)
{
    return figure.replace_extension(".gp");
}

bool draw_decision_regions(const arrays& parameters, const nn::labelled_points& data, const caption& above,
                           const std::filesystem::path& figure)
{
    const std::filesystem::path script = script_of(figure);
    nn::write_text(script, script_for(parameters, data, above, figure));
    bool drawn = true;
    nn::write_atomically(figure, [&](const std::filesystem::path& there) { drawn = run_gnuplot(script, there); });
    return drawn;
}

} // namespace article
