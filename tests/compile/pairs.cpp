// The pairs of operations that have kernels of their own: those that are met most often in the workloads. The list is
// written anew by
//
//     XGRAD_WRITE_PAIRS=1 all_tests --run_test=compile_pairs/the_list_is_what_is_counted
//
// and everything is right without them, too.

#include "compile/workloads.hpp"

#include "autograd/compile/pairs.hpp"
#include "autograd/compile/program.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace
{

using namespace autograd;

constexpr std::size_t most_pairs = 100;

constexpr auto head =
    R"(// Pairs of element-wise operations that have one kernel: a rule (-1) or its pull of an operand, another one, and the operand
// of that which the first one makes. Those that are met most often, as often as it says behind them, over the workloads
// of tests/compile/workloads.cpp; tests/compile/pairs.cpp counts them and writes this file.

)";

std::string member_of(const operation<double>& op)
{
    return op.pull_of != nullptr ? fmt::format("{}_rule, {}", op.pull_of->name, op.pulled_operand)
                                 : fmt::format("{}_rule, -1", op.name);
}

/// Each pair, and how often one follows the other in one group of steps.
std::map<std::string, std::size_t> counted_pairs()
{
    std::map<std::string, std::size_t> result;
    for (const workloads::workload& each : workloads::all())
    {
        tape<double> on;
        const workloads::recording recorded = each.record(on);
        const program<double> f = compile<double>(recorded.inputs, recorded.outputs);
        const auto& what = f.what();
        for (const auto& group : what.groups)
        {
            for (std::uint32_t s = group.first; s + 1 < group.end; ++s)
            {
                const auto& first = what.steps[s];
                const auto& second = what.steps[s + 1];
                if (const auto position = detail::position_in_pair(what.values, first, second))
                {
                    ++result[fmt::format("{}, {}, {}", member_of(*what.values[first.value].op),
                                         member_of(*what.values[second.value].op), *position)];
                }
            }
        }
    }
    return result;
}

std::string list_of_pairs()
{
    using pair = std::pair<std::string, std::size_t>;
    const auto counted = counted_pairs();
    std::vector<pair> pairs(counted.begin(), counted.end());
    std::stable_sort(pairs.begin(), pairs.end(), [](const pair& a, const pair& b) { return a.second > b.second; });
    pairs.resize(std::min(pairs.size(), most_pairs));
    std::string result = head;
    for (const auto& [names, times] : pairs)
    {
        result += fmt::format("AUTOGRAD_PAIR({}) // {}\n", names, times);
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_pairs)

BOOST_AUTO_TEST_CASE(the_list_is_what_is_counted)
{
    const char* const path = LIST_OF_PAIRS;
    const std::string list = list_of_pairs();
    if (std::getenv("XGRAD_WRITE_PAIRS") != nullptr)
    {
        std::ofstream(path) << list;
    }
    std::ostringstream known;
    known << std::ifstream(path).rdbuf();
    BOOST_TEST(known.str() == list);
}

BOOST_AUTO_TEST_SUITE_END()
