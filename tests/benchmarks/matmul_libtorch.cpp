// The work of matmul.cpp in libtorch.

#include "tests/benchmarks/libtorch.hpp"
#include "tests/benchmarks/matmul.hpp"

namespace
{

using libtorch::Tensor;
using products::product;

Tensor operand(std::vector<double> numbers, const std::vector<std::size_t>& shape)
{
    const std::vector<std::int64_t> extents(shape.begin(), shape.end());
    return at::from_blob(numbers.data(), extents, libtorch::options()).clone().requires_grad_();
}

void add_product(const product& p)
{
    measure::add(products::subject, p.work(), measure::libtorch, p.unit(), 1,
                 [=]
                 {
                     const Tensor a = operand(p.a(), p.shape_a());
                     const Tensor b = operand(p.b(), p.shape_b());
                     return [=]
                     { benchmark::DoNotOptimize(matmul(p.transpose_a ? a.t() : a, p.transpose_b ? b.t() : b)); };
                 });
}

void add_backward(const product& p)
{
    measure::add(products::subject, products::backward(), measure::libtorch, p.unit(), 1,
                 [=]
                 {
                     const Tensor a = operand(p.a(), p.shape_a());
                     const Tensor b = operand(p.b(), p.shape_b());
                     const Tensor y = matmul(a, b);
                     const Tensor y_bar = a.detach();
                     return [=] { benchmark::DoNotOptimize(torch::autograd::grad({y}, {a, b}, {y_bar}, true)); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    for (const product& p : products::all)
    {
        add_product(p);
    }
    add_backward(products::differentiated);
}
