// Compiled as the kernels are: for this machine's instruction set.

#include "tests/benchmarks/elementwise_loops.hpp"

#include "autograd/kernels/pack.hpp"

namespace loops
{

namespace
{

using pack = autograd::kernels::pack<double>;
using elementwise::broadcast;
using elementwise::side;

static_assert(side % pack::size == 0, "no loop here has a tail");

template <class F>
void map(const double* x, double* result, std::size_t count, F f)
{
    for (std::size_t i = 0; i < count; i += pack::size)
    {
        f(pack::load(x + i)).store(result + i);
    }
}

template <class F>
void map_rows(const double* x, const double* y, broadcast b, double* result, F f)
{
    for (std::size_t row = 0; row < side; ++row, x += side, result += side)
    {
        if (b == broadcast::column || b == broadcast::scalar)
        {
            const pack constant(b == broadcast::column ? y[row] : *y);
            map(x, result, side, [=](pack each) { return f(each, constant); });
            continue;
        }
        const double* const right = b == broadcast::row ? y : y + row * side;
        for (std::size_t i = 0; i < side; i += pack::size)
        {
            f(pack::load(x + i), pack::load(right + i)).store(result + i);
        }
    }
}

} // namespace

void exp(const double* x, double* result, std::size_t count)
{
    map(x, result, count, [](pack each) { return exp(each); });
}

void tanh(const double* x, double* result, std::size_t count)
{
    map(x, result, count, [](pack each) { return tanh(each); });
}

void add(const double* x, const double* y, broadcast b, double* result)
{
    map_rows(x, y, b, result, [](pack left, pack right) { return left + right; });
}

void multiply(const double* x, const double* y, broadcast b, double* result)
{
    map_rows(x, y, b, result, [](pack left, pack right) { return left * right; });
}

} // namespace loops
