// The example factorization against alternating least squares in NumPy: tests/data/factorization.json.

#include "tests/examples/beyond_program.hpp"

#include <sstream>

namespace
{

using support::check_near;
using support::contains;
using support::number_after;
using support::outcome;
using support::run_beyond;
using support::scratch_folder;

/// What comes of a file of ratings: without a figure.
outcome run_on(const std::string& ratings)
{
    const scratch_folder folder;
    support::put(folder.path() / "ratings.csv", ratings);
    return run_beyond("factorization", folder, "--ratings ratings.csv --figure none");
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_factorization)

BOOST_AUTO_TEST_CASE(the_optimum_is_that_of_alternating_least_squares)
{
    const nlohmann::json expected = support::expectation("factorization");
    for (const char* seed : {"0", "5"}) // the factors are others, the products are not
    {
        const scratch_folder folder;
        const outcome result = run_beyond("factorization", folder, std::string("--figure all.svg --seed ") + seed);
        BOOST_TEST(result.exit_code == 0);
        // As many digits as are printed: at a gradient of 1e-6 the objective is that of the optimum to 1e-11.
        check_near(number_after(result.output, "\nobjective "), expected["objective"], 6e-7, "objective");
        const auto check_row = [&](const std::string& name, const char* fitted, const char* held_out)
        {
            std::istringstream numbers(result.output.substr(result.output.find(name) + name.size()));
            double first = 0;
            double second = 0;
            BOOST_REQUIRE(numbers >> first >> second);
            check_near(first, expected[fitted], 6e-5, name);
            check_near(second, expected[held_out], 6e-5, name);
        };
        check_row("of the mean ", "fitted_by_mean", "held_out_by_mean");
        check_row("of the factors ", "fitted", "held_out");

        // What is expected of the first user stands in the figure's script, with six digits.
        const std::string script = support::contents(folder.path() / "all.gp");
        const std::string block = "$expected << END\n";
        BOOST_REQUIRE(contains(script, block));
        std::istringstream row(script.substr(script.find(block) + block.size()));
        for (const double each : expected["first_user"])
        {
            double found = 0;
            row >> found;
            check_near(found, each, 2e-5, "rating expected of the first user");
        }
    }
}

BOOST_AUTO_TEST_CASE(ratings_are_drawn)
{
    support::check_beyond_draws("factorization", "$ratings << END\n17 37 2\n18 11 4.5\n");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_table_of_ratings_is_refused)
{
    const std::string rule = "ratings.csv: must be five lines or more of user, film, rating, from 0 to 1999\n";
    const std::string four = "user,film,rating\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n";
    BOOST_TEST(run_on(four).output == rule);
    BOOST_TEST(run_on(four).exit_code == 1);
    BOOST_TEST(run_on(four + "0,-1,3\n").output == rule);
    BOOST_TEST(run_on(four + "2000,0,3\n").output == rule);
    BOOST_TEST(run_on("user,film\n0,0\n0,1\n1,0\n1,1\n2,1\n").output == rule);
    BOOST_TEST(contains(run_on(four + "1.5,0,3\n").output, "the array has 1.5"));
    BOOST_TEST(contains(run_on(four + "0,1,x\n").output, "ratings.csv: line 6, column 3: \"x\" is not a number"));
    BOOST_TEST(run_on(four + "0,1,3\n").exit_code == 0);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    support::check_beyond_refused("factorization", "--rank 21", "--rank 21: must be an integer from 1 to 20");
    support::check_beyond_refused("factorization", "--penalty 0", "--penalty 0: must be a number from 0.001 to 1000");
    support::check_beyond_refused("factorization", "--ratings none.csv",
                                  "--ratings none.csv: must be a file or folder that is there");
}

BOOST_AUTO_TEST_SUITE_END()
