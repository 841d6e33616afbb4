#pragma once

#include "tests/run_program.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <string>

namespace support
{

/// Runs an example beyond the article in a folder.
inline outcome run_short(const std::string& program, const scratch_folder& folder, const std::string& arguments)
{
    return run_program(folder, std::string(BEYOND_PROGRAMS "/") + program, arguments);
}

/// That the program refuses these arguments in one line, and writes nothing.
inline void check_short_refused(const std::string& program, const std::string& arguments, const std::string& message)
{
    const scratch_folder folder;
    const outcome result = run_short(program, folder, arguments);
    BOOST_TEST(result.exit_code == 2, program << " " << arguments);
    BOOST_TEST(result.output == program + ": " + message + ". See " + program + " --help.\n");
    BOOST_TEST(folder.size() == 0u, arguments);
}

/// That it draws a picture, whose script has this text in it, and that its help tells what the options are.
inline void check_short_draws(const std::string& program, const std::string& text)
{
    const scratch_folder folder;
    const outcome result = run_short(program, folder, "--figure picture.svg");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(contents(folder.path() / "picture.gp"), text));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "picture.svg"), "<svg"));
    }
    const outcome help = run_short(program, folder, "--help");
    BOOST_TEST(help.exit_code == 0);
    BOOST_TEST(contains(help.output, "In parentheses: what an option is unless given."));
    BOOST_TEST(contains(help.output, "(output/" + program + ".png)"));
}

/// The numbers of a file in tests/data, made without this library.
inline nlohmann::json independent_numbers(const std::string& file)
{
    return nlohmann::json::parse(std::ifstream(TEST_DATA "/" + file));
}

inline void check_near(double found, double expected, double tolerance, const std::string& what)
{
    BOOST_TEST(std::abs(found - expected) <= tolerance, what << ": " << found << " and not " << expected);
}

} // namespace support
