// Eight threads, each with a tape of its own and a copy of one compiled function, and what one of them gives alone: to
// be run under a thread sanitizer, so without a test framework. 0 when all agree.

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"

#include <cstdio>
#include <thread>

// OpenBLAS's own threads are not ours to check. Absent from other implementations.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace
{

using tape = autograd::tape<double>;
using variable = autograd::variable<double>;
using array = xt::xarray<double>;

/// Training that goes through every part of the library that a thread may use by itself.
double work(int seed)
{
    array w = array{{0.3, -0.2}, {0.5, 0.1}} + 0.01 * seed;
    tape t;
    const auto cubed =
        autograd::custom_vjp([](auto x) { return x * x * x; }, [](auto x, auto, auto g) { return 3.0 * x * x * g; });
    for (int step = 0; step < 20; ++step)
    {
        t.clear();
        const auto scope = t.scope("layer");
        const variable x = t.constant(array{{0.1, -0.4}, {0.7, 0.2}, {-0.3, 0.9}});
        const variable v = t.variable(w).name("w");
        const variable y = softmax(matmul(x, v), 1) + sort(x, 0) - cumsum(cubed(x), 1);
        const variable loss = mean(square(y)) + 0.01 * norm_l2(gather(v, t.index(xt::xarray<int>{1, 0}), 0));
        const variable g = gradient(loss, v);
        const variable hv = hessian_vector_product(loss, v, g);
        w -= 0.1 * g.value() + 0.001 * hv.value();
        try
        {
            static_cast<void>(matmul(x, x));
        }
        catch (const autograd::error::shape_error&)
        {
        }
        if (autograd::find_non_finite(loss))
        {
            return -1;
        }
    }
    const auto report = autograd::check_gradient([](variable x) { return sum(exp(x)); }, w);
    return report ? sum(t.constant(w)).item() : -1;
}

const auto slope_of_squares = [](auto x, auto w) { return gradient(mean(square(matmul(x, w))), w); };

/// A training with a compiled function, which is recorded anew for some batches.
template <class Function>
double work_compiled(Function slope, int seed)
{
    array w{0.3, -0.2};
    for (int step = 0; step < 20; ++step)
    {
        array x = array::from_shape({static_cast<std::size_t>(2 + (seed + step) % 3), 2});
        x.fill(0.1 * seed + 0.5);
        w -= 0.1 * slope(x, w);
    }
    return w(0) + w(1);
}

} // namespace

int main()
{
    if (openblas_set_num_threads != nullptr)
    {
        openblas_set_num_threads(1);
    }
    constexpr int count = 8;
    double parallel[count] = {}, compiled[count] = {};
    const auto slope = autograd::compile(slope_of_squares, autograd::placeholder<double>{2, 2}, array{0.0, 0.0});
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
    {
        threads.emplace_back(
            [&, i]
            {
                parallel[i] = work(i);
                compiled[i] = work_compiled(slope, i);
            });
    }
    for (std::thread& each : threads)
    {
        each.join();
    }
    int different = 0;
    for (int i = 0; i < count; ++i)
    {
        different += parallel[i] != work(i) || parallel[i] == -1 || compiled[i] != work_compiled(slope, i);
    }
    std::printf("%d threads, %d different results\n", count, different);
    return different == 0 ? 0 : 1;
}
