// Time per element of the functions on packs, over arrays of 4096 elements that stay in the first-level cache, beside
// the same loop over the vector functions of SLEEF and of glibc's libmvec. The counter "element" is the time for one
// element. Names are function/type/implementation, so --benchmark_filter=tanh/double picks a comparison.

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "autograd/kernels/pack.hpp"
#include "tests/benchmarks/measure.hpp"

// libmvec has no header; the names are those of the vector function ABI of x86-64 for 512-bit registers.
#if defined(__AVX512F__) && defined(__linux__) && defined(__x86_64__)
#define LIBMVEC_DECLARE(function)                                                                                      \
    extern "C" __m512d _ZGVeN8v_##function(__m512d);                                                                   \
    extern "C" __m512 _ZGVeN16v_##function##f(__m512);
#define LIBMVEC_REGISTER(function, low, high)                                                                          \
    add_function<double>(#function, "libmvec", low, high,                                                              \
                         [](pack<double> x)                                                                            \
                         { return pack<double>(pack<double>::batch_type(_ZGVeN8v_##function(x.m_batch))); });          \
    add_function<float>(#function, "libmvec", low, high,                                                               \
                        [](pack<float> x)                                                                              \
                        { return pack<float>(pack<float>::batch_type(_ZGVeN16v_##function##f(x.m_batch))); });
#else
#define LIBMVEC_DECLARE(function)
#define LIBMVEC_REGISTER(function, low, high)
#endif

// Every function with the interval of its arguments: in SLEEF and in libmvec, in SLEEF alone, and our own.
#define IN_ALL(apply)                                                                                                  \
    apply(exp, -10, 10) apply(exp2, -10, 10) apply(expm1, -3, 3) apply(log, 0.01, 100) apply(log2, 0.01, 100)          \
        apply(log10, 0.01, 100) apply(log1p, -0.9, 10) apply(sin, -10, 10) apply(cos, -10, 10) apply(tan, -10, 10)     \
            apply(asin, -1, 1) apply(acos, -1, 1) apply(atan, -5, 5) apply(sinh, -5, 5) apply(cosh, -5, 5)             \
                apply(tanh, -4, 4) apply(asinh, -5, 5) apply(acosh, 1, 10) apply(atanh, -1, 1) apply(cbrt, -10, 10)    \
                    apply(erf, -3, 3) apply(erfc, -3, 3)
#define IN_SLEEF(apply) apply(lgamma, 0.1, 20)
#define IN_PACKS(apply)                                                                                                \
    apply(sqrt, 0, 10) apply(rsqrt, 0.1, 10) apply(sigmoid, -8, 8) apply(softplus, -8, 8) apply(log_sigmoid, -8, 8)    \
        apply(log1mexp, 0.01, 8) apply(tanh_slope, -4, 4) apply(sigmoid_slope, -8, 8) apply(normal_cdf, -4, 4)         \
            apply(normal_pdf, -4, 4) apply(digamma, 0.1, 20)

#define DECLARE(function, low, high) LIBMVEC_DECLARE(function)
IN_ALL(DECLARE)

namespace
{

namespace kernels = autograd::kernels;
using kernels::pack;

template <class T>
constexpr const char* type_name = sizeof(T) == sizeof(float) ? "float" : "double";

template <class T, class Function>
void add_function(const std::string& name, const std::string& implementation, double low, double high,
                  Function function)
{
    const std::string label = name + "/" + type_name<T> + "/" + implementation;
    benchmark::RegisterBenchmark(label.c_str(),
                                 [=](benchmark::State& state)
                                 {
                                     constexpr std::size_t count = 4096;
                                     std::vector<T> arguments(count);
                                     std::vector<T> results(count);
                                     std::mt19937 generator(1);
                                     std::uniform_real_distribution<double> distribution(low, high);
                                     for (T& argument : arguments)
                                     {
                                         argument = static_cast<T>(distribution(generator));
                                     }
                                     for (auto _ : state)
                                     {
                                         for (std::size_t i = 0; i < count; i += pack<T>::size)
                                         {
                                             const pack<T> result = function(pack<T>::load(&arguments[i]));
                                             result.store(&results[i]);
                                         }
                                         benchmark::DoNotOptimize(results.data());
                                         benchmark::ClobberMemory();
                                     }
                                     using benchmark::Counter;
                                     state.counters["element"] =
                                         Counter(count, Counter::kIsIterationInvariantRate | Counter::kInvert);
                                 });
}

#define ADD_PACK(function, low, high)                                                                                  \
    add_function<double>(#function, "pack", low, high, [](auto x) { return function(x); });                            \
    add_function<float>(#function, "pack", low, high, [](auto x) { return function(x); });
#define ADD_SLEEF(function, low, high)                                                                                 \
    add_function<double>(#function, "sleef", low, high, [](auto x) { return kernels::sleef::function(x); });           \
    add_function<float>(#function, "sleef", low, high, [](auto x) { return kernels::sleef::function(x); });
#define ADD_ALL(function, low, high)                                                                                   \
    ADD_PACK(function, low, high)                                                                                      \
    ADD_SLEEF(function, low, high)                                                                                     \
    LIBMVEC_REGISTER(function, low, high)
#define ADD_PACK_AND_SLEEF(function, low, high)                                                                        \
    ADD_PACK(function, low, high)                                                                                      \
    ADD_SLEEF(function, low, high)

template <class T>
void add_functions_of_two()
{
    add_function<T>("pow", "pack", 0.1, 10, [](auto x) { return pow(x, 1.75); });
    add_function<T>("pow", "sleef", 0.1, 10, [](auto x) { return kernels::sleef::pow(x, pack<T>(1.75)); });
    add_function<T>("atan2", "pack", -10, 10, [](auto x) { return atan2(x, 1.75); });
    add_function<T>("hypot", "pack", -10, 10, [](auto x) { return hypot(x, 1.75); });
    add_function<T>("power_integer_3", "pack", -10, 10, [](auto x) { return power_integer(x, 3); });
    add_function<T>("power_integer_7", "pack", -10, 10, [](auto x) { return power_integer(x, 7); });
}

} // namespace

void measure::register_benchmarks()
{
    IN_ALL(ADD_ALL)
    IN_SLEEF(ADD_PACK_AND_SLEEF)
    IN_PACKS(ADD_PACK)
    add_functions_of_two<double>();
    add_functions_of_two<float>();
}
