// The article's training step, differentiated by the tape, beside its formulas by hand: in xtensor's expressions, and
// in plain loops (examples/article/hand_derived.cpp).

#include "tests/benchmarks/article_step.hpp"
#include "tests/benchmarks/article_step_xtensor.hpp"

#include "examples/article/training.hpp"

#include <memory>

namespace
{

using namespace article_step;

xt::xarray<double> as_targets(const xt::xarray<std::int64_t>& labels)
{
    xt::xarray<double> targets = article::zeros(labels.size(), 2);
    for (std::size_t i = 0; i < labels.size(); ++i)
    {
        targets(i, labels(i)) = 1;
    }
    return targets;
}

void add_xgrad(std::size_t h)
{
    measure::add(subject, work(h), measure::xgrad, unit, 1,
                 [=]
                 {
                     auto training = std::make_unique<article::training>(points(), lambda);
                     expect_gradient(training->gradient(start(h)), start(h), points());
                     return [training = std::move(training), parameters = start(h)]() mutable
                     { training->descend(parameters, epsilon); };
                 });
}

void add_xtensor(std::size_t h)
{
    measure::add(subject, work(h), measure::xtensor, unit, 1,
                 [=]
                 {
                     const nn::labelled_points data = points();
                     const xt::xarray<double> targets = as_targets(data.labels);
                     expect_gradient(xtensor_gradient(start(h), data.points, targets, lambda), start(h), data);
                     return [=, parameters = start(h)]() mutable
                     { descend(parameters, xtensor_gradient(parameters, data.points, targets, lambda)); };
                 });
}

void add_plain(std::size_t h)
{
    measure::add(subject, work(h), measure::plain, unit, 1,
                 [=]
                 {
                     return [data = points(), parameters = start(h)]() mutable
                     { descend(parameters, article::hand_derived_gradient(parameters, data, lambda)); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    for (const std::size_t h : article_step::hidden)
    {
        add_xgrad(h);
        add_xtensor(h);
        add_plain(h);
    }
}
