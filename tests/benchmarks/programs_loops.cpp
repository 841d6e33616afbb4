// Compiled as the kernels are: for this machine's instruction set.

#include "tests/benchmarks/programs_loops.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/slopes.hpp"

namespace loops
{

namespace
{

using pack = autograd::kernels::pack<double>;

double sum_of(pack lanes)
{
    alignas(64) double each[pack::size];
    lanes.store(each);
    double sum = 0;
    for (const double x : each)
    {
        sum += x;
    }
    return sum;
}

} // namespace

void elementwise_gradient(const double* x, double a, double b, std::size_t count, double* by_x, double* by_a,
                          double* by_b)
{
    const pack factor(a), shift(b);
    pack sum_a(0.0), sum_b(0.0);
    for (std::size_t i = 0; i < count; i += pack::size)
    {
        const pack t = pack::load(x + i);
        const pack z = t * factor + shift;
        const pack s = sigmoid(t);
        const pack inner = tanh_slope(z) * s;
        sum_a = sum_a + inner * t;
        sum_b = sum_b + inner;
        const pack by_t = inner * factor + tanh(z) * sigmoid_slope(t) - pack(2.0) * t * exp(-(t * t));
        by_t.store(by_x + i);
    }
    *by_a = sum_of(sum_a);
    *by_b = sum_of(sum_b);
}

void all_pairs_gradient(const double* x, const double* y, const double* w, std::size_t n, double* by_x)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        const pack first(x[i]), second(x[n + i]), third(x[2 * n + i]);
        pack sums[3] = {pack(0.0), pack(0.0), pack(0.0)};
        for (std::size_t j = 0; j < n; j += pack::size)
        {
            const pack d[3] = {first - pack::load(y + j), second - pack::load(y + n + j),
                               third - pack::load(y + 2 * n + j)};
            const pack e = exp(-(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])) * pack::load(w + j);
            for (std::size_t k = 0; k < 3; ++k)
            {
                sums[k] = sums[k] - pack(2.0) * d[k] * e;
            }
        }
        for (std::size_t k = 0; k < 3; ++k)
        {
            by_x[k * n + i] = sum_of(sums[k]);
        }
    }
}

} // namespace loops
