// What the gradients of the article's networks cost as programs, derived by the tape and by the article's formulas: the
// table of docs/programs.md and, of 3 hidden units, of the README. Counts alone: nothing is timed.

#include "support.hpp"

#include "autograd/compile/compiled.hpp"
#include "autograd/compile/program.hpp"
#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace
{

using namespace support;

struct cost
{
    std::size_t steps;
    std::size_t kernels; ///< steps that run in one loop over tiles are one
    std::size_t bytes;
    std::uint64_t flops;
};

using handles = std::vector<autograd::handle<double>>;
using variables = std::vector<variable>;

/// Gradients, and what they are made of, on a tape of their own: a program runs all checks that are on it.
struct recording
{
    handles inputs;
    variables gradients;
};
enum class derived
{
    by_tape,
    by_hand
};

/// Part 2 of the article: 300 moons, tanh, softmax, cross-entropy, and a penalty.
recording softmax_network(tape& t, std::size_t hidden, derived how)
{
    autograd::random::legacy_generator stream(0);
    const nn::labelled_points moons = nn::make_moons(300, 0.2, stream);
    const variable X = t.variable(moons.points);
    const auto y = t.index(moons.labels);
    const article::variables network = on_tape(t, article::initial_network(hidden, 0));
    const auto& [W1, b1, W2, b2] = network;
    const handles inputs{X, y, W1, b1, W2, b2};
    const double lambda = 0.01;
    const auto [z1, a1, z2] = forward(network, X);
    if (how == derived::by_tape)
    {
        const variable logarithms = log_softmax(z2, 1);
        const variable loss = -sum(one_hot(y, 2) * logarithms) + penalty(network, lambda);
        return {inputs, gradient(loss, variables{W1, b1, W2, b2})};
    }
    const variable d3 = softmax(z2, 1) - one_hot(y, 2);
    const variable d2 = matmul(d3, transpose(W2)) * (1 - square(a1));
    return {inputs,
            {matmul(transpose(X), d2) + lambda * W1, sum(d2, 0, xt::keep_dims), matmul(transpose(a1), d3) + lambda * W2,
             sum(d3, 0, xt::keep_dims)}};
}

/// The network of sigmoids that the article differentiates by hand, and its loss, half the square of a distance, of 300
/// points.
recording sigmoid_network(tape& t, std::size_t hidden, derived how)
{
    autograd::random::legacy_generator stream(0);
    const auto drawn = [&](std::size_t rows, std::size_t columns) { return t.variable(stream.randn({rows, columns})); };
    const variable x = drawn(300, 2);
    const variable target = drawn(300, 2);
    const variable w = drawn(2, hidden);
    const variable b_w = drawn(1, hidden);
    const variable u = drawn(hidden, 2);
    const variable b_u = drawn(1, 2);
    const handles inputs{x, target, w, b_w, u, b_u};
    const variable h = sigmoid(matmul(x, w) + b_w);
    const variable y = sigmoid(matmul(h, u) + b_u);
    if (how == derived::by_tape)
    {
        return {inputs, gradient(sum(square(y - target)) / 2, variables{w, b_w, u, b_u})};
    }
    const variable delta_y = (y - target) * y * (1 - y);
    const variable delta_h = matmul(delta_y, transpose(u)) * h * (1 - h);
    return {inputs,
            {matmul(transpose(x), delta_h), sum(delta_h, 0, xt::keep_dims), matmul(transpose(h), delta_y),
             sum(delta_y, 0, xt::keep_dims)}};
}

/// Of what the gradients take; a value and its slope, which are computed at once, are one step. At scores of -inf,
/// log_softmax selects a derivative of 0, which a formula by hand does not: that is left out, its two steps, and the
/// memory of the mask that it selects by.
cost cost_of(const recording& of)
{
    const auto f = autograd::compile<double>(of.inputs, handles(of.gradients.begin(), of.gradients.end()));
    const auto& what = f.what();
    cost result{0, 0, f.arena_bytes(), 0};
    for (const auto& group : what.groups)
    {
        const std::size_t before = result.steps;
        for (std::uint32_t k = group.first; k < group.end; ++k)
        {
            const auto& step = what.steps[k];
            const std::string name = what.values[step.value].op->name;
            const bool is_selection = name == "equal" || name == "where";
            const bool is_slope_with_value =
                k > 0 && what.steps[k - 1].covers > 1 && (name == "tanh_slope" || name == "sigmoid_slope");
            result.steps += is_selection || is_slope_with_value ? 0 : 1;
            result.flops += is_selection ? 0 : step.flops;
            result.bytes -= name == "equal" ? (step.size * sizeof(double) + 63) / 64 * 64 : 0;
        }
        result.kernels += result.steps > before ? 1 : 0;
    }
    return result;
}

std::string line(const std::string& network, const std::string& who, const cost& c)
{
    return fmt::format("| {} | {} | {} | {} | {} | {} |\n", network, who, c.steps, c.kernels, c.bytes, c.flops);
}

void require_shown(const std::string& page, const std::string& table)
{
    std::ifstream file(EXAMPLE_PAGES "/" + page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    BOOST_TEST(text.find(table) != std::string::npos, page << " does not have this table:\n" << table);
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_cost_of_derivatives)

BOOST_AUTO_TEST_CASE(what_is_derived_costs_no_more_than_what_is_derived_by_hand)
{
    std::string table;
    const auto compare = [&](const std::string& name, const auto& record)
    {
        tape one, other;
        const cost of_tape = cost_of(record(one, derived::by_tape));
        const cost of_hand = cost_of(record(other, derived::by_hand));
        BOOST_TEST(of_tape.steps <= of_hand.steps, name);
        BOOST_TEST(of_tape.kernels <= of_hand.kernels, name);
        BOOST_TEST(of_tape.bytes <= of_hand.bytes, name);
        BOOST_TEST(of_tape.flops <= of_hand.flops, name);
        table += line(name, "derived", of_tape) + line("", "by hand", of_hand);
    };
    for (const std::size_t hidden : {3u, 50u})
    {
        if (hidden == 50)
        {
            require_shown("../README.md", table);
        }
        const std::string units = ", " + std::to_string(hidden) + " hidden units";
        compare("tanh and softmax" + units, [=](tape& t, derived how) { return softmax_network(t, hidden, how); });
        compare("sigmoids" + units, [=](tape& t, derived how) { return sigmoid_network(t, hidden, how); });
    }
    require_shown("programs.md", table);
}

BOOST_AUTO_TEST_SUITE_END()
