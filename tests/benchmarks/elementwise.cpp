// Throughput of elementwise operations as they are recorded, beside plain loops over the same vector functions.

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/elementwise_loops.hpp"
#include "tests/benchmarks/measure.hpp"

#include "autograd/autograd.hpp"

#include <memory>

namespace
{

using autograd::variable;

variable<double> matrix(autograd::tape<double>& tape, const std::vector<std::size_t>& shape, unsigned seed)
{
    const std::vector<double> numbers = elementwise::numbers(elementwise::size_of(shape), seed);
    return tape.variable(xt::adapt(numbers, shape));
}

/// Records f() again and again in the same memory.
template <class F>
auto again(std::unique_ptr<autograd::tape<double>> tape, F f)
{
    const auto start = tape->mark();
    return [=, tape = std::move(tape)]
    {
        tape->rewind(start);
        benchmark::DoNotOptimize(f().data());
    };
}

template <class F>
void add_unary(const std::string& function, F f, loops::unary loop)
{
    using namespace elementwise;
    measure::add(subject, function, measure::xgrad, unit, elements,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = matrix(*tape, {side, side}, 1);
                     return again(std::move(tape), [=] { return f(x); });
                 });
    measure::add(subject, function, measure::plain, unit, elements,
                 [=]
                 {
                     return [=, x = numbers(elements, 1), y = std::vector<double>(elements)]() mutable
                     { loop(x.data(), y.data(), elements); };
                 });
}

/// What flows back through a function, which was recorded once.
template <class F>
void add_gradient(const std::string& function, F f)
{
    using namespace elementwise;
    measure::add(subject, function + "_backward", measure::xgrad, unit, elements,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = matrix(*tape, {side, side}, 1);
                     const auto y = f(x);
                     const auto y_bar = matrix(*tape, {side, side}, 2);
                     return again(std::move(tape), [=] { return vjp(y, x, y_bar); });
                 });
}

template <class F>
void add_binary(const std::string& function, elementwise::broadcast b, F f, loops::binary loop)
{
    using namespace elementwise;
    measure::add(subject, work(function, b), measure::xgrad, unit, elements,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = matrix(*tape, {side, side}, 1);
                     const auto y = b == broadcast::scalar ? tape->full({}, number) : matrix(*tape, right_shape(b), 2);
                     return again(std::move(tape), [=] { return f(x, y); });
                 });
    measure::add(subject, work(function, b), measure::plain, unit, elements,
                 [=]
                 {
                     return [=, x = numbers(elements, 1), y = numbers(right_size(b), 2),
                             z = std::vector<double>(elements)]() mutable { loop(x.data(), y.data(), b, z.data()); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    for (const auto b : elementwise::broadcasts)
    {
        add_binary(
            "add", b, [](auto x, auto y) { return x + y; }, loops::add);
        add_binary(
            "multiply", b, [](auto x, auto y) { return x * y; }, loops::multiply);
    }
    add_unary(
        "exp", [](auto x) { return exp(x); }, loops::exp);
    add_unary(
        "tanh", [](auto x) { return tanh(x); }, loops::tanh);
    add_gradient("tanh", [](auto x) { return tanh(x); });
    add_gradient("sigmoid", [](auto x) { return sigmoid(x); });
    add_gradient("softplus", [](auto x) { return softplus(x); });
    add_gradient("gelu", [](auto x) { return gelu(x); });
}
