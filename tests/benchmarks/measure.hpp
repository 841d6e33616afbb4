#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

/// How the benchmarks are named and what they report. C++17, since libtorch's headers are.
namespace measure
{

/// Who does the work. A name reads subject/task/by; works of one name are the same work, and are put side by side.
inline constexpr auto xgrad = "xgrad";
inline constexpr auto recorded = "recorded"; ///< xgrad, of what a program does: recorded anew
inline constexpr auto libtorch = "libtorch";
inline constexpr auto xtensor = "xtensor";
inline constexpr auto plain = "plain"; ///< loops, cblas_dgemm: what a careful author writes without any of these

inline std::string name(const std::string& subject, const std::string& work, const std::string& by)
{
    return subject + "/" + work + "/" + by;
}

/// The counter that the tables show: seconds, or bytes, for one of what is counted. The label is the unit that the
/// tables show it in, such as "ns/element" (units.hpp).
inline constexpr auto figure = "figure";

/// Registers work that is repeated until its time is known. `prepare()` is called once, untimed, and returns the
/// callable that is timed; the figure is its processor time divided by the `items` that one call treats.
template <class Prepare>
void add(const std::string& subject, const std::string& work, const char* by, const std::string& unit,
         std::size_t items, Prepare prepare)
{
    const auto run = [=](benchmark::State& state)
    {
        auto timed = prepare();
        for ([[maybe_unused]] const auto iteration : state)
        {
            timed();
            benchmark::ClobberMemory();
        }
        using benchmark::Counter;
        state.counters[figure] =
            Counter(static_cast<double>(items), Counter::kIsIterationInvariantRate | Counter::kInvert);
        state.SetLabel(unit);
    };
    benchmark::RegisterBenchmark(name(subject, work, by).c_str(), run);
}

/// Registers work that measures itself, once for each repetition: `get()` returns the figure.
template <class Get>
void add_figure(const std::string& subject, const std::string& work, const char* by, const std::string& unit, Get get)
{
    const auto run = [=](benchmark::State& state)
    {
        for ([[maybe_unused]] const auto iteration : state)
        {
            state.counters[figure] = get();
        }
        state.SetLabel(unit);
    };
    benchmark::RegisterBenchmark(name(subject, work, by).c_str(), run)->Iterations(1);
}

/// What a program measures: each program defines it, and main.cpp calls it.
void register_benchmarks();

} // namespace measure
