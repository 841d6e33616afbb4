// Takes part in GradBench: reads messages from standard input, and answers them on standard output (docs/gradbench.md).

#include "tests/benchmarks/gradbench/protocol/session.hpp"
#include "tests/benchmarks/machine.hpp"

#include <iostream>

int main()
{
    measure::use_one_thread();
    std::ios::sync_with_stdio(false);
    gradbench::session().run(std::cin, std::cout, std::cerr);
}
