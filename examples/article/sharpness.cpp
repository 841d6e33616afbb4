#include "examples/article/sharpness.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/operations.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace article
{

namespace
{

using variable = autograd::variable<double>;

/// Iterations, and how little the estimate must change between two of them. (A direction that has little of the
/// eigenvector stays at another for a while.)
constexpr int fewest_iterations = 50;
constexpr int most_iterations = 500;
constexpr double tolerance = 1e-6;

double dot(const arrays& a, const arrays& b)
{
    const auto product = [](const xt::xarray<double>& x, const xt::xarray<double>& y)
    { return std::inner_product(x.begin(), x.end(), y.begin(), 0.0); };
    return product(a.W1, b.W1) + product(a.b1, b.b1) + product(a.W2, b.W2) + product(a.b2, b.b2);
}

variable dot(const variables& a, const variables& b)
{
    return sum(a.W1 * b.W1) + sum(a.b1 * b.b1) + sum(a.W2 * b.W2) + sum(a.b2 * b.b2);
}

arrays scaled(arrays a, double factor)
{
    a.W1 *= factor;
    a.b1 *= factor;
    a.W2 *= factor;
    a.b2 *= factor;
    return a;
}

/// A direction that no eigenvector is likely to be orthogonal to.
arrays some_direction(const arrays& like)
{
    arrays direction = like;
    double angle = 1;
    std::apply([&](auto&... each)
               { (std::generate(each.begin(), each.end(), [&] { return std::sin(angle++); }), ...); },
               direction.members());
    return scaled(direction, 1 / std::sqrt(dot(direction, direction)));
}

} // namespace

double sharpness(const arrays& parameters, const nn::labelled_points& data, double lambda)
{
    autograd::tape<double> tape;
    xt::xarray<std::int64_t> labels = data.labels;
    labels.reshape({labels.size(), std::size_t{1}});
    const variables at = on_tape(tape, parameters);
    const variable loss = summed_loss(at, tape.constant(data.points), tape.index(labels), lambda, logarithm::fused);
    const variables slope = autograd::gradient(loss, at);
    const auto recorded = tape.mark();

    arrays direction = some_direction(parameters);
    double eigenvalue = 0;
    for (int i = 0; i < most_iterations; ++i)
    {
        tape.rewind(recorded);
        const variables bent = autograd::gradient(dot(slope, on_tape(tape, direction)), at);
        const arrays image{bent.W1.value(), bent.b1.value(), bent.W2.value(), bent.b2.value()};
        const double before = std::exchange(eigenvalue, dot(direction, image));
        const double length = std::sqrt(dot(image, image));
        if (length == 0 ||
            (i >= fewest_iterations && std::abs(eigenvalue - before) <= tolerance * std::abs(eigenvalue)))
        {
            break;
        }
        direction = scaled(image, 1 / length);
    }
    return std::abs(eigenvalue);
}

} // namespace article
