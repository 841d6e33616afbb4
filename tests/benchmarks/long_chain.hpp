#pragma once

#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/processor_time.hpp"

#include <malloc.h>

#include <cstddef>
#include <memory>

/// The work that is the same for all who do it: a chain of a million products of four numbers, its gradient, and its
/// end.
namespace long_chain
{

inline constexpr std::size_t length = 1'000'000;
inline constexpr double per_operation = 1.0 / length;

/// What the program has from malloc, in bytes.
inline double bytes_in_use()
{
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

struct figures
{
    double record = 0;
    double gradient = 0;
    double destroy = 0;
    double bytes_recorded = 0;
    double bytes_with_gradient = 0;
};

/// A Chain records itself and takes its gradient; its destructor is its end.
template <class Chain>
figures run()
{
    figures result;
    const double before = bytes_in_use();
    auto chain = std::make_unique<Chain>();
    result.record = measure::processor_seconds([&] { chain->record(); });
    result.bytes_recorded = bytes_in_use() - before;
    result.gradient = measure::processor_seconds([&] { chain->differentiate(); });
    result.bytes_with_gradient = bytes_in_use() - before;
    result.destroy = measure::processor_seconds([&] { chain.reset(); });
    return result;
}

template <class Chain>
void add_all(const char* by)
{
    const auto add = [=](const char* work, const char* unit, double figures::*which)
    { measure::add_figure("long_chain", work, by, unit, [=] { return run<Chain>().*which * per_operation; }); };
    add("record", "ns/operation", &figures::record);
    add("gradient", "ns/operation", &figures::gradient);
    add("destroy", "ns/operation", &figures::destroy);
    add("memory_recorded", "bytes/operation", &figures::bytes_recorded);
    add("memory_with_gradient", "bytes/operation", &figures::bytes_with_gradient);
}

} // namespace long_chain
