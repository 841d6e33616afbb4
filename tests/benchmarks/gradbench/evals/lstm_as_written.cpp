#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/lstm.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// Of one layer, (b,).
struct memory
{
    variable<double> hidden, cell;
};

/// What a layer remembers after x, given its rows of weights and of biases for four gates.
memory next(const memory& before, variable<double> x, variable<double> weight, variable<double> bias)
{
    const auto gates = split(fma(concatenate({x, before.hidden, x, before.hidden}), weight, bias), 4);
    const auto forget = sigmoid(gates[0]), in = sigmoid(gates[1]), out = sigmoid(gates[2]), change = tanh(gates[3]);
    const auto cell = before.cell * forget + in * change;
    return {out * tanh(cell), cell};
}

variable<double> loss(const lstm::input& in, variable<double> main_params, variable<double> extra_params)
{
    tape<double>& tape = main_params.tape();
    const std::size_t l = in.state.shape(0) / 2, b = in.state.shape(1), c = in.sequence.shape(0);
    const auto state = tape.constant(borrow(in.state)), sequence = tape.constant(borrow(in.sequence));
    std::vector<memory> layers;
    for (std::size_t k = 0; k < l; ++k)
    {
        layers.push_back({view(state, 2 * k), view(state, 2 * k + 1)});
    }
    variable<double> total = tape.constant(0.0);
    for (std::size_t t = 0; t + 1 < c; ++t)
    {
        variable<double> x = view(sequence, t) * view(extra_params, 0);
        for (std::size_t k = 0; k < l; ++k)
        {
            layers[k] = next(layers[k], x, view(main_params, 2 * k), view(main_params, 2 * k + 1));
            x = layers[k].hidden;
        }
        const auto y = x * view(extra_params, 1) + view(extra_params, 2);
        const auto log_probability = y - log(2.0 + sum(exp(y)));
        total = total + sum(view(sequence, t + 1) * log_probability);
    }
    return -total / static_cast<double>((c - 1) * b);
}

} // namespace

double lstm::objective_as_written(tape<double>& tape, const input& in)
{
    tape.clear();
    return loss(in, tape.constant(borrow(in.main_params)), tape.constant(borrow(in.extra_params))).item();
}

array lstm::jacobian_as_written(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto main_params = tape.variable(borrow(in.main_params)),
               extra_params = tape.variable(borrow(in.extra_params));
    const auto [by_main, by_extra] = gradient(loss(in, main_params, extra_params), {main_params, extra_params});
    return concatenate({flatten(by_main), flatten(by_extra)}).value();
}

} // namespace gradbench
