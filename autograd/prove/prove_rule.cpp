#include "autograd/prove/prove_rule.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/tape/xtensor.hpp"

namespace autograd
{

namespace
{

/// Elements beyond which an instruction proves nothing that a smaller one does not.
constexpr std::size_t largest_result = 64;

array<double> array_of(const check::sample_input& input)
{
    return xt::adapt<xt::layout_type::row_major>(input.values, input.shape);
}

/// What a sample records on a tape: the function, and for the pull of a rule its gradient.
void record_sample(const check::sample& of, bool with_gradient, tape<double>& t)
{
    std::vector<variable<double>> x;
    std::vector<indices<double>> integers;
    for (const check::real_input& input : of.reals)
    {
        x.push_back(t.variable(array_of(input)));
    }
    for (const check::index_input& input : of.integers)
    {
        integers.push_back(t.index(xt::eval(xt::cast<std::int64_t>(array_of(input)))));
    }
    const handle<double> y = of.on_double(x, integers);
    if (with_gradient)
    {
        std::vector<variable<double>> by;
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            if (k >= of.held.size() || !of.held[k])
            {
                by.push_back(x[k]);
            }
        }
        const variable<double> g =
            t.variable(xt::eval(xt::ones<double>(variable<double>::extents_of(y.checked("sample").shape()))));
        vjp(variable<double>(y), by, g, unconnected::zero);
    }
}

std::vector<std::uint32_t> instructions_of(const operation<double>& rule, const tape<double>& t)
{
    std::vector<std::uint32_t> result;
    for (std::uint32_t index = 0; index < t.size(); ++index)
    {
        if (t[index].op == &rule && t[index].size() > 0 && t[index].size() <= largest_result)
        {
            result.push_back(index);
        }
    }
    return result;
}

/// The proof of one more instruction.
void add(const derivative_proof& proof, const std::string& label, rule_proof& to)
{
    to.instructions += proof ? 1 : 0;
    if (proof.outcome == standing::refuted)
    {
        to.outcome = standing::refuted;
        to.why = proof.why + ", in the sample \"" + label + "\"";
    }
    else if (proof && (!to || proof.outcome == standing::assumed))
    {
        to.outcome = proof.outcome;
        to.why = proof.why;
    }
    else if (!proof && !to && to.why.empty())
    {
        to.why = proof.why;
    }
}

} // namespace

rule_proof prove_rule(const check::sampled_operation& of, const operation<double>& rule,
                      const std::function<void(tape<double>&)>& prepare)
{
    rule_proof result;
    std::size_t recordings = 0;
    for (const check::sample& sample : of.samples)
    {
        if (sample.error || !sample.kinks.empty() || sample.order == 0)
        {
            continue;
        }
        tape<double> t;
        record_sample(sample, rule.pull_of != nullptr, t);
        const std::vector<std::uint32_t> instructions = instructions_of(rule, t);
        if (prepare)
        {
            prepare(t);
        }
        for (const std::uint32_t index : instructions)
        {
            constexpr std::size_t some = 4;
            const auto look = recordings++ < some ? prove::branching::everywhere : prove::branching::nearby;
            add(prove::prove_derivative(variable<double>(t.handle_of(index)), 0, &rule, look), sample.label, result);
            if (result.outcome == standing::refuted)
            {
                return result;
            }
        }
    }
    return result;
}

} // namespace autograd
