// The example kalman against the normal distribution of all that is seen, without a filter: tests/data/kalman.json.

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

BOOST_AUTO_TEST_SUITE(examples_kalman)

BOOST_AUTO_TEST_CASE(the_filter_gives_the_distribution_of_all_that_is_seen)
{
    const nlohmann::json expected = support::expectation("kalman");
    const scratch_folder folder;
    const outcome result = run_beyond("kalman", folder, "--figure none");
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(folder.size() == 0u);
    BOOST_TEST(contains(result.output, "through 200 steps of the filter: those of finite differences\n"));
    check_near(number_after(result.output, "log likelihood "), expected["log_likelihood"], 6e-7, "likelihood");
    const auto check_row = [&](const std::string& words, double value, double error)
    { support::check_number_and_error(result.output, words, value, error); };
    const char* names[] = {"acceleration ", "error of 1   ", "error of 2   "};
    for (std::size_t k = 0; k < 3; ++k)
    {
        check_row(names[k], expected["value"][k], expected["error"][k]);
    }
    check_row("position at the end ", expected["position"][0], expected["position"][1]);
    const std::string end = result.output.substr(result.output.find("position at the end"));
    check_near(number_after(end, "true: "), expected["true_position"], 6e-6, "true position");
}

BOOST_AUTO_TEST_CASE(more_times_tell_more)
{
    const scratch_folder folder;
    const outcome result = run_beyond("kalman", folder, "--times 1000 --figure none");
    BOOST_TEST(result.exit_code == 0, result.output);
    check_near(number_after(result.output, "error of 1   "), 1, 0.1, "error of 1");
    check_near(number_after(result.output, "error of 2   "), 3, 0.3, "error of 2");
}

BOOST_AUTO_TEST_CASE(the_path_is_drawn)
{
    support::check_beyond_draws("kalman", "$path << END\n1 ");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("kalman", "--times 19", "--times 19: must be an integer from 20 to 5000");
    support::check_beyond_refused("kalman", "--seed 1.5", "--seed 1.5: must be an integer from 0 to 4294967295");
    support::check_beyond_refused("kalman", "--figure a.gif", "--figure a.gif: must end in .png or .svg, or be none");
}

BOOST_AUTO_TEST_SUITE_END()
