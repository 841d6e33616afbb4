// The slope by x_i is exp(x_i - a) / sum exp(x - a).

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>
#include <cmath>

namespace gradbench::by_hand
{

double primal(const lse::input& in)
{
    const double a = *std::max_element(in.x.data(), in.x.data() + in.x.size());
    double sum = 0;
    for (std::size_t i = 0; i < in.x.size(); ++i)
    {
        sum += std::exp(in.x.data()[i] - a);
    }
    return a + std::log(sum);
}

array derivative(const lse::input& in)
{
    const double a = *std::max_element(in.x.data(), in.x.data() + in.x.size());
    array slope = array::from_shape(in.x.shape());
    double sum = 0;
    for (std::size_t i = 0; i < in.x.size(); ++i)
    {
        slope.data()[i] = std::exp(in.x.data()[i] - a);
        sum += slope.data()[i];
    }
    for (std::size_t i = 0; i < in.x.size(); ++i)
    {
        slope.data()[i] /= sum;
    }
    return slope;
}

} // namespace gradbench::by_hand
