// Loops over the rows of one array, each taken by itself: recorded, and the gradient by the array. The time for a row
// is the same for a thousand rows and for ten thousand, or something is quadratic.

#include "tests/benchmarks/measure.hpp"

#include "autograd/autograd.hpp"

#include <memory>
#include <vector>

namespace
{

using autograd::variable;
using tape = autograd::tape<double>;

constexpr std::size_t columns = 4;

/// The sum of what is made of the rows one after the other; `row(x, i)` takes one of them.
template <class Row>
variable<double> loop(variable<double> x, Row row)
{
    variable<double> state = x.tape().full({columns}, 0.5);
    for (std::size_t i = 0; i < x.shape(0); ++i)
    {
        state = tanh(state * row(x, i));
    }
    return sum(state);
}

/// Records the loop and its gradient again and again in the same memory.
template <class F>
void add_loop(const std::string& work, F f)
{
    for (const std::size_t rows : {std::size_t{1'000}, std::size_t{10'000}})
    {
        measure::add("row_loops", work + "_" + std::to_string(rows), measure::xgrad, "ns/row", rows,
                     [=]
                     {
                         auto t = std::make_unique<tape>();
                         const auto x = t->variable(0.5 * xt::ones<double>({rows, columns}));
                         const auto start = t->mark();
                         return [=, t = std::move(t)]
                         {
                             t->rewind(start);
                             benchmark::DoNotOptimize(gradient(f(x), x));
                         };
                     });
    }
}

} // namespace

void measure::register_benchmarks()
{
    add_loop("view", [](auto x) { return loop(x, [](auto of, std::size_t i) { return view(of, i); }); });
    add_loop("slice", [](auto x) { return loop(x, [](auto of, std::size_t i) { return slice(of, 0, i, i + 1); }); });
    add_loop("split",
             [](auto x)
             {
                 const auto rows = split(x, x.shape(0));
                 return loop(x, [&](auto, std::size_t i) { return rows[i]; });
             });
    add_loop("gather",
             [](auto x) { return loop(x, [](auto of, std::size_t i) { return gather(of, of.tape().index(i)); }); });
    add_loop("take_along_axis",
             [](auto x)
             {
                 return loop(
                     x,
                     [](auto of, std::size_t i)
                     {
                         const xt::xarray<std::size_t> row = i * xt::ones<std::size_t>({std::size_t{1}, columns});
                         return take_along_axis(of, of.tape().index(row), 0);
                     });
             });
    add_loop("parts_of_concatenation",
             [](auto x)
             {
                 const auto twice = autograd::concatenate({x, 2.0 * x}, 0);
                 return loop(twice, [](auto of, std::size_t i) { return view(of, i); });
             });
    add_loop("concatenation_of_parts",
             [](auto x)
             {
                 std::vector<variable<double>> rows;
                 for (std::size_t i = 0; i < x.shape(0); ++i)
                 {
                     rows.push_back(tanh(slice(x, 0, i, i + 1)));
                 }
                 return sum(square(autograd::concatenate(rows)));
             });
}
