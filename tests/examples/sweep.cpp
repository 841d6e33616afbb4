// The article's sizes of the hidden layer as a program, against NumPy's numbers: tests/data/article_moons300.json.

#include "tests/examples/program.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace
{

using nlohmann::json;
using support::check_refused;
using support::contains;
using support::contents;
using support::outcome;
using support::run_example;
using support::scratch_folder;

} // namespace

BOOST_AUTO_TEST_SUITE(examples_sweep)

BOOST_AUTO_TEST_CASE(the_table_is_numpys_where_that_is_determined)
{
    const json reference = json::parse(std::ifstream(TEST_DATA "/article_moons300.json"));
    const scratch_folder folder;
    const outcome result = run_example("sweep", folder, "--hidden 1,20 --csv table.csv --figure none");
    BOOST_TEST(result.exit_code == 0);
    const auto table = support::read_table(folder.path() / "table.csv");
    BOOST_REQUIRE(table.size() == 2u);
    for (const auto& row : table)
    {
        const json& expected = reference["runs"][std::to_string(static_cast<int>(row[0]))];
        BOOST_REQUIRE(expected["determined_until"] == 20000);
        BOOST_TEST(std::abs(row[1] / expected["final_loss"].get<double>() - 1) < 1e-9);
        BOOST_TEST(row[2] == expected["accuracy"].get<double>());
        BOOST_TEST(row[3] > 0.8);
        BOOST_TEST(row[3] < 1);
    }
    BOOST_TEST(contains(result.output, "\n           1     0.350848             86.00 %"));
    BOOST_TEST(contains(result.output, "\n          20     0.025859            100.00 %"));
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_figures_and_their_script)
{
    const scratch_folder folder;
    const outcome result =
        run_example("sweep", folder, "--hidden 1 2 3 --points 50 --passes 20 --held-out 100 --figure panels");
    BOOST_TEST(result.exit_code == 0);
    const std::string script = contents(folder.path() / "panels.gp");
    for (const char* title : {"Hidden Layer size 1", "Hidden Layer size 2", "Hidden Layer size 3"})
    {
        BOOST_TEST(contains(script, title), title);
    }
    if (contains(result.output, "gnuplot is not installed"))
    {
        return;
    }
    BOOST_TEST(contents(folder.path() / "panels.png").starts_with("\x89PNG\r\n\x1a\n"));
    const std::string svg = contents(folder.path() / "panels.svg");
    BOOST_TEST(contains(svg, "<svg"));
    BOOST_TEST(contains(svg, "Hidden Layer size 2"));
    BOOST_TEST(folder.size() == 3u);
}

BOOST_AUTO_TEST_CASE(held_out_points_are_others)
{
    const scratch_folder folder;
    const std::string small = "--hidden 3 --points 60 --passes 200 --held-out 500 --figure none --csv table.csv";
    run_example("sweep", folder, small);
    const auto first = support::read_table(folder.path() / "table.csv");
    run_example("sweep", folder, small + " --held-out-seed 2");
    const auto second = support::read_table(folder.path() / "table.csv");
    BOOST_TEST(first[0][1] == second[0][1]);
    BOOST_TEST(first[0][3] != second[0][3]);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_refused("sweep", "--hidden 3,0", "--hidden 0: must be an integer from 1 to 10000");
    check_refused("sweep", "--hidden three", "--hidden three: must be an integer from 1 to 10000");
    check_refused("sweep", "--held-out 0", "--held-out 0: must be an integer from 1 to 1000000");
    check_refused("sweep", "--held-out-seed 0", "--held-out-seed 0: must not be --data-seed, or no point is held out");
    check_refused("sweep", "--figure missing/panels",
                  "--figure missing/panels.png: cannot be written: No such file or directory");
    check_refused("sweep", "--figure s5 --csv s5.gp", "--csv s5.gp and --figure s5: both would write s5.gp");
    check_refused("sweep", "--figure .", "--figure .: must be a file name without its ending, or none");
    check_refused("sweep", "--figure a/..", "--figure a/..: must be a file name without its ending, or none");
    check_refused("sweep", "--figure ./", "--figure ./: must be a file name without its ending, or none");
}

BOOST_AUTO_TEST_SUITE_END()
