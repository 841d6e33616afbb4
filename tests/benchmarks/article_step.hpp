#pragma once

#include "examples/article/hand_derived.hpp"
#include "tests/benchmarks/measure.hpp"

#include <stdexcept>
#include <string>

/// The work that is the same for all who do it: one pass of gradient descent over the article's 300 points.
namespace article_step
{

inline constexpr auto subject = "article_step";
inline constexpr auto unit = "us/pass";
inline constexpr double lambda = 0.01;
/// Shorter than the article's, so that all of the many passes are of the same kind.
inline constexpr double epsilon = 1e-4;
inline constexpr std::size_t hidden[] = {3, 50};

inline std::string work(std::size_t h)
{
    return "hidden_" + std::to_string(h);
}

inline nn::labelled_points points()
{
    autograd::random::legacy_generator stream(0);
    return nn::make_moons(300, 0.2, stream);
}

inline article::arrays start(std::size_t h)
{
    return article::initial_network(h, 0);
}

/// Those who are compared must compute the same: throws unless a gradient is that of the article's formulas.
inline void expect_gradient(const article::arrays& gradient, const article::arrays& parameters,
                            const nn::labelled_points& data)
{
    const article::arrays expected = article::hand_derived_gradient(parameters, data, lambda);
    for (const double difference : {article::relative_difference(gradient.W1, expected.W1),
                                    article::relative_difference(gradient.b1, expected.b1),
                                    article::relative_difference(gradient.W2, expected.W2),
                                    article::relative_difference(gradient.b2, expected.b2)})
    {
        if (!(difference < 1e-10))
        {
            throw std::runtime_error("article_step: a gradient differs from the article's formulas by " +
                                     std::to_string(difference));
        }
    }
}

/// parameters -= epsilon * gradient, in a plain loop.
inline void descend(article::arrays& parameters, const article::arrays& gradient)
{
    const auto step = [](xt::xarray<double>& parameter, const xt::xarray<double>& slope)
    {
        for (std::size_t i = 0; i < parameter.size(); ++i)
        {
            parameter.data()[i] -= epsilon * slope.data()[i];
        }
    };
    step(parameters.W1, gradient.W1);
    step(parameters.b1, gradient.b1);
    step(parameters.W2, gradient.W2);
    step(parameters.b2, gradient.b2);
}

} // namespace article_step
