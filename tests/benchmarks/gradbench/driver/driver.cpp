// How fast the evals of GradBench are, beside plain loops that do the same with derivatives by hand:
//
//     benchmark_gradbench [--seconds S] [--into FILE.md] [eval...]
//
// All versions of an eval run in one process, in turn, and their outputs are compared: the exit code is 1 where they do
// not agree. A table is printed: processor times on one thread, medians of many calls; what a derivative takes in a
// process of its own, to be recorded and compiled and to be called once; and the most memory that this process has had,
// the input's included.

#include "tests/benchmarks/gradbench/driver/contest.hpp"
#include "tests/benchmarks/gradbench/driver/inputs.hpp"
#include "tests/benchmarks/gradbench/evals/particle.hpp"
#include "tests/benchmarks/gradbench/evals/saddle.hpp"
#include "tests/benchmarks/gradbench/flush_subnormals.hpp"
#include "tests/benchmarks/machine.hpp"
#include "tests/benchmarks/markdown_table.hpp"

#include "autograd/kernels/chosen.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace
{

using namespace gradbench;

contest of_gmm(std::size_t d, std::size_t k)
{
    return against_loops(
        "gmm", fmt::format("{}_{}", d, k), [=] { return make_gmm(d, k, 1000); },
        versions{gmm::objective, gmm::compile_objective}, versions{gmm::jacobian, gmm::compile_jacobian});
}

contest of_kmeans(std::size_t k)
{
    return against_loops(
        "kmeans", fmt::format("k {}", k), [=] { return make_kmeans(10000, 16, k); },
        versions{kmeans::cost, kmeans::compile_cost}, versions{kmeans::direction, kmeans::compile_direction});
}

contest of_lse(std::size_t n)
{
    return against_loops(
        "lse", fmt::format("n {}", n), [=] { return make_lse(n); }, versions{lse::primal, lse::compile_primal},
        versions{lse::gradient, lse::compile_gradient});
}

contest of_llsq(std::size_t n)
{
    return against_loops(
        "llsq", fmt::format("n {}", n), [=] { return make_llsq(128, n); }, versions{llsq::primal, llsq::compile_primal},
        versions{llsq::gradient, llsq::compile_gradient});
}

contest of_lstm(std::size_t c)
{
    return against_loops(
        "lstm", fmt::format("c {}", c), [=] { return make_lstm(4, c, 14); },
        versions{lstm::objective, lstm::compile_objective}, versions{lstm::jacobian, lstm::compile_jacobian});
}

contest of_lstm_as_written(std::size_t c)
{
    return against_loops(
        "lstm", fmt::format("c {} as written", c), [=] { return make_lstm(4, c, 14); },
        versions{lstm::objective_as_written}, versions{lstm::jacobian_as_written});
}

contest of_ba(std::size_t n, std::size_t m, std::size_t p)
{
    return against_loops(
        "ba", fmt::format("{}_{}_{}", n, m, p), [=] { return make_ba(n, m, p); },
        versions{ba::objective, ba::compile_objective}, versions{ba::jacobian, ba::compile_jacobian});
}

contest of_ht(std::size_t correspondences)
{
    return against_loops(
        "ht", fmt::format("C {}", correspondences), [=] { return make_ht(10000, correspondences, true, false); },
        versions{ht::objective, ht::compile_objective}, versions{ht::jacobian, ht::compile_jacobian});
}

contest of_ode(std::size_t n, std::size_t s)
{
    return against_loops(
        "ode", fmt::format("n {} s {}", n, s), [=] { return make_ode(n, s); },
        versions{ode::primal, ode::compile_primal}, versions{ode::gradient, ode::compile_gradient});
}

contest of_det(std::size_t l)
{
    return against_loops(
        "det", fmt::format("l {}", l), [=] { return make_det(l); }, versions{det::primal, det::compile_primal},
        versions{det::gradient, det::compile_gradient});
}

using saddle_versions = versions<saddle::input, array>;
contest of_saddle(const char* name, const saddle_versions& f, decltype(saddle::rr) other)
{
    return against_each_other("saddle", name, saddle::input{{1.0, 1.0}}, f, other);
}

using particle_versions = versions<particle::input, double>;
contest of_particle(const char* name, const particle_versions& f, decltype(particle::rr) other)
{
    return against_each_other("particle", name, particle::input{0}, f, other);
}

/// The sizes of the suite that are looked at.
std::vector<contest> all_contests()
{
    return {of_gmm(10, 5),
            of_gmm(64, 25),
            of_gmm(64, 100),
            of_kmeans(100),
            of_kmeans(1000),
            of_lse(80000),
            of_lse(320000),
            of_llsq(2048),
            of_llsq(16392),
            of_lstm(1024),
            of_lstm(4096),
            of_lstm_as_written(1024),
            of_lstm_as_written(4096),
            of_ba(49, 7776, 31843),
            of_ba(257, 65132, 225911),
            of_ht(100),
            of_ht(6400),
            of_ode(1000, 10),
            of_ode(1000, 100),
            of_ode(100000, 10),
            of_ode(100000, 100),
            of_det(7),
            of_det(9),
            of_saddle("rr", {saddle::rr, saddle::compile_rr}, saddle::ff),
            of_saddle("rf", {saddle::rf, saddle::compile_rf}, saddle::rr),
            of_saddle("fr", {saddle::fr, saddle::compile_fr}, saddle::rr),
            of_saddle("ff", {saddle::ff, saddle::compile_ff}, saddle::rr),
            of_particle("rr", {particle::rr, particle::compile_rr}, particle::ff),
            of_particle("rf", {particle::rf, particle::compile_rf}, particle::rr),
            of_particle("fr", {particle::fr, particle::compile_fr}, particle::rr),
            of_particle("ff", {particle::ff, particle::compile_ff}, particle::rr)};
}

// ----------------------------------------------------------------------------------------------------- first calls

struct new_process
{
    first_call of_derivative;
    double bytes = none; ///< the most that the process has held
};

/// In this process, for the one that asks: three numbers.
void print_first_call(const contest& of)
{
    const first_call cold = of.first_call();
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
    {
        if (line.starts_with("VmHWM:")) // in kB
        {
            fmt::print("{} {} {}\n", cold.compile, cold.seconds, 1024 * std::stod(line.substr(6)));
        }
    }
}

/// In a process of its own, which is this program again.
new_process measure_first_call(const contest& of)
{
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command = fmt::format("'{}' --first-call '{}'", program, of.name());
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    new_process result;
    auto& [compile, seconds] = result.of_derivative;
    const bool read = pipe != nullptr && std::fscanf(pipe, "%lf %lf %lf", &compile, &seconds, &result.bytes) == 3;
    if (pipe == nullptr || ::pclose(pipe) != 0 || !read)
    {
        throw std::runtime_error("no figures came from: " + command);
    }
    return result;
}

// ----------------------------------------------------------------------------------------------------------- table

std::string time_text(double seconds)
{
    if (std::isnan(seconds))
    {
        return "";
    }
    const auto& [unit, factor] = seconds < 1e-3 ? std::pair("us", 1e6)
                                 : seconds < 1  ? std::pair("ms", 1e3)
                                                : std::pair("s", 1.0);
    return fmt::format("{} {}", measure::digits(seconds * factor), unit);
}

/// By hand, recorded, as a program, and the last one divided by the first.
std::vector<std::string> texts(const times& of)
{
    const double ratio = (std::isnan(of.program) ? of.recorded : of.program) / of.by_hand;
    return {time_text(of.by_hand), time_text(of.recorded), time_text(of.program),
            std::isnan(ratio) ? "" : fmt::format("{:.2f}", ratio)};
}

std::string report(const std::vector<contest>& contests, double seconds, bool& all_agree)
{
    measure::rows lines{{"eval", "verdict", "primal by hand", "recorded", "program", "ratio", "derivative by hand",
                         "recorded", "program", "ratio", "to compile", "first call", "both", "memory"}};
    for (const contest& each : contests)
    {
        const outcome result = each.run(seconds);
        const auto [cold, bytes] = measure_first_call(each);
        std::vector<std::string>& line = lines.emplace_back();
        line = {each.name(), result.fault.empty() ? "agrees" : "DIFFERS"};
        for (const times& of : {result.primal, result.derivative})
        {
            const auto columns = texts(of);
            line.insert(line.end(), columns.begin(), columns.end());
        }
        const double both = std::isnan(cold.compile) ? cold.seconds : cold.compile + cold.seconds;
        for (const double figure : {cold.compile, cold.seconds, both})
        {
            line.push_back(time_text(figure));
        }
        line.push_back(fmt::format("{:.0f} MB", bytes * 1e-6));
        std::fprintf(stderr, "%s: %s\n", each.name().c_str(), result.fault.empty() ? "agrees" : result.fault.c_str());
        all_agree = all_agree && result.fault.empty();
    }
    std::string text;
    for (const auto& [name, value] : measure::use_one_thread())
    {
        text += fmt::format("- {}: {}\n", name, value);
    }
    return text + fmt::format("- instruction set: {}\n\n", autograd::instruction_set()) + measure::aligned(lines);
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App options("Times the evals of GradBench beside plain loops, and compares their outputs.");
    double seconds = 1;
    std::string page, first_call_of;
    std::vector<std::string> evals;
    options.add_option("--seconds", seconds, "for each version of each function (1)")->check(CLI::NonNegativeNumber);
    options.add_option("--into", page,
                       "a page that gets the table, too, between <!-- table --> and <!-- end of table -->");
    options.add_option("--first-call", first_call_of,
                       "print the seconds to compile and of one call and the bytes held, of this row only");
    options.add_option("eval", evals, "those to time, such as gmm: with none, all");
    CLI11_PARSE(options, argc, argv);
    try
    {
        measure::use_one_thread();
        const flush_subnormals while_running;
        std::vector<contest> contests;
        for (contest& each : all_contests())
        {
            const bool asked_for = evals.empty() || std::find(evals.begin(), evals.end(), each.eval) != evals.end();
            if (first_call_of.empty() ? asked_for : each.name() == first_call_of)
            {
                contests.push_back(std::move(each));
            }
        }
        if (contests.empty())
        {
            throw std::runtime_error("there is no eval of that name");
        }
        if (!first_call_of.empty())
        {
            print_first_call(contests.front());
            return 0;
        }
        bool all_agree = true;
        const std::string text = report(contests, seconds, all_agree);
        std::fputs(text.c_str(), stdout);
        if (!page.empty())
        {
            measure::write_into(page, text);
        }
        return all_agree ? 0 : 1;
    }
    catch (const std::exception& e)
    {
        std::fprintf(stderr, "benchmark_gradbench: %s\n", e.what());
        return 1;
    }
}
