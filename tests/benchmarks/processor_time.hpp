#pragma once

#include <ctime>

namespace measure
{

/// The processor time that f takes in this process, in seconds: others who use the machine count little.
template <class F>
double processor_seconds(F f)
{
    const auto now = []
    {
        std::timespec t;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    };
    const double start = now();
    f();
    return now() - start;
}

} // namespace measure
