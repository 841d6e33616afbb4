// QR factorizations as they are recorded, beside LAPACK alone.

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

constexpr auto subject = "qr";

using variable = autograd::variable<double>;

std::string named(const char* work, std::size_t rows, std::size_t columns)
{
    return work + std::to_string(rows) + "x" + std::to_string(columns);
}

/// The work on a warm tape that holds a matrix, and whatever prepare(matrix) records before.
template <class Prepare>
void add_recorded(const char* work, std::size_t rows, std::size_t columns, Prepare prepare)
{
    measure::add(subject, named(work, rows, columns), measure::xgrad, "us/matrix", 1,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const std::vector<double> numbers = elementwise::numbers(rows * columns, 1);
                     const auto timed = prepare(tape->variable(xt::adapt(numbers, {rows, columns})));
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         timed();
                     };
                 });
}

/// LAPACK's geqrf and orgqr, on a copy of a matrix by columns. There are no fewer rows than columns.
void add_plain(std::size_t rows, std::size_t columns)
{
    measure::add(subject, named("", rows, columns), measure::plain, "us/matrix", 1,
                 [=]
                 {
                     namespace lapack = autograd::kernels::lapack;
                     const int m = static_cast<int>(rows);
                     const int n = static_cast<int>(columns);
                     const int given = std::max(lapack::geqrf_work<double>(m, n), lapack::orgqr_work<double>(m, n, n));
                     return [=, a = elementwise::numbers(rows * columns, 1), q = std::vector<double>(rows * columns),
                             factors = std::vector<double>(columns),
                             work = std::vector<double>(static_cast<std::size_t>(given))]() mutable
                     {
                         std::copy(a.begin(), a.end(), q.begin());
                         lapack::geqrf(m, n, q.data(), m, factors.data(), work.data(), given);
                         lapack::orgqr(m, n, n, q.data(), m, factors.data(), work.data(), given);
                         benchmark::DoNotOptimize(q.data());
                     };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    struct extents
    {
        std::size_t rows;
        std::size_t columns;
    };
    for (const auto [rows, columns] : {extents{10, 10}, {100, 100}, {500, 500}, {1000, 20}})
    {
        add_recorded("", rows, columns, [](variable a) { return [=] { benchmark::DoNotOptimize(qr(a).q.data()); }; });
        add_plain(rows, columns);
        // Of both factors, beside what the functions of them cost.
        add_recorded("gradient_of_", rows, columns,
                     [](variable a)
                     {
                         const auto [q, r] = qr(a);
                         const variable y = sum(a * q) + sum(r * r);
                         return [=] { benchmark::DoNotOptimize(gradient(y, a)); };
                     });
    }
    // A matrix of norm about 4: a Pade approximant of degree 13, one squaring.
    for (const std::size_t n : {10u, 100u, 500u})
    {
        const double scale = 8 / static_cast<double>(n);
        add_recorded("expm_", n, n,
                     [=](variable a) { return [=] { benchmark::DoNotOptimize(expm(scale * a).data()); }; });
        add_recorded("gradient_of_expm_", n, n,
                     [=](variable a)
                     {
                         const variable y = sum(square(expm(scale * a)));
                         return [=] { benchmark::DoNotOptimize(gradient(y, a)); };
                     });
        add_recorded("product_", n, n,
                     [](variable a) { return [=] { benchmark::DoNotOptimize(matmul(a, a).data()); }; });
    }
}
