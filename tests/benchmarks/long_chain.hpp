#pragma once

#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/processor_time.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <memory>

/// The work that is the same for all who do it: a chain of products of four numbers, its gradient, and its end.
namespace long_chain
{

/// Of the chain whose memory is counted; shorter ones are recorded so often that together they are as long.
inline constexpr std::size_t usual_length = 1'000'000;

/// The memory that the program has touched and not given back, in bytes.
inline double bytes_in_use()
{
    malloc_trim(0);
    unsigned long all = 0;
    unsigned long resident = 0;
    if (std::FILE* const file = std::fopen("/proc/self/statm", "r"))
    {
        if (std::fscanf(file, "%lu %lu", &all, &resident) != 2)
        {
            resident = 0;
        }
        std::fclose(file);
    }
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// For each operation of a chain.
struct figures
{
    double record = 0;
    double gradient = 0;
    double destroy = 0;
    double bytes_recorded = 0;
    double bytes_with_gradient = 0;
};

/// A Chain records itself at a length and takes its gradient; its destructor is its end. Of short chains there are as
/// many, one after the other, as make a million operations.
template <class Chain>
figures run(std::size_t length)
{
    const std::size_t chains = std::max<std::size_t>(1, usual_length / length);
    figures sum;
    for (std::size_t i = 0; i < chains; ++i)
    {
        auto chain = std::make_unique<Chain>();
        sum.record += measure::processor_seconds([&] { chain->record(length); });
        sum.gradient += measure::processor_seconds([&] { chain->differentiate(); });
        sum.destroy += measure::processor_seconds([&] { chain.reset(); });
    }
    const double operations = static_cast<double>(chains) * static_cast<double>(length);
    return {sum.record / operations, sum.gradient / operations, sum.destroy / operations, 0, 0};
}

/// The memory of one chain.
template <class Chain>
figures run_for_memory()
{
    figures result;
    const auto per_operation = [before = bytes_in_use()] { return (bytes_in_use() - before) / usual_length; };
    Chain chain;
    chain.record(usual_length);
    result.bytes_recorded = per_operation();
    chain.differentiate();
    result.bytes_with_gradient = per_operation();
    return result;
}

template <class Chain>
void add_all(const char* by, std::initializer_list<std::size_t> lengths)
{
    const auto add = [=](const std::string& work, const char* unit, double figures::*which, auto measured)
    { measure::add_figure("long_chain", work, by, unit, [=] { return measured().*which; }); };
    for (const std::size_t length : lengths)
    {
        const std::string suffix = "_" + std::to_string(length);
        const auto measured = [=] { return run<Chain>(length); };
        add("record" + suffix, "ns/operation", &figures::record, measured);
        add("gradient" + suffix, "ns/operation", &figures::gradient, measured);
        add("destroy" + suffix, "ns/operation", &figures::destroy, measured);
    }
    add("memory_recorded", "bytes/operation", &figures::bytes_recorded, run_for_memory<Chain>);
    add("memory_with_gradient", "bytes/operation", &figures::bytes_with_gradient, run_for_memory<Chain>);
}

} // namespace long_chain
