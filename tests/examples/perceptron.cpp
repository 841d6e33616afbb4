// The perceptron of the article's first part against NumPy's: tests/data/article_perceptron.json.

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
using support::scratch_folder;

const json& reference()
{
    static const json numbers = json::parse(std::ifstream(TEST_DATA "/article_perceptron.json"));
    return numbers;
}

/// Of 25,000 passes, each rounded a little otherwise than NumPy's.
constexpr double tolerance = 1e-12;

void check_close(const std::vector<double>& found, const std::vector<double>& expected, const std::string& what)
{
    BOOST_REQUIRE_MESSAGE(found.size() == expected.size(), what);
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        BOOST_TEST(std::abs(found[i] / expected[i] - 1) <= tolerance, what << " " << i << ": " << found[i]);
    }
}

/// The last column of a formula's row.
std::string verdict_of(const std::string& document, const std::string& formula)
{
    const std::size_t row = document.find("$\\displaystyle " + formula + "$ &\n");
    const std::size_t end = document.find(" \\\\[2ex]\n", row);
    if (end == std::string::npos)
    {
        return "no such row";
    }
    const std::size_t verdict = document.rfind("\n", end) + 1;
    return document.substr(verdict, end - verdict);
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_perceptron)

BOOST_AUTO_TEST_CASE(it_is_numpys)
{
    const scratch_folder folder;
    const outcome result = support::run_example("perceptron", folder, "--csv table.csv --figure none");
    BOOST_TEST(result.exit_code == 0);

    // Where it starts, to the last bit.
    const json& by_gradient = reference()["by_gradient"];
    const std::vector<double> start = by_gradient["initial_weights"];
    BOOST_TEST(support::numbers_after(result.output, "Before training          weights ") == start);
    BOOST_TEST(contains(result.output, "bias " + json(by_gradient["initial_bias"][0]).dump() + " "));

    const auto check_weights = [&](const char* text, const json& expected)
    {
        const std::string line = result.output.substr(std::min(result.output.find(text), result.output.size()));
        check_close(support::numbers_after(line, "weights "), expected["weights"], text);
        check_close(support::numbers_after(line, "bias "), expected["bias"], text);
    };
    check_weights("By the tape's gradient", by_gradient);
    check_weights("By the article's rule", reference()["by_article"]);

    const auto table = support::read_table(folder.path() / "table.csv");
    BOOST_REQUIRE(table.size() == 8u);
    std::vector<double> by_tape;
    std::vector<double> by_article;
    for (std::size_t i = 0; i < 8; ++i)
    {
        BOOST_TEST(4 * table[i][0] + 2 * table[i][1] + table[i][2] == static_cast<double>(i));
        by_tape.push_back(table[i][3]);
        by_article.push_back(table[i][4]);
    }
    check_close(by_tape, by_gradient["predictions"], "predictions by the tape");
    check_close(by_article, reference()["by_article"]["predictions"], "predictions by the article's rule");
}

BOOST_AUTO_TEST_CASE(the_articles_printed_predictions_are_found_and_its_rule_is_not_the_gradient)
{
    const scratch_folder folder;
    const outcome result = support::run_example("perceptron", folder, "--figure none");
    BOOST_TEST(contains(result.output, "\n      1       0        0   0.05930351   0.02262959   not diabetic\n"));
    BOOST_TEST(contains(result.output, "\n      0       1        0   0.96175397   0.98778682   diabetic\n"));
    BOOST_TEST(contains(result.output, "the tape's             check_gradient: passed"));
    BOOST_TEST(contains(result.output, "the article's          check_gradient: failed"));
    BOOST_TEST(folder.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_articles_slip_is_named)
{
    for (const char* seed : {"42", "3"})
    {
        const scratch_folder folder;
        const std::string options = std::string("--passes 1 --figure none --latex formulas.tex --seed ") + seed;
        const std::string output = support::run_example("perceptron", folder, options).output;
        const std::string document = contents(folder.path() / "formulas.tex");
        for (const char* formula :
             {"z = \\frac{1}{1 + e^{-(X w + b)}}", "\\sigma'(a) = \\sigma(a) (1 - \\sigma(a))",
              "\\frac{\\partial L}{\\partial z} = z - t", "\\frac{\\partial L}{\\partial a} = (z - t)\\,z (1 - z)",
              "\\frac{\\partial L}{\\partial w} = X^\\top ((z - t)\\,z (1 - z))",
              "\\frac{\\partial L}{\\partial b} = \\sum (z - t)\\,z (1 - z)"})
        {
            BOOST_TEST(verdict_of(document, formula) == "CERTIFIED EQUAL", formula);
        }
        for (const char* formula : {"\\text{code: } (z - t)\\,\\sigma(z) (1 - \\sigma(z))",
                                    "\\text{code: } X^\\top ((z - t)\\,\\sigma(z) (1 - \\sigma(z)))",
                                    "\\text{code: } \\sum (z - t)\\,\\sigma(z) (1 - \\sigma(z))"})
        {
            BOOST_TEST(verdict_of(document, formula) == "DIFFERENT", formula);
        }
        BOOST_TEST(contains(document, "\n    did you mean: the derivative of sigmoid taken at its argument, add at "));
        for (const char* what : {"the code's dL/da", "the code's dL/dw", "the code's dL/db"})
        {
            const std::size_t report = output.find(std::string("\n") + what + ", X of shape (7, 3):\n  DIFFERENT\n");
            BOOST_REQUIRE_MESSAGE(report != std::string::npos, what);
            BOOST_TEST(contains(document, std::string("\n") + what + ", X of shape (7, 3):\n  DIFFERENT\n"));
            const std::string lines = output.substr(report, output.find("random: ", report) - report);
            BOOST_TEST(contains(lines, "the first step in question: sigmoid at perceptron_formulas.cpp:"), lines);
            BOOST_TEST(contains(lines, "did you mean: the derivative of sigmoid taken at its argument, add at "
                                       "perceptron_formulas.cpp:"),
                       lines);
            BOOST_TEST(contains(lines, ", not at its value, sigmoid at perceptron_formulas.cpp:"), lines);
        }
    }
}

BOOST_AUTO_TEST_CASE(other_seeds_and_fewer_passes)
{
    const scratch_folder folder;
    const outcome result = support::run_example("perceptron", folder, "--seed 7 --passes 1 --rate 1e-3 --figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "NumPy's seed 7; 1 passes, learning rate 0.001"));
    BOOST_TEST(!contains(result.output, reference()["by_gradient"]["initial_bias"][0].dump()));
}

BOOST_AUTO_TEST_CASE(steps_that_lead_to_no_number_are_refused)
{
    const scratch_folder folder;
    const outcome result = support::run_example("perceptron", folder, "--rate 1.7e308 --passes 1000 --figure none");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(contains(result.output, "take shorter steps: a smaller --rate."));
    BOOST_TEST(!contains(result.output, "diabetic"));
}

BOOST_AUTO_TEST_CASE(both_ways_of_learning_are_drawn)
{
    const scratch_folder folder;
    const outcome result = support::run_example("perceptron", folder, "--passes 100 --figure losses.svg");
    BOOST_TEST(result.exit_code == 0);
    const std::string script = contents(folder.path() / "losses.gp");
    BOOST_TEST(contains(script, "passes = 100\n$by_tape << END\n1 "));
    BOOST_TEST(contains(script, "\n100 "));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "losses.svg"), "<svg"));
    }
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_refused("perceptron", "--passes 0", "--passes 0: must be an integer from 1 to 1000000000");
    check_refused("perceptron", "--rate nan", "--rate nan: must be a finite number above 0");
    check_refused("perceptron", "--seed -1", "--seed -1: must be an integer from 0 to 4294967295");
    check_refused("perceptron", "--csv missing/a.csv",
                  "--csv missing/a.csv: cannot be written: No such file or directory");
    check_refused("perceptron", "--csv x --latex x", "--csv x and --latex x: both would write x");
    check_refused("perceptron", "--hidden 3", "The following arguments were not expected: 3 --hidden");
}

BOOST_AUTO_TEST_SUITE_END()
