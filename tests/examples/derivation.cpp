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

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    {
        ++found;
    }
    return found;
}

/// What stands under the titles of the certified formulas.
std::vector<std::string> between_titles(const std::string& output)
{
    std::vector<std::size_t> places;
    for (const char* title : {"\nPart 2, the derivation: ", "\nPart 2, the code: softmax, ", "\nPart 2, the code: its ",
                              "\nThe code's gradient beside that of N times ",
                              "\nThe code's gradient beside that of a loss of which ", "\nWhat the tape records "})
    {
        places.push_back(output.find(title));
        BOOST_REQUIRE_MESSAGE(places.back() != std::string::npos, title);
    }
    std::vector<std::string> result;
    for (std::size_t i = 0; i + 1 < places.size(); ++i)
    {
        result.push_back(output.substr(places[i], places[i + 1] - places[i]));
    }
    return result;
}

/// A row of a page's table, "| $`formula`$ | $`formula`$ | verdict |", as the documents have it, without
/// line breaks.
std::string row_of_document(std::string row)
{
    const auto replace = [&row](const std::string& from, const std::string& to)
    {
        for (std::size_t at = row.find(from); at != std::string::npos; at = row.find(from, at + to.size()))
        {
            row.replace(at, from.size(), to);
        }
    };
    replace("| $`", "$\\displaystyle ");
    replace("`$ $\\displaystyle ", "$ & $\\displaystyle ");
    replace("`$ | ", "$ & ");
    replace(" |", " \\\\[2ex] ");
    return row;
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

BOOST_AUTO_TEST_CASE(each_formula_is_certified)
{
    for (const char* seed : {"0", "7"})
    {
        const scratch_folder folder;
        const outcome result = run_example("derivation", folder, std::string("--seed ") + seed);
        const std::vector<std::string> tables = between_titles(result.output);
        BOOST_REQUIRE(tables.size() == 5u);
        const std::string equal = " CERTIFIED EQUAL\n";
        const std::string up_to_n = " CERTIFIED EQUAL UP TO THE FACTOR N\n";
        BOOST_TEST(count(tables[0], equal) == 12u, tables[0]);
        BOOST_TEST(count(tables[1], equal) == 2u, tables[1]);
        BOOST_TEST(count(tables[2], up_to_n) == 8u, tables[2]);
        BOOST_TEST(count(tables[3], equal) == 8u, tables[3]);
        // W1, W2 by terms; the penalty alone is equal.
        BOOST_TEST(count(tables[4], up_to_n) == 4u, tables[4]);
        BOOST_TEST(count(tables[4], equal) == 2u, tables[4]);
        BOOST_TEST(count(tables[4], "CERTIFIED EQUAL UP TO THE FACTOR 1 for the term of square' at network.hpp:") ==
                   2u);
        BOOST_TEST(count(tables[4], ", N for the term of the derivative of matmul at network.cpp:") == 2u, tables[4]);
        BOOST_TEST(!contains(result.output, "DIFFERENT"));
        BOOST_TEST(!contains(result.output, "NOT DECIDED"));
    }
}

BOOST_AUTO_TEST_CASE(the_document_has_three_columns)
{
    const scratch_folder folder;
    run_example("derivation", folder, "--latex formulas.tex");
    const std::string document = contents(folder.path() / "formulas.tex");
    BOOST_TEST(count(document, "\\begin{longtable}") == 5u);
    BOOST_TEST(count(document, "&\nCERTIFIED EQUAL \\\\[2ex]\n") == 12u + 2u + 8u + 2u);
    BOOST_TEST(count(document, "&\nCERTIFIED EQUAL UP TO THE FACTOR N \\\\[2ex]\n") == 8u + 4u);
    BOOST_TEST(contains(document, "$\\displaystyle \\frac{\\partial L}{\\partial u_{ij}} = h_i \\delta_j$ &\n"
                                  "$\\displaystyle \\bar{u} = h^{\\top} \\, \\delta_{y}$ &\nCERTIFIED EQUAL \\\\"));
    BOOST_TEST(count(document, "{") == count(document, "}"));
    BOOST_TEST(count(document, "$") % 2 == 0u);
    BOOST_TEST(count(document, "\\begin{") == count(document, "\\end{"));
    BOOST_TEST(count(document, "\\left(") == count(document, "\\right)"));
}

BOOST_AUTO_TEST_CASE(the_pages_tables_are_the_documents)
{
    const scratch_folder folder;
    run_example("derivation", folder, "--latex derivation.tex");
    run_example("perceptron", folder, "--passes 1 --figure none --latex perceptron.tex");
    std::string documents = contents(folder.path() / "derivation.tex") + contents(folder.path() / "perceptron.tex");
    std::replace(documents.begin(), documents.end(), '\n', ' ');
    const std::pair<const char*, std::size_t> rows_of_pages[] = {
        {"/examples/derivation.md", 12 + 2 + 8}, {"/examples/perceptron.md", 9}, {"/../README.md", 3}};
    for (const auto& [name, expected] : rows_of_pages)
    {
        std::ifstream page(std::string(EXAMPLE_PAGES) + name);
        std::size_t rows = 0;
        for (std::string line; std::getline(page, line);)
        {
            if (line.starts_with("| $`"))
            {
                ++rows;
                BOOST_TEST(contains(documents, row_of_document(line)), name << ": " << line);
            }
        }
        BOOST_TEST(rows == expected, name);
    }
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
