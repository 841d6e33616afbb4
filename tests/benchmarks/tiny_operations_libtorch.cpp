// The work of tiny_operations.cpp in libtorch.

#include "tests/benchmarks/libtorch.hpp"
#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/tiny_operations.hpp"

namespace
{

using libtorch::Tensor;

Tensor operand()
{
    return at::tensor({0.5, 0.9, 1.0, 1.1}, libtorch::options()).requires_grad_();
}

template <class Step>
Tensor record(const Tensor& w, Step step)
{
    Tensor y = w;
    for (std::size_t i = 0; i < tiny::length; ++i)
    {
        y = step(y, w);
    }
    return y;
}

template <class Step>
void add_chain(const char* operation, Step step)
{
    measure::add("tiny_operations", tiny::forward(operation), measure::libtorch, "ns/operation", tiny::length,
                 [=]
                 {
                     const Tensor w = operand();
                     return [=] { benchmark::DoNotOptimize(record(w, step)); };
                 });
    measure::add("tiny_operations", tiny::backward(operation), measure::libtorch, "ns/operation", tiny::length,
                 [=]
                 {
                     const Tensor w = operand();
                     const Tensor loss = record(w, step).sum();
                     return [=] { benchmark::DoNotOptimize(libtorch::gradient(loss, {w}, true)); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    add_chain("multiply", [](const Tensor& y, const Tensor& w) { return y * w; });
    add_chain("add", [](const Tensor& y, const Tensor& w) { return y + w; });
    add_chain("tanh", [](const Tensor& y, const Tensor&) { return tanh(y); });
}
