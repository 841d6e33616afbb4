#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace article
{

/// What the example does unless it is told otherwise: what the article does.
struct moons_options
{
    std::size_t points = 300;
    double noise = 0.2;
    std::size_t hidden = 3;
    std::size_t passes = 20000;
    double epsilon = 0.01;
    double lambda = 0.01;
    std::int64_t seed = 0;
    std::int64_t data_seed = 0;
    std::size_t every = 1000;
    std::filesystem::path csv;                        ///< empty: none
    std::filesystem::path figure{"output/moons.png"}; ///< empty: none

    bool operator==(const moons_options&) const = default;
};

/// What running the example means, once its command line is read.
struct moons_command
{
    std::optional<moons_options> options; ///< none where there is nothing to run, after --help or an error
    int exit_code = 0;
};

/// Reads the command line; prints the help, or says on standard error what is wrong with it.
moons_command read_command_line(int argc, const char* const* argv);

} // namespace article
