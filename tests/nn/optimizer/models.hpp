#pragma once

#include "nn/optimizer/step.hpp"

#include "support.hpp"

/// What the tests of optimizers train.
namespace models
{

using namespace support;

template <class Leaf>
struct layer
{
    Leaf weight;
    Leaf bias;
    NN_MEMBERS(weight, bias)
};
using arrays = layer<array>;
using variables = layer<variable>;

/// The numbers first, first + d, ..., last.
inline array evenly(extents shape, double first, double last)
{
    array result = array::from_shape(shape);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        result.data()[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(result.size() - 1);
    }
    return result;
}

/// The problem of tests/data/make_optimizer_expectations.cpp.
inline arrays start()
{
    return {evenly({3, 2}, -1.0, 1.5), evenly({2}, 0.25, 0.75)};
}
inline variable loss(const variables& m)
{
    const variable slant = m.weight.tape().constant(evenly({3, 2}, 0.5, 3.0));
    return sum(slant * square(m.weight)) + sum(sin(m.weight)) + sum(square(matmul(m.weight, m.bias) - 1.0)) +
           sum(exp(m.bias));
}

inline reals numbers_of(const arrays& model)
{
    reals result = list(model.weight);
    result.insert(result.end(), model.bias.begin(), model.bias.end());
    return result;
}

/// The largest difference, relative to 1 or the number if that is larger.
inline double distance(const reals& a, const reals& b)
{
    BOOST_REQUIRE_EQUAL(a.size(), b.size());
    double result = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        result = std::max(result, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
    }
    return result;
}

} // namespace models
