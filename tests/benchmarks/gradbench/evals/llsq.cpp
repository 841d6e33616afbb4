#include "tests/benchmarks/gradbench/evals/llsq.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
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

array points(std::size_t n)
{
    return -1.0 + 2.0 * xt::arange(static_cast<double>(n)) / static_cast<double>(n - 1); // exactly 0 in the middle
}

constexpr std::size_t block = 1024; // points, whose powers fit the cache

/// The misfit at all points.
variable<double> whole_misfit(variable<double> x, std::size_t n)
{
    const array t = points(n);
    return sum_over_blocks(blocks_of_rows(block, t), x, misfit);
}

/// Adds f(x, some of the points) to what there is, for the points of all blocks.
template <class F>
compiled<llsq::input, array> compile_sum(const llsq::input& like, const shape_vector& of_sum, F f)
{
    const std::size_t n = like.n;
    const auto add_part = [f](auto sum, auto x, auto t) { return sum + f(x, t); };
    const placeholder<double> to(of_sum);
    auto add = compile({.replaces = {{0, 0}}}, add_part, to, like.x, placeholder<double>{std::min(n, block)});
    static_cast<void>(add.program(to, like.x, placeholder<double>{last_length(n, block)}));
    return [n, of_sum, add](const llsq::input& in, array& out) mutable
    {
        const array t = points(n);
        out = xt::zeros<double>(of_sum);
        for_each_block(n, block,
                       [&](std::size_t first, std::size_t last)
                       { add.run_into(out, out, in.x, borrowed<double>(t.data() + first, {last - first})); });
    };
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

compiled<llsq::input, double> llsq::compile_primal(const input& like)
{
    return [f = compile_sum(like, {}, misfit), sum = array()](const input& in, double& out) mutable
    {
        f(in, sum);
        out = sum();
    };
}

compiled<llsq::input, array> llsq::compile_gradient(const input& like)
{
    return compile_sum(like, {like.x.size()}, [](auto x, auto t) { return autograd::gradient(misfit(x, t), x); });
}

} // namespace gradbench
