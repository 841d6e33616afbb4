#include "tests/benchmarks/gradbench/evals/lstm.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

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

/// The gates of all layers, and what is beside them.
network recorded(variable<double> main_params, variable<double> extra_params)
{
    tape<double>& tape = main_params.tape();
    const std::size_t l = main_params.shape(0) / 2, b = extra_params.shape(1);
    const auto by_gate = reshape(main_params, {l, 2, 4, b});
    const auto gate_of = [&](int number) {
        return gate{view(by_gate, xt::all(), 0, number), view(by_gate, xt::all(), 1, number)};
    };
    const auto input_weight = pad(slice(extra_params, 0, 0, 1), {{0, l - 1}, {0, 0}});
    const auto from_below = tape.constant(xt::eye<double>({l, l}, -1));
    return {gate_of(0), gate_of(1), gate_of(2), gate_of(3), input_weight, from_below};
}

/// What the last layer's hidden states, (n, b), say of the next characters: minus the logarithms of their
/// probabilities.
variable<double> surprise(variable<double> hidden, variable<double> next, variable<double> extra_params)
{
    const auto y = hidden * view(extra_params, 1) + view(extra_params, 2);
    return -sum(next * (y - log(2.0 + sum(exp(y), {1}, xt::keep_dims))));
}

constexpr std::size_t block = 128;

/// The layers work as a pipeline: when the last one is at a character, the one before it is at the next one already, so
/// that a step is one of all layers.
std::size_t steps(const lstm::input& in)
{
    return in.sequence.shape(0) - 2 + in.state.shape(0) / 2;
}

/// What all layers remember between two blocks of steps, as numbers.
struct remembered
{
    array hidden, cell;
};

/// Steps from number `first` to the one before `last`.
struct part
{
    part(tape<double>& tape, const lstm::input& in, const remembered& start, std::size_t first, std::size_t last)
        : main_params(tape.variable(borrow(in.main_params))),
          extra_params(tape.variable(borrow(in.extra_params))),
          before{tape.variable(borrow(start.hidden)), tape.variable(borrow(start.cell))},
          after(before)
    {
        const std::size_t l = start.hidden.shape(0), b = start.hidden.shape(1), c = in.sequence.shape(0);
        const network layers = recorded(main_params, extra_params);
        std::vector<variable<double>> hidden; // of the steps in which the last layer has a character
        for (std::size_t step = first; step < last; ++step)
        {
            const double* const character = in.sequence.data() + std::min(step, c - 1) * b;
            const memory next = layers.step(after, tape.constant(borrow(character, {b})));
            if (step + 1 < l) // the pipeline fills: layers behind the first step + 1 have no character yet
            {
                const auto has_one = expand_dims(tape.constant(xt::arange(l) <= step), 1);
                after = {where(has_one, next.hidden, after.hidden), where(has_one, next.cell, after.cell)};
                continue;
            }
            after = next;
            hidden.push_back(after.hidden);
        }
        const std::size_t n = hidden.size();
        if (n == 0)
        {
            loss = tape.constant(0.0);
            return;
        }
        const auto of_last_layer = view(reshape(concatenate(hidden), {n, l, b}), xt::all(), l - 1);
        const double* const next = in.sequence.data() + (last - n - l + 2) * b;
        const double predictions = static_cast<double>((c - 1) * b);
        loss = surprise(of_last_layer, tape.constant(borrow(next, {n, b})), extra_params) / predictions;
    }

    remembered in_the_end() const { return {after.hidden.value(), after.cell.value()}; }

    variable<double> main_params, extra_params;
    memory before, after;
    variable<double> loss; ///< what these steps add to it
};

remembered in_the_beginning(const lstm::input& in)
{
    const std::size_t l = in.state.shape(0) / 2, b = in.state.shape(1);
    remembered result{array::from_shape({l, b}), array::from_shape({l, b})};
    for (std::size_t layer = 0; layer < l; ++layer)
    {
        std::copy_n(in.state.data() + 2 * layer * b, b, result.hidden.data() + layer * b);
        std::copy_n(in.state.data() + (2 * layer + 1) * b, b, result.cell.data() + layer * b);
    }
    return result;
}

} // namespace

double lstm::objective(tape<double>& tape, const input& in)
{
    remembered now = in_the_beginning(in);
    double sum = 0;
    for_each_block(steps(in), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       const part of(tape, in, now, first, last);
                       sum += of.loss.item();
                       now = of.in_the_end();
                   });
    return sum;
}

/// What each block begins with is kept, and the block is recorded again on the way back: so all that it takes stays in
/// the cache, however long the sequence is.
array lstm::jacobian(tape<double>& tape, const input& in)
{
    std::vector<remembered> states{in_the_beginning(in)};
    for (std::size_t first = 0; first + block < steps(in); first += block)
    {
        tape.clear();
        states.push_back(part(tape, in, states.back(), first, first + block).in_the_end());
    }
    array by_main = xt::zeros_like(in.main_params), by_extra = xt::zeros_like(in.extra_params);
    remembered bar{xt::zeros_like(states[0].hidden), xt::zeros_like(states[0].cell)}; // cotangents of what comes then
    for (std::size_t k = states.size(); k-- > 0;)
    {
        tape.clear();
        const part of(tape, in, states[k], k * block, std::min((k + 1) * block, steps(in)));
        const auto total = of.loss + sum(of.after.hidden * bar.hidden) + sum(of.after.cell * bar.cell);
        const auto slope = gradient(total, {of.main_params, of.extra_params, of.before.hidden, of.before.cell});
        by_main += slope[0].value();
        by_extra += slope[1].value();
        bar = {slope[2].value(), slope[3].value()};
    }
    array result = array::from_shape({by_main.size() + by_extra.size()});
    std::copy_n(by_extra.data(), by_extra.size(), std::copy_n(by_main.data(), by_main.size(), result.data()));
    return result;
}

} // namespace gradbench
