#include "tests/benchmarks/gradbench/evals/llsq.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// The powers 0 to m - 1 of t, (m, n).
variable<double> powers(variable<double> t, std::size_t m)
{
    const std::size_t n = t.size();
    return cumprod(concatenate({t.tape().full({1, n}, 1.0), broadcast(t, {m - 1, n})}), 0);
}

/// Half the sum over t of (sign(t) - (x_0 + x_1 t + x_2 t^2 + ...))^2.
variable<double> misfit(variable<double> x, std::size_t n)
{
    const auto t = x.tape().constant(xt::arange<double>(static_cast<double>(n)) * 2 / static_cast<double>(n - 1) - 1);
    return 0.5 * norm_sq(sign(t) - matmul(x, powers(t, x.size())));
}

} // namespace

double llsq::primal(tape<double>& tape, const input& in)
{
    tape.clear();
    return misfit(tape.constant(borrow(in.x)), in.n).item();
}

array llsq::gradient(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto x = tape.variable(borrow(in.x));
    return autograd::gradient(misfit(x, in.n), x).value();
}

} // namespace gradbench
