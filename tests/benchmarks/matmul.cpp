// Matrix products as they are recorded, beside BLAS itself.

#include "tests/benchmarks/matmul.hpp"

#include "autograd/autograd.hpp"

#include <cblas.h>

#include <memory>

namespace
{

using products::product;
using products::subject;

void add_xgrad(const product& p)
{
    measure::add(subject, p.work(), measure::xgrad, p.unit(), 1,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto a = tape->variable(xt::adapt(p.a(), p.shape_a()));
                     const auto b = tape->variable(xt::adapt(p.b(), p.shape_b()));
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         const auto left = p.transpose_a ? transpose(a) : a;
                         const auto right = p.transpose_b ? transpose(b) : b;
                         benchmark::DoNotOptimize(matmul(left, right).data());
                     };
                 });
}

/// result = a b; the matrices as they are given.
void multiply(const product& p, const double* a, const double* b, double* result)
{
    const auto extent = [](std::size_t n) { return static_cast<int>(n); };
    cblas_dgemm(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans, p.transpose_b ? CblasTrans : CblasNoTrans,
                extent(p.rows), extent(p.columns), extent(p.inner), 1, a, extent(p.transpose_a ? p.rows : p.inner), b,
                extent(p.transpose_b ? p.inner : p.columns), 0, result, extent(p.columns));
}

void add_plain(const product& p)
{
    measure::add(subject, p.work(), measure::plain, p.unit(), 1,
                 [=]
                 {
                     return [=, a = p.a(), b = p.b(), y = std::vector<double>(p.rows * p.columns)]() mutable
                     { multiply(p, a.data(), b.data(), y.data()); };
                 });
}

void add_backward()
{
    const product p = products::differentiated;
    measure::add(subject, products::backward(), measure::xgrad, p.unit(), 1,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto a = tape->variable(xt::adapt(p.a(), p.shape_a()));
                     const auto b = tape->variable(xt::adapt(p.b(), p.shape_b()));
                     const auto y = matmul(a, b);
                     const auto y_bar = tape->constant(a.value());
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         benchmark::DoNotOptimize(vjp(y, {a, b}, y_bar));
                     };
                 });
    // a_bar = y_bar b^T, b_bar = a^T y_bar: of a square product.
    measure::add(subject, products::backward(), measure::plain, p.unit(), 1,
                 [=]
                 {
                     return [=, a = p.a(), b = p.b(), y_bar = p.a(), a_bar = p.a(), b_bar = p.b()]() mutable
                     {
                         multiply({p.rows, p.columns, p.inner, false, true}, y_bar.data(), b.data(), a_bar.data());
                         multiply({p.inner, p.rows, p.columns, true, false}, a.data(), y_bar.data(), b_bar.data());
                     };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    for (const product& p : products::all)
    {
        add_xgrad(p);
        add_plain(p);
    }
    add_backward();
}
