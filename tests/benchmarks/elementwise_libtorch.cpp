// The work of elementwise.cpp in libtorch.

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/libtorch.hpp"
#include "tests/benchmarks/measure.hpp"

namespace
{

using libtorch::Tensor;
using namespace elementwise;

Tensor operand(const std::vector<std::size_t>& shape, unsigned seed)
{
    std::vector<double> numbers = elementwise::numbers(size_of(shape), seed);
    const std::vector<std::int64_t> extents(shape.begin(), shape.end());
    return at::from_blob(numbers.data(), extents, libtorch::options()).clone().requires_grad_();
}

template <class F>
void add_unary(const std::string& function, F f)
{
    measure::add(subject, function, measure::libtorch, unit, elements,
                 [=]
                 {
                     const Tensor x = operand({side, side}, 1);
                     return [=] { benchmark::DoNotOptimize(f(x)); };
                 });
}

template <class F>
void add_binary(const std::string& function, broadcast b, F f)
{
    measure::add(subject, work(function, b), measure::libtorch, unit, elements,
                 [=]
                 {
                     const Tensor x = operand({side, side}, 1);
                     const Tensor y = b == broadcast::scalar ? at::scalar_tensor(number, libtorch::options())
                                                             : operand(right_shape(b), 2);
                     return [=] { benchmark::DoNotOptimize(f(x, y)); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    for (const auto b : broadcasts)
    {
        add_binary("add", b, [](const Tensor& x, const Tensor& y) { return x + y; });
        add_binary("multiply", b, [](const Tensor& x, const Tensor& y) { return x * y; });
    }
    add_unary("exp", [](const Tensor& x) { return exp(x); });
    add_unary("tanh", [](const Tensor& x) { return tanh(x); });
}
