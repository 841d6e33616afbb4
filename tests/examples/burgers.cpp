// The example of Burgers' equation: its network before training, its solution, and the exact one beside SciPy's.

#include "tests/examples/beyond_program.hpp"

using namespace support;

BOOST_AUTO_TEST_SUITE(examples_burgers)

BOOST_AUTO_TEST_CASE(the_solution_is_that_of_the_equation)
{
    const nlohmann::json scipy = expectation("burgers");
    const scratch_folder folder;
    const outcome result = run_beyond("burgers", folder, "--figure figure.svg");
    const std::string script = check_drawn(folder, result);
    BOOST_TEST(contains(result.output, "gradient  of the residual's mean square: that of finite differences\n"));

    // First and second derivatives at 450 points: those that NumPy has by hand, in all digits that are printed.
    const double before = scipy["first_residual"];
    BOOST_TEST(std::abs(number_after(result.output, "residual  ") - before) < 1e-8);
    const std::string trained = result.output.substr(result.output.find("the training, mean square\n"));
    BOOST_TEST(number_after(trained, "residual  ") < 2e-3);
    BOOST_TEST(contains(trained, " after 600 iterations of L-BFGS\n"));

    std::vector<double> expected;
    for (const std::vector<double> row : scipy["solution"])
    {
        expected.insert(expected.end(), row.begin(), row.end());
    }
    // Five digits are printed. SciPy knows nothing of the formula of Cole and Hopf.
    BOOST_TEST(greatest_distance(numbers_between(script, "$exact << END\n", "END"), expected) < 6e-6);
    BOOST_TEST(number_after(trained, "whose residual is ") < 1e-12);
    // Training ends elsewhere with other rounding: seeds 0 to 7 with three instruction sets are 0.007 away at most.
    const double distance = greatest_distance(numbers_between(script, "$u << END\n", "END"), expected);
    BOOST_TEST(distance < 0.02);
    BOOST_TEST(std::abs(number_after(trained, "solution  ") - distance) < 2e-5);
}

BOOST_AUTO_TEST_CASE(another_seed_starts_elsewhere)
{
    const scratch_folder folder;
    const outcome result = run_beyond("burgers", folder, "--seed 3 --figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(folder.size() == 0u);
    const double other = expectation("burgers")["first_residual"];
    BOOST_TEST(std::abs(number_after(result.output, "residual  ") - other) > 1e-3);
    BOOST_TEST(number_after(result.output, "solution  ") < 0.02);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_beyond_refused("burgers", "--seed -1", "--seed -1: must be an integer from 0 to 4294967295");
    check_beyond_refused("burgers", "--seed 1.5", "--seed 1.5: must be an integer from 0 to 4294967295");
    check_beyond_refused("burgers", "--figure a.gif", "--figure a.gif: must end in .png or .svg, or be none");
    check_beyond_help("burgers", {"--seed", "--figure"});
}

BOOST_AUTO_TEST_SUITE_END()
