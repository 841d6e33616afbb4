// With r_i = sign(t_i) - sum_j x_j t_i^j, the slope by x_j is -sum_i r_i t_i^j.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>

namespace gradbench::by_hand
{

namespace
{

constexpr std::size_t block = 64; // points that are treated side by side

/// Some of the points: t, and what the polynomial leaves of sign(t).
struct some_points
{
    some_points(const llsq::input& in, std::size_t first) : count(std::min(block, in.n - first))
    {
        double power[block], sum[block] = {};
        for (std::size_t i = 0; i < count; ++i)
        {
            t[i] = -1 + 2 * static_cast<double>(first + i) / static_cast<double>(in.n - 1);
            power[i] = 1;
        }
        for (std::size_t j = 0; j < in.x.size(); ++j)
        {
            const double x = in.x.data()[j];
            for (std::size_t i = 0; i < count; ++i)
            {
                sum[i] += x * power[i];
                power[i] *= t[i];
            }
        }
        for (std::size_t i = 0; i < count; ++i)
        {
            residual[i] = (t[i] > 0 ? 1.0 : t[i] < 0 ? -1.0 : 0.0) - sum[i];
        }
    }

    std::size_t count;
    double t[block], residual[block];
};

} // namespace

double primal(const llsq::input& in)
{
    double squares = 0;
    for (std::size_t first = 0; first < in.n; first += block)
    {
        const some_points points(in, first);
        for (std::size_t i = 0; i < points.count; ++i)
        {
            squares += points.residual[i] * points.residual[i];
        }
    }
    return squares / 2;
}

array derivative(const llsq::input& in)
{
    array slope = xt::zeros_like(in.x);
    for (std::size_t first = 0; first < in.n; first += block)
    {
        some_points points(in, first);
        for (std::size_t j = 0; j < in.x.size(); ++j)
        {
            double sum = 0;
#pragma omp simd reduction(+ : sum)
            for (std::size_t i = 0; i < points.count; ++i)
            {
                sum += points.residual[i];
                points.residual[i] *= points.t[i]; // from r t^j to r t^(j + 1)
            }
            slope.data()[j] -= sum;
        }
    }
    return slope;
}

} // namespace gradbench::by_hand
