// Singular value decompositions as they are recorded, beside LAPACK's gesdd alone, and their gradients.

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

namespace lapack = autograd::kernels::lapack;

constexpr auto subject = "svd";
constexpr const char* unit = "us/matrix";

template <class T>
std::vector<T> numbers_of(std::size_t n)
{
    const std::vector<double> numbers = elementwise::numbers(n * n, 1);
    return {numbers.begin(), numbers.end()};
}

template <class T>
std::string work(std::size_t n)
{
    return std::to_string(n) + "x" + std::to_string(n) + (sizeof(T) == sizeof(float) ? "_float" : "");
}

/// Takes f of a matrix again and again in the same memory, and where it is asked for the gradient of what f gives.
template <class T, class F>
void add_xgrad(std::size_t n, const std::string& name, bool with_gradient, F f)
{
    measure::add(subject, work<T>(n) + name, measure::xgrad, unit, 1,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<T>>();
                     const auto a = tape->variable(xt::adapt(numbers_of<T>(n), {n, n}));
                     const auto loss = with_gradient ? f(a) : a;
                     const auto start = tape->mark();
                     return [=, tape = std::move(tape)]
                     {
                         tape->rewind(start);
                         benchmark::DoNotOptimize((with_gradient ? gradient(loss, a) : f(a)).data());
                     };
                 });
}

/// gesdd with all its memory at hand; the matrix is copied, since it is spoilt.
template <class T>
void add_plain(std::size_t n)
{
    measure::add(subject, work<T>(n), measure::plain, unit, 1,
                 [=]
                 {
                     const int extent = static_cast<int>(n);
                     const auto extents = lapack::gesdd_work<T>(lapack::singular_vectors::reduced, extent, extent);
                     return [=, a = numbers_of<T>(n), spoilt = std::vector<T>(n * n), s = std::vector<T>(n),
                             u = std::vector<T>(n * n), vt = std::vector<T>(n * n),
                             reals = std::vector<T>(static_cast<std::size_t>(extents.reals)),
                             integers = std::vector<int>(static_cast<std::size_t>(extents.integers))]() mutable
                     {
                         std::copy(a.begin(), a.end(), spoilt.begin());
                         benchmark::DoNotOptimize(lapack::gesdd(
                             lapack::singular_vectors::reduced, extent, extent, spoilt.data(), extent, s.data(),
                             u.data(), extent, vt.data(), extent, reals.data(), integers.data(), extents));
                     };
                 });
}

template <class T>
void add_all(std::size_t n)
{
    const auto vectors = [](auto a)
    {
        const auto [u, s, vt] = autograd::svd(a);
        return sum(u * square(u)) + sum(s) + sum(vt * square(vt));
    };
    const auto values = [](auto a) { return sum(autograd::singular_values(a)); };
    const auto factor = [](auto a) { return sum(square(square(autograd::polar(a)))); };
    const auto inverse = [](auto a) { return sum(square(autograd::pinv(a))); };
    add_plain<T>(n);
    add_xgrad<T>(n, "", false, [](auto a) { return autograd::svd(a).s; });
    add_xgrad<T>(n, "_gradient", true, vectors);
    add_xgrad<T>(n, "_gradient_of_values", true, values);
    add_xgrad<T>(n, "_gradient_of_polar", true, factor);
    add_xgrad<T>(n, "_gradient_of_pinv", true, inverse);
}

} // namespace

void measure::register_benchmarks()
{
    for (const std::size_t n : {10U, 100U, 500U})
    {
        add_all<double>(n);
    }
    add_all<float>(100);
}
