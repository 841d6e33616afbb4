// Symmetric eigenproblems as they are recorded, beside LAPACK alone.

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/measure.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/linalg.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace
{

constexpr auto subject = "eigen";

std::string named(const char* work, std::size_t n)
{
    return std::string(work) + "_" + std::to_string(n);
}

/// The work on a warm tape that holds a matrix, and whatever prepare(tape, matrix) records before.
template <class Prepare>
void add_recorded(const char* work, std::size_t n, Prepare prepare)
{
    measure::add(subject, named(work, n), measure::xgrad, "us/matrix", 1,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const std::vector<double> numbers = elementwise::numbers(n * n, 1);
                     const auto timed = prepare(tape->variable(xt::adapt(numbers, {n, n})));
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         timed();
                     };
                 });
}

/// LAPACK's syevd, on a copy of the matrix.
void add_plain(const char* work, std::size_t n)
{
    measure::add(
        subject, named(work, n), measure::plain, "us/matrix", 1,
        [=]
        {
            namespace lapack = autograd::kernels::lapack;
            const int rows = static_cast<int>(n);
            const lapack::work_extents extents = lapack::syevd_work<double>(true, rows);
            return
                [=, a = elementwise::numbers(n * n, 1), vectors = std::vector<double>(n * n),
                 values = std::vector<double>(n), reals = std::vector<double>(static_cast<std::size_t>(extents.reals)),
                 integers = std::vector<int>(static_cast<std::size_t>(extents.integers))]() mutable
            {
                std::copy(a.begin(), a.end(), vectors.begin());
                benchmark::DoNotOptimize(lapack::syevd(true, lapack::triangle::upper, rows, vectors.data(), rows,
                                                       values.data(), reals.data(), integers.data(), extents));
            };
        });
}

} // namespace

void measure::register_benchmarks()
{
    using variable = autograd::variable<double>;
    for (const std::size_t n : {10u, 100u, 500u})
    {
        add_recorded("eigh", n, [](variable a) { return [=] { benchmark::DoNotOptimize(eigh(a).vectors.data()); }; });
        add_plain("eigh", n);
        // Of values and vectors; beside what they themselves cost.
        add_recorded("gradient_of_eigh", n,
                     [](variable a)
                     {
                         const auto [values, vectors] = eigh(a);
                         const variable y = sum(a * vectors) + sum(values * values);
                         return [=] { benchmark::DoNotOptimize(gradient(y, a)); };
                     });
        add_plain("gradient_of_eigh", n);
        add_recorded("exp", n,
                     [](variable a)
                     {
                         const auto f = autograd::spectral_function::exp;
                         return [=] { benchmark::DoNotOptimize(spectral(0.01 * a, f).data()); };
                     });
        add_plain("exp", n);
        add_recorded("gradient_of_exp", n,
                     [](variable a)
                     {
                         const variable y = sum(a * spectral(0.01 * a, autograd::spectral_function::exp));
                         return [=] { benchmark::DoNotOptimize(gradient(y, a)); };
                     });
        add_plain("gradient_of_exp", n);
    }
}
