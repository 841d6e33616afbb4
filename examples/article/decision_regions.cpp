#include "examples/article/decision_regions.hpp"

#include "examples/article/gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <vector>

namespace article
{

namespace
{

/// The article's: the grid reaches this far beyond the outermost points, in such steps. With much noise the points
/// spread, and it reaches further, by a part of their extent.
constexpr double least_margin = 0.5;
constexpr double margin_of_extent = 0.05;
constexpr double step = 0.01;

/// In a small panel a cell has as many pixels as in a large picture with the article's steps.
constexpr double step_of_panels = 0.025;

/// The steps grow, too, so that there are no more than so many along an axis.
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

grid_axis axis_around(const xt::xarray<double>& points, std::size_t coordinate, double least_step)
{
    double low = points(0, coordinate);
    double high = low;
    for (std::size_t i = 1; i < points.shape()[0]; ++i)
    {
        low = std::min(low, points(i, coordinate));
        high = std::max(high, points(i, coordinate));
    }
    const double margin = std::max(least_margin, margin_of_extent * (high - low));
    const double extent = high - low + 2 * margin;
    const double distance = std::max(least_step, extent / most_steps);
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

/// A line for each point: its place and its class. The classes come in the order of the points, which is a random one.
std::string lines_of(const nn::labelled_points& data)
{
    std::string text;
    for (std::size_t i = 0; i < data.labels.size(); ++i)
    {
        fmt::format_to(std::back_inserter(text), "{:.6g} {:.6g} {}\n", data.points(i, 0), data.points(i, 1),
                       data.labels.data()[i]);
    }
    return text;
}

std::string data_block(const std::string& name, const std::string& lines)
{
    return fmt::format("${} << END\n{}END\n", name, lines);
}

/// The points, and the places of the grid; the axes are `x0 + dx i` and `y0 + dy j`.
std::string data_blocks(const nn::labelled_points& data, const grid_axis& x, const grid_axis& y)
{
    return fmt::format("x0 = {}; x1 = {}; dx = {}\ny0 = {}; y1 = {}; dy = {}\n", x.first, x.last(), x.distance, y.first,
                       y.last(), y.distance) +
           data_block("points", lines_of(data));
}

/// The scores of network k on the grid, and its boundary: where both scores are equal, by linear interpolation between
/// the places of the grid.
std::string network_blocks(std::size_t k, const arrays& parameters, const grid_axis& x, const grid_axis& y)
{
    return data_block(fmt::format("scores_{}", k), score_differences(parameters, x, y)) +
           fmt::format("set table $boundary_{0}\n"
                       "splot $scores_{0} matrix using (x0 + dx * $1):(y0 + dy * $2):3 with lines notitle\n"
                       "unset table\n",
                       k);
}

/// The colours are Okabe and Ito's blue and vermilion, which do not depend on telling red from green.
constexpr auto colours = R"(
light_0 = '#D3E6F5'; colour_0 = '#0072B2'; dark_0 = '#00344F'
light_1 = '#FBE1CC'; colour_1 = '#D55E00'; dark_1 = '#662D00'
number_0 = 0x0072B2; number_1 = 0xD55E00
)";

/// For the tables of the boundaries: where the scores differ by 0.
constexpr auto contours = R"(
set contour base
set cntrparam levels discrete 0
unset surface
)";

constexpr auto style = R"(
set border linewidth 1 linecolor rgb 0x808080
set tics out nomirror textcolor rgb 0x404040
set palette defined (0 light_0, 1 light_1)
set cbrange [0:1]
unset colorbox
)";

/// The distance of the tics of both axes, which have the same scale: 1 as in the article, and where that is too dense
/// 2, 5, 10, 20, ...
double distance_of_tics(const grid_axis& x, const grid_axis& y)
{
    constexpr double most_unit_tics = 8;
    constexpr double usual_tics = 4;
    const double widest = std::max(x.last() - x.first, y.last() - y.first);
    if (widest <= most_unit_tics)
    {
        return 1;
    }
    const double least = widest / usual_tics;
    const double power = std::pow(10, std::floor(std::log10(least)));
    const double digit = least / power;
    return power * (digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

std::string axes(const grid_axis& x, const grid_axis& y)
{
    return fmt::format("set size ratio -1\nset xrange [x0:x1]\nset yrange [y0:y1]\nset xtics {0}\nset ytics {0}\n",
                       distance_of_tics(x, y));
}

/// How the points are drawn: so many more than the article's would run together, and shrink.
struct markers
{
    static constexpr double at_full_size = 400;
    markers(double full_size, std::size_t points)
        : size(full_size * std::clamp(std::pow(at_full_size / static_cast<double>(points), 0.45), 0.2, 1.0)),
          outlined(static_cast<double>(points) <= 2 * at_full_size)
    {
    }

    double size;
    bool outlined; ///< small ones would be nothing but outline
};

/// Large markers with an outline, one class after the other. (Between others of their own kind, outlines tell them
/// apart.)
std::string outlined_points()
{
    std::string text;
    for (const int k : {0, 1})
    {
        text += fmt::format(", \\\n     $points using 1:($3 == {0} ? $2 : NaN) with points pointtype 7 linecolor rgb "
                            "colour_{0} notitle, \\\n     $points using 1:($3 == {0} ? $2 : NaN) with points pointtype "
                            "6 linecolor rgb dark_{0} notitle",
                            k);
    }
    return text;
}

/// Small ones in the order of the points: so neither class hides the other.
constexpr auto mixed_points = ", \\\n     $points using 1:2:($3 == 0 ? number_0 : number_1) with points pointtype 7 "
                              "linecolor rgb variable notitle";

/// What only stands in the key.
std::string key_entries(double size)
{
    std::string text = "NaN with lines linewidth 2.5 linecolor rgb 0x404040 title 'boundary'";
    for (const int k : {0, 1})
    {
        text += fmt::format(
            ", \\\n     NaN with points pointtype 7 pointsize {0} linecolor rgb colour_{1} title 'class {1}'", size, k);
    }
    return text;
}

/// Regions, boundary and points of network k.
std::string plot(std::size_t k, const markers& points)
{
    const std::string boundary =
        fmt::format(", \\\n     $boundary_{} using 1:2 with lines linewidth 2.5 linecolor rgb 0x404040 notitle", k);
    // Points so many that they are not outlined would cover the boundary.
    return fmt::format("set pointsize {1:.3g}\n"
                       "plot $scores_{0} matrix using (x0 + dx * $1):(y0 + dy * $2):($3 > 0) with image notitle{2}",
                       k, points.size, points.outlined ? boundary + outlined_points() : mixed_points + boundary);
}

std::string set_title(const caption& above)
{
    return fmt::format("set title \"{{/*1.2 {}}}\\n{{/*0.8 {}}}\" offset 0,-0.3\n", above.title, above.subtitle);
}

/// Panels in rows, and the key in the last place of the last row. All lengths in pixels.
struct grid_of_panels
{
    grid_of_panels(std::size_t panels, double tics)
        : count(panels),
          columns(best_columns(panels + 1)),
          rows((panels + columns) / columns),
          left(60 + 20 * static_cast<int>(fmt::format("{}", -tics).size()))
    {
    }
    bool is_leftmost(std::size_t k) const { return k % columns == 0; }
    bool is_lowest(std::size_t k) const { return k + columns >= count; }
    int width() const { return static_cast<int>(400 * columns) + left + 5; }
    int height() const { return static_cast<int>(380 * rows) + 60; }

    /// Room for titles above, and for the labels of axes below and to the left, in parts of the whole.
    std::string layout() const
    {
        const double w = width();
        const double h = height();
        return fmt::format("set multiplot layout {},{} margins {:.4f},{:.4f},{:.4f},{:.4f} spacing {:.4f},{:.4f}\n",
                           rows, columns, left / w, 1 - 15 / w, 95 / h, 1 - 75 / h, 28 / w, 112 / h);
    }

    std::size_t count;
    std::size_t columns;
    std::size_t rows;
    int left; ///< what the numbers on the leftmost axes, and its label, need

private:
    /// One row of up to five places, else rows of three to five: those that leave the fewest places empty.
    static std::size_t best_columns(std::size_t places)
    {
        const auto empty = [places](std::size_t in_row) { return (in_row - places % in_row) % in_row; };
        return places <= 5 ? places
                           : std::min({std::size_t{4}, std::size_t{3}, std::size_t{5}},
                                      [&](std::size_t a, std::size_t b) { return empty(a) < empty(b); });
    }
};

/// Axes are labelled once for each row and column.
std::string panel_script(std::size_t k, const caption& above, const grid_of_panels& grid, const markers& points)
{
    return set_title(above) +
           fmt::format(
               "set xlabel '{}' offset 0,0.5\nset ylabel '{}' norotate offset 0.5\nset format x '{}'\nset format "
               "y '{}'\n",
               grid.is_lowest(k) ? "{/:Italic x}_1" : "", grid.is_leftmost(k) ? "{/:Italic x}_2" : "",
               grid.is_lowest(k) ? "%g" : "", grid.is_leftmost(k) ? "%g" : "") +
           plot(k, points) + "\n";
}

std::string key_alone()
{
    return "unset title; unset xlabel; unset ylabel; unset border; unset tics\n"
           "set key inside center center vertical reverse Left samplen 2 spacing 1.6 font ',20'\n"
           "plot " +
           key_entries(1.7) + "\nunset multiplot";
}

} // namespace

bool draw_decision_regions(const arrays& parameters, const nn::labelled_points& data, const caption& above,
                           const std::filesystem::path& figure)
{
    const grid_axis x = axis_around(data.points, 0, step);
    const grid_axis y = axis_around(data.points, 1, step);
    const std::string plots = style + axes(x, y) +
                              "set tmargin 4\n"
                              "set rmargin 4\n"
                              "set xlabel '{/:Italic x}_1'\n"
                              "set ylabel '{/:Italic x}_2' norotate offset 1\n"
                              "set key outside bottom center horizontal reverse Left samplen 1.5 width 2\n" +
                              set_title(above) + plot(0, markers(1.7, data.labels.size())) + ", \\\n     " +
                              key_entries(1.7);
    return draw(
        {1200, 900, 17, colours + data_blocks(data, x, y) + contours + network_blocks(0, parameters, x, y), plots},
        script_of(figure), std::array{figure});
}

bool draw_panels(const std::vector<panel>& panels, const nn::labelled_points& data,
                 std::span<const std::filesystem::path> figures)
{
    const grid_axis x = axis_around(data.points, 0, step_of_panels);
    const grid_axis y = axis_around(data.points, 1, step_of_panels);
    const grid_of_panels grid(panels.size(), distance_of_tics(x, y));
    std::string blocks = colours + data_blocks(data, x, y) + contours;
    std::string plots = style + axes(x, y) + grid.layout();
    for (std::size_t k = 0; k < panels.size(); ++k)
    {
        blocks += network_blocks(k, panels[k].parameters, x, y);
        plots += panel_script(k, panels[k].above, grid, markers(0.8, data.labels.size()));
    }
    for (std::size_t empty = panels.size() + 1; empty < grid.rows * grid.columns; ++empty)
    {
        plots += "set multiplot next\n";
    }
    return draw({grid.width(), grid.height(), 16, blocks, plots + key_alone()}, script_of(figures.front()), figures);
}

} // namespace article
