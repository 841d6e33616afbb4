// The work of elementwise.cpp as assignments of xtensor's expressions, with xsimd where the build asks for this
// machine's instruction set. A program of its own: xtensor's functions differ with xsimd and without.

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/measure.hpp"

#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>

namespace
{

using matrix = xt::xtensor<double, 2>;
using elementwise::broadcast;
using elementwise::elements;
using elementwise::side;

template <std::size_t N>
xt::xtensor<double, N> operand(const std::array<std::size_t, N>& shape, unsigned seed)
{
    xt::xtensor<double, N> result(shape);
    const std::vector<double> numbers = elementwise::numbers(result.size(), seed);
    std::copy(numbers.begin(), numbers.end(), result.begin());
    return result;
}

template <class Right, class F>
void add_right(const std::string& work, Right right, F f)
{
    measure::add(elementwise::subject, work, measure::xtensor, elementwise::unit, elements,
                 [=]
                 {
                     return [=, x = operand<2>({side, side}, 1), z = matrix({side, side})]() mutable
                     {
                         xt::noalias(z) = f(x, right);
                         benchmark::DoNotOptimize(z.data());
                     };
                 });
}

template <class F>
void add_binary(const std::string& function, F f)
{
    using elementwise::work;
    add_right(work(function, broadcast::none), operand<2>({side, side}, 2), f);
    add_right(work(function, broadcast::row), operand<1>({side}, 2), f);
    add_right(work(function, broadcast::column), operand<2>({side, 1}, 2), f);
    add_right(work(function, broadcast::scalar), elementwise::number, f);
}

} // namespace

void measure::register_benchmarks()
{
    add_binary("add", [](const auto& x, const auto& y) { return x + y; });
    add_binary("multiply", [](const auto& x, const auto& y) { return x * y; });
    add_right("exp", 0, [](const auto& x, int) { return xt::exp(x); });
    add_right("tanh", 0, [](const auto& x, int) { return xt::tanh(x); });
}
