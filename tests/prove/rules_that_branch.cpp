// The proof of a rule looks at all branches of it: at those that numbers near the recorded ones do not come to, and at
// those that hardly any number comes to.

#include "autograd/define_operation.hpp"
#include "autograd/prove/interpretation.hpp"
#include "autograd/prove/prove_derivative.hpp"

#include <boost/test/unit_test.hpp>

using namespace autograd;

namespace
{

struct relu6_rule : elementwise
{
    static constexpr auto name = "relu6";
    static constexpr auto forward = [](auto x) { return select(x < 0, 0, select(x > 6, 6, x)); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g) { return select(x < 0, 0, select(x > 6, 0, g)); }};
};
AUTOGRAD_PROVES(relu6_rule)

/// Wrong above 6.
struct uncapped_rule : relu6_rule
{
    static constexpr auto name = "uncapped";
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return select(x < 0, 0, g); }};
};
AUTOGRAD_PROVES(uncapped_rule)

/// Wrong from a million on.
struct far_rule : elementwise
{
    static constexpr auto name = "far";
    static constexpr auto forward = [](auto x) { return select(x > 1e12, 2 * x, x); };
    static constexpr auto pulls = per_operand{[](auto, auto, auto g) { return g; }};
};
AUTOGRAD_PROVES(far_rule)

/// Wrong between 0 and 1e-9.
struct sliver_rule : elementwise
{
    static constexpr auto name = "sliver";
    static constexpr auto forward = [](auto x) { return select(x < 0, 0, x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return select(x < 1e-9, 0, g); }};
};
AUTOGRAD_PROVES(sliver_rule)

/// Right; residues do not know which sign that root has.
struct hidden_square_rule : elementwise
{
    static constexpr auto name = "hidden_square";
    static constexpr auto forward = [](auto x) { return sqrt(x * x - 2 * x + 1); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * select(x > 1, 1, -1); }};
};
AUTOGRAD_PROVES(hidden_square_rule)

/// Wrong, whatever the sign.
struct wrong_root_rule : hidden_square_rule
{
    static constexpr auto name = "wrong_root";
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * select(x > 1, 2, -2); }};
};
AUTOGRAD_PROVES(wrong_root_rule)

template <class Rule>
derivative_proof proof_of()
{
    tape<double> t;
    const variable<double> x = t.variable(xt::xarray<double>{0.3, -0.2, 1.9});
    return prove_derivative(record<Rule, double>(location::current(), x));
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_rules_that_branch)

BOOST_AUTO_TEST_CASE(all_branches_are_met)
{
    BOOST_TEST((proof_of<relu6_rule>().outcome == standing::proved));
    BOOST_TEST((proof_of<uncapped_rule>().outcome == standing::refuted));
    BOOST_TEST((proof_of<far_rule>().outcome == standing::not_decided)); // no number came there
    BOOST_TEST((proof_of<sliver_rule>().outcome == standing::not_decided));
    BOOST_TEST((proof_of<hidden_square_rule>().outcome == standing::not_decided), proof_of<hidden_square_rule>());
    BOOST_TEST((proof_of<wrong_root_rule>().outcome == standing::refuted), proof_of<wrong_root_rule>());
}

BOOST_AUTO_TEST_SUITE_END()
