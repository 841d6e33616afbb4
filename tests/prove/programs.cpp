// Programs against what was recorded, by proof: of every operation with its gradient, and of a step of training.

#include "recorded_sample.hpp"
#include "support.hpp"

#include "autograd/prove/certify_program.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace
{

namespace error = autograd::error;
using autograd::certificate;
using autograd::certify_program;
using autograd::compile;
using autograd::verdict;
using namespace support;

struct article_step
{
    tape t;
    variable x = t.constant(array(xt::linspace(-1.0, 1.0, 40).reshape({20, 2})));
    variable w = t.variable(array{{0.1, -0.2, 0.3}, {0.5, 0.6, -0.7}});
    variable v = t.variable(array{1, -1, 0.5});
    variable loss = mean(square(matmul(tanh(matmul(x, w)), v) - 1.0));
    std::array<variable, 2> slopes = gradient(loss, {w, v});
    variable w2 = w - 0.1 * slopes[0];
    variable v2 = v - 0.1 * slopes[1];
};

/// The program of a sample with its gradients, in tiles of two elements, against the recording.
std::optional<certificate> certificate_of(const autograd::check::sample& of)
{
    tape t;
    auto recorded = given(t, of, 1.0);
    const autograd::handle<double> y = of.on(double())(recorded.reals, recorded.integers);
    recorded.outputs.push_back(y);
    if (recorded.inputs.empty() || y.checked("sample").op->element != autograd::element_kind::real)
    {
        return {};
    }
    add_derivatives<double>(recorded, variable(y), recorded.differentiated, 1);
    const auto f = compile<double>(recorded.inputs, recorded.outputs, {.constant_keys = true, .tile = 2});
    const std::span<const autograd::handle<double>> inputs(recorded.inputs), outputs(recorded.outputs);
    return certify_program(f, inputs, outputs, {.bits = 20, .suggest = false, .formulas = false});
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_programs)

// The first samples of each; all of them take minutes.
BOOST_AUTO_TEST_CASE(every_operation)
{
    std::map<verdict, std::size_t> verdicts;
    for (const auto& operation : autograd::check::every_operation())
    {
        const std::size_t some = std::min<std::size_t>(operation.samples.size(), 4);
        for (const auto& each : std::span(operation.samples).first(some))
        {
            if (each.error || !each.kinks.empty() || operation.name == "sum_over_blocks" ||
                operation.name == "values_read") // which no program computes again
            {
                continue;
            }
            const std::string name = operation.name + "/" + each.label;
            try
            {
                if (const auto c = certificate_of(each))
                {
                    ++verdicts[c->outcome];
                    BOOST_TEST((c->outcome == verdict::equal || c->outcome == verdict::not_decided),
                               name << ": " << *c);
                }
            }
            catch (const error::value_error&) // nothing that depends on a variable
            {
            }
        }
    }
    fmt::print("{} programs of samples are certified, {} not decided\n", verdicts[verdict::equal],
               verdicts[verdict::not_decided]);
    BOOST_TEST(verdicts[verdict::equal] > 250u);
}

BOOST_AUTO_TEST_CASE(a_step_of_training_is_what_was_recorded)
{
    const article_step s;
    for (const std::size_t tile : {0u, 8u})
    {
        const auto f = compile({s.x, s.w, s.v}, {s.w2, s.v2, s.loss}, {.replaces = {{0, 1}, {1, 2}}, .tile = tile});
        const certificate c = certify_program(f, {s.x, s.w, s.v}, {s.w2, s.v2, s.loss});
        BOOST_TEST((c.outcome == verdict::equal), c);
        BOOST_TEST(c.bits >= 80);
        BOOST_TEST(c.random_inputs.size() == 3u); // x, a constant of the recording, too
    }
}

BOOST_AUTO_TEST_CASE(another_program_is_not)
{
    const article_step s;
    const auto f = compile({s.x, s.w, s.v}, {s.loss, s.w2});
    const variable other = s.w + 0.1 * s.slopes[0];
    const certificate c = certify_program(f, {s.x, s.w, s.v}, {s.loss, other});
    BOOST_TEST((c.outcome != verdict::equal), c);
    BOOST_TEST((c.arrays[0].outcome == verdict::equal), c);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       static_cast<void>(certify_program(f, {s.x, s.w}, {s.loss}));
                   }) == "autograd: certify_program: 2 inputs and 1 outputs were given; the program has 3 and 2.");
}

BOOST_AUTO_TEST_CASE(inputs_and_outputs_are_those_of_the_program)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3}), y = t.variable(array{1, 2}), z = t.variable(array{4, 5, 6});
    const auto f = compile<double>({x, z}, {exp(x) * z, argmax(x)});
    BOOST_CHECK_THROW(static_cast<void>(certify_program(f, {y, z}, {exp(x) * z, argmax(x)})), error::shape_error);
    BOOST_CHECK_THROW(static_cast<void>(certify_program(f, {x, x}, {exp(x) * z, argmax(x)})), error::value_error);
    const auto c = certify_program(f, {x, z}, {exp(x) * z, argmin(x)});
    BOOST_TEST((c.outcome == verdict::not_decided), c); // integers are not compared
}

BOOST_AUTO_TEST_SUITE_END()
