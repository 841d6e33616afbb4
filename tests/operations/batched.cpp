#include "operations/every_operation.hpp"
#include "tests/support.hpp"

#include <set>

// That batched forms are right is checked with each sample (every_operation.cpp): so is the way around them, one
// direction after the other. Here is that the library's operations have one.

using namespace autograd;
using namespace autograd::check;

BOOST_AUTO_TEST_SUITE(operations_batched)

namespace
{

/// Records a sample on a tape, and its derivatives in both modes.
void record_derivatives(const sample& of, tape<double>& tape)
{
    std::vector<variable<double>> reals;
    for (const real_input& input : of.reals)
    {
        xt::xarray<double> values = xt::xarray<double>::from_shape(input.shape);
        std::copy(input.values.begin(), input.values.end(), values.data());
        reals.push_back(tape.variable(values));
    }
    std::vector<indices<double>> integers;
    for (const index_input& input : of.integers)
    {
        xt::xarray<std::int64_t> values = xt::xarray<std::int64_t>::from_shape(input.shape);
        std::copy(input.values.begin(), input.values.end(), values.data());
        integers.push_back(tape.index(values));
    }
    const handle<double> result = of.on_double(reals, integers);
    if (result.checked("sample").op->element == element_kind::real && !reals.empty())
    {
        const variable<double> y(result);
        vjp(y, reals, y, unconnected::zero);
        jvp(y, reals, reals, unconnected::zero);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(all_but_functions_with_rules_of_their_own)
{
    std::set<std::string> with, without;
    for (const sampled_operation& operation : every_operation())
    {
        for (const sample& each : operation.samples)
        {
            if (each.error || !each.kinks.empty())
            {
                continue;
            }
            tape<double> tape;
            record_derivatives(each, tape);
            for (const instruction<double>& y : tape.instructions())
            {
                if (y.op->differentiable != 0 && y.op->vjp != nullptr)
                {
                    (y.op->batched != nullptr ? with : without).insert(y.op->name);
                }
            }
        }
    }
    BOOST_TEST(with.size() > 80u);
    const std::set<std::string> expected{"custom_vjp", "sum_over_blocks"};
    BOOST_TEST(without == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
