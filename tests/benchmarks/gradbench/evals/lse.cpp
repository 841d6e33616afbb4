#include "tests/benchmarks/gradbench/evals/lse.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"

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

compiled<lse::input, double> lse::compile_primal(const input& like)
{
    return [f = compile(log_sum_exp, placeholder<double>(like.x.shape())), value = array()](const input& in,
                                                                                            double& out) mutable
    {
        f.run_into(value, in.x);
        out = value();
    };
}

compiled<lse::input, array> lse::compile_gradient(const input& like)
{
    const auto slope = [](auto x) { return autograd::gradient(log_sum_exp(x), x); };
    return [f = compile(slope, placeholder<double>(like.x.shape()))](const input& in, array& out) mutable
    { f.run_into(out, in.x); };
}

} // namespace gradbench
