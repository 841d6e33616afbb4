#pragma once

#include "nn/in_pytorch.hpp"
#include "nn/initialization.hpp"
#include "nn/module.hpp"

/// Recurrent layers: one layer, one direction. They are unrolled: a tape holds every step. Formulas and the order of
/// the gates are PyTorch's; weights are transposed (inputs in rows), biases and weights have its names.
///
/// Shapes: a sequence x is (steps, samples, inputs), the outputs (steps, samples, hidden), a state (samples, hidden);
/// weight_ih (inputs, gates * hidden), weight_hh (hidden, gates * hidden), biases (gates * hidden).
/// `layer.step(x_t, state)` takes one step on (samples, inputs), `layer(x, state)` all of a sequence, `layer(x)` from a
/// state of zeros. Gradients: through all steps. Throws shape_error where the shapes do not fit, and for no steps.
namespace nn
{

/// The parameters that all recurrent layers have, for one or more gates side by side.
template <class Leaf>
struct recurrent_weights
{
    Leaf weight_ih;
    Leaf weight_hh;
    std::optional<Leaf> bias_ih;
    std::optional<Leaf> bias_hh;
    NN_MEMBERS(weight_ih, weight_hh, bias_ih, bias_hh)
    static constexpr std::array in_pytorch{
        pytorch::transposed("weight_ih", "weight_ih_l0"), pytorch::transposed("weight_hh", "weight_hh_l0"),
        pytorch::same("bias_ih", "bias_ih_l0"), pytorch::same("bias_hh", "bias_hh_l0")};
};

/// What a recurrent layer makes of a sequence.
template <class Leaf, class State = Leaf>
struct recurrent_result
{
    Leaf outputs; ///< the hidden state after every step
    State state;  ///< the state after the last one
    NN_MEMBERS(outputs, state)
};

/// The state of an lstm.
template <class Leaf>
struct lstm_state
{
    Leaf h; ///< hidden: the output
    Leaf c; ///< cell: the memory
    NN_MEMBERS(h, c)
};

/// The function of a plain recurrent layer.
enum class nonlinearity
{
    tanh,
    relu
};

namespace detail
{

template <class T>
using weights_of = recurrent_weights<autograd::variable<T>>;
template <class T>
using sequence_result = recurrent_result<autograd::variable<T>>;
template <class T>
using lstm_result = recurrent_result<autograd::variable<T>, lstm_state<autograd::variable<T>>>;

template <class T>
autograd::variable<T> rnn_step(const weights_of<T>& weights, nonlinearity f, autograd::variable<T> x,
                               autograd::variable<T> h, autograd::location where);
template <class T>
sequence_result<T> rnn_sequence(const weights_of<T>& weights, nonlinearity f, autograd::variable<T> x,
                                autograd::variable<T> h, autograd::location where);
template <class T>
lstm_state<autograd::variable<T>> lstm_step(const weights_of<T>& weights, autograd::variable<T> x,
                                            const lstm_state<autograd::variable<T>>& state, autograd::location where);
template <class T>
lstm_result<T> lstm_sequence(const weights_of<T>& weights, autograd::variable<T> x,
                             const lstm_state<autograd::variable<T>>& state, autograd::location where);
template <class T>
autograd::variable<T> gru_step(const weights_of<T>& weights, autograd::variable<T> x, autograd::variable<T> h,
                               autograd::location where);
template <class T>
sequence_result<T> gru_sequence(const weights_of<T>& weights, autograd::variable<T> x, autograd::variable<T> h,
                                autograd::location where);

template <class T>
autograd::variable<T> at_last_step(autograd::variable<T> x, autograd::location where);

/// A state of zeros for a sequence.
template <class T>
autograd::variable<T> zero_state(const char* who, const weights_of<T>& weights, autograd::variable<T> x,
                                 autograd::location where);

} // namespace detail

/// h' = f(x W_ih + b_ih + h W_hh + b_hh), with f tanh or relu. (Elman 1990, Finding structure in time.)
template <class Leaf>
struct rnn
{
    recurrent_weights<Leaf> weights;
    nonlinearity function = nonlinearity::tanh;
    NN_MEMBERS(weights, function)
    static constexpr std::array in_pytorch{pytorch::inlined("weights")};

    Leaf step(Leaf x, Leaf h, autograd::location where = autograd::location::current()) const
    {
        return detail::rnn_step(weights, function, x, h, where);
    }
    recurrent_result<Leaf> operator()(Leaf x, Leaf h, autograd::location where = autograd::location::current()) const
    {
        return detail::rnn_sequence(weights, function, x, h, where);
    }
    recurrent_result<Leaf> operator()(Leaf x, autograd::location where = autograd::location::current()) const
    {
        return detail::rnn_sequence(weights, function, x, detail::zero_state("rnn", weights, x, where), where);
    }
};

/// Long short-term memory: with (i, f, g, o) = x W_ih + b_ih + h W_hh + b_hh, in this order side by side,
///     c' = sigmoid(f) c + sigmoid(i) tanh(g),    h' = sigmoid(o) tanh(c').
/// (Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber, Cummins 2000.)
template <class Leaf>
struct lstm
{
    recurrent_weights<Leaf> weights;
    NN_MEMBERS(weights)
    static constexpr std::array in_pytorch{pytorch::inlined("weights")};

    lstm_state<Leaf> step(Leaf x, const lstm_state<Leaf>& state,
                          autograd::location where = autograd::location::current()) const
    {
        return detail::lstm_step(weights, x, state, where);
    }
    recurrent_result<Leaf, lstm_state<Leaf>> operator()(Leaf x, const lstm_state<Leaf>& state,
                                                        autograd::location where = autograd::location::current()) const
    {
        return detail::lstm_sequence(weights, x, state, where);
    }
    recurrent_result<Leaf, lstm_state<Leaf>> operator()(Leaf x,
                                                        autograd::location where = autograd::location::current()) const
    {
        const Leaf zero = detail::zero_state("lstm", weights, x, where);
        return detail::lstm_sequence(weights, x, {zero, zero}, where);
    }
};

/// Gated recurrent unit: with (r_x, z_x, n_x) = x W_ih + b_ih and (r_h, z_h, n_h) = h W_hh + b_hh, side by side,
///     r = sigmoid(r_x + r_h),   z = sigmoid(z_x + z_h),   n = tanh(n_x + r n_h),   h' = (1 - z) n + z h.
/// (Cho et al. 2014, Learning phrase representations; the reset gate behind the product, as in PyTorch.)
template <class Leaf>
struct gru
{
    recurrent_weights<Leaf> weights;
    NN_MEMBERS(weights)
    static constexpr std::array in_pytorch{pytorch::inlined("weights")};

    Leaf step(Leaf x, Leaf h, autograd::location where = autograd::location::current()) const
    {
        return detail::gru_step(weights, x, h, where);
    }
    recurrent_result<Leaf> operator()(Leaf x, Leaf h, autograd::location where = autograd::location::current()) const
    {
        return detail::gru_sequence(weights, x, h, where);
    }
    recurrent_result<Leaf> operator()(Leaf x, autograd::location where = autograd::location::current()) const
    {
        return detail::gru_sequence(weights, x, detail::zero_state("gru", weights, x, where), where);
    }
};

/// Of a sequence what it has at its last step: (steps, samples, ...) to (samples, ...). Gradient: g there, 0 at the
/// steps before. Throws shape_error unless there is a step. For sequential, behind a recurrent layer.
struct last_step
{
    NN_MEMBERS()

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return detail::at_last_step(x, where);
    }
};

/// \name Recurrent layers of arrays
/// All parameters are drawn by one initializer for a fan of `hidden`, by default uniform over +-1 / sqrt(hidden) as in
/// PyTorch; in the order of the members.
/// \{
template <class T = double>
rnn<autograd::array<T>> make_rnn(std::size_t inputs, std::size_t hidden, random_stream& stream,
                                 const initializer& all = init::fan_in_uniform());
template <class T = double>
lstm<autograd::array<T>> make_lstm(std::size_t inputs, std::size_t hidden, random_stream& stream,
                                   const initializer& all = init::fan_in_uniform());
template <class T = double>
gru<autograd::array<T>> make_gru(std::size_t inputs, std::size_t hidden, random_stream& stream,
                                 const initializer& all = init::fan_in_uniform());
/// \}

} // namespace nn
