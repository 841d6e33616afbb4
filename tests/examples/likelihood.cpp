// The example likelihood against SciPy's optimum and an observed information derived by hand:
// tests/data/likelihood.json.

#include "tests/examples/beyond_program.hpp"

#include <sstream>

namespace
{

using support::contains;
using support::number_after;
using support::outcome;
using support::run_beyond;
using support::scratch_folder;

} // namespace

BOOST_AUTO_TEST_SUITE(examples_likelihood)

BOOST_AUTO_TEST_CASE(estimates_and_their_errors_are_scipys)
{
    const nlohmann::json expected = support::expectation("likelihood");
    const scratch_folder folder;
    const outcome result = run_beyond("likelihood", folder, "--figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(folder.size() == 0u);
    BOOST_TEST(contains(result.output, "100 bearings, " + expected["failed"].dump() + " failed\n"));
    BOOST_TEST(contains(result.output, "\ngradient and Hessian: those of finite differences\n"));

    // Five digits are printed behind the point; L-BFGS ends nearer to the optimum than that.
    const auto check_row = [&](const std::string& name, std::size_t which)
    {
        const std::size_t row = result.output.find("\n" + name + " ");
        BOOST_REQUIRE(row != std::string::npos);
        std::istringstream numbers(result.output.substr(row + 1 + name.size()));
        for (const char* parameter : {"a", "b", "log_shape"})
        {
            double found = 0;
            numbers >> found;
            support::check_near(found, expected[parameter][which], 6e-6, name + " " + parameter);
        }
    };
    check_row("found", 0);
    check_row("+-", 1);

    // And five in all.
    const double log_median = expected["log_median"][0];
    const double error = expected["log_median"][1];
    const auto check_life = [&](const std::string& words, double log_life)
    { support::check_near(number_after(result.output, words) / std::exp(log_life), 1, 6e-5, words); };
    check_life("rated load: ", log_median);
    check_life("confidence from ", log_median - 1.96 * error);
    check_life(" h, with 95 % confidence from 11953 to ", log_median + 1.96 * error);
}

BOOST_AUTO_TEST_CASE(more_bearings_come_nearer_to_the_truth)
{
    const scratch_folder folder;
    const outcome result = run_beyond("likelihood", folder, "--bearings 10000 --hours 5000 --figure none");
    BOOST_TEST(result.exit_code == 0);
    const double truth = number_after(result.output, "true: ");
    support::check_near(number_after(result.output, "rated load: ") / truth, 1, 0.1, "median life");
    BOOST_TEST(number_after(result.output, "confidence from ") < truth);
}

BOOST_AUTO_TEST_CASE(where_the_likelihood_has_no_maximum_nothing_is_told)
{
    // No bearing fails in so short a time: the longer the lives, the likelier.
    const scratch_folder folder;
    const outcome result = run_beyond("likelihood", folder, "--bearings 10 --hours 100 --figure life.png");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(result.output == "likelihood: found no maximum; take more --bearings, or more --hours until the end\n");
    BOOST_TEST(folder.size() == 0u);
}

BOOST_AUTO_TEST_CASE(lives_are_drawn)
{
    support::check_beyond_draws("likelihood", "$median << END\n1 31328.8 ");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("likelihood", "--bearings 9", "--bearings 9: must be an integer from 10 to 100000");
    support::check_beyond_refused("likelihood", "--hours 1e3", "--hours 1e3: must be an integer from 100 to 100000");
    support::check_beyond_refused("likelihood", "--seed -1", "--seed -1: must be an integer from 0 to 4294967295");
    support::check_beyond_refused("likelihood", "--figure a.gif",
                                  "--figure a.gif: must end in .png or .svg, or be none");
}

BOOST_AUTO_TEST_SUITE_END()
