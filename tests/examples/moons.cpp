// The main example against the numbers that NumPy and scikit-learn gave for it: tests/data/article_moons300.json.

#include "examples/article/hand_derived.hpp"
#include "examples/article/training.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace
{

using namespace article;
using nlohmann::json;

const json& reference()
{
    static const json numbers = json::parse(std::ifstream(TEST_DATA "/article_moons300.json"));
    return numbers;
}

const nn::labelled_points& data()
{
    static const nn::labelled_points points = []
    {
        autograd::random::legacy_generator stream(reference()["data_seed"].get<std::int64_t>());
        return nn::make_moons(reference()["points"], reference()["noise"].get<double>(), stream);
    }();
    return points;
}

/// The hidden sizes of the reference.
std::vector<std::size_t> sizes()
{
    std::vector<std::size_t> all;
    for (const auto& [hidden, run] : reference()["runs"].items())
    {
        all.push_back(std::stoul(hidden));
    }
    return all;
}

const json& run_of(std::size_t hidden)
{
    return reference()["runs"][std::to_string(hidden)];
}

/// All entries equal, to the last bit.
bool equals(const xt::xarray<double>& array, const json& nested)
{
    std::vector<double> flat;
    for (const json& row : nested)
    {
        flat.insert(flat.end(), row.begin(), row.end());
    }
    return std::equal(array.begin(), array.end(), flat.begin(), flat.end());
}

constexpr double epsilon = 0.01;
constexpr double lambda = 0.01;

/// Descends and compares each loss whose spread over NumPy's perturbed runs is small: those are determined.
arrays descend_and_compare(std::size_t hidden, std::size_t passes)
{
    const json& run = run_of(hidden);
    training training(data(), lambda);
    arrays parameters = initial_network(hidden, 0);
    for (std::size_t pass = 0; pass < passes; ++pass)
    {
        training.descend(parameters, epsilon);
        const double spread = pass % 1000 == 0 ? run["relative_spread_of_five_runs"][pass / 1000].get<double>() : 1;
        if (spread < 1e-3)
        {
            const double expected = run["loss_every_1000"][pass / 1000];
            const double difference = std::abs(training.printed_loss(parameters) / expected - 1);
            BOOST_TEST(difference <= std::max(1e-9, 100 * spread),
                       "hidden " << hidden << ", pass " << pass << ": relative difference " << difference);
        }
    }
    return parameters;
}

double accuracy(const arrays& parameters)
{
    training training(data(), lambda);
    return static_cast<double>(training.correct(parameters)) / static_cast<double>(training.count());
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_moons)

BOOST_AUTO_TEST_CASE(the_points_are_those_of_scikit_learn)
{
    const json& r = reference();
    for (std::size_t i = 0; i < r["first_points"].size(); ++i)
    {
        BOOST_TEST(data().labels(i) == r["first_labels"][i].get<std::int64_t>());
        for (std::size_t axis : {0u, 1u})
        {
            const double expected = r["first_points"][i][axis];
            BOOST_TEST(std::abs(data().points(i, axis) - expected) <= 4.5e-16);
        }
    }
    for (std::size_t axis : {0u, 1u})
    {
        double sum = 0;
        for (std::size_t i = 0; i < data().labels.size(); ++i)
        {
            sum += data().points(i, axis);
        }
        BOOST_TEST(std::abs(sum - r["points_sum"][axis].get<double>()) <= 1e-12);
    }
    BOOST_TEST(std::count(data().labels.begin(), data().labels.end(), 1) == 150);
}

BOOST_AUTO_TEST_CASE(the_initial_weights_are_those_of_numpy_to_the_last_bit)
{
    for (std::size_t hidden : sizes())
    {
        const arrays start = initial_network(hidden, reference()["weight_seed"].get<std::int64_t>());
        BOOST_TEST(equals(start.W1, run_of(hidden)["initial_W1"]));
        BOOST_TEST(equals(start.W2, run_of(hidden)["initial_W2"]));
        BOOST_TEST(equals(start.b1, json{std::vector<double>(hidden, 0.0)}));
        BOOST_TEST(equals(start.b2, json{{0.0, 0.0}}));
    }
}

BOOST_AUTO_TEST_CASE(the_tape_finds_the_gradients_that_the_article_derives)
{
    for (std::size_t hidden : sizes())
    {
        training training(data(), lambda);
        arrays parameters = initial_network(hidden, 1);
        for (int pass = 0; pass < 3; ++pass)
        {
            const arrays by_tape = training.gradient(parameters);
            const arrays by_hand = hand_derived_gradient(parameters, data(), lambda);
            BOOST_TEST(relative_difference(by_tape.W1, by_hand.W1) < 1e-12);
            BOOST_TEST(relative_difference(by_tape.b1, by_hand.b1) < 1e-12);
            BOOST_TEST(relative_difference(by_tape.W2, by_hand.W2) < 1e-12);
            BOOST_TEST(relative_difference(by_tape.b2, by_hand.b2) < 1e-12);
            training.descend(parameters, epsilon);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_descended_gradient_is_n_times_that_of_the_printed_loss)
{
    training training(data(), lambda);
    const arrays start = initial_network(3, 0);
    const arrays descended = training.gradient(start);
    const arrays of_printed = training.gradient_of_printed_loss(start);
    BOOST_TEST(relative_difference(descended.W1, 300.0 * of_printed.W1) < 1e-14);
    BOOST_TEST(relative_difference(descended.b2, 300.0 * of_printed.b2) < 1e-14);

    // And what is called the gradient of the printed loss is that: by central differences.
    constexpr double h = 1e-5;
    arrays left = start;
    arrays right = start;
    left.W1(1, 2) -= h;
    right.W1(1, 2) += h;
    const double quotient = (training.printed_loss(right) - training.printed_loss(left)) / (2 * h);
    BOOST_TEST(std::abs(quotient / of_printed.W1(1, 2) - 1) < 1e-7);
}

BOOST_AUTO_TEST_CASE(every_determined_loss_is_that_of_numpy)
{
    for (std::size_t hidden : sizes())
    {
        descend_and_compare(hidden, hidden == 50 ? 2001 : 3001);
    }
}

BOOST_AUTO_TEST_CASE(whole_runs_end_as_those_of_numpy)
{
    // Where rounding decides which way a run goes, NumPy's own perturbed runs end differently (with two hidden units at
    // 84.3 % and at 87 %): ours must end as one of them did.
    for (std::size_t hidden : {1u, 2u, 3u})
    {
        const arrays end = descend_and_compare(hidden, reference()["passes"]);
        std::vector<double> expected = run_of(hidden)["accuracy_of_perturbed_runs"];
        expected.push_back(run_of(hidden)["accuracy"]);
        BOOST_TEST(std::any_of(expected.begin(), expected.end(),
                               [&](double each) { return std::abs(accuracy(end) - each) <= 0.02; }),
                   "hidden " << hidden << ": accuracy " << accuracy(end));
    }
}

BOOST_AUTO_TEST_CASE(scores_that_overflow_the_articles_softmax_do_no_harm)
{
    training training(data(), lambda);
    arrays parameters = initial_network(3, 0);
    parameters.W2 = 1e4 * parameters.W2;
    BOOST_TEST(std::isfinite(training.printed_loss(parameters)));
    const arrays by_tape = training.gradient(parameters);
    const arrays by_hand = hand_derived_gradient(parameters, data(), lambda);
    BOOST_TEST(relative_difference(by_tape.W1, by_hand.W1) < 1e-12);
    BOOST_TEST(relative_difference(by_tape.W2, by_hand.W2) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_finite_is_refused_and_changes_nothing)
{
    training training(data(), lambda);
    arrays parameters = initial_network(3, 0);
    parameters.W1(0, 0) = std::nan("");
    const arrays before = parameters;
    BOOST_CHECK_EXCEPTION(training.descend(parameters, epsilon), autograd::error::value_error,
                          [](const auto& e)
                          { return std::string(e.what()) == "autograd: moons: the gradient is not finite."; });
    BOOST_TEST((parameters.W2 == before.W2));
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow_with_the_passes)
{
    training training(data(), lambda);
    arrays parameters = initial_network(3, 0);
    training.descend(parameters, epsilon);
    training.printed_loss(parameters);
    const std::size_t after_one = training.memory();
    for (int pass = 0; pass < 100; ++pass)
    {
        training.descend(parameters, epsilon);
        training.printed_loss(parameters);
    }
    BOOST_TEST(training.memory() == after_one);
}

BOOST_AUTO_TEST_SUITE_END()
