#include "autograd/autograd.hpp"
#include "autograd/prove/certify.hpp"
#include "autograd/prove/prove_rule.hpp"
#include "check/wrong_derivatives.hpp"
#include "operations/every_operation.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

// The library's own rules: that the derivative which each declares is that of its forward is proved, not sampled. What
// the proofs leave out is listed here, and why.

using namespace autograd;
using namespace autograd::check;

namespace
{

/// Rules whose derivative is right if another one is (that of erf, say).
const std::map<std::string, std::string> assumed{
    {"gelu", "erf"},
    {"erf", "erf"},
    {"erfc", "erf"},
    {"normal_cdf", "erf"},
    {"lgamma", "lgamma"},
    {"digamma", "polygamma"},
    {"polygamma", "polygamma"},
};

/// Rules that cannot be proved.
const std::map<std::string, std::string> not_proved{
    {"condition_number", "is of singular values"},
    {"condition_slope", "refuses some singular values"},
    {"custom_vjp", "says nothing of its function: certify_vjp does"},
    {"eigenvalues", "of a matrix are no numbers of a field"},
    {"eigenvectors", "of a matrix are no numbers of a field"},
    {"expm", "is a series"},
    {"expm_frechet", "is a series"},
    {"nuclear_norm", "singular values are no numbers of a field"},
    {"pinv", "reads a factorization by singular values"},
    {"polar", "reads a factorization by singular values"},
    {"polar_lyapunov", "reads a factorization by singular values"},
    {"pseudo_solve", "reads a factorization by singular values"},
    {"qr_complement", "is not unique, and has no derivative"},
    {"reduced_resolvent", "reads eigenvalues"},
    {"singular_resolvent", "reads singular values"},
    {"singular_values", "are no numbers of a field"},
    {"singular_vectors", "are no numbers of a field"},
    {"spectral", "reads eigenvalues"},
    {"sum_over_blocks", "what its function computed is not on the tape"},
    {"values_read", "has no derivative by what its rule read"},
};

/// Rules that pass on what flows, but for numbers that are none and for kinks, of which proofs say nothing: there, a
/// derivative that passes on everything is the same.
const std::set<std::string> identities_but_for_kinks{"at_rest", "nan_to_num", "undefined_at_zero"};

bool has_derivative(const sampled_operation& of)
{
    return of.on_double != nullptr && of.on_double->vjp != nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_every_rule)

BOOST_AUTO_TEST_CASE(rules_are_proved_or_listed)
{
    std::map<std::string, std::size_t> counts;
    std::size_t elementwise = 0;
    std::size_t instructions = 0;
    for (const sampled_operation& of : every_operation())
    {
        if (!has_derivative(of) || not_proved.contains(of.name))
        {
            continue;
        }
        const rule_proof proof = prove_rule(of, *of.on_double);
        const standing expected = assumed.contains(of.name) ? standing::assumed : standing::proved;
        BOOST_TEST(to_text(proof.outcome) == to_text(expected),
                   of.name << ": " << to_text(proof.outcome) << ", " << proof.why);
        ++counts[to_text(proof.outcome)];
        elementwise += proof.outcome == standing::proved && of.on_double->kind == rule_kind::elementwise ? 1 : 0;
        instructions += proof.instructions;
    }
    fmt::print("{} rules proved, {} of them elementwise; {} assumed; {} not; in {} recordings\n", counts["proved"],
               elementwise, counts["assumed"], not_proved.size(), instructions);
    BOOST_TEST(elementwise >= 60U);
    BOOST_TEST(counts["proved"] >= 90U);
}

namespace
{

struct tally
{
    std::size_t mutants = 0;
    std::vector<std::string> survivors;
};

/// Faults of a rule that is proved: each must be refuted.
void try_faults(const std::string& name, const sampled_operation& of, const operation<double>& right,
                const std::vector<sample>& samples, tally& total)
{
    const rule_facts facts = facts_of(right, samples);
    for (const fault& each : faults_of(right, facts))
    {
        const bool is_identity = each.what == fault::lost_factor && identities_but_for_kinks.contains(of.name);
        if (is_identity || why_equivalent(right, each, facts) != nullptr)
        {
            continue;
        }
        for (const mode in : modes_of(right))
        {
            ++total.mutants;
            const wrong_operation wrong(right, each, in);
            const rule_proof proof = prove_rule(of, right, [&](tape<double>& t) { replace(t, right, wrong); });
            if (proof.outcome != standing::refuted)
            {
                total.survivors.push_back(name + ": " + each.text() + ", " + text_of(in) + ": " +
                                          to_text(proof.outcome) + " " + proof.why);
            }
        }
    }
}

std::vector<sample> smooth_samples(const sampled_operation& of, int order)
{
    std::vector<sample> result;
    std::copy_if(of.samples.begin(), of.samples.end(), std::back_inserter(result),
                 [order](const sample& each) { return !each.error && each.kinks.empty() && each.order >= order; });
    return result;
}

void report(const tally& total, const char* what)
{
    fmt::print("{} mutants of {}: {} refuted\n", total.mutants, what, total.mutants - total.survivors.size());
    for (const std::string& each : total.survivors)
    {
        BOOST_ERROR("survived: " << each);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(wrong_derivatives_of_proved_rules_are_refuted_by_the_proof_alone)
{
    tally total;
    for (const sampled_operation& of : every_operation())
    {
        if (has_derivative(of) && !not_proved.contains(of.name) && !assumed.contains(of.name))
        {
            try_faults(of.name, of, *of.on_double, smooth_samples(of, 1), total);
        }
    }
    report(total, "proved rules");
    BOOST_TEST(total.mutants >= 800U);
}

// A pull of several operations is one instruction with a derivative of its own.
BOOST_AUTO_TEST_CASE(wrong_second_derivatives_are_refuted_by_the_proof_alone)
{
    tally total;
    std::size_t pulls = 0;
    for (const sampled_operation& of : every_operation())
    {
        if (!has_derivative(of) || of.on_double->kind != rule_kind::elementwise || assumed.contains(of.name))
        {
            continue;
        }
        std::vector<sample> gradients = smooth_samples(of, 2);
        std::transform(gradients.begin(), gradients.end(), gradients.begin(), gradient_of);
        for (const operation<double>* pull : pulls_in(gradients, of.on_double))
        {
            const std::string name = fmt::format("pull of {} to operand {}", of.name, pull->pulled_operand);
            const rule_proof proof = prove_rule(of, *pull);
            BOOST_TEST(to_text(proof.outcome) == "proved", name << ": " << to_text(proof.outcome) << ", " << proof.why);
            ++pulls;
            try_faults(name, of, *pull, gradients, total);
        }
    }
    fmt::print("{} pulls proved\n", pulls);
    report(total, "proved pulls");
    BOOST_TEST(total.mutants >= 800U);
}

// 1.1 - 1 is not 0.1 in double; the exponent of the derivative is all the same.
BOOST_AUTO_TEST_CASE(exponents_of_derivatives_are_exact)
{
    tape<double> t;
    const variable<double> x = t.variable(xt::xarray<double>{0.7, 2.5});
    BOOST_TEST(certify_equal(gradient(sum(pow(x, 1.1)), x), 1.1 * pow(x, 0.1)));
    BOOST_TEST(!certify_equal(gradient(sum(pow(x, 1.1)), x), 1.1 * pow(x, 0.1000000001)));
    BOOST_TEST(to_text(prove_derivative(pow(x, 1.1)).outcome) == "proved");
}

BOOST_AUTO_TEST_SUITE_END()
