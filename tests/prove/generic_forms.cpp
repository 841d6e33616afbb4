#include "operations/every_operation.hpp"

#include "autograd/autograd.hpp"
#include "autograd/prove/point.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

// The prover reads a general rule's generic form, the tape runs its kernel: they are the same function, at all samples.

using namespace autograd;

namespace
{

/// Rules whose results are numbers made of numbers by a computation of their own, and have a derivative to prove.
bool needs_a_generic_form(const check::sampled_operation& of)
{
    const auto* rule = of.on_double;
    return rule != nullptr && rule->kind == rule_kind::general && rule->element == element_kind::real &&
           rule->differentiable != 0 && rule->storage != storage_kind::shared && !rule->checks &&
           !of.samples.front().reals.empty();
}

/// A NaN, or an exponential that is out of the range of double.
bool cannot_be_evaluated(const check::sample& of)
{
    constexpr double largest_exponent = 709;
    return std::any_of(of.reals.begin(), of.reals.end(),
                       [](const auto& input)
                       {
                           return std::any_of(input.values.begin(), input.values.end(),
                                              [](double x) { return !(std::abs(x) <= largest_exponent); });
                       });
}

/// The function of a sample on constants, which are drawn as what they are: all generic forms in it beside the tape's
/// values. How many elements that were.
std::size_t compare(const std::string& name, const check::sample& of)
{
    tape<double> tape;
    std::vector<variable<double>> reals;
    for (const auto& input : of.reals)
    {
        reals.push_back(tape.constant(xt::adapt(input.values, input.shape)));
    }
    const handle<double> y = of.on_double(reals, {});
    const prove::computation recorded(std::span(&y, 1), "test");
    const prove::levels_in_use levels(4);
    prove::point at(recorded, {.seed = 1, .keep_all = true});
    try
    {
        at.run();
    }
    catch (const prove::unlucky_point& why) // a NaN has no order
    {
        BOOST_TEST(cannot_be_evaluated(of), name << ": " << why.reason);
        return 0;
    }
    std::size_t compared = 0;
    for (std::size_t k = 0; k < recorded.steps().size(); ++k)
    {
        const prove::computation::step& step = recorded.steps()[k];
        if (step.how == nullptr || step.how->generic == nullptr)
        {
            continue;
        }
        const auto* kernel = static_cast<const double*>(tape.dense(step.index));
        for (std::size_t i = 0; i < at[k].size(); ++i)
        {
            const double number = at[k].numbers[i];
            if (std::isnan(number))
            {
                BOOST_TEST(cannot_be_evaluated(of), name << ", " << step.name << ", element " << i);
                continue;
            }
            const double bound = 8 * at[k].errors[i];
            BOOST_TEST((number == kernel[i] || std::abs(number - kernel[i]) <= bound),
                       name << ", " << step.name << ", element " << i << ": " << number << " is not " << kernel[i]);
            ++compared;
        }
    }
    return compared;
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_generic_forms)

BOOST_AUTO_TEST_CASE(are_what_the_kernels_compute)
{
    std::size_t rules = 0;
    std::size_t elements = 0;
    for (const auto& operation : check::every_operation())
    {
        const prove::interpretation* how = prove::interpretation_of(operation.on_double);
        const bool has_one = how != nullptr && how->generic != nullptr;
        const bool is_atom = how != nullptr && how->opaque;
        BOOST_TEST((has_one || is_atom || !needs_a_generic_form(operation)), operation.name << " has no generic form");
        if (!has_one)
        {
            continue;
        }
        std::size_t of_rule = 0;
        for (const auto& sample : operation.samples)
        {
            if (!sample.error && sample.kinks.empty())
            {
                of_rule += compare(operation.name + ", " + sample.label, sample);
            }
        }
        BOOST_TEST(of_rule > 0, operation.name);
        elements += of_rule;
        ++rules;
    }
    BOOST_TEST_MESSAGE(rules << " generic forms, " << elements << " elements");
    BOOST_TEST(rules >= 18U);
}

BOOST_AUTO_TEST_SUITE_END()
