// How far the article's tables are determined: against what NumPy's runs say of it, and the largest curvature against
// the eigenvalues of the whole Hessian.

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/operations.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/sharpness.hpp"
#include "tests/examples/program.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace
{

using support::check_refused;
using support::contains;
using support::contents;
using support::outcome;
using support::run_example;
using support::scratch_folder;

/// The gradient of the undivided loss by differences of itself: the Hessian times a direction.
double curvature_along_the_steepest_direction(article::arrays at, const nn::labelled_points& data)
{
    article::training training(data, 0.01);
    // Power iteration again, but on differences of gradients.
    article::arrays direction = training.gradient(at);
    double eigenvalue = 0;
    for (int i = 0; i < 300; ++i)
    {
        double squared = 0;
        const auto each = [&](auto f) { std::apply([&](auto&... x) { (f(x), ...); }, direction.members()); };
        each([&](const xt::xarray<double>& x) { squared += std::inner_product(x.begin(), x.end(), x.begin(), 0.0); });
        const double length = std::sqrt(squared);
        each([&](xt::xarray<double>& x) { x /= length; });
        eigenvalue = length;
        constexpr double h = 1e-5;
        const auto moved = [&](double by)
        {
            article::arrays there = at;
            there.W1 += by * direction.W1;
            there.b1 += by * direction.b1;
            there.W2 += by * direction.W2;
            there.b2 += by * direction.b2;
            return training.gradient(there);
        };
        const article::arrays right = moved(h);
        const article::arrays left = moved(-h);
        direction.W1 = (right.W1 - left.W1) / (2 * h);
        direction.b1 = (right.b1 - left.b1) / (2 * h);
        direction.W2 = (right.W2 - left.W2) / (2 * h);
        direction.b2 = (right.b2 - left.b2) / (2 * h);
    }
    return eigenvalue;
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_rounding)

BOOST_AUTO_TEST_CASE(the_sharpness_is_that_of_differences_of_gradients)
{
    const nn::labelled_points data = article::make_points(50, 0.2, 0);
    for (const std::size_t hidden : {1u, 3u, 5u})
    {
        const article::arrays start = article::initial_network(hidden, 0);
        const double expected = curvature_along_the_steepest_direction(start, data);
        const double found = article::sharpness(start, data, 0.01);
        BOOST_TEST(std::abs(found / expected - 1) < 1e-4, hidden << ": " << found << ", not " << expected);
    }
}

BOOST_AUTO_TEST_CASE(three_units_part_and_one_does_not)
{
    const scratch_folder folder;
    const outcome result =
        run_example("rounding", folder, "--hidden 1,3 --passes 3001 --every 500 --csv table.csv --figure panels");
    BOOST_TEST(result.exit_code == 0);
    const auto table = support::read_table(folder.path() / "table.csv");
    BOOST_REQUIRE(table.size() == 26u); // of each multiple of 500 and the pass after it, but for 3001
    for (const auto& row : table)
    {
        const double spread = (row[3] - row[2]) / row[2];
        if (row[0] == 1)
        {
            BOOST_TEST(spread < 1e-14);
        }
        else if (row[1] <= 1001)
        {
            BOOST_TEST(spread < 1e-8);
        }
        else if (row[1] >= 2000)
        {
            BOOST_TEST(spread > 1e-3);
        }
    }
    BOOST_TEST(contains(result.output, "\n           1               3000 "));
    BOOST_TEST(contains(contents(folder.path() / "panels.gp"), "{/:Italic ε} × sharpness"));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contents(folder.path() / "panels.png").starts_with("\x89PNG\r\n\x1a\n"));
        BOOST_TEST(contains(contents(folder.path() / "panels.svg"), "<svg"));
    }
}

BOOST_AUTO_TEST_CASE(the_axis_holds_all_curves)
{
    const scratch_folder folder;
    run_example("rounding", folder, "--hidden 2 --passes 300 --every 50 --runs 2 --csv t.csv --figure usual");
    BOOST_TEST(contains(contents(folder.path() / "usual.gp"), "\nset yrange [1:4.5]\n"));
    BOOST_TEST(contains(contents(folder.path() / "usual.gp"), "differ by parts in 10^{15}\\n"));
    run_example("rounding", folder,
                "--hidden 1,2,3,4,5,6,7,8 --passes 3 --every 1 --runs 2 --points 50 --epsilon 1e-3 --figure other");
    const std::string other = contents(folder.path() / "other.gp");
    const std::string lower = other.substr(std::min(other.find("unset title"), other.size()));
    BOOST_TEST(support::number_after(lower, "\nset yrange [") < 0.5);
    BOOST_TEST(contains(lower, "plot $runs_7 "));
    BOOST_TEST(contains(other, "set title '8 units'"));
}

BOOST_AUTO_TEST_CASE(a_cycle_of_two_passes_is_seen)
{
    const scratch_folder folder;
    run_example("rounding", folder, "--hidden 20 --passes 1102 --runs 2 --csv table.csv --figure none");
    const auto table = support::read_table(folder.path() / "table.csv");
    BOOST_REQUIRE(table.size() == 24u);
    // In turn below and above 2, where no minimum holds the descent.
    for (std::size_t i = 4; i + 1 < table.size(); i += 2)
    {
        BOOST_TEST(table[i + 1][1] == table[i][1] + 1);
        BOOST_TEST(table[i][4] < 1.9, table[i][1]);
        BOOST_TEST(table[i + 1][4] > 2.3, table[i + 1][1]);
    }
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_refused("rounding", "--runs 1", "--runs 1: must be an integer from 2 to 1000");
    check_refused("rounding", "--every 0", "--every 0: must be an integer from 1 to 1000000000");
    check_refused("rounding", "--hidden 1,,2", "--hidden '': must be an integer from 1 to 10000");
}

BOOST_AUTO_TEST_SUITE_END()
