// The main function of all benchmarks: one thread, the machine named, and behind the list the ratios of those who do
// the same work.

#include "tests/benchmarks/machine.hpp"
#include "tests/benchmarks/measure.hpp"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace autograd
{
/// As kernels/chosen.hpp declares it, but null in a program that does its work without xgrad.
[[gnu::weak]] std::string_view instruction_set();
} // namespace autograd

namespace
{

/// The list of Google Benchmark, and behind it the ratios.
class reporter : public benchmark::ConsoleReporter
{
public:
    reporter() : ConsoleReporter(isatty(STDOUT_FILENO) ? OO_ColorTabular : OO_Tabular) {}

    void ReportRuns(const std::vector<Run>& runs) override
    {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs)
        {
            // Of repetitions, the median; of a single run, the run.
            if (!run.error_occurred && (run.run_type == Run::RT_Iteration || run.aggregate_name == "median"))
            {
                note(run);
            }
        }
    }

    void Finalize() override
    {
        for (const std::string& work : m_order)
        {
            const auto& figures = m_figures[work];
            const auto ours = figures.find(measure::xgrad);
            for (const auto& [by, figure] : figures)
            {
                if (ours != figures.end() && by != measure::xgrad)
                {
                    std::printf("%-50s xgrad / %-8s = %6.2f\n", work.c_str(), by.c_str(), ours->second / figure);
                }
            }
        }
    }

private:
    /// Google Benchmark appends its parameters behind our subject/task/by.
    void note(const Run& run)
    {
        const std::string name = run.run_name.function_name;
        const std::size_t end = name.rfind('/');
        const auto counter = run.counters.find(measure::figure);
        if (end == std::string::npos || counter == run.counters.end())
        {
            return;
        }
        const std::string work = name.substr(0, end);
        if (m_figures.find(work) == m_figures.end())
        {
            m_order.push_back(work);
        }
        m_figures[work][name.substr(end + 1)] = counter->second.value;
    }

    std::map<std::string, std::map<std::string, double>> m_figures;
    std::vector<std::string> m_order;
};

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
    {
        return 1;
    }
    for (const auto& [name, value] : measure::use_one_thread()) // the figures are processor times
    {
        benchmark::AddCustomContext(name, value);
    }
    if (autograd::instruction_set != nullptr)
    {
        benchmark::AddCustomContext("instruction_set", std::string(autograd::instruction_set()));
    }
    measure::register_benchmarks();
    reporter display;
    benchmark::RunSpecifiedBenchmarks(&display);
    benchmark::Shutdown();
}
