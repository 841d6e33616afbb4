// Jacobians of which most is 0, since each sample has its own part in them: whole, and by the gradients of sums.

#include "tests/benchmarks/measure.hpp"

#include "autograd/autograd.hpp"

#include <memory>

namespace
{

using autograd::variable;
using tape = autograd::tape<double>;

constexpr std::size_t samples = 600;
constexpr std::size_t hidden = 32;

constexpr std::size_t observations = 300; // of a point each, two numbers
constexpr std::size_t points = 62;        // of three coordinates

/// Numbers in (-1, 1), the same in each run.
variable<double> numbers(tape& t, std::initializer_list<std::size_t> shape)
{
    xt::xarray<double> result = xt::xarray<double>::from_shape(shape);
    double next = 0.1;
    for (double& each : result)
    {
        next = next * 0.9 + 0.77;
        next -= next > 1 ? 2 : 0;
        each = next;
    }
    return t.variable(result);
}

/// A network of one input, one result and one hidden layer, at many samples: x and u(x), shapes (samples, 1).
std::pair<variable<double>, variable<double>> record_network(tape& t)
{
    const auto x = numbers(t, {samples, 1});
    const auto first = numbers(t, {1, hidden}), bias = numbers(t, {hidden}), second = numbers(t, {hidden, 1});
    return {x, matmul(tanh(matmul(x, first) + bias), second)};
}

/// Where a camera sees points.
struct projection
{
    variable<double> all;  ///< (points, 3)
    variable<double> seen; ///< (observations, 3): of each observation the point that it sees
    variable<double> at;   ///< (observations, 2)
};

projection record_projection(tape& t)
{
    const auto all = numbers(t, {points, 3});
    xt::xarray<int> which = xt::arange<int>(observations);
    const auto seen = gather(all, t.index(xt::xarray<int>(which * 7 % int{points})));
    const auto depth = 3.0 + view(seen, xt::all(), xt::range(2, 3));
    return {all, seen, view(seen, xt::all(), xt::range(0, 2)) / depth};
}

/// Takes f(what was recorded) again and again in the same memory.
template <class Record, class F>
void add_derivative(const char* work, Record record, F f)
{
    measure::add("jacobians", work, measure::xgrad, "us/jacobian", 1,
                 [=]
                 {
                     auto t = std::make_unique<tape>();
                     const auto recorded = record(*t);
                     const auto start = t->mark();
                     return [=, t = std::move(t)]
                     {
                         t->rewind(start);
                         static_cast<void>(f(recorded));
                     };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    add_derivative("samples_whole", record_network, [](const auto& r) { return jacobian(r.second, r.first); });
    add_derivative("samples_one_walk", record_network, [](const auto& r) { return gradient(sum(r.second), r.first); });
    add_derivative("blocks_whole", record_projection, [](const auto& r) { return jacobian(r.at, r.all); });
    add_derivative("blocks_two_walks", record_projection,
                   [](const auto& r)
                   {
                       const variable first = gradient(sum(view(r.at, xt::all(), 0)), r.seen);
                       return std::pair(first, gradient(sum(view(r.at, xt::all(), 1)), r.seen));
                   });
}
