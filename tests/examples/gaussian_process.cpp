// The example gaussian_process against SciPy's optimum and formulas derived by hand: tests/data/gaussian_process.json.

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

BOOST_AUTO_TEST_SUITE(examples_gaussian_process)

BOOST_AUTO_TEST_CASE(parameters_and_predictions_are_scipys)
{
    const nlohmann::json expected = support::expectation("gaussian_process");
    const scratch_folder folder;
    const outcome result = run_beyond("gaussian_process", folder, "--figure none");
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(folder.size() == 0u);
    BOOST_TEST(contains(result.output, "gradient and Hessian: those of finite differences\n"));
    check_near(number_after(result.output, "log likelihood "), expected["log_likelihood"], 6e-7, "likelihood");
    const auto check_row = [&](const std::string& words, double value, double error)
    { support::check_number_and_error(result.output, words, value, error); };
    const char* names[] = {"height   ", "length   ", "noise    "};
    const char* places[] = {"f(3) = ", "f(6) = ", "f(11) = "};
    for (std::size_t k = 0; k < 3; ++k)
    {
        check_row(names[k], expected["value"][k], expected["error"][k]);
        check_row(places[k], expected["mean"][k], expected["deviation"][k]);
    }
}

BOOST_AUTO_TEST_CASE(more_observations_leave_less_uncertain)
{
    const auto deviation = [](const std::string& options)
    {
        const scratch_folder folder;
        const outcome result = run_beyond("gaussian_process", folder, options + " --figure none");
        BOOST_TEST(result.exit_code == 0, result.output);
        return number_after(result.output.substr(result.output.find("f(3) = ")), " +- ");
    };
    BOOST_TEST(deviation("--points 400") < 0.6 * deviation("--points 40"));
}

BOOST_AUTO_TEST_CASE(the_function_is_drawn)
{
    support::check_beyond_draws("gaussian_process", "$function << END\n-1 -0.941471 ");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("gaussian_process", "--points 9", "--points 9: must be an integer from 10 to 1000");
    support::check_beyond_refused("gaussian_process", "--seed -1",
                                  "--seed -1: must be an integer from 0 to 4294967295");
    support::check_beyond_refused("gaussian_process", "--figure no/a.png",
                                  "--figure no/a.png: cannot be written: No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
