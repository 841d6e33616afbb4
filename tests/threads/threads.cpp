// Eight threads, each with a tape of its own and a copy of one compiled function, and what one of them gives alone; and
// large operations, which each of them may divide among others: to be run under a thread sanitizer, so without a test
// framework. 0 when all agree.

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"

#include <cmath>
#include <cstdio>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

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

/// Numbers of many sizes and both signs, so that the order of a sum shows in its last bits.
array numbers(std::vector<std::size_t> shape, int seed)
{
    array result = array::from_shape(shape);
    std::size_t k = 0;
    for (double& each : result)
    {
        each = std::sin(seed + 1.7 * static_cast<double>(k)) * (k % 7 == 0 ? 8 : 0.5);
        ++k;
    }
    return result;
}

/// Operations that are divided, each in its way, and one that throws in several parts.
double work_divided(int seed)
{
    tape t;
    const variable x = t.variable(numbers({230, 301}, seed));
    const variable w = t.variable(numbers({301, 260}, seed + 1));
    const variable y = softmax(tanh(matmul(x, w)), 1) + logsumexp(x, 1, xt::keep_dims) * 0.1 * sum(w);
    const variable loss =
        norm_l2(y) + sum(exp(flip(cumsum(y, 0), 1) * 0.01)) + sum(gather(y, t.index(xt::xarray<int>{1, 0}), 0));
    const variable z = sum(square(t.variable(numbers({100'003}, seed)) * 0.5));
    array bad = -1.0 * xt::ones<double>({2000, 4, 4});
    bool refused = false;
    try
    {
        static_cast<void>(cholesky(t.variable(bad)));
    }
    catch (const autograd::error::value_error& e)
    {
        refused = std::string(e.what()).find("matrix (0) of a") != std::string::npos;
    }
    return refused ? sum(gradient(loss, x)).item() + sum(gradient(loss, w)).item() + z.item() : -1;
}

/// One step of a program whose loops are divided.
double work_program(int seed)
{
    const auto step = [](auto x, auto w)
    {
        const auto y = tanh(matmul(x, w)) * 0.5;
        return std::tuple(gradient(sum(square(y) * x), w), sum(y, 0), sum(y, 1), sum(y));
    };
    const array x = numbers({300, 300}, seed);
    const array w = numbers({300, 300}, seed + 1);
    auto f = autograd::compile(step, x, w);
    const auto [slope, columns, rows, all] = f(x, w);
    return xt::sum(slope)() + xt::sum(columns)() + xt::sum(rows)() + array(all)();
}

} // namespace

int main()
{
    if (openblas_set_num_threads != nullptr)
    {
        openblas_set_num_threads(1);
    }
    autograd::set_threads(3);
    constexpr int count = 8;
    double parallel[count] = {}, compiled[count] = {}, divided[count] = {}, programs[count] = {};
    const auto slope = autograd::compile(slope_of_squares, autograd::placeholder<double>{2, 2}, array{0.0, 0.0});
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
    {
        threads.emplace_back(
            [&, i]
            {
                parallel[i] = work(i);
                compiled[i] = work_compiled(slope, i);
                divided[i] = work_divided(i);
                programs[i] = work_program(i);
            });
    }
    for (std::thread& each : threads)
    {
        each.join();
    }
    autograd::set_threads(1);
    int different = 0;
    for (int i = 0; i < count; ++i)
    {
        different += parallel[i] != work(i) || parallel[i] == -1 || compiled[i] != work_compiled(slope, i);
        different += divided[i] != work_divided(i) || divided[i] == -1 || programs[i] != work_program(i);
    }
    std::printf("%d threads, %d different results\n", count, different);
    return different == 0 ? 0 : 1;
}
