#include "autograd/check/samples.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::check
{

namespace
{

std::size_t count_of(const std::vector<std::size_t>& extents)
{
    std::size_t count = 1;
    for (std::size_t extent : extents)
    {
        count *= extent;
    }
    return count;
}

/// Different numbers in (0, 1), spread evenly and in no order: multiples of the golden ratio modulo 1
/// (Weyl's equidistribution theorem).
std::vector<double> spread(std::size_t count)
{
    constexpr double golden = 0.6180339887498949;
    std::vector<double> values(count);
    double last = 0.25;
    for (double& value : values)
    {
        last = std::fmod(last + golden, 1.0);
        value = last;
    }
    return values;
}

real_input make(std::vector<std::size_t> extents, std::vector<double> values)
{
    return {{std::move(extents), std::move(values)}};
}

/// Values repeated or cut to fill a shape.
real_input filled(std::vector<std::size_t> extents, const std::vector<double>& values)
{
    std::vector<double> elements(count_of(extents));
    for (std::size_t i = 0; i < elements.size(); ++i)
    {
        elements[i] = values[i % values.size()];
    }
    return make(std::move(extents), std::move(elements));
}

bool is_ordinary(double x)
{
    return std::isfinite(x);
}

} // namespace

real_input sampler::between(double low, double high, shape extents)
{
    real_input input = make(extents, spread(count_of(extents)));
    for (double& value : input.values)
    {
        value = low + (high - low) * value;
    }
    return input;
}

real_input sampler::numbers(shape extents)
{
    real_input input = between(-1.9, 1.9, extents);
    for (double& value : input.values)
    {
        value += std::copysign(0.1, value);
    }
    return input;
}

real_input sampler::positive(shape extents)
{
    return between(0.1, 2.1, extents);
}

real_input sampler::array(shape extents, std::initializer_list<double> values)
{
    return make(extents, values);
}

index_input sampler::integers(shape extents, std::initializer_list<std::int64_t> values)
{
    index_input input;
    input.shape = extents;
    input.values.assign(values.begin(), values.end());
    return input;
}

std::vector<sampler::labelled> sampler::unary_inputs(std::initializer_list<double> points)
{
    std::vector<double> smooth;
    std::vector<double> special;
    for (double x : points)
    {
        (is_ordinary(x) ? smooth : special).push_back(x);
    }
    std::vector<labelled> inputs;
    inputs.push_back({"points", make({smooth.size()}, smooth)});
    inputs.push_back({"scalar", make({}, {smooth.back()})});
    inputs.push_back({"one element", make({1, 1}, {smooth.front()})});
    inputs.push_back({"empty", make({2, 0}, {})});
    inputs.push_back({"matrix", filled({3, 4}, smooth)});

    // Between the points of moderate size, more than a pack wide, so that tails and full packs both occur.
    const auto moderate = [](double x) { return std::abs(x) <= 30; };
    std::vector<double> around;
    std::copy_if(smooth.begin(), smooth.end(), std::back_inserter(around), moderate);
    const auto [low, high] = std::minmax_element(around.begin(), around.end());
    if (low != around.end() && *low < *high)
    {
        inputs.push_back({"many", between(*low, *high, {37})});
    }
    if (!special.empty())
    {
        inputs.push_back({"special values", make({special.size()}, special)});
    }
    return inputs;
}

std::vector<sampler::labelled_pair> sampler::binary_inputs(std::initializer_list<std::pair<double, double>> points)
{
    std::vector<double> x;
    std::vector<double> y;
    std::vector<double> special_x;
    std::vector<double> special_y;
    for (auto [a, b] : points)
    {
        const bool ordinary = is_ordinary(a) && is_ordinary(b);
        (ordinary ? x : special_x).push_back(a);
        (ordinary ? y : special_y).push_back(b);
    }
    std::vector<labelled_pair> inputs;
    inputs.push_back({"points", {make({x.size()}, x), make({y.size()}, y)}});
    inputs.push_back({"scalars", {make({}, {x.front()}), make({}, {y.front()})}});
    inputs.push_back({"empty with a row", {make({0, 3}, {}), filled({1, 3}, y)}});

    // Shapes that broadcast, filled with the first pair and small deviations from it.
    const auto near = [](double value, std::vector<std::size_t> extents)
    {
        std::vector<double> values = spread(count_of(extents));
        for (double& each : values)
        {
            each = value * (1 + 0.05 * each);
        }
        return make(std::move(extents), std::move(values));
    };
    const std::vector<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> shapes{
        {{2, 3}, {3}},       {{2, 1}, {1, 3}}, {{}, {2, 3}},      {{2, 3}, {2, 1}},
        {{2, 1, 3}, {4, 1}}, {{3, 70}, {70}},  {{3, 70}, {3, 1}}, {{19}, {19}}};
    for (const auto& [a, b] : shapes)
    {
        inputs.push_back({"shapes " + to_text(shape_vector(a.begin(), a.end())) + " and " +
                              to_text(shape_vector(b.begin(), b.end())),
                          {near(x.front(), a), near(y.front(), b)}});
    }
    if (!special_x.empty())
    {
        inputs.push_back(
            {"special values", {make({special_x.size()}, special_x), make({special_y.size()}, special_y)}});
    }
    return inputs;
}

} // namespace autograd::check
