// The example of Hamiltonian Monte Carlo: its draws beside NumPy's, and both beside quadrature by SciPy.

#include "tests/examples/beyond_program.hpp"

using namespace support;

namespace
{

/// A row of the table: mean, its error, the mean by quadrature, the deviation, that by quadrature, effective draws.
std::vector<double> row(const outcome& result, const std::string& name)
{
    return numbers_between(result.output, "\n" + name + " ", "\n");
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_sampling)

BOOST_AUTO_TEST_CASE(the_draws_are_those_of_numpy_and_of_the_distribution)
{
    const nlohmann::json expected = expectation("sampling");
    const nlohmann::json& numpy = expected["sampling"];
    const nlohmann::json& scipy = expected["quadrature"];
    const scratch_folder folder;
    const outcome result = run_beyond("sampling", folder, "--figure figure.svg");
    const std::string script = check_drawn(folder, result);
    BOOST_TEST(contains(result.output, "gradient  of the logarithm of the density: that of finite differences\n"));
    BOOST_TEST(std::abs(number_after(result.output, "accepted  ") - numpy["accepted"].get<double>()) < 0.006);
    for (const std::size_t k : {0u, 1u})
    {
        const std::vector<double> found = row(result, k == 0 ? "mu" : "log tau");
        BOOST_REQUIRE(found.size() == 6u);
        // From the same random numbers, with a gradient by hand: the same draws, to the digits that are printed.
        BOOST_TEST(std::abs(found[0] - numpy["mean"][k].get<double>()) < 6e-4);
        BOOST_TEST(std::abs(found[1] - numpy["error"][k].get<double>()) < 6e-4);
        BOOST_TEST(std::abs(found[3] - numpy["deviation"][k].get<double>()) < 6e-4);
        BOOST_TEST(std::abs(found[5] - numpy["effective"][k].get<double>()) < 1);
        // Quadrature on a grid of two axes, and adaptive along one.
        const double mean = scipy["mean"][k];
        const double deviation = scipy["deviation"][k];
        BOOST_TEST(std::abs(found[2] - mean) < 6e-4);
        BOOST_TEST(std::abs(found[4] - deviation) < 6e-4);
        // The draws are within their error of it. A deviation's is larger: draws with steps that mirror them, which add
        // up to good means, say less of squares.
        BOOST_TEST(std::abs(found[0] - mean) < 4 * found[1]);
        BOOST_TEST(std::abs(found[3] - deviation) < 0.015 * deviation);
    }
    const std::vector<double> mu = numbers_between(script, "array mu = [", "]");
    const std::vector<double> log_tau = numbers_between(script, "array log_tau = [", "]");
    BOOST_REQUIRE(mu.size() == 10000u);
    BOOST_REQUIRE(log_tau.size() == 10000u);
    BOOST_TEST(std::abs(mu.back() - numpy["last"][0].get<double>()) < 6e-4);
    BOOST_TEST(std::abs(log_tau.back() - numpy["last"][1].get<double>()) < 6e-4);
}

BOOST_AUTO_TEST_CASE(long_steps_are_accepted_less_often)
{
    const scratch_folder folder;
    const outcome result = run_beyond("sampling", folder, "--step 1 --figure none");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(folder.size() == 0u);
    BOOST_TEST(number_after(result.output, "accepted  ") < 80);
    BOOST_TEST(std::abs(row(result, "mu")[0] - row(result, "mu")[2]) < 5 * row(result, "mu")[1]);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused)
{
    check_beyond_refused("sampling", "--step 0", "--step 0: must be a number from 0.1 to 1");
    check_beyond_refused("sampling", "--step inf", "--step inf: must be a number from 0.1 to 1");
    check_beyond_refused("sampling", "--figure ''", "--figure '': must be a file name, or none");
    check_beyond_help("sampling", {"--step", "--figure"});
}

BOOST_AUTO_TEST_SUITE_END()
