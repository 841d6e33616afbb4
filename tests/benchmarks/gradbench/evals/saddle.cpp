#include "tests/benchmarks/gradbench/evals/saddle.hpp"

#include "tests/benchmarks/gradbench/evals/descent.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

variable<double> f(variable<double> x, variable<double> y)
{
    return norm_sq(x) - norm_sq(y);
}

/// The y with the greatest f(x, y), found from `start` by steps that are recorded.
variable<double> argmax(mode inner, variable<double> x, variable<double> start)
{
    const auto minus_f = [=](variable<double> y)
    {
        const auto value = -f(x, y);
        return std::pair(value.item(), [=] { return slope(inner, value, y); });
    };
    return descend(minus_f, start);
}

array saddle_point(tape<double>& tape, mode outer, mode inner, const array& start)
{
    const auto greatest = [&](const array& at)
    {
        tape.clear();
        const auto x = tape.variable(at);
        const auto value = f(x, argmax(inner, x, tape.variable(start)));
        return std::pair(value.item(), [=] { return array(slope(outer, value, x).value()); });
    };
    const array least = descend(greatest, start);
    tape.clear();
    const auto x = tape.constant(least);
    return concatenate({x, argmax(inner, x, tape.variable(start))}).value();
}

} // namespace

array saddle::rr(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::reverse, mode::reverse, in.start);
}
array saddle::rf(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::reverse, mode::forward, in.start);
}
array saddle::fr(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::forward, mode::reverse, in.start);
}
array saddle::ff(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::forward, mode::forward, in.start);
}

} // namespace gradbench
