#include "tests/benchmarks/gradbench/evals/lse.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// a + log(sum(exp(x - a))) is the same for all a, so a is a constant; the greatest element keeps exp from overflowing.
variable<double> log_sum_exp(variable<double> x)
{
    const auto a = stop_gradient(amax(x));
    return a + log(sum(exp(x - a)));
}

} // namespace

double lse::primal(tape<double>& tape, const input& in)
{
    tape.clear();
    return log_sum_exp(tape.constant(borrow(in.x))).item();
}

array lse::gradient(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto x = tape.variable(borrow(in.x));
    return autograd::gradient(log_sum_exp(x), x).value();
}

} // namespace gradbench
