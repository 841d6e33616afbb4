#include "autograd/autograd.hpp"
#include "autograd/check/not_resolved.hpp"
#include "check/wrong_derivatives.hpp"
#include "operations/every_operation.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

// Who checks the checker: the description of every operation of the table is copied at run time with a wrong
// derivative, and put in place of the right one wherever a sample records it. The samples must notice every time. What
// cannot be noticed, since it is not wrong, follows from the rule alone (wrong_derivatives.hpp), is listed, and counts
// apart.

using namespace autograd;
using namespace autograd::check;

namespace
{

/// Of a sample, what the first order tells: a wrong derivative is wrong in the first.
sample of_first_order(sample of)
{
    of.order = std::min(of.order, 1);
    return of;
}

bool has_derivatives(const sample& of)
{
    return !of.error && (!of.kinks.empty() || of.order > 0);
}

/// Whether one of the samples complains when the right operation is replaced.
bool noticed(const std::vector<sample>& samples, const operation<double>& right, const wrong_operation& wrong)
{
    return std::any_of(samples.begin(), samples.end(),
                       [&](const sample& each)
                       { return !check_sample(each, [&](tape<double>& tape) { replace(tape, right, wrong); }); });
}

struct tally
{
    std::size_t operations = 0;
    std::size_t mutants = 0;
    std::vector<std::string> survivors;
    std::vector<std::string> equivalent;

    void report(const char* what) const
    {
        fmt::print("{} mutants of {} {}: {}\n", mutants, operations, what,
                   survivors.empty() ? "all caught" : fmt::format("{} survived", survivors.size()));
        fmt::print("    {} equivalent:\n", equivalent.size());
        for (const std::string& each : equivalent)
        {
            fmt::print("        {}\n", each);
        }
        for (const std::string& each : survivors)
        {
            BOOST_ERROR("survived: " << each);
        }
    }
};

/// Tries all faults of one operation on samples.
void try_faults(const std::string& name, const operation<double>& right, const std::vector<sample>& samples,
                tally& total)
{
    const rule_facts facts = facts_of(right, samples);
    for (const fault& each : faults_of(right, facts))
    {
        const std::string title = name + ": " + each.text();
        if (const char* reason = why_equivalent(right, each, facts))
        {
            total.equivalent.push_back(title + " (" + reason + ")");
            continue;
        }
        for (const mode in : modes_of(right))
        {
            ++total.mutants;
            const wrong_operation wrong(right, each, in);
            if (!noticed(samples, right, wrong))
            {
                total.survivors.push_back(title + ", " + text_of(in));
            }
        }
    }
    total.operations += facts.operands.empty() ? 0 : 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(check_the_checker)

BOOST_AUTO_TEST_CASE(right_derivatives_pass_through_the_same_machinery)
{
    for (const sampled_operation& operation : every_operation())
    {
        for (const sample& each : operation.samples)
        {
            if (operation.on_double != nullptr && has_derivatives(each))
            {
                const wrong_operation right(*operation.on_double, {fault::none, 0, 0}, mode::both);
                const sample_report report = check_sample(of_first_order(each), [&](tape<double>& tape)
                                                          { replace(tape, *operation.on_double, right); });
                for (const std::string& complaint : report.complaints)
                {
                    BOOST_ERROR(operation.name << ", " << each.label << ": " << complaint);
                }
                for (const std::string& comparison : report.not_resolved)
                {
                    BOOST_TEST(is_listed_as_not_resolved(operation.name, each.label, comparison),
                               operation.name << ", " << each.label << ": not resolved: " << comparison);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_derivatives_of_every_operation_are_caught)
{
    tally total;
    for (const sampled_operation& operation : every_operation())
    {
        std::vector<sample> samples;
        for (const sample& each : operation.samples)
        {
            if (has_derivatives(each))
            {
                samples.push_back(of_first_order(each));
            }
        }
        if (operation.on_double != nullptr)
        {
            try_faults(operation.name, *operation.on_double, samples, total);
        }
    }
    total.report("operations");
    BOOST_TEST(total.operations >= 80u);
    BOOST_TEST(total.mutants >= 800u);
}

// A pull of several operations is one instruction with a derivative of its own.
BOOST_AUTO_TEST_CASE(wrong_second_derivatives_are_caught)
{
    tally total;
    for (const sampled_operation& operation : every_operation())
    {
        std::vector<sample> samples;
        for (const sample& each : operation.samples)
        {
            if (!each.error && each.kinks.empty() && each.order == 2)
            {
                samples.push_back(gradient_of(each));
            }
        }
        if (operation.on_double == nullptr || operation.on_double->kind != rule_kind::elementwise)
        {
            continue; // only elementwise rules have pulls
        }
        for (const auto* pull : pulls_in(samples, operation.on_double))
        {
            try_faults(fmt::format("pull of {} to operand {}", operation.name, pull->pulled_operand), *pull, samples,
                       total);
        }
    }
    total.report("fused pulls");
    BOOST_TEST(total.operations >= 30u);
}

// A composite is made of operations that have been checked; that it takes the right ones in the right way is checked by
// spoiling, one at a time, each instruction that it records. What goes through the mean of a variance cancels in the
// first order: here the second counts, too.
BOOST_AUTO_TEST_CASE(wrong_derivatives_inside_of_composites_are_caught)
{
    tally total;
    for (const sampled_operation& composite : every_operation())
    {
        if (composite.on_double != nullptr)
        {
            continue;
        }
        std::map<std::string, bool> caught;
        for (const sample& each : composite.samples)
        {
            if (has_derivatives(each) && each.kinks.empty())
            {
                try_each_instruction(each, caught);
            }
        }
        ++total.operations;
        for (const auto& [name, yes] : caught)
        {
            ++total.mutants;
            if (!yes)
            {
                total.survivors.push_back(composite.name + ": " + name);
            }
        }
    }
    total.report("composites");
    BOOST_TEST(total.mutants >= 40u);
}

BOOST_AUTO_TEST_SUITE_END()
