#pragma once

#include "autograd/check/check_gradient.hpp"
#include "autograd/check/samples.hpp"

#include <algorithm>

namespace autograd::check
{

/// What was compared, and what disagreed.
struct sample_report
{
    std::size_t derivative_checks = 0;
    double worst_first = 0;   ///< largest relative error of first derivatives against finite differences
    double worst_second = 0;  ///< of second derivatives
    double worst_float = 0;   ///< of float gradients against double
    double worst_batched = 0; ///< of derivatives along many directions at once against one after the other, in units
                              ///< of the precision
    std::size_t batched_checks = 0;
    std::size_t evaluations = 0; ///< of the sample's function and its gradient, by the differences
    std::vector<std::string> complaints;
    std::vector<std::string> not_resolved; ///< comparisons of which no step of differences knows enough, and why

    explicit operator bool() const { return complaints.empty(); }
};

/// Tries one sample: its error text; or first and second derivatives in both modes against finite differences, the
/// derivatives at its kinks, float against double, many directions at once against one after the other, in both
/// precisions and modes, recording without values, and verify() of every tape.
/// `replace`, when given, is called with each tape after the sample was recorded: for tests of the checker, which put
/// wrong derivatives in place of right ones. Then only derivatives in double precision are tried.
sample_report check_sample(const sample& of, const std::function<void(tape<double>&)>& replace = nullptr);

/// The value of the function in double precision, and its shape.
std::pair<std::vector<std::size_t>, std::vector<double>> value_of(const sample& of);

/// Tries all samples of a rule: for operations that users define. Throws gradient_check_error with all complaints. A
/// comparison that no step of differences resolves is one, too, unless `not_resolved` names it: "points: order 1,
/// gradient of input 0 at (2)".
template <class Rule>
sample_report check_operation(const std::vector<std::string>& not_resolved = {})
{
    const sampled_operation operation = sample_rule<Rule>("");
    sample_report all;
    for (const sample& each : operation.samples)
    {
        sample_report one;
        try
        {
            one = check_sample(each);
        }
        catch (const error::exception& e)
        {
            one.complaints.emplace_back(e.what());
        }
        all.derivative_checks += one.derivative_checks;
        all.evaluations += one.evaluations;
        all.worst_first = std::max(all.worst_first, one.worst_first);
        all.worst_second = std::max(all.worst_second, one.worst_second);
        all.worst_float = std::max(all.worst_float, one.worst_float);
        all.worst_batched = std::max(all.worst_batched, one.worst_batched);
        all.batched_checks += one.batched_checks;
        for (const std::string& comparison : one.not_resolved)
        {
            const std::string name = each.label + ": " + comparison.substr(0, comparison.find(": derived"));
            const bool is_named = std::find(not_resolved.begin(), not_resolved.end(), name) != not_resolved.end();
            if (!is_named)
            {
                one.complaints.push_back("not resolved, and not listed: " + comparison);
            }
            all.not_resolved.push_back(each.label + ": " + comparison);
        }
        for (const std::string& complaint : one.complaints)
        {
            all.complaints.push_back(operation.name + ", " + each.label + ": " + complaint);
        }
    }
    if (!all)
    {
        std::string text;
        for (const std::string& complaint : all.complaints)
        {
            text += (text.empty() ? "" : "\n    ") + complaint;
        }
        throw error::gradient_check_error("check_operation", text);
    }
    return all;
}

} // namespace autograd::check
