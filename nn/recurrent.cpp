#include "nn/recurrent.hpp"

#include "autograd/operations/operations.hpp"
#include "nn/checks.hpp"

namespace nn
{

namespace detail
{

using namespace autograd;

namespace
{

/// The extents of a recurrent layer, checked: `gates` blocks of `hidden` columns.
struct recurrent_extents
{
    std::size_t inputs;
    std::size_t hidden;
};

template <class T>
recurrent_extents checked_weights(const char* who, const weights_of<T>& weights, std::size_t gates, location where)
{
    const shape_view ih = weights.weight_ih.checked(who, where).shape();
    const shape_view hh = weights.weight_hh.checked(who, where).shape();
    require_dimension(where, who, "weight_ih", ih, 2, "(inputs, gates * hidden)");
    require_dimension(where, who, "weight_hh", hh, 2, "(hidden, gates * hidden)");
    const std::size_t columns = gates * hh[0];
    require_shape(where, who, "weight_hh", hh, shape_vector{hh[0], columns});
    require_shape(where, who, "weight_ih", ih, shape_vector{ih[0], columns});
    for (const auto* bias : {&weights.bias_ih, &weights.bias_hh})
    {
        if (*bias)
        {
            require_shape(where, who, bias == &weights.bias_ih ? "bias_ih" : "bias_hh", (*bias)->checked(who).shape(),
                          shape_vector{columns});
        }
    }
    return {ih[0], hh[0]};
}

template <class T>
void require_inputs(const char* who, variable<T> x, std::size_t dimension, std::size_t inputs, location where)
{
    const shape_view shape = x.checked(who, where).shape();
    require_dimension(where, who, "x", shape, dimension,
                      dimension == 3 ? "(steps, samples, inputs)" : "(samples, inputs)");
    if (shape.back() != inputs)
    {
        throw error::shape_error(where, who, "x is ", shape, " and weight_ih has ", inputs,
                                 " rows; the last extent of x must equal them.");
    }
    if (dimension == 3 && shape[0] == 0)
    {
        throw error::shape_error(where, who, "x is ", shape, "; a sequence needs one step at least.");
    }
}

template <class T>
void require_state(const char* who, const char* what, variable<T> state, std::size_t samples, std::size_t hidden,
                   location where)
{
    require_shape(where, who, what, state.checked(who, where).shape(), shape_vector{samples, hidden});
}

template <class T>
variable<T> with_bias(variable<T> x, const std::optional<variable<T>>& bias)
{
    return bias ? x + *bias : x;
}

/// x W_ih + b_ih: for all steps of a sequence at once.
template <class T>
variable<T> input_part(const weights_of<T>& weights, variable<T> x)
{
    return with_bias(matmul(x, weights.weight_ih), weights.bias_ih);
}
template <class T>
variable<T> hidden_part(const weights_of<T>& weights, variable<T> h)
{
    return with_bias(matmul(h, weights.weight_hh), weights.bias_hh);
}

/// Block k of the columns.
template <class T>
variable<T> gate(variable<T> gates, std::size_t k, std::size_t hidden)
{
    return slice(gates, 1, k * hidden, (k + 1) * hidden);
}

// One step from the input's part, which a sequence computes for all steps at once.

template <class T>
variable<T> advance_rnn(const weights_of<T>& weights, nonlinearity f, variable<T> of_x, variable<T> h)
{
    const variable<T> a = of_x + hidden_part(weights, h);
    return f == nonlinearity::tanh ? tanh(a) : relu(a);
}

template <class T>
lstm_state<variable<T>> advance_lstm(const weights_of<T>& weights, variable<T> of_x,
                                     const lstm_state<variable<T>>& state)
{
    const variable<T> gates = of_x + hidden_part(weights, state.h);
    const std::size_t hidden = state.h.shape()[1];
    const variable<T> i = sigmoid(gate(gates, 0, hidden));
    const variable<T> f = sigmoid(gate(gates, 1, hidden));
    const variable<T> g = tanh(gate(gates, 2, hidden));
    const variable<T> o = sigmoid(gate(gates, 3, hidden));
    const variable<T> c = f * state.c + i * g;
    return {o * tanh(c), c};
}

template <class T>
variable<T> advance_gru(const weights_of<T>& weights, variable<T> of_x, variable<T> h)
{
    const std::size_t hidden = h.shape()[1];
    const variable<T> of_h = hidden_part(weights, h);
    const variable<T> reset = sigmoid(gate(of_x, 0, hidden) + gate(of_h, 0, hidden));
    const variable<T> update = sigmoid(gate(of_x, 1, hidden) + gate(of_h, 1, hidden));
    const variable<T> proposal = tanh(gate(of_x, 2, hidden) + reset * gate(of_h, 2, hidden));
    return proposal + update * (h - proposal); // (1 - z) n + z h
}

template <class T>
variable<T> hidden_of(variable<T> state)
{
    return state;
}
template <class T>
variable<T> hidden_of(const lstm_state<variable<T>>& state)
{
    return state.h;
}

/// advance(part of the input, state) over all steps.
template <class T, class State, class Advance>
recurrent_result<variable<T>, State> unrolled(const weights_of<T>& weights, variable<T> x, State state, Advance advance)
{
    const variable<T> of_x = input_part(weights, x);
    std::vector<variable<T>> outputs;
    for (std::size_t t = 0; t < x.shape()[0]; ++t)
    {
        state = advance(squeeze(slice(of_x, 0, t, t + 1), 0), state);
        outputs.push_back(hidden_of(state));
    }
    return {stack(outputs, 0), state};
}

} // namespace

template <class T>
variable<T> zero_state(const char* who, const weights_of<T>& weights, variable<T> x, location where)
{
    const shape_view hh = weights.weight_hh.checked(who, where).shape();
    require_dimension(where, who, "weight_hh", hh, 2, "(hidden, gates * hidden)");
    const shape_view shape = x.checked(who, where).shape();
    require_dimension(where, who, "x", shape, 3, "(steps, samples, inputs)");
    return x.tape().full(shape_vector{shape[1], hh[0]}, T(0), where);
}

template <class T>
variable<T> at_last_step(variable<T> x, location where)
{
    const shape_view shape = x.checked("last_step", where).shape();
    if (shape.empty() || shape[0] == 0)
    {
        throw error::shape_error(where, "last_step", "x is ", shape,
                                 "; it must have the axes (steps, ...), with one step at least.");
    }
    const typename tape<T>::as_if_at at(x.tape(), where);
    return squeeze(slice(x, 0, shape[0] - 1, shape[0]), 0);
}

template <class T>
variable<T> rnn_step(const weights_of<T>& weights, nonlinearity f, variable<T> x, variable<T> h, location where)
{
    const auto [inputs, hidden] = checked_weights("rnn", weights, 1, where);
    require_inputs("rnn", x, 2, inputs, where);
    require_state("rnn", "state", h, x.shape()[0], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return advance_rnn(weights, f, input_part(weights, x), h);
}

template <class T>
sequence_result<T> rnn_sequence(const weights_of<T>& weights, nonlinearity f, variable<T> x, variable<T> h,
                                location where)
{
    const auto [inputs, hidden] = checked_weights("rnn", weights, 1, where);
    require_inputs("rnn", x, 3, inputs, where);
    require_state("rnn", "state", h, x.shape()[1], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return unrolled(weights, x, h,
                    [&](variable<T> of_x, variable<T> state) { return advance_rnn(weights, f, of_x, state); });
}

template <class T>
lstm_state<variable<T>> lstm_step(const weights_of<T>& weights, variable<T> x, const lstm_state<variable<T>>& state,
                                  location where)
{
    const auto [inputs, hidden] = checked_weights("lstm", weights, 4, where);
    require_inputs("lstm", x, 2, inputs, where);
    require_state("lstm", "hidden state", state.h, x.shape()[0], hidden, where);
    require_state("lstm", "cell state", state.c, x.shape()[0], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return advance_lstm(weights, input_part(weights, x), state);
}

template <class T>
lstm_result<T> lstm_sequence(const weights_of<T>& weights, variable<T> x, const lstm_state<variable<T>>& state,
                             location where)
{
    const auto [inputs, hidden] = checked_weights("lstm", weights, 4, where);
    require_inputs("lstm", x, 3, inputs, where);
    require_state("lstm", "hidden state", state.h, x.shape()[1], hidden, where);
    require_state("lstm", "cell state", state.c, x.shape()[1], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return unrolled(weights, x, state,
                    [&](variable<T> of_x, const lstm_state<variable<T>>& before)
                    { return advance_lstm(weights, of_x, before); });
}

template <class T>
variable<T> gru_step(const weights_of<T>& weights, variable<T> x, variable<T> h, location where)
{
    const auto [inputs, hidden] = checked_weights("gru", weights, 3, where);
    require_inputs("gru", x, 2, inputs, where);
    require_state("gru", "state", h, x.shape()[0], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return advance_gru(weights, input_part(weights, x), h);
}

template <class T>
sequence_result<T> gru_sequence(const weights_of<T>& weights, variable<T> x, variable<T> h, location where)
{
    const auto [inputs, hidden] = checked_weights("gru", weights, 3, where);
    require_inputs("gru", x, 3, inputs, where);
    require_state("gru", "state", h, x.shape()[1], hidden, where);
    const typename tape<T>::as_if_at at(x.tape(), where);
    return unrolled(weights, x, h,
                    [&](variable<T> of_x, variable<T> state) { return advance_gru(weights, of_x, state); });
}

#define NN_INSTANTIATE(T)                                                                                              \
    template variable<T> zero_state(const char*, const weights_of<T>&, variable<T>, location);                         \
    template variable<T> at_last_step(variable<T>, location);                                                          \
    template variable<T> rnn_step(const weights_of<T>&, nonlinearity, variable<T>, variable<T>, location);             \
    template sequence_result<T> rnn_sequence(const weights_of<T>&, nonlinearity, variable<T>, variable<T>, location);  \
    template lstm_state<variable<T>> lstm_step(const weights_of<T>&, variable<T>, const lstm_state<variable<T>>&,      \
                                               location);                                                              \
    template lstm_result<T> lstm_sequence(const weights_of<T>&, variable<T>, const lstm_state<variable<T>>&,           \
                                          location);                                                                   \
    template variable<T> gru_step(const weights_of<T>&, variable<T>, variable<T>, location);                           \
    template sequence_result<T> gru_sequence(const weights_of<T>&, variable<T>, variable<T>, location);
NN_INSTANTIATE(float)
NN_INSTANTIATE(double)
#undef NN_INSTANTIATE

template <class T>
recurrent_weights<autograd::array<T>> make_weights(std::size_t inputs, std::size_t hidden, std::size_t gates,
                                                   random_stream& stream, const initializer& all)
{
    const fan layer{hidden, hidden};
    const std::size_t columns = gates * hidden;
    // Braces draw in this order.
    return {initialized<T>(all, {inputs, columns}, layer, stream),
            initialized<T>(all, {hidden, columns}, layer, stream), initialized<T>(all, {columns}, layer, stream),
            initialized<T>(all, {columns}, layer, stream)};
}

} // namespace detail

template <class T>
rnn<autograd::array<T>> make_rnn(std::size_t inputs, std::size_t hidden, random_stream& stream, const initializer& all)
{
    return {detail::make_weights<T>(inputs, hidden, 1, stream, all), nonlinearity::tanh};
}
template <class T>
lstm<autograd::array<T>> make_lstm(std::size_t inputs, std::size_t hidden, random_stream& stream,
                                   const initializer& all)
{
    return {detail::make_weights<T>(inputs, hidden, 4, stream, all)};
}
template <class T>
gru<autograd::array<T>> make_gru(std::size_t inputs, std::size_t hidden, random_stream& stream, const initializer& all)
{
    return {detail::make_weights<T>(inputs, hidden, 3, stream, all)};
}

template rnn<autograd::array<float>> make_rnn(std::size_t, std::size_t, random_stream&, const initializer&);
template rnn<autograd::array<double>> make_rnn(std::size_t, std::size_t, random_stream&, const initializer&);
template lstm<autograd::array<float>> make_lstm(std::size_t, std::size_t, random_stream&, const initializer&);
template lstm<autograd::array<double>> make_lstm(std::size_t, std::size_t, random_stream&, const initializer&);
template gru<autograd::array<float>> make_gru(std::size_t, std::size_t, random_stream&, const initializer&);
template gru<autograd::array<double>> make_gru(std::size_t, std::size_t, random_stream&, const initializer&);

} // namespace nn
