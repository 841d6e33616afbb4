#include "examples/article/gnuplot.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace article
{

namespace
{

[[noreturn]] void fail(std::string_view reason)
{
    throw autograd::error::file_error("gnuplot", reason);
}

/// Everything that comes out of a pipe, until its other end is closed.
std::string read_all(int pipe)
{
    std::string text;
    char buffer[4096];
    for (;;)
    {
        const ssize_t count = ::read(pipe, buffer, sizeof buffer);
        if (count > 0)
        {
            text.append(buffer, static_cast<std::size_t>(count));
        }
        else if (count == 0 || errno != EINTR)
        {
            return text;
        }
    }
}

int exit_status(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) == -1 && errno == EINTR)
    {
    }
    return status;
}

/// Starts gnuplot without a shell, so that no file name means anything to one. What it says goes into `errors`.
/// Returns 0 or the reason why it did not start, as errno has it.
int spawn(pid_t& child, const std::string& command, const std::string& script, int errors)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    std::string arguments[] = {"gnuplot", "--default-settings", "-e", command, script};
    char* argv[std::size(arguments) + 1] = {};
    for (std::size_t i = 0; i < std::size(arguments); ++i)
    {
        argv[i] = arguments[i].data();
    }
    const int failed = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/// ['a.png', 'a.svg']
template <class Texts, class Write>
std::string gnuplot_array(const Texts& elements, const Write& write)
{
    std::string text;
    for (const auto& each : elements)
    {
        text += (text.empty() ? "[" : ", ") + write(each);
    }
    return text + "]";
}

bool is_svg(const std::filesystem::path& figure)
{
    return figure.extension() == ".svg";
}

using paths = std::vector<std::filesystem::path>;

/// Runs a script that is to make the pictures in `places`, in the formats of `figures`. Returns false where gnuplot is
/// not installed.
bool run(const std::filesystem::path& script, std::span<const std::filesystem::path> figures, const paths& places)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
    {
        fail(std::strerror(errno));
    }
    // An argument that begins with a dash would be an option.
    const std::string file = std::filesystem::absolute(script).string();
    pid_t child = 0;
    const std::string command =
        fmt::format("array figures = {}; array svg = {}",
                    gnuplot_array(places, [](const auto& each) { return quoted_for_gnuplot(each.string()); }),
                    gnuplot_array(figures, [](const auto& each) { return std::string(is_svg(each) ? "1" : "0"); }));
    const int failed = spawn(child, command, file, ends[1]);
    ::close(ends[1]);
    const std::string said = failed == 0 ? read_all(ends[0]) : "";
    ::close(ends[0]);
    if (failed == ENOENT)
    {
        return false;
    }
    if (failed != 0)
    {
        fail(std::strerror(failed));
    }
    const int status = exit_status(child);
    const bool all_there =
        std::all_of(places.begin(), places.end(),
                    [](const std::filesystem::path& each)
                    {
                        std::error_code ignored;
                        return std::filesystem::exists(each, ignored) && std::filesystem::file_size(each, ignored) != 0;
                    });
    if (status != 0 || !all_there)
    {
        fail("no picture came of " + script.string() + ": " + (said.empty() ? "it gave no reason" : said));
    }
    return true;
}

/// Finds a place for each of the pictures, and runs the script once they all have one.
bool run_atomically(const std::filesystem::path& script, std::span<const std::filesystem::path> figures,
                    const paths& places)
{
    if (places.size() == figures.size())
    {
        return run(script, figures, places);
    }
    bool drawn = false;
    nn::write_atomically(figures[places.size()],
                         [&](const std::filesystem::path& there)
                         {
                             paths more = places;
                             more.push_back(there);
                             drawn = run_atomically(script, figures, more);
                         });
    return drawn;
}

/// Whether a picture is an SVG its name tells, unless the caller knows.
std::string text_of(const drawing& what, const std::filesystem::path& script,
                    std::span<const std::filesystem::path> figures)
{
    std::vector<std::string> names;
    for (const std::filesystem::path& figure : figures)
    {
        names.push_back(figure.filename().string());
    }
    return fmt::format(
        "# Draws {0}: gnuplot {1}\n"
        "if (!exists('figures')) array figures = {2}\n"
        "if (!exists('svg')) {{\n"
        "    array svg[|figures|]\n"
        "    do for [i = 1:|figures|] {{ svg[i] = substr(figures[i], strlen(figures[i]) - 3, "
        "strlen(figures[i])) eq '.svg' }}\n"
        "}}\n"
        "set encoding utf8\n"
        "{3}\n"
        "do for [picture = 1:|figures|] {{\n"
        "reset\n"
        "set minussign\n"
        "if (svg[picture]) {{ set terminal svg size {4},{5} font 'DejaVu Sans,{6}' background 'white' }} \\\n"
        "else {{ set terminal pngcairo size {4},{5} font 'DejaVu Sans,{6}' }}\n"
        "set output figures[picture]\n"
        "{7}\n"
        "unset output\n"
        "}}\n",
        fmt::join(names, " and "), script.filename().string(), gnuplot_array(names, quoted_for_gnuplot), what.data,
        what.width, what.height, what.letters, what.plots);
}

} // namespace

std::string quoted_for_gnuplot(const std::string& text)
{
    std::string quoted = "'";
    for (char each : text)
    {
        quoted += each == '\'' ? "''" : std::string(1, each);
    }
    return quoted + "'";
}

std::filesystem::path script_of(std::filesystem::path figure)
{
    return figure.replace_extension(".gp");
}

bool draw(const drawing& what, const std::filesystem::path& script, std::span<const std::filesystem::path> figures)
{
    nn::write_text(script, text_of(what, script, figures));
    return run_atomically(script, figures, {});
}

} // namespace article
