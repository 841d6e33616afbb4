#include "tests/benchmarks/gradbench/evals/llsq.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

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
/// +
/// ...) + s^2 (...), so that 16 powers of t, and of s one for each row, are enough.
variable<double> polynomial(variable<double> x, variable<double> t)
{
    const std::size_t n = t.size(), rows = (x.size() + 15) / 16;
    const auto t4 = square(square(t)), s = square(square(t4));
    const auto of_t = reshape(expand_dims(four_powers(t4), 1) * four_powers(t), {16, n});
    const auto of_s = cumprod(concatenate({t.tape().full({1, n}, 1.0), broadcast(s, {rows - 1, n})}), 0);
    const auto coefficients = reshape(pad(x, {{0, 16 * rows - x.size()}}), {rows, 16});
    return sum(of_s * matmul(coefficients, of_t), 0);
}

/// Half the sum, over points from number `first` to the one before `last` of n, of the squared distance from the sign
/// of t.
variable<double> misfit(variable<double> x, std::size_t n, std::size_t first, std::size_t last)
{
    const xt::xarray<double> numbers = xt::arange(static_cast<double>(first), static_cast<double>(last));
    const auto t = x.tape().constant(-1.0 + 2.0 * numbers / static_cast<double>(n - 1)); // exactly 0 in the middle
    return 0.5 * norm_sq(sign(t) - polynomial(x, t));
}

constexpr std::size_t block = 1024;

} // namespace

double llsq::primal(tape<double>& tape, const input& in)
{
    double sum = 0;
    for_each_block(in.n, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       sum += misfit(tape.constant(borrow(in.x)), in.n, first, last).item();
                   });
    return sum;
}

array llsq::gradient(tape<double>& tape, const input& in)
{
    array sum = xt::zeros_like(in.x);
    for_each_block(in.n, block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       const auto x = tape.variable(borrow(in.x));
                       sum += autograd::gradient(misfit(x, in.n, first, last), x).value();
                   });
    return sum;
}

} // namespace gradbench
