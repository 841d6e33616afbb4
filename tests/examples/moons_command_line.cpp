// The main example as a program: what it prints and writes, and what it refuses.

#include "tests/examples/program.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;

using support::contains;
using support::contents;
using support::outcome;
using support::scratch_folder;

outcome moons(const scratch_folder& folder, const std::string& arguments)
{
    return support::run_example("moons", folder, arguments);
}

void check_refused(const std::string& arguments, const std::string& message)
{
    support::check_refused("moons", arguments, message);
}

std::size_t lines(const std::string& text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_moons)

BOOST_AUTO_TEST_CASE(the_printed_losses_have_the_form_of_the_article)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--passes 1001 --figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "\nLoss after iteration 0: 0.381135\nLoss after iteration 1000: 0.065193\n"));
    BOOST_TEST(contains(result.output, "training accuracy 98."));
    BOOST_TEST(folder.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_table_has_all_digits)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--hidden 1 --passes 1500 --every 500 --figure none --csv losses.csv");
    BOOST_TEST(result.exit_code == 0);
    const std::string table = contents(folder.path() / "losses.csv");
    BOOST_TEST(lines(table) == 4u);
    BOOST_TEST(table.starts_with("pass,loss\n0,0.563837931931"));
    BOOST_TEST(contains(table, "\n1000,0.34294685943"));
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_picture_and_its_script)
{
    const scratch_folder folder;
    for (const std::string figure : {"it's.png", "regions.svg"})
    {
        const outcome result = moons(folder, "--passes 1 --figure \"" + figure + "\"");
        BOOST_TEST(result.exit_code == 0);
        const fs::path script = fs::path(figure).replace_extension(".gp");
        BOOST_TEST(contains(contents(folder.path() / script), "gnuplot " + script.string()));
        if (contains(result.output, "gnuplot is not installed"))
        {
            continue;
        }
        BOOST_TEST(contains(result.output, "Picture: " + figure));
        const std::string picture = contents(folder.path() / figure);
        BOOST_TEST((picture.starts_with("\x89PNG") || contains(picture, "<svg")));
    }
}

BOOST_AUTO_TEST_CASE(help_names_every_option)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--help");
    BOOST_TEST(result.exit_code == 0);
    for (const char* option : {"--points", "--noise", "--hidden", "--passes", "--epsilon", "--lambda", "--seed",
                               "--data-seed", "--every", "--check-every", "--csv", "--figure", "--help"})
    {
        BOOST_TEST(contains(result.output, option), option);
    }
}

BOOST_AUTO_TEST_CASE(the_gradients_are_compared_and_the_factor_is_named)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--points 40 --passes 21 --every 20 --check-every 10 --figure none");
    BOOST_TEST(result.exit_code == 0);
    for (const char* gradient : {"dW1", "db1", "dW2", "db2"})
    {
        BOOST_TEST(contains(result.output, gradient), gradient);
    }
    const std::vector<double> before = support::numbers_after(result.output, "Largest relative difference: ");
    BOOST_REQUIRE(before.size() == 1u);
    BOOST_TEST(before[0] < 1e-13);
    BOOST_TEST(contains(result.output, "N = 40; the gradient that is descended is not. It is\nN times the gradient of "
                                       "the printed loss"));
    for (const char* pass : {"0", "10", "20"})
    {
        const std::string text = std::string("iteration ") + pass + ": largest relative difference ";
        const std::vector<double> during = support::numbers_after(result.output, text);
        BOOST_REQUIRE(during.size() == 1u);
        BOOST_TEST(during[0] < 1e-12);
    }
    BOOST_TEST(!contains(result.output, "Gradient check after iteration 5"));
}

BOOST_AUTO_TEST_CASE(bad_numbers_are_refused)
{
    check_refused("--points 0", "--points 0: must be an integer from 1 to 1000000");
    check_refused("--points 3.5", "--points 3.5: must be an integer from 1 to 1000000");
    check_refused("--points -3", "--points -3: must be an integer from 1 to 1000000");
    check_refused("--points 99999999999999999999",
                  "--points 99999999999999999999: must be an integer from 1 to 1000000");
    check_refused("--noise -0.1", "--noise -0.1: must be a number from 0 to 1000");
    check_refused("--noise nan", "--noise nan: must be a number from 0 to 1000");
    check_refused("--hidden 0", "--hidden 0: must be an integer from 1 to 10000");
    check_refused("--hidden 0x3", "--hidden 0x3: must be an integer from 1 to 10000");
    check_refused("--passes 0", "--passes 0: must be an integer from 1 to 1000000000");
    check_refused("--every 0", "--every 0: must be an integer from 1 to 1000000000");
    check_refused("--check-every -1", "--check-every -1: must be an integer from 0 to 1000000000");
    check_refused("--epsilon 0", "--epsilon 0: must be a finite number above 0");
    check_refused("--epsilon inf", "--epsilon inf: must be a finite number above 0");
    check_refused("--epsilon 1e999", "--epsilon 1e999: must be a finite number above 0");
    check_refused("--lambda -1", "--lambda -1: must be a finite number, 0 or above");
    check_refused("--seed 4294967296", "--seed 4294967296: must be an integer from 0 to 4294967295");
    check_refused("--data-seed -1", "--data-seed -1: must be an integer from 0 to 4294967295");
    check_refused("--seed ''", "--seed '': must be an integer from 0 to 4294967295");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_written_are_refused_before_the_training)
{
    check_refused("--figure picture.gif", "--figure picture.gif: must end in .png or .svg, or be none");
    check_refused("--figure missing/a.png", "--figure missing/a.png: cannot be written: No such file or directory");
    check_refused("--csv missing/a.csv", "--csv missing/a.csv: cannot be written: No such file or directory");
    check_refused("--csv .", "--csv .: cannot be written: it is a folder");
}

BOOST_AUTO_TEST_CASE(files_that_would_overwrite_one_another_are_refused)
{
    check_refused("--csv same.png --figure same.png",
                  "--csv same.png and --figure same.png: both would write same.png");
    check_refused("--csv ./same.gp --figure same.svg",
                  "--csv ./same.gp and --figure same.svg: both would write ./same.gp");
    check_refused("--csv output/moons.gp",
                  "--csv output/moons.gp and --figure output/moons.png: both would write output/moons.gp");
    check_refused("--csv ''", "--csv '': must be a file name, or none");
    check_refused("--figure ''", "--figure '': must be a file name, or none");
    const scratch_folder folder;
    BOOST_TEST(moons(folder, "--passes 1 --csv same.csv --figure same.svg").exit_code == 0);
}

BOOST_AUTO_TEST_CASE(an_option_that_is_given_twice_is_named)
{
    check_refused("--passes 3 --passes 4", "--passes: given twice");
    check_refused("--csv a --csv b --csv c", "--csv: given 3 times");
}

BOOST_AUTO_TEST_CASE(wide_axes_have_few_tics_and_many_points_are_small)
{
    const scratch_folder folder;
    moons(folder, "--passes 1 --figure article.png");
    BOOST_TEST(contains(contents(folder.path() / "article.gp"), "\nset xtics 1\nset ytics 1\n"));
    BOOST_TEST(contains(contents(folder.path() / "article.gp"), "pointsize 1.7\n"));
    BOOST_TEST(contains(contents(folder.path() / "article.gp"), "Hidden Layer size 3"));
    moons(folder, "--passes 1 --noise 1000 --figure wide.png");
    BOOST_TEST(contains(contents(folder.path() / "wide.gp"), "\nset xtics 2000\nset ytics 2000\n"));
    const outcome many = moons(folder, "--passes 1 --points 20000 --epsilon 1e-5 --figure many.png");
    BOOST_TEST(contains(many.output, "of 20000 points)\n1 pass in "));
    BOOST_TEST(support::number_after(contents(folder.path() / "many.gp"), "\nset pointsize ") < 0.5);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--passes 1 --figure none --csv /dev/full");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(contains(result.output, "cannot write /dev/full: No space left on device."));
    for (const std::string arguments : {"--passes 1 --figure none", "--help"})
    {
        const outcome unheard = support::run_program(
            folder, "/bin/sh", "-c '\"" EXAMPLE_PROGRAMS "/moons\" " + arguments + " 2>&1 >/dev/full'");
        BOOST_TEST(unheard.exit_code == 1);
        BOOST_TEST(contains(unheard.output, "standard output cannot be written: No space left on device\n"));
    }
}

BOOST_AUTO_TEST_CASE(steps_that_are_too_long_are_reported)
{
    const scratch_folder folder;
    for (const std::string epsilon : {"1e300", "1e308"})
    {
        const outcome result = moons(folder, "--figure none --epsilon " + epsilon);
        BOOST_TEST(result.exit_code == 1);
        BOOST_TEST(!contains(result.output, "nan"), result.output);
    }
    BOOST_TEST(contains(moons(folder, "--epsilon 1e300 --lambda 0 --figure none").output,
                        "Take shorter steps: a smaller --epsilon."));
}

BOOST_AUTO_TEST_CASE(a_regularisation_that_overshoots_is_named)
{
    const scratch_folder folder;
    const outcome result = moons(folder, "--lambda 1e308 --figure none");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(contains(result.output, "take a smaller --epsilon or --lambda."));
    BOOST_TEST(!contains(result.output, "0000000000"), result.output);
}

BOOST_AUTO_TEST_CASE(what_rounding_decides_is_said)
{
    const scratch_folder folder;
    const std::string note = "print the same until pass 1000, and then each its own";
    const std::string general = "rounding may decide the losses after some hundred passes";
    BOOST_TEST(contains(moons(folder, "--hidden 4 --passes 1500 --figure none").output, note));
    BOOST_TEST(!contains(moons(folder, "--hidden 20 --passes 400 --figure none").output, general));
    BOOST_TEST(contains(moons(folder, "--hidden 4 --passes 400 --seed 1 --figure none").output, general));
    BOOST_TEST(!contains(moons(folder, "--hidden 4 --passes 100 --seed 1 --figure none").output, general));
}

BOOST_AUTO_TEST_SUITE_END()
