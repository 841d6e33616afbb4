// The example of a cart that swings up a pendulum: its forces, states and effort beside SciPy's.

#include "tests/examples/beyond_program.hpp"

using namespace support;

namespace
{

/// Effort and distance from the goal in the round with a penalty.
std::vector<double> round_with(const outcome& result, const std::string& penalty)
{
    const std::string line = "penalty " + penalty + "  effort ";
    return numbers_between(result.output, line, " from the goal");
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_trajectory)

BOOST_AUTO_TEST_CASE(the_least_effort_is_found)
{
    const nlohmann::json scipy = expectation("trajectory");
    const scratch_folder folder;
    const outcome result = run_beyond("trajectory", folder, "--figure figure.svg");
    const std::string script = check_drawn(folder, result);
    BOOST_TEST(contains(result.output, "gradient  through 32 steps of the integrator: that of finite differences\n"));

    // The first round has no multipliers yet. It ends where no derivative is above 1e-3: the effort is then as near.
    const std::vector<double> first = round_with(result, " 100");
    BOOST_TEST(std::abs(first[0] - scipy["penalized"]["effort"].get<double>()) < 0.01);
    BOOST_TEST(std::abs(first[1] - scipy["penalized"]["miss"].get<double>()) < 1e-3);
    double away = first[1];
    for (const char* penalty : {" 300", " 900", "2700", "8100"})
    {
        BOOST_TEST(round_with(result, penalty)[1] < away / 2, penalty);
        away = round_with(result, penalty)[1];
    }

    // What is left of the distance costs about 60 times as much effort, which is the greatest multiplier.
    BOOST_TEST(away < 2e-5);
    BOOST_TEST(std::abs(round_with(result, "8100")[0] - scipy["effort"].get<double>()) < 2e-3);

    // SLSQP meets the constraint without penalties. Derivatives of 1e-3 move a force by some hundredths, of 12 N.
    std::vector<double> forces = scipy["forces"];
    forces.push_back(forces.back());
    std::vector<double> expected;
    const std::vector<std::vector<double>> states = scipy["states"];
    for (std::size_t i = 0; i < states.size(); ++i)
    {
        expected.insert(expected.end(), {states[i][0], states[i][1], forces[i]});
    }
    const std::vector<double> drawn = numbers_between(script, "$states << END\n", "END");
    BOOST_TEST(greatest_distance(drawn, expected) < 0.1);
}

BOOST_AUTO_TEST_CASE(the_cart_goes_as_far_as_it_is_told)
{
    const scratch_folder folder;
    const outcome result = run_beyond("trajectory", folder, "--distance 2 --figure figure.svg");
    const std::vector<double> drawn = numbers_between(check_drawn(folder, result), "$states << END\n", "END");
    BOOST_REQUIRE(drawn.size() == 99u);
    BOOST_TEST(std::abs(drawn[96] - 2) < 1e-4);
    BOOST_TEST(std::abs(drawn[97] - std::acos(-1.0)) < 1e-4);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_beyond_refused("trajectory", "--distance 0.4", "--distance 0.4: must be a number from 0.5 to 2");
    check_beyond_refused("trajectory", "--distance nan", "--distance nan: must be a number from 0.5 to 2");
    check_beyond_refused("trajectory", "--figure a", "--figure a: must end in .png or .svg, or be none");
    check_beyond_help("trajectory", {"--distance", "--figure"});
}

BOOST_AUTO_TEST_SUITE_END()
