// The article's networks, their losses, gradients and printed formulas: as programs, and recorded.

#include "support.hpp"

#include "autograd/compile/program.hpp"
#include "autograd/tape/leaves.hpp"
#include "examples/article/network.hpp"
#include "examples/article/perceptron_formulas.hpp"
#include "examples/article/sigmoid_network.hpp"
#include "examples/article/softmax_formulas.hpp"
#include "nn/data/moons.hpp"

#include <cstring>
#include <functional>

namespace
{

using namespace support;
using autograd::handle;
using handles = std::vector<handle<double>>;

/// Records something of which another seed changes the numbers alone, and gives the outputs.
using recording = std::function<handles(tape&, std::int64_t seed)>;

/// All that entered the tape from outside, numbers in every element aside.
handles leaves_of(tape& t)
{
    handles result;
    using leaves = autograd::leaves<double>;
    for (std::uint32_t i = 0; i < t.size(); ++i)
    {
        if (t[i].op == &leaves::variable || t[i].op == &leaves::constant || t[i].op == &leaves::index)
        {
            result.push_back(t.handle_of(i));
        }
    }
    return result;
}

std::vector<autograd::input_array<double>> arrays_of(const handles& xs)
{
    std::vector<autograd::input_array<double>> arrays;
    for (const handle<double>& x : xs)
    {
        const autograd::shape_vector shape(x.shape());
        if (x.checked("test").op->element == autograd::element_kind::real)
        {
            arrays.emplace_back(autograd::borrowed<double>(variable(x).data(), shape));
        }
        else
        {
            arrays.emplace_back(autograd::borrowed<std::int64_t>(autograd::indices<double>(x).data(), shape));
        }
    }
    return arrays;
}

/// Compiled at one seed, run at another; in the order of the recording and rewritten.
void compare(const recording& record)
{
    tape first, second;
    const handles outputs = record(first, 0);
    const handles inputs = leaves_of(first);
    const handles expected = record(second, 1);
    for (const bool reassociate : {false, true})
    {
        const auto f = autograd::compile<double>(inputs, outputs, {.reassociate = reassociate});
        std::vector<array> results;
        for (const handle<double>& y : outputs)
        {
            results.push_back(array::from_shape(shape(y)));
        }
        auto memory = f.make_workspace();
        const std::vector<autograd::output_array<double>> places(results.begin(), results.end());
        f.run(arrays_of(leaves_of(second)), places, memory);
        for (std::size_t k = 0; k < results.size(); ++k)
        {
            const double* const wanted = variable(expected[k]).data();
            for (std::size_t i = 0; i < results[k].size(); ++i)
            {
                const double found = results[k].data()[i];
                const bool is_same = std::memcmp(&found, &wanted[i], sizeof(double)) == 0;
                BOOST_TEST((is_same || (reassociate && std::abs(found - wanted[i]) <= 1e-12 * std::abs(wanted[i]))),
                           "output " << k << ": " << found << " and " << wanted[i]);
            }
        }
        BOOST_TEST(static_cast<double>(f.arena_bytes()) <= 1.05 * static_cast<double>(f.arena_lower_bound()));
    }
}

handles both_sides(const std::vector<article::formula>& formulas)
{
    handles result;
    for (const article::formula& each : formulas)
    {
        result.push_back(each.by_article);
        result.push_back(each.by_tape);
    }
    return result;
}

handles moons(tape& t, std::int64_t seed, std::size_t hidden, article::logarithm form)
{
    autograd::random::legacy_generator stream(static_cast<std::uint32_t>(seed));
    const nn::labelled_points data = nn::make_moons(300, 0.2, stream);
    auto labels = data.labels;
    labels.reshape({labels.size(), std::size_t{1}});
    const article::variables network = on_tape(t, article::initial_network(hidden, seed));
    const variable loss = summed_loss(network, t.constant(data.points), t.index(labels), 0.01, form);
    const article::variables slope = gradient(loss, network);
    const variable bent = hessian_vector_product(loss, network.W1, slope.W1);
    return {loss, slope.W1, slope.b1, slope.W2, slope.b2, network.W1 - 1e-4 * slope.W1, bent};
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_programs)

BOOST_AUTO_TEST_CASE(the_moons)
{
    for (const std::size_t hidden : {3u, 50u})
    {
        for (const auto form : {article::logarithm::of_softmax, article::logarithm::fused})
        {
            compare([=](tape& t, std::int64_t seed) { return moons(t, seed, hidden, form); });
        }
    }
}

BOOST_AUTO_TEST_CASE(formulas)
{
    compare([](tape& t, std::int64_t seed) { return both_sides(article::perceptron_formulas(t, 5, 3, seed)); });
    compare([](tape& t, std::int64_t seed) { return both_sides(article::sigmoid_formulas(t, {2, 3, 2}, seed)); });
    compare([](tape& t, std::int64_t seed) { return both_sides(article::loss_formulas(t, 20, 3, seed)); });
    compare([](tape& t, std::int64_t seed)
            { return both_sides(article::gradient_formulas(t, article::loss_of_part_2::summed, 20, 3, seed)); });
}

BOOST_AUTO_TEST_SUITE_END()
