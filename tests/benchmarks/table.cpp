// One table of what the benchmarks wrote:
//
//     benchmark_table [--into FILE.md] RESULT.json...
//
// The results are Google Benchmark's JSON. The table goes to standard output, and into the file, between the lines
// <!-- table --> and <!-- end of table -->.

#include "tests/benchmarks/markdown_table.hpp"
#include "tests/benchmarks/units.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using json = nlohmann::json;
using measure::digits;

constexpr const char* others[] = {"recorded", "libtorch", "numpy", "xtensor", "plain", "one_thread", "two_processes"};

/// What a figure of xgrad should not exceed: a number in the work's unit, or a multiple of another's figure.
struct goal
{
    std::string_view work; ///< "subject/" for all of a subject
    double limit;
    const char* times; ///< null, or whose figure is multiplied
};

constexpr goal goals[] = {{"tiny_operations/", 250, nullptr},
                          {"elementwise/", 1.5, "plain"},
                          {"article_step/hidden_3", 20, nullptr},
                          {"compile_time/", 1.5, nullptr},
                          {"einsum/", 1.1, "plain"},
                          {"threads/", 1 / 0.9, "two_processes"},
                          {"certify/article_300x50", 1, nullptr},
                          {"certify/all_rules", 10, nullptr},
                          {"programs/article_hidden_3", 2, nullptr},
                          {"programs/article_hidden_50", 14, nullptr},
                          {"programs/network_batch_32", 1.03, "plain"},
                          {"programs/network_batch_128", 1.03, "plain"},
                          {"programs/network_batch_1024", 1.03, "plain"},
                          {"distributed/network_batch_128_on_1_rank", 1.5, "plain"},
                          {"distributed/network_batch_1024_on_1_rank", 1.15, "plain"},
                          {"distributed/network_batch_1024_on_2_ranks", 0.625, "plain"},
                          {"programs/elementwise_gradient_1000x1000", 1.5, "plain"},
                          {"programs/elementwise_gradient_100x100", 1.5, "plain"},
                          {"programs/all_pairs_2000", 2, "plain"},
                          {"programs/all_pairs_2000_value_and_gradients", 2, "plain"},
                          {"programs/eight_schools", 0.5, nullptr},
                          {"programs/pendulum_200", 200, nullptr},
                          {"programs/chain", 15, nullptr},
                          {"programs/recurrence_614x60", 3000, nullptr},
                          {"programs/compile_1000", 10'000, nullptr},
                          {"programs/compile_10000", 10'000, nullptr},
                          {"programs/compile_1000000", 10'000, nullptr}};

/// What is said of a work beneath the table.
struct note
{
    std::string_view work; ///< "subject/task"
    std::string_view text;
};

constexpr note notes[] = {
    {"programs/all_pairs_2000_value_and_gradients",
     "sums over all pairs, of which users of XLA complain that matrices of pairs are written to memory: "
     "[xla issue 49131](https://github.com/openxla/xla/issues/49131)"},
    {"programs/recurrence_614x60", "a loop that carries 60 single numbers, of which users of JAX complain that its "
                                   "gradient is many times slower than "
                                   "its values: [jax issue 40150](https://github.com/jax-ml/jax/issues/40150)"}};

/// The same work, by all who did it.
struct work
{
    std::string name; ///< subject/task
    std::string unit;
    std::map<std::string, double> figures;
};

struct results
{
    std::vector<work> works; ///< in the order in which they were first met
    std::map<std::string, std::string> machine;

    work& find_or_add(const std::string& name)
    {
        const auto found = std::find_if(works.begin(), works.end(), [&](const work& w) { return w.name == name; });
        return found != works.end() ? *found : works.emplace_back(work{name, {}, {}});
    }
};

/// "subject/task/by", behind which Google Benchmark writes its parameters.
void add_run(results& all, const json& run)
{
    const bool counts = run.value("run_type", "") == "iteration" ? run.value("repetitions", 1) <= 1
                                                                 : run.value("aggregate_name", "") == "median";
    if (!counts || run.value("error_occurred", false) || !run.contains("figure"))
    {
        return;
    }
    const std::string name = run.at("run_name");
    const std::size_t first = name.find('/');
    const std::size_t second = name.find('/', first + 1);
    if (first == std::string::npos || second == std::string::npos)
    {
        throw std::runtime_error("not subject/task/by: " + name);
    }
    work& w = all.find_or_add(name.substr(0, second));
    w.unit = run.value("label", "");
    w.figures[name.substr(second + 1, name.find('/', second + 1) - second - 1)] =
        run.at("figure").get<double>() * measure::scale(w.unit);
}

results read(const std::vector<std::string>& files)
{
    results all;
    for (const std::string& file : files)
    {
        std::ifstream in(file);
        const json document = json::parse(in, nullptr, false);
        if (document.is_discarded())
        {
            throw std::runtime_error(file + " is not the JSON of a benchmark");
        }
        for (const char* key : {"cpu", "instruction_set", "compiler", "openblas_core", "openblas_threads", "date"})
        {
            if (document.at("context").contains(key))
            {
                all.machine[key] = document.at("context").at(key);
            }
        }
        for (const json& run : document.at("benchmarks"))
        {
            add_run(all, run);
        }
    }
    return all;
}

std::string cell(const work& w, const std::string& by)
{
    const auto theirs = w.figures.find(by);
    if (theirs == w.figures.end())
    {
        return "";
    }
    const auto ours = w.figures.find("xgrad");
    return ours == w.figures.end() ? digits(theirs->second)
                                   : fmt::format("{} ({:.2f})", digits(theirs->second), ours->second / theirs->second);
}

std::string goal_cell(const work& w)
{
    const auto ours = w.figures.find("xgrad");
    for (const goal& g : goals)
    {
        const bool concerned = g.work.back() == '/' ? w.name.starts_with(g.work) : w.name == g.work;
        if (!concerned || ours == w.figures.end())
        {
            continue;
        }
        if (g.times == nullptr)
        {
            return fmt::format("{}: {}", g.limit, ours->second <= g.limit ? "met" : "missed");
        }
        if (const auto theirs = w.figures.find(g.times); theirs != w.figures.end())
        {
            return fmt::format("{:.4g} {}: {}", g.limit, g.times,
                               ours->second <= g.limit * theirs->second ? "met" : "missed");
        }
    }
    return "";
}

/// Those who did any of the works.
std::vector<std::string> others_in(const results& all)
{
    std::vector<std::string> result;
    std::copy_if(std::begin(others), std::end(others), std::back_inserter(result),
                 [&](const std::string& by) {
                     return std::any_of(all.works.begin(), all.works.end(),
                                        [&](const work& w) { return w.figures.count(by) != 0; });
                 });
    return result;
}

measure::rows table(const results& all)
{
    const std::vector<std::string> columns = others_in(all);
    measure::rows lines{{"work", "unit", "xgrad"}};
    lines[0].insert(lines[0].end(), columns.begin(), columns.end());
    lines[0].push_back("goal");
    for (const work& w : all.works)
    {
        const auto ours = w.figures.find("xgrad");
        std::vector<std::string> line{w.name, w.unit, ours == w.figures.end() ? "" : digits(ours->second)};
        for (const std::string& by : columns)
        {
            line.push_back(cell(w, by));
        }
        line.push_back(goal_cell(w));
        lines.push_back(std::move(line));
    }
    return lines;
}

/// A list of what is said of the works that are there.
std::string notes_on(const results& all)
{
    std::string text;
    for (const note& n : notes)
    {
        if (std::any_of(all.works.begin(), all.works.end(), [&](const work& w) { return w.name == n.work; }))
        {
            text += fmt::format("{}- `{}`: {}\n", text.empty() ? "\n" : "", n.work, n.text);
        }
    }
    return text;
}

std::string report(const results& all)
{
    std::string text;
    const auto say = [&](const char* what, const char* key)
    {
        if (const auto found = all.machine.find(key); found != all.machine.end())
        {
            text += fmt::format("- {}: {}\n", what, found->second);
        }
    };
    say("date", "date");
    say("processor", "cpu");
    say("instruction set", "instruction_set");
    say("compiler", "compiler");
    say("OpenBLAS's core, whose kernels it uses", "openblas_core");
    say("threads", "openblas_threads");
    return text + "\n" + measure::aligned(table(all)) + notes_on(all);
}

} // namespace

int main(int argc, char** argv)
{
    try
    {
        std::vector<std::string> files(argv + 1, argv + argc);
        std::string page;
        if (files.size() >= 2 && files[0] == "--into")
        {
            page = files[1];
            files.erase(files.begin(), files.begin() + 2);
        }
        if (files.empty())
        {
            throw std::runtime_error("which results? benchmark_table [--into FILE.md] RESULT.json...");
        }
        const std::string text = report(read(files));
        std::fputs(text.c_str(), stdout);
        if (!page.empty())
        {
            measure::write_into(page, text);
        }
    }
    catch (const std::exception& e)
    {
        std::fprintf(stderr, "benchmark_table: %s\n", e.what());
        return 1;
    }
}
