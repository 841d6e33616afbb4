#include "tests/benchmarks/gradbench/evals/lstm.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// Of all layers, (l, b).
template <class Array>
struct memory_as
{
    Array hidden, cell;
    auto members() { return std::tie(hidden, cell); }
    auto members() const { return std::tie(hidden, cell); }
};
using memory = memory_as<variable<double>>;
using remembered = memory_as<array>;

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

/// The layers work as a pipeline: when the last one is at a character, the one before it is at the next one already, so
/// that a step is one of all layers. First the pipeline fills: in step t, layers behind number t have no character yet.
std::size_t steps(const lstm::input& in)
{
    return in.sequence.shape(0) - 2 + in.state.shape(0) / 2;
}

/// What some steps are given, and what they come to.
template <class Array>
struct parameters
{
    Array main_params, extra_params;
    auto members() { return std::tie(main_params, extra_params); }
    auto members() const { return std::tie(main_params, extra_params); }
};
struct course
{
    memory after;
    variable<double> loss; ///< what the steps add to it
};

/// Steps with a character each, (n, b). Where the pipeline is filled they have each a next character, which the last
/// layer is to say.
course take_steps(const parameters<variable<double>>& of, memory now, variable<double> characters,
                  variable<double> next, bool is_filled, std::size_t predictions)
{
    tape<double>& tape = characters.tape();
    const std::size_t l = now.hidden.shape(0), b = now.hidden.shape(1), n = characters.shape(0);
    const network layers = recorded(of.main_params, of.extra_params);
    std::vector<variable<double>> hidden;
    for (std::size_t step = 0; step < n; ++step)
    {
        const memory then = layers.step(now, view(characters, step));
        if (is_filled)
        {
            now = then;
            hidden.push_back(now.hidden);
        }
        else
        {
            const auto has_one = expand_dims(tape.constant(xt::arange(l) <= step), 1);
            now = {where(has_one, then.hidden, now.hidden), where(has_one, then.cell, now.cell)};
        }
    }
    if (!is_filled)
    {
        return {now, tape.constant(0.0)};
    }
    const auto of_last_layer = view(reshape(concatenate(hidden), {n, l, b}), xt::all(), l - 1);
    return {now, surprise(of_last_layer, next, of.extra_params) / static_cast<double>(predictions)};
}

/// The loss, plus what the layers remember in the end times its cotangents: so the slopes of this are those of the loss
/// of all steps.
variable<double> with_what_follows(const course& of, const memory& bar)
{
    return of.loss + sum(of.after.hidden * bar.hidden) + sum(of.after.cell * bar.cell);
}

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

constexpr std::size_t block = 128;

/// Some steps, and the numbers that they are given.
struct part
{
    bool is_filled;
    array characters, next;
};

/// Those in which the pipeline fills, and then blocks.
std::vector<part> parts_of(const lstm::input& in)
{
    const std::size_t l = in.state.shape(0) / 2, b = in.state.shape(1), c = in.sequence.shape(0);
    std::vector<part> parts;
    const auto add = [&](std::size_t first, std::size_t last, bool is_filled)
    {
        part& of = parts.emplace_back();
        of.is_filled = is_filled;
        of.characters = array::from_shape({last - first, b});
        of.next = array::from_shape({is_filled ? last - first : 0, b});
        for (std::size_t step = first; step < last; ++step)
        {
            // In the end the first layers have none, and nobody reads what they make of the last one.
            std::copy_n(in.sequence.data() + std::min(step, c - 1) * b, b, of.characters.data() + (step - first) * b);
        }
        if (is_filled)
        {
            std::copy_n(in.sequence.data() + (first + 2 - l) * b, of.next.size(), of.next.data());
        }
    };
    if (l > 1)
    {
        add(0, l - 1, false);
    }
    for_each_block(steps(in) - (l - 1), block,
                   [&](std::size_t first, std::size_t last) { add(first + l - 1, last + l - 1, true); });
    return parts;
}

std::size_t predictions(const lstm::input& in)
{
    return (in.sequence.shape(0) - 1) * in.sequence.shape(1);
}

/// The loss. `go(part, now)` takes the steps of a part: it changes what layers remember, and returns the loss.
template <class Go>
double loss(const lstm::input& in, Go go)
{
    remembered now = in_the_beginning(in);
    double sum = 0;
    for (const part& of : parts_of(in))
    {
        sum += go(of, now);
    }
    return sum;
}

/// Its slopes by the parameters, flat. `go_back(part, before, bar, sum)` adds what some steps make of it. Cotangents of
/// what layers remember behind them, `bar`, become those of what they remembered before.
///
/// What each part begins with is kept, and its steps are done again on the way back: so all that they take stays in the
/// cache, however long the sequence is.
template <class Go, class GoBack>
array slopes(const lstm::input& in, Go go, GoBack go_back)
{
    const std::vector<part> parts = parts_of(in);
    std::vector<remembered> states{in_the_beginning(in)};
    while (states.size() < parts.size())
    {
        remembered now = states.back();
        go(parts[states.size() - 1], now);
        states.push_back(std::move(now));
    }
    parameters<array> sum{xt::zeros_like(in.main_params), xt::zeros_like(in.extra_params)};
    remembered bar{xt::zeros_like(states[0].hidden), xt::zeros_like(states[0].cell)};
    for (std::size_t k = parts.size(); k-- > 0;)
    {
        go_back(parts[k], states[k], bar, sum);
    }
    array result = array::from_shape({sum.main_params.size() + sum.extra_params.size()});
    std::copy_n(sum.extra_params.data(), sum.extra_params.size(),
                std::copy_n(sum.main_params.data(), sum.main_params.size(), result.data()));
    return result;
}

/// Steps that are recorded.
struct recorded_steps
{
    recorded_steps(tape<double>& tape, const lstm::input& in, const part& steps, const remembered& start)
        : of{tape.variable(borrow(in.main_params)), tape.variable(borrow(in.extra_params))},
          before{tape.variable(borrow(start.hidden)), tape.variable(borrow(start.cell))},
          came_to(take_steps(of, before, tape.constant(borrow(steps.characters)), tape.constant(borrow(steps.next)),
                             steps.is_filled, predictions(in)))
    {
    }

    parameters<variable<double>> of;
    memory before;
    course came_to;
};

/// What go() does, recording.
auto by_recording(tape<double>& tape, const lstm::input& in)
{
    return [&](const part& steps, remembered& now)
    {
        tape.clear();
        const auto came_to = recorded_steps(tape, in, steps, now).came_to;
        now = {came_to.after.hidden.value(), came_to.after.cell.value()};
        return came_to.loss.item();
    };
}

} // namespace

double lstm::objective(tape<double>& tape, const input& in)
{
    return loss(in, by_recording(tape, in));
}

array lstm::jacobian(tape<double>& tape, const input& in)
{
    const auto go_back = [&](const part& steps, const remembered& start, remembered& bar, parameters<array>& sum)
    {
        tape.clear();
        const auto [of, before, came_to] = recorded_steps(tape, in, steps, start);
        const auto [by_main, by_extra, by_hidden, by_cell] =
            gradient(with_what_follows(came_to, {tape.constant(borrow(bar.hidden)), tape.constant(borrow(bar.cell))}),
                     std::tuple(of.main_params, of.extra_params, before.hidden, before.cell));
        sum.main_params += by_main.value();
        sum.extra_params += by_extra.value();
        bar = {by_hidden.value(), by_cell.value()};
    };
    return slopes(in, by_recording(tape, in), go_back);
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// What go() does, as a program of the parameters, what layers remember, which is changed, and the steps.
auto compile_steps(const lstm::input& like)
{
    const auto go = [n = predictions(like)](auto main_params, auto extra_params, const auto& now, auto characters,
                                            auto next, bool is_filled)
    {
        const course came_to = take_steps({main_params, extra_params}, now, characters, next, is_filled, n);
        return std::pair(came_to.after, came_to.loss);
    };
    const std::vector<part> parts = parts_of(like);
    const part& first = parts.front();
    auto compiled = compile({.replaces = {{0, 2}}}, go, like.main_params, like.extra_params, in_the_beginning(like),
                            first.characters, first.next, first.is_filled);
    for (const part& steps : parts)
    {
        static_cast<void>(compiled.program(like.main_params, like.extra_params, in_the_beginning(like),
                                           steps.characters, steps.next, steps.is_filled));
    }
    return compiled;
}

/// What go_back() does, as a program of the sum and the cotangents, which are changed, and all that go() is given.
auto compile_steps_back(const lstm::input& like)
{
    const auto go_back = [n = predictions(like)](const auto& sum, const auto& bar, auto main_params, auto extra_params,
                                                 const auto& before, auto characters, auto next, bool is_filled)
    {
        const course came_to = take_steps({main_params, extra_params}, before, characters, next, is_filled, n);
        const auto [by_main, by_extra, by_before] =
            gradient(with_what_follows(came_to, bar), std::tuple(main_params, extra_params, before));
        return std::pair(parameters<variable<double>>{sum.main_params + by_main, sum.extra_params + by_extra},
                         by_before);
    };
    const std::vector<part> parts = parts_of(like);
    const part& first = parts.front();
    const parameters<array> sum{like.main_params, like.extra_params};
    const remembered now = in_the_beginning(like);
    auto compiled = compile({.replaces = {{0, 0}, {1, 1}}}, go_back, sum, now, like.main_params, like.extra_params, now,
                            first.characters, first.next, first.is_filled);
    for (const part& steps : parts)
    {
        static_cast<void>(compiled.program(sum, now, like.main_params, like.extra_params, now, steps.characters,
                                           steps.next, steps.is_filled));
    }
    return compiled;
}

/// What go() does, by that program.
template <class Compiled>
auto by_running(Compiled& compiled, const lstm::input& in)
{
    return [&](const part& steps, remembered& now)
    {
        array loss;
        compiled.run_into(std::tie(now, loss), in.main_params, in.extra_params, now, steps.characters, steps.next,
                          steps.is_filled);
        return loss();
    };
}

} // namespace

compiled<lstm::input, double> lstm::compile_objective(const input& like)
{
    return [go = compile_steps(like)](const input& in, double& out) mutable { out = loss(in, by_running(go, in)); };
}

compiled<lstm::input, array> lstm::compile_jacobian(const input& like)
{
    return [go = compile_steps(like), back = compile_steps_back(like)](const input& in, array& out) mutable
    {
        const auto go_back = [&](const part& steps, const remembered& start, remembered& bar, parameters<array>& sum)
        {
            back.run_into(std::tie(sum, bar), sum, bar, in.main_params, in.extra_params, start, steps.characters,
                          steps.next, steps.is_filled);
        };
        out = slopes(in, by_running(go, in), go_back);
    };
}

} // namespace gradbench
