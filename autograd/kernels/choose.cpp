#include "autograd/kernels/dispatch.hpp"
#include "autograd/parallel/threads.hpp"
#include "autograd/tape/error.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace autograd::kernels
{

namespace
{

/// What the compiler may use in the kernels of a set, and whether this machine has it.
struct feature
{
    const char* name;
    bool is_there;
};

struct instruction_set_of_machine
{
    const char* name;
    std::vector<feature> features;

    /// The first feature that is not there, or null.
    const char* missing() const
    {
        for (const feature& each : features)
        {
            if (!each.is_there)
            {
                return each.name;
            }
        }
        return nullptr;
    }
};

/// All for which this library has kernels, from the least to the best.
const std::vector<instruction_set_of_machine>& every_set()
{
    // The compiler asks the processor, and whether the operating system keeps the registers.
    static const std::vector<instruction_set_of_machine> sets = {
#define AUTOGRAD_KERNELS_FEATURE(feature) {feature, __builtin_cpu_supports(feature) != 0},
#define AUTOGRAD_KERNELS_SET(set, ...) {#set, {__VA_ARGS__}},
#include "autograd/kernels/instruction_sets.hpp"
#undef AUTOGRAD_KERNELS_SET
#undef AUTOGRAD_KERNELS_FEATURE
    };
    return sets;
}

/// "baseline, v3 and v4"
std::string names_of(const std::vector<instruction_set_of_machine>& sets)
{
    std::string names;
    for (std::size_t i = 0; i < sets.size(); ++i)
    {
        names += (i == 0 ? "" : i + 1 == sets.size() ? " and " : ", ") + std::string(sets[i].name);
    }
    return names;
}

/// The set of that name.
int named(std::string_view name)
{
    const std::vector<instruction_set_of_machine>& sets = every_set();
    for (std::size_t set = 0; set < sets.size(); ++set)
    {
        if (sets[set].name == name)
        {
            if (const char* missing = sets[set].missing())
            {
                throw error::value_error("instruction_set", "XGRAD_INSTRUCTION_SET is \"", name,
                                         "\", but this machine has no ", missing,
                                         "; without it the best set is taken that the machine has.");
            }
            return static_cast<int>(set);
        }
    }
    throw error::value_error("instruction_set", "XGRAD_INSTRUCTION_SET is \"", name,
                             "\"; this library has kernels for ", names_of(sets), ".");
}

/// The last one that this machine can run: the first needs nothing.
int best()
{
    const std::vector<instruction_set_of_machine>& sets = every_set();
    int set = static_cast<int>(sets.size()) - 1;
    while (sets[static_cast<std::size_t>(set)].missing() != nullptr)
    {
        --set;
    }
    return set;
}

} // namespace

int choose()
{
    int chosen = chosen_set.load(std::memory_order_relaxed);
    if (chosen < 0)
    {
        static_cast<void>(threads()); // here, too, what the environment says of them is refused if it is wrong
        const char* asked = std::getenv("XGRAD_INSTRUCTION_SET");
        const int set = asked == nullptr || *asked == '\0' ? best() : named(asked);
        // Another thread may have been first.
        chosen = chosen_set.compare_exchange_strong(chosen, set, std::memory_order_relaxed) ? set : chosen;
    }
    return chosen;
}

} // namespace autograd::kernels

namespace autograd
{

std::string_view instruction_set()
{
    return kernels::every_set()[kernels::chosen_index()].name;
}

} // namespace autograd
