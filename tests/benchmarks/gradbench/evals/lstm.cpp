#include "tests/benchmarks/gradbench/evals/lstm.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// Of all layers, (l, b).
struct memory
{
    variable<double> hidden, cell;
};

struct gate
{
    variable<double> weight, bias; ///< (l, b)

    auto operator()(variable<double> x) const { return fma(x, weight, bias); }
};

struct network
{
    gate forget, in, out, change;
    variable<double> input_weight; ///< (l, b): of the first layer, which alone sees the character; 0 for the others
    variable<double> from_below;   ///< (l, l): gives to each other layer the hidden state of the one before it

    memory step(const memory& before, variable<double> character) const
    {
        const auto z = fma(character, input_weight, matmul(from_below, before.hidden));
        const auto kept = before.cell * sigmoid(forget(z));
        const auto cell = fma(sigmoid(in(before.hidden)), tanh(change(before.hidden)), kept);
        return {sigmoid(out(z)) * tanh(cell), cell};
    }
};

/// The hidden state of the last layer after each character but the last, (c - 1, b). The layers work as a pipeline:
/// when the last one is at a character, the one before it is at the next one already, so that a step is one of all
/// layers.
variable<double> run(const network& layers, const memory& start, const array& sequence)
{
    tape<double>& tape = start.hidden.tape();
    const std::size_t l = start.hidden.shape(0), b = start.hidden.shape(1), last = sequence.shape(0) - 1;
    std::vector<variable<double>> hidden;
    memory now = start;
    for (std::size_t step = 0; step + 1 < last + l; ++step)
    {
        const double* const character = sequence.data() + std::min(step, last) * b;
        const memory next = layers.step(now, tape.constant(borrowed<double>(character, {b})));
        if (step + 1 < l) // the pipeline fills: layers behind the first step + 1 have no character yet
        {
            const auto has_one = expand_dims(tape.constant(xt::arange(l) <= step), 1);
            now = {where(has_one, next.hidden, now.hidden), where(has_one, next.cell, now.cell)};
            continue;
        }
        now = next;
        hidden.push_back(now.hidden);
    }
    return view(reshape(concatenate(hidden), {last, l, b}), xt::all(), l - 1);
}

variable<double> loss(const lstm::input& in, variable<double> main_params, variable<double> extra_params)
{
    tape<double>& tape = main_params.tape();
    const std::size_t l = in.state.shape(0) / 2, b = in.state.shape(1), c = in.sequence.shape(0);
    const auto by_gate = reshape(main_params, {l, 2, 4, b});
    const auto gate_of = [&](int number) {
        return gate{view(by_gate, xt::all(), 0, number), view(by_gate, xt::all(), 1, number)};
    };
    const auto input_weight = pad(slice(extra_params, 0, 0, 1), {{0, l - 1}, {0, 0}});
    const auto from_below = tape.constant(xt::eye<double>({l, l}, -1));
    const network layers{gate_of(0), gate_of(1), gate_of(2), gate_of(3), input_weight, from_below};
    const auto state = reshape(tape.constant(borrow(in.state)), {l, 2, b});
    const auto hidden = run(layers, {view(state, xt::all(), 0), view(state, xt::all(), 1)}, in.sequence);
    const auto y = hidden * view(extra_params, 1) + view(extra_params, 2);
    const auto log_probability = y - log(2.0 + sum(exp(y), {1}, xt::keep_dims));
    const auto next = view(tape.constant(borrow(in.sequence)), xt::range(1, c));
    return -sum(next * log_probability) / static_cast<double>((c - 1) * b);
}

} // namespace

double lstm::objective(tape<double>& tape, const input& in)
{
    tape.clear();
    return loss(in, tape.constant(borrow(in.main_params)), tape.constant(borrow(in.extra_params))).item();
}

array lstm::jacobian(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto main_params = tape.variable(borrow(in.main_params)),
               extra_params = tape.variable(borrow(in.extra_params));
    const auto [by_main, by_extra] = gradient(loss(in, main_params, extra_params), {main_params, extra_params});
    return concatenate({flatten(by_main), flatten(by_extra)}).value();
}

} // namespace gradbench
