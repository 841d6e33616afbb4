#include "tests/benchmarks/gradbench/evals/llsq.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// 1, t, t^2, t^3, and so on with a factor between: (4, n).
variable<double> four_powers(variable<double> t)
{
    const auto squared = t * t;
    return stack({t.tape().full({t.size()}, 1.0), t, squared, squared * t});
}

/// x_0 + x_1 t + x_2 t^2 + ..., in rows of 16 coefficients: with s = t^16 it is (x_0 + x_1 t + ...) + s (x_16 + x_17 t
/// + ...) + s^2 (...), so that 16 powers of t, and of s one for each row, are enough.
variable<double> polynomial(variable<double> x, variable<double> t)
{
    const std::size_t n = t.size(), rows = (x.size() + 15) / 16;
    const auto t4 = square(square(t)), s = square(square(t4));
    const auto of_t = reshape(expand_dims(four_powers(t4), 1) * four_powers(t), {16, n});
    const auto of_s = cumprod(concatenate({t.tape().full({1, n}, 1.0), broadcast(s, {rows - 1, n})}), 0);
    const auto coefficients = reshape(pad(x, {{0, 16 * rows - x.size()}}), {rows, 16});
    return sum(of_s * matmul(coefficients, of_t), 0);
}

/// Half the sum of the squared distances from the sign of t.
variable<double> misfit(variable<double> x, variable<double> t)
{
    return 0.5 * norm_sq(sign(t) - polynomial(x, t));
}

/// The misfit at all points, a block at a time that fits the cache.
variable<double> whole_misfit(variable<double> x, std::size_t n)
{
    const array t =
        -1.0 + 2.0 * xt::arange(static_cast<double>(n)) / static_cast<double>(n - 1); // exactly 0 in the middle
    return sum_over_blocks(blocks_of_rows(1024, t), x, misfit);
}

} // namespace

double llsq::primal(tape<double>& tape, const input& in)
{
    tape.clear();
    return whole_misfit(tape.constant(borrow(in.x)), in.n).item();
}

array llsq::gradient(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto x = tape.variable(borrow(in.x));
    return autograd::gradient(whole_misfit(x, in.n), x).value();
}

} // namespace gradbench
