// The article's derivation as a program: three ways to the same derivatives.

#include "tests/examples/program.hpp"

#include <cmath>

namespace
{

using support::check_refused;
using support::contains;
using support::contents;
using support::numbers_after;
using support::outcome;
using support::run_example;
using support::scratch_folder;

/// What the program says of the largest disagreements: of the formulas, of the differences.
std::vector<double> disagreements(const std::string& output)
{
    std::vector<double> both = numbers_after(output, "tape and formula ");
    const std::vector<double> differences = numbers_after(output, "tape and finite differences ");
    both.insert(both.end(), differences.begin(), differences.end());
    return both;
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_derivation)

BOOST_AUTO_TEST_CASE(the_three_ways_agree)
{
    for (const char* seed : {"0", "1", "2", "12345"})
    {
        const scratch_folder folder;
        const outcome result = run_example("derivation", folder, std::string("--seed ") + seed);
        BOOST_TEST(result.exit_code == 0);
        const std::vector<double> found = disagreements(result.output);
        BOOST_REQUIRE(found.size() == 2u);
        BOOST_TEST(found[0] <= 1e-15);
        BOOST_TEST(found[1] <= 1e-11);
        BOOST_TEST(folder.size() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(coarse_differences_disagree_and_it_shows)
{
    const scratch_folder folder;
    const outcome result = run_example("derivation", folder, "--distance 0.1");
    const std::vector<double> found = disagreements(result.output);
    BOOST_REQUIRE(found.size() == 2u);
    BOOST_TEST(found[0] <= 1e-15);
    BOOST_TEST(found[1] > 1e-9);
    BOOST_TEST(found[1] < 1e-3);
}

BOOST_AUTO_TEST_CASE(every_weight_has_a_line)
{
    const scratch_folder folder;
    const outcome result = run_example("derivation", folder, "--csv table.csv");
    const std::string table = contents(folder.path() / "table.csv");
    const char* const weights[] = {"w_11", "w_12", "w_13", "w_21", "w_22", "w_23", "b_w,1", "b_w,2", "b_w,3",
                                   "u_11", "u_12", "u_21", "u_22", "u_31", "u_32", "b_u,1", "b_u,2"};
    for (const std::string weight : weights)
    {
        const std::vector<double> three = numbers_after(result.output, "\ndL/d" + weight);
        BOOST_TEST(three.size() == 3u, weight);
        BOOST_TEST(contains(table, "\n\"" + weight + "\","), weight);
    }
    BOOST_TEST(std::count(table.begin(), table.end(), '\n') == 1 + static_cast<std::ptrdiff_t>(std::size(weights)));
}

BOOST_AUTO_TEST_CASE(an_update_makes_the_loss_smaller)
{
    const scratch_folder folder;
    const outcome result = run_example("derivation", folder, "--eta 0.25");
    const std::vector<double> before = numbers_after(result.output, "eta = 0.25: L = ");
    const std::vector<double> after = numbers_after(result.output, " -> ");
    BOOST_REQUIRE(before.size() == 1u);
    BOOST_REQUIRE(after.size() == 1u);
    BOOST_TEST(after[0] < before[0]);
}

BOOST_AUTO_TEST_CASE(the_formulas_are_shown)
{
    const scratch_folder folder;
    const outcome result = run_example("derivation", folder, "--latex formulas.tex");
    BOOST_TEST(contains(result.output, "sigmoid("));
    BOOST_TEST(contains(result.output, "matmul("));
    BOOST_TEST(contains(result.output, "\\sigma("));
    const std::string document = contents(folder.path() / "formulas.tex");
    BOOST_TEST(document.starts_with("\\documentclass"));
    BOOST_TEST(document.ends_with("\\end{document}\n"));
    BOOST_TEST(contains(document, "\\sigma("));
    BOOST_TEST(contains(document, "\\Big(\\sum_k \\delta_k u_{jk}\\Big) h_j (1 - h_j)"));
    BOOST_TEST(contains(document, "\\frac{\\partial L}{\\partial w_{ij}} &= x_i \\delta_j"));
}

BOOST_AUTO_TEST_CASE(a_transposed_factor_is_a_transposed_factor)
{
    const scratch_folder folder;
    const outcome result = run_example("derivation", folder, "--dot graph.dot");
    BOOST_TEST(contains(result.output, "\\bar{w} &= x^{\\top} \\, \\bar{b}_{w} "));
    BOOST_TEST(contains(result.output, "\\bar{u} &= h^{\\top} \\, \\bar{b}_{u} "));
    const std::string graph = contents(folder.path() / "graph.dot");
    BOOST_TEST(graph.starts_with("digraph {\n"));
    BOOST_TEST(contains(graph, "label=\"u_bar = matmul\\na transposed\\n(3, 2)\""));
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_refused("derivation", "--distance 0", "--distance 0: must be a number from 1e-6 to 0.1");
    check_refused("derivation", "--eta -1", "--eta -1: must be a finite number above 0");
    check_refused("derivation", "--seed 1.5", "--seed 1.5: must be an integer from 0 to 4294967295");
    check_refused("derivation", "--csv x --latex x", "--csv x and --latex x: both would write x");
    check_refused("derivation", "--latex .", "--latex .: cannot be written: it is a folder");
}

BOOST_AUTO_TEST_SUITE_END()
