#include "examples/article/gnuplot.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string_view>

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

/// Runs a script with the variable `figure` set to a file name, which it is to make, and `svg` to whether in that
/// format. Returns false where gnuplot is not installed.
bool run(const std::filesystem::path& script, const std::filesystem::path& figure, bool svg)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
    {
        fail(std::strerror(errno));
    }
    // An argument that begins with a dash would be an option.
    const std::string file = std::filesystem::absolute(script).string();
    pid_t child = 0;
    const std::string command = fmt::format("svg = {:d}; figure = {}", svg, quoted_for_gnuplot(figure.string()));
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
    std::error_code ignored;
    const int status = exit_status(child);
    if (status != 0 || !std::filesystem::exists(figure, ignored) || std::filesystem::file_size(figure, ignored) == 0)
    {
        fail("no picture came of " + script.string() + ": " + (said.empty() ? "it gave no reason" : said));
    }
    return true;
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

std::string begin_script(const std::filesystem::path& script, const std::filesystem::path& figure, int width,
                         int height, int letters)
{
    // With two formats, the name of what is made tells which, unless the caller knows.
    return fmt::format("# Draws {0}: gnuplot {1}\n"
                       "if (!exists('figure')) figure = {2}\n"
                       "if (!exists('svg')) svg = figure[strlen(figure) - 3:] eq '.svg'\n"
                       "if (svg) {{ set terminal svg size {3},{4} font 'DejaVu Sans,{5}' background 'white' }} \\\n"
                       "else {{ set terminal pngcairo size {3},{4} font 'DejaVu Sans,{5}' }}\n"
                       "set output figure\n",
                       figure.filename().string(), script.filename().string(),
                       quoted_for_gnuplot(figure.filename().string()), width, height, letters);
}

bool draw(const std::string& text, const std::filesystem::path& script, std::span<const std::filesystem::path> figures)
{
    nn::write_text(script, text);
    bool drawn = true;
    for (const std::filesystem::path& figure : figures)
    {
        nn::write_atomically(figure, [&](const std::filesystem::path& there)
                             { drawn = run(script, there, figure.extension() == ".svg"); });
    }
    return drawn;
}

} // namespace article
