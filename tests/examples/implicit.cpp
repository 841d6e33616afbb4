// The example implicit against formulas by singular values and SciPy's brentq: tests/data/implicit.json.

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

BOOST_AUTO_TEST_SUITE(examples_implicit)

BOOST_AUTO_TEST_CASE(slopes_are_those_of_the_formula)
{
    const nlohmann::json expected = support::expectation("implicit");
    const scratch_folder folder;
    const outcome result = run_beyond("implicit", folder, "--figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(folder.size() == 0u);
    // As many digits as are printed.
    check_near(number_after(result.output, "implicitly "), expected["slope"], 6e-9, "implicitly");
    BOOST_TEST(contains(result.output, ", as by differences\n"));
    for (const char* steps : {"10", "100", "1000"})
    {
        const std::string text = std::string(5 - std::string(steps).size(), ' ') + steps + " steps ";
        check_near(number_after(result.output, "through" + text), expected["slope_through"][steps], 6e-9, text);
    }
}

BOOST_AUTO_TEST_CASE(the_best_penalty_is_found_from_anywhere)
{
    const nlohmann::json expected = support::expectation("implicit");
    for (const char* start : {"0.0001", "0.01", "1", "100"})
    {
        const scratch_folder folder;
        const outcome result = run_beyond("implicit", folder, std::string("--figure none --penalty ") + start);
        BOOST_TEST(result.exit_code == 0);
        // L-BFGS ends where the slope is 1e-7 at most: over the curvature that is 4e-7 of the penalty's logarithm.
        check_near(number_after(result.output, "best     penalty "), expected["penalty"], 1e-6, start);
        check_near(number_after(result.output, ", loss "), expected["loss"], 6e-7, start);
        check_near(number_after(result.output, ", curvature "), expected["curvature"], 1e-6, start);
    }
}

BOOST_AUTO_TEST_CASE(where_the_loss_is_flat_there_is_no_minimum)
{
    const scratch_folder folder;
    const outcome result = run_beyond("implicit", folder, "--seed 42 --penalty 0.0001 --figure loss.png");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(contains(result.output, "\nimplicit: this is no minimum; start from another --penalty\n"));
    BOOST_TEST(folder.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_loss_is_drawn)
{
    support::check_beyond_draws("implicit", "$curve << END\n0.000911882 3.10607 -0.0310074\n");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("implicit", "--penalty 0", "--penalty 0: must be a number from 0.0001 to 100");
    support::check_beyond_refused("implicit", "--penalty nan", "--penalty nan: must be a number from 0.0001 to 100");
    support::check_beyond_refused("implicit", "--seed x", "--seed x: must be an integer from 0 to 4294967295");
    support::check_beyond_refused("implicit", "--figure no/a.png",
                                  "--figure no/a.png: cannot be written: No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
