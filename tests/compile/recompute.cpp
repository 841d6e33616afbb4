// Arrays that a program computes again rather than to store: of the sizes that users have, with the bits of recording.

#include "compile/recorded_bits.hpp"

#include "autograd/autograd.hpp"

#include <boost/test/unit_test.hpp>

namespace
{

using namespace autograd;

constexpr std::size_t x_count = 300;
constexpr std::size_t y_count = 400;

/// Points of three dimensions, with a weight for each of the y.
struct points
{
    std::unique_ptr<tape<double>> on = std::make_unique<tape<double>>();
    variable<double> x = on->variable(some({3, x_count, 1}));
    variable<double> y = on->variable(some({3, 1, y_count}));
    variable<double> w = on->variable(some({1, y_count}));

    static array<double> some(const std::vector<std::size_t>& shape)
    {
        array<double> result = array<double>::from_shape(shape);
        double next = 0.1;
        for (double& each : result)
        {
            each = next = 3.7 * next * (1 - next);
        }
        return result;
    }

    /// exp(-|x_i - y_j|^2) w_j
    variable<double> terms() const { return exp(-sum(square(x - y), 0)) * w; }

    recorded_bits::recording<double> recorded(std::vector<handle<double>> outputs)
    {
        return {std::move(on), {x, y, w}, std::move(outputs)};
    }
};

/// With the gradients of a loss.
std::vector<handle<double>> with_gradients(const variable<double>& loss, const points& by)
{
    std::vector<handle<double>> result{loss};
    for (const variable<double>& slope : gradient(loss, {by.x, by.y, by.w}))
    {
        result.emplace_back(slope);
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_recompute)

BOOST_AUTO_TEST_CASE(the_logarithm_of_a_sum_of_all_pairs_needs_memory_for_the_points_alone)
{
    points p;
    const auto outputs = with_gradients(log(sum(p.terms())), p);
    const auto recorded = p.recorded(outputs);
    recorded_bits::trial<double> trial(recorded, {.reassociate = false}, false);
    BOOST_TEST(trial.fault() == "");
    BOOST_TEST(trial.what().recomputed.steps > 0u);
    BOOST_TEST(trial.what().recomputed.bytes >= x_count * y_count * sizeof(double));
    BOOST_TEST(trial.what().plan.bytes < 100 * (x_count + y_count) * sizeof(double));

    recorded_bits::trial<double> stored(recorded, {.reassociate = false, .recompute_from = std::size_t{1} << 40U},
                                        false);
    BOOST_TEST(stored.fault() == "");
    BOOST_TEST(stored.what().recomputed.bytes == 0u);
    BOOST_TEST(stored.what().plan.bytes > x_count * y_count * sizeof(double));
}

BOOST_AUTO_TEST_CASE(so_does_a_loss_of_two_sums_that_need_each_other)
{
    points p;
    const variable<double> terms = p.terms();
    const auto outputs = with_gradients(sum(terms) * sum(tanh(terms)), p);
    recorded_bits::trial<double> trial(p.recorded(outputs), {.reassociate = false}, false);
    BOOST_TEST(trial.fault() == "");
    BOOST_TEST(trial.what().plan.bytes < 100 * (x_count + y_count) * sizeof(double));
}

BOOST_AUTO_TEST_CASE(an_output_is_stored_and_read_where_it_is)
{
    points p;
    const variable<double> terms = p.terms();
    auto outputs = with_gradients(log(sum(terms)), p);
    outputs.emplace_back(terms);
    recorded_bits::trial<double> trial(p.recorded(outputs), {.reassociate = false}, false);
    BOOST_TEST(trial.fault() == "");
}

BOOST_AUTO_TEST_CASE(what_is_made_of_arrays_as_large_is_stored)
{
    tape<double> on;
    const variable<double> x = on.variable(points::some({300, 400}));
    const variable<double> loss = log(sum(exp(tanh(x))));
    const std::vector<handle<double>> inputs{x};
    const std::vector<handle<double>> outputs{loss, gradient(loss, x)};
    const program<double> compiled = compile<double>(inputs, outputs);
    BOOST_TEST(compiled.what().recomputed.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(explain_tells_it)
{
    points p;
    const auto outputs = with_gradients(log(sum(p.terms())), p);
    const std::vector<handle<double>> inputs{p.x, p.y, p.w};
    const std::string text = explain(compile<double>(inputs, outputs));
    BOOST_TEST(text.find("need not be stored") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
