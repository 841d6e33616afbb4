// Programs against what was recorded, by proof: every sample of every operation with its gradient.

#include "operations/every_operation.hpp"
#include "support.hpp"

#include "autograd/prove/certify_program.hpp"

#include <fmt/format.h>

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

} // namespace

BOOST_AUTO_TEST_SUITE(prove_programs)

BOOST_AUTO_TEST_CASE(a_step_of_training_is_what_was_recorded)
{
    const article_step s;
    for (const std::size_t tile : {0, 8})
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

BOOST_AUTO_TEST_SUITE_END()
