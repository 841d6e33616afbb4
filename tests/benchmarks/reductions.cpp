// Throughput of reductions and running products as they are recorded, along rows, along columns and of everything, and
// of the gradient of a product.

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/measure.hpp"

#include "autograd/autograd.hpp"

#include <memory>

namespace
{

constexpr auto subject = "reductions";

using autograd::variable;

/// Numbers from 0.5 to 1.5: products of a thousand of them stay in the range of the type.
variable<double> matrix(autograd::tape<double>& tape)
{
    using namespace elementwise;
    std::vector<double> numbers = elementwise::numbers(elements, 1);
    for (double& each : numbers)
    {
        each = 1 + each / 4;
    }
    return tape.variable(xt::adapt(numbers, std::vector<std::size_t>{side, side}));
}

/// Records f(x) again and again in the same memory.
template <class F>
void add_function(const std::string& work, F f)
{
    measure::add(subject, work, measure::xgrad, elementwise::unit, elementwise::elements,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = matrix(*tape);
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         benchmark::DoNotOptimize(f(x).data());
                     };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    add_function("sum_all", [](auto x) { return sum(x); });
    add_function("sum_rows", [](auto x) { return sum(x, 1); });
    add_function("sum_columns", [](auto x) { return sum(x, 0); });
    add_function("amax_rows", [](auto x) { return amax(x, 1); });
    add_function("amax_columns", [](auto x) { return amax(x, 0); });
    add_function("norm_l2_rows", [](auto x) { return norm_l2(x, 1); });
    add_function("norm_l2_columns", [](auto x) { return norm_l2(x, 0); });
    add_function("logsumexp_rows", [](auto x) { return logsumexp(x, 1); });
    add_function("logsumexp_columns", [](auto x) { return logsumexp(x, 0); });
    add_function("prod_rows", [](auto x) { return prod(x, 1); });
    add_function("prod_columns", [](auto x) { return prod(x, 0); });
    add_function("cumsum_rows", [](auto x) { return cumsum(x, 1); });
    add_function("cumprod_rows", [](auto x) { return cumprod(x, 1); });
    add_function("cumprod_columns", [](auto x) { return cumprod(x, 0); });
    add_function("prod_rows_gradient", [](auto x) { return gradient(sum(prod(x, 1)), x); });
    add_function("prod_columns_gradient", [](auto x) { return gradient(sum(prod(x, 0)), x); });
    add_function("cumprod_rows_gradient", [](auto x) { return gradient(sum(cumprod(x, 1)), x); });
}
