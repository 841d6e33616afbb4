#pragma once

#include "nn/fit.hpp"
#include "nn/optimizer/adam.hpp"
#include "nn/optimizer/sgd.hpp"

#include "support.hpp"

#include <cmath>
#include <cstring>

/// What the tests of trainings train.
namespace runs
{

using namespace support;
using stream = autograd::random::legacy_generator;
using batch = std::tuple<array, xt::xarray<std::int64_t>>;

/// tanh(x W + b) V, and an average of what came in.
template <class Leaf>
struct classifier
{
    Leaf weight;
    Leaf bias;
    Leaf output;
    nn::buffer<Leaf> seen;
    NN_MEMBERS(weight, bias, output, seen)

    Leaf operator()(Leaf x) const { return matmul(tanh(matmul(x, weight) + bias), output); }
};
using arrays = classifier<array>;
using variables = classifier<variable>;

inline arrays start()
{
    stream random(3);
    arrays model{random.randn({2, 4}), random.randn({4}), random.randn({4, 2}), {array::from_shape({2})}};
    model.seen.value.fill(0);
    return model;
}

/// Forty points and their classes in shuffled batches of eight.
inline std::vector<batch> batches(stream& random)
{
    stream fixed(11);
    const array points = fixed.randn({40, 2});
    const xt::xarray<std::int64_t> order = random.permutation(40);
    std::vector<batch> result;
    for (std::size_t first = 0; first < 40; first += 8)
    {
        batch each{array::from_shape({8, 2}), xt::xarray<std::int64_t>::from_shape({8, 1})};
        for (std::size_t i = 0; i < 8; ++i)
        {
            const auto row = static_cast<std::size_t>(order(first + i));
            std::get<0>(each)(i, 0) = points(row, 0);
            std::get<0>(each)(i, 1) = points(row, 1);
            std::get<1>(each)(i, 0) = points(row, 0) * points(row, 1) > 0 ? 1 : 0;
        }
        result.push_back(std::move(each));
    }
    return result;
}

/// Cross entropy with dropped inputs, and the average brought up to date.
inline std::pair<variable, variables> loss(const variables& m, variable x, autograd::indices<double> y,
                                           const autograd::counter_generator<double>& random)
{
    const variable kept = where(random.uniform(x.shape()) < 0.9, x, 0.0);
    variables next = m;
    next.seen.value = 0.9 * m.seen.value + 0.1 * mean(x, 0);
    return {-mean(take_along_axis(log_softmax(m(kept), 1), y, 1)), next};
}

using run = nn::training<arrays, nn::adam>;
inline run make_run(std::int64_t seed = 5)
{
    run result(start(), nn::adam{.learning_rate = 0.05}, nn::warm_up(7, nn::cosine_schedule(60, 0.1)), seed);
    result.plateau = nn::reduce_on_plateau{.factor = 0.5, .patience = 1};
    return result;
}

/// Everything but the seconds, bit for bit.
inline bool same_bits(const array& a, const array& b)
{
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(),
                                                [](double x, double y) { return std::memcmp(&x, &y, sizeof x) == 0; });
}
template <class Structure>
void require_same_arrays(const Structure& a, const Structure& b)
{
    nn::zip_members(
        [](const std::string& name, nn::role, const auto& x, const auto& y)
        {
            if constexpr (nn::is_leaf<std::remove_cvref_t<decltype(x)>>)
            {
                BOOST_TEST(same_bits(x, y), name);
            }
        },
        a, b);
}
template <class Run>
void require_same(const Run& a, const Run& b)
{
    require_same_arrays(a.model, b.model);
    require_same_arrays(a.state, b.state);
    BOOST_TEST((a.random == b.random));
    BOOST_TEST((a.progress.plateau == b.progress.plateau));
    BOOST_TEST(a.progress.epochs == b.progress.epochs);
    BOOST_TEST(a.progress.steps == b.progress.steps);
    BOOST_TEST(a.progress.best == b.progress.best);
    BOOST_TEST(a.progress.epochs_since_best == b.progress.epochs_since_best);
    BOOST_REQUIRE_EQUAL(a.best.has_value(), b.best.has_value());
    if (a.best)
    {
        require_same_arrays(*a.best, *b.best);
    }
    BOOST_REQUIRE_EQUAL(a.progress.history.size(), b.progress.history.size());
    for (std::size_t k = 0; k < a.progress.history.size(); ++k)
    {
        BOOST_TEST(a.progress.history[k].loss == b.progress.history[k].loss);
        BOOST_TEST((a.progress.history[k].validation == b.progress.history[k].validation));
        BOOST_TEST(a.progress.history[k].rate == b.progress.history[k].rate);
    }
}

/// A figure that goes up and down.
inline double validation(const arrays& model)
{
    return std::sin(40 * model.weight(0, 0));
}

inline nn::fit_options<arrays> quiet()
{
    return {.validation = validation, .progress = nn::progress_bar::style::silent};
}

} // namespace runs
