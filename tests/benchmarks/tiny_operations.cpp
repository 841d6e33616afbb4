// What an operation costs that computes next to nothing: a chain of a thousand operations on four numbers, recorded,
// and its gradient by the operand that every link uses.

#include "tests/benchmarks/tiny_operations.hpp"
#include "tests/benchmarks/measure.hpp"

#include "autograd/autograd.hpp"

#include <memory>

namespace
{

using autograd::variable;

/// A tape with the chain's operand, to which each recording comes back.
struct chain
{
    autograd::tape<double> tape;
    variable<double> w = tape.variable(xt::xarray<double>{0.5, 0.9, 1.0, 1.1});
    autograd::tape<double>::position after_leaves = tape.mark();

    template <class Step>
    variable<double> record(Step step)
    {
        tape.rewind(after_leaves);
        variable<double> y = w;
        for (std::size_t i = 0; i < tiny::length; ++i)
        {
            y = step(y, w);
        }
        return y;
    }
};

template <class Step>
void add_chain(const char* operation, Step step)
{
    measure::add("tiny_operations", tiny::forward(operation), measure::xgrad, "ns/operation", tiny::length,
                 [=] { return [=, own = std::make_unique<chain>()] { benchmark::DoNotOptimize(own->record(step)); }; });
    measure::add("tiny_operations", tiny::backward(operation), measure::xgrad, "ns/operation", tiny::length,
                 [=]
                 {
                     auto own = std::make_unique<chain>();
                     const variable<double> loss = sum(own->record(step));
                     const auto after_loss = own->tape.mark();
                     return [=, own = std::move(own)]
                     {
                         own->tape.rewind(after_loss);
                         benchmark::DoNotOptimize(gradient(loss, own->w));
                     };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    add_chain("multiply", [](auto y, auto w) { return y * w; });
    add_chain("add", [](auto y, auto w) { return y + w; });
    add_chain("tanh", [](auto y, auto) { return tanh(y); });
}
