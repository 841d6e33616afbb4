// The example least_squares against SciPy's curve_fit, and against what NIST certifies: tests/data/least_squares.json.

#include "tests/examples/beyond_program.hpp"

namespace
{

using support::check_near;
using support::contains;
using support::number_after;
using support::outcome;
using support::run_beyond;
using support::scratch_folder;

} // namespace

BOOST_AUTO_TEST_SUITE(examples_least_squares)

BOOST_AUTO_TEST_CASE(parameters_and_their_errors_are_scipys)
{
    const nlohmann::json expected = support::expectation("least_squares");
    // From both starts that NIST gives, and from the corners of what is taken.
    for (const char* start : {"", "--b1 250 --b2 0.0005", "--b1 1 --b2 0.000001", "--b1 1 --b2 0.01",
                              "--b1 10000 --b2 0.000001", "--b1 10000 --b2 0.01"})
    {
        const scratch_folder folder;
        const outcome result = run_beyond("least_squares", folder, std::string("--figure none ") + start);
        BOOST_TEST(result.exit_code == 0, result.output);
        BOOST_TEST(folder.size() == 0u);
        // Six digits of each are printed, or five behind the point.
        const auto check_row = [&](const std::string& name, std::size_t k)
        {
            const std::string row = result.output.substr(result.output.find("\n" + name + " ") + 1);
            const auto check_number = [&](const std::string& words, double number)
            { check_near(number_after(row, words) / number, 1, 1e-5, name + ": " + words); };
            check_number(name + "       ", expected["b"][k]);
            check_number(" +- ", expected["error"][k]);
            check_number(", of data drawn anew +- ", expected["scatter"][k]);
        };
        check_row("b1", 0);
        check_row("b2", 1);
        check_near(number_after(result.output, "of a measurement the error is "), expected["s"], 6e-7, "s");
        BOOST_TEST(contains(result.output, "\n" + expected["inside"].dump() + " of 1000 within the ellipse of 95 %\n"));
    }
}

BOOST_AUTO_TEST_CASE(parameters_are_drawn)
{
    support::check_beyond_draws("least_squares", "$found << END\n238.942 0.000550156\n");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("least_squares", "--b1 0", "--b1 0: must be a number from 1 to 10000");
    support::check_beyond_refused("least_squares", "--b2 nan", "--b2 nan: must be a number from 0.000001 to 0.01");
    support::check_beyond_refused("least_squares", "--seed x", "--seed x: must be an integer from 0 to 4294967295");
    support::check_beyond_refused("least_squares", "--figure a.gif",
                                  "--figure a.gif: must end in .png or .svg, or be none");
}

BOOST_AUTO_TEST_SUITE_END()
