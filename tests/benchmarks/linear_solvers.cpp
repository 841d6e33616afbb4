// Solutions and factorizations as they are recorded, beside LAPACK itself, and their gradients. LAPACK overwrites what
// it is given: its matrix is copied, as ours is.

#include "tests/benchmarks/measure.hpp"

#include "autograd/linalg.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

extern "C"
{
    void dgesv_(const int*, const int*, double*, const int*, int*, double*, const int*, int*);
    void sgesv_(const int*, const int*, float*, const int*, int*, float*, const int*, int*);
    void dpotrf_(const char*, const int*, double*, const int*, int*);
    void spotrf_(const char*, const int*, float*, const int*, int*);
}

namespace
{

using autograd::variable;

constexpr std::size_t sizes[] = {10, 100, 500};

void gesv(const int* n, const int* columns, double* a, int* pivots, double* b, int* status)
{
    dgesv_(n, columns, a, n, pivots, b, n, status);
}
void gesv(const int* n, const int* columns, float* a, int* pivots, float* b, int* status)
{
    sgesv_(n, columns, a, n, pivots, b, n, status);
}
void potrf(const int* n, double* a, int* status)
{
    dpotrf_("U", n, a, n, status);
}
void potrf(const int* n, float* a, int* status)
{
    spotrf_("U", n, a, n, status);
}

template <class T>
std::vector<T> numbers(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    std::vector<T> result(count);
    std::generate(result.begin(), result.end(), [&] { return static_cast<T>(normal(generator)); });
    return result;
}

/// One without a pattern, or with a large diagonal: so the symmetric matrix that its lower triangle stands for is
/// positive definite.
template <class T>
std::vector<T> matrix(std::size_t n, bool positive_definite)
{
    std::vector<T> result = numbers<T>(n * n, 1);
    for (std::size_t i = 0; i < n && positive_definite; ++i)
    {
        result[i * n + i] += static_cast<T>(2 * n + 8);
    }
    return result;
}

template <class T>
std::string work(const char* what, std::size_t n)
{
    return std::string(what) + "_" + std::to_string(n) + (sizeof(T) == 4 ? "_float" : "");
}

constexpr auto subject = "linear_solvers";

const char* unit(std::size_t n)
{
    return n < 32 ? "ns/matrix" : "us/matrix";
}

/// f(a, b) recorded over and over on a warm tape, and its gradient by a, or by both.
template <class T, class F>
void add_recorded(const char* what, std::size_t n, std::size_t columns, bool is_cholesky, F f)
{
    const auto prepared = [=]
    {
        auto tape = std::make_unique<autograd::tape<T>>();
        const std::vector<T> values = matrix<T>(n, is_cholesky), right = numbers<T>(n * columns, 2);
        const auto a = tape->variable(xt::adapt(values, std::vector{n, n}));
        const auto b = columns == 1 ? tape->variable(xt::adapt(right, std::vector{n}))
                                    : tape->variable(xt::adapt(right, std::vector{n, columns}));
        return std::tuple(std::move(tape), a, b);
    };
    measure::add(subject, work<T>(what, n), measure::xgrad, unit(n), 1,
                 [=]
                 {
                     auto [tape, a, b] = prepared();
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape), a = a, b = b]
                     {
                         tape->rewind(start);
                         benchmark::DoNotOptimize(f(a, b).data());
                     };
                 });
    measure::add(subject, work<T>(what, n) + "_gradient", measure::xgrad, unit(n), 1,
                 [=]
                 {
                     auto [tape, a, b] = prepared();
                     const auto y = f(a, b);
                     const auto y_bar = tape->constant(y.value());
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape), a = a, b = b]
                     {
                         tape->rewind(start);
                         if (is_cholesky)
                         {
                             benchmark::DoNotOptimize(vjp(y, a, y_bar));
                             return;
                         }
                         benchmark::DoNotOptimize(vjp(y, {a, b}, y_bar));
                     };
                 });
}

template <class T>
void add_solve(const char* what, std::size_t n, std::size_t columns)
{
    add_recorded<T>(what, n, columns, false, [](variable<T> a, variable<T> b) { return solve(a, b); });
    measure::add(subject, work<T>(what, n), measure::plain, unit(n), 1,
                 [=]
                 {
                     return [=, a = matrix<T>(n, false), b = numbers<T>(n * columns, 2), lu = std::vector<T>(n * n),
                             x = std::vector<T>(n * columns), pivots = std::vector<int>(n)]() mutable
                     {
                         const int rows = static_cast<int>(n), right = static_cast<int>(columns);
                         int status = 0;
                         std::copy(a.begin(), a.end(), lu.begin());
                         std::copy(b.begin(), b.end(), x.begin());
                         gesv(&rows, &right, lu.data(), pivots.data(), x.data(), &status);
                         benchmark::DoNotOptimize(status);
                     };
                 });
}

template <class T>
void add_cholesky(std::size_t n)
{
    add_recorded<T>("cholesky", n, 1, true, [](variable<T> a, variable<T>) { return cholesky(a); });
    measure::add(subject, work<T>("cholesky", n), measure::plain, unit(n), 1,
                 [=]
                 {
                     return [=, a = matrix<T>(n, true), l = std::vector<T>(n * n)]() mutable
                     {
                         const int rows = static_cast<int>(n);
                         int status = 0;
                         std::copy(a.begin(), a.end(), l.begin());
                         potrf(&rows, l.data(), &status);
                         benchmark::DoNotOptimize(status);
                     };
                 });
}

template <class T>
void add_all()
{
    for (const std::size_t n : sizes)
    {
        add_solve<T>("solve_vector", n, 1);
        add_solve<T>("solve_matrix", n, n);
        add_cholesky<T>(n);
    }
}

} // namespace

void measure::register_benchmarks()
{
    add_all<double>();
    add_all<float>();
}
