#pragma once

#include "tests/run_program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

/// What the tests of short examples beyond the article have in common.
namespace support
{

/// Runs an example beyond the article in a folder.
inline outcome run_beyond(const std::string& example, const scratch_folder& folder, const std::string& arguments)
{
    return run_program(folder, std::string(BEYOND_PROGRAMS "/") + example, arguments);
}

/// That the example refuses these arguments in one line, and writes nothing.
inline void check_beyond_refused(const std::string& example, const std::string& arguments, const std::string& message)
{
    const scratch_folder folder;
    const outcome result = run_beyond(example, folder, arguments);
    BOOST_TEST(result.exit_code == 2, example << " " << arguments);
    BOOST_TEST(result.output == example + ": " + message + ". See " + example + " --help.\n");
    BOOST_TEST(folder.size() == 0u, arguments);
}

/// That the example's help names the options, and draws nothing.
inline void check_beyond_help(const std::string& example, const std::vector<std::string>& options)
{
    const scratch_folder folder;
    const outcome result = run_beyond(example, folder, "--help");
    BOOST_TEST(result.exit_code == 0);
    for (const std::string& option : options)
    {
        BOOST_TEST(contains(result.output, option), option);
    }
    BOOST_TEST(contains(result.output, "In parentheses: what an option is unless given."));
    BOOST_TEST(folder.size() == 0u);
}

/// That it draws a picture, whose script has this text in it, and that its help tells what the options are.
inline void check_beyond_draws(const std::string& program, const std::string& text)
{
    const scratch_folder folder;
    const outcome result = run_beyond(program, folder, "--figure picture.svg");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(contents(folder.path() / "picture.gp"), text));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "picture.svg"), "<svg"));
    }
    const outcome help = run_beyond(program, folder, "--help");
    BOOST_TEST(help.exit_code == 0);
    BOOST_TEST(contains(help.output, "In parentheses: what an option is unless given."));
    BOOST_TEST(contains(help.output, "(output/" + program + ".png)"));
}

/// That a run with --figure figure.svg made the picture, or said that gnuplot is not there. Returns its script.
inline std::string check_drawn(const scratch_folder& folder, const outcome& result)
{
    BOOST_TEST(result.exit_code == 0, result.output);
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "figure.svg"), "<svg"));
    }
    return contents(folder.path() / "figure.gp");
}

/// The numbers between two words of a text, whatever separates them.
inline std::vector<double> numbers_between(const std::string& text, const std::string& before, const std::string& after)
{
    const std::size_t first = text.find(before);
    BOOST_REQUIRE_MESSAGE(first != std::string::npos, before << " is not there");
    const std::size_t begin = first + before.size();
    std::string part = text.substr(begin, text.find(after, begin) - begin);
    std::replace(part.begin(), part.end(), ',', ' ');
    std::vector<double> numbers;
    std::istringstream words(part);
    for (std::string word; words >> word;)
    {
        if (word != "+-")
        {
            numbers.push_back(std::stod(word));
        }
    }
    return numbers;
}

/// The greatest distance between two lists of the same length.
inline double greatest_distance(const std::vector<double>& a, const std::vector<double>& b)
{
    BOOST_REQUIRE(a.size() == b.size());
    double greatest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        greatest = std::max(greatest, std::abs(a[i] - b[i]));
    }
    return greatest;
}

inline void check_near(double found, double expected, double tolerance, const std::string& what)
{
    BOOST_TEST(std::abs(found - expected) <= tolerance, what << ": " << found << " and not " << expected);
}

/// What NumPy and SciPy computed: tests/data/make_NAME.py.
inline nlohmann::json expectation(const std::string& name)
{
    return nlohmann::json::parse(contents(std::string(TEST_DATA "/") + name + ".json"));
}

/// That a line of the output begins with these words, and a number and its error, of five digits behind the point.
inline void check_number_and_error(const std::string& output, const std::string& words, double value, double error)
{
    const std::size_t row = output.find("\n" + words);
    BOOST_REQUIRE(row != std::string::npos);
    check_near(number_after(output.substr(row), words), value, 6e-6, words);
    check_near(number_after(output.substr(row), " +- "), error, 6e-6, words + " +-");
}

} // namespace support
