#include "nn/recurrent.hpp"

#include "nn/expectations.hpp"

using namespace support;
using autograd::error::shape_error;
using expectations::named;

namespace
{

template <class T>
nn::recurrent_weights<autograd::variable<T>> weights_of(named<T>& in)
{
    return {in["weight_ih"], in["weight_hh"], in["bias_ih"], in["bias_hh"]};
}

/// A layer of zeros on a tape: for errors.
nn::recurrent_weights<variable> zeros(tape& t, std::size_t inputs, std::size_t hidden, std::size_t gates)
{
    const auto full = [&](std::initializer_list<std::size_t> shape)
    { return t.variable(array(xt::xarray<double>::from_shape(std::vector<std::size_t>(shape)))); };
    return {full({inputs, gates * hidden}), full({hidden, gates * hidden}), full({gates * hidden}), std::nullopt};
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_recurrent)

BOOST_AUTO_TEST_CASE(rnn_agrees_with_pytorch)
{
    for (const auto function : {nn::nonlinearity::tanh, nn::nonlinearity::relu})
    {
        const auto run = [&]<class T>(autograd::tape<T>&, named<T>& in) -> named<T>
        {
            const nn::rnn<autograd::variable<T>> layer{weights_of(in), function};
            const auto [outputs, state] = layer(in["x"], in["h"]);
            return {{"outputs", outputs}, {"state", state}};
        };
        expectations::check_case(function == nn::nonlinearity::tanh ? "rnn_tanh" : "rnn_relu", run);
    }
}

BOOST_AUTO_TEST_CASE(lstm_agrees_with_pytorch)
{
    expectations::check_case("lstm",
                             []<class T>(autograd::tape<T>&, named<T>& in) -> named<T>
                             {
                                 const nn::lstm<autograd::variable<T>> layer{weights_of(in)};
                                 const auto [outputs, state] = layer(in["x"], {in["h"], in["c"]});
                                 return {{"outputs", outputs}, {"state", state.h}, {"cell", state.c}};
                             });
}

BOOST_AUTO_TEST_CASE(gru_agrees_with_pytorch)
{
    expectations::check_case("gru",
                             []<class T>(autograd::tape<T>&, named<T>& in) -> named<T>
                             {
                                 const nn::gru<autograd::variable<T>> layer{weights_of(in)};
                                 const auto [outputs, state] = layer(in["x"], in["h"]);
                                 return {{"outputs", outputs}, {"state", state}};
                             });
}

BOOST_AUTO_TEST_CASE(a_sequence_is_its_steps)
{
    nn::random_stream stream(3);
    tape t;
    const auto plain = nn::on_tape(t, nn::make_rnn(3, 5, stream));
    const auto gated = nn::on_tape(t, nn::make_gru(3, 5, stream));
    const auto cells = nn::on_tape(t, nn::make_lstm(3, 5, stream));
    const variable x = t.variable(stream.randn({4, 2, 3}));
    const variable zero = t.constant(nn::init::zeros()({2, 5}, {1, 1}, stream));
    variable h_plain = zero;
    variable h_gated = zero;
    nn::lstm_state<variable> state{zero, zero};
    for (std::size_t k = 0; k < 4; ++k)
    {
        h_plain = plain.step(view(x, k), h_plain);
        h_gated = gated.step(view(x, k), h_gated);
        state = cells.step(view(x, k), state);
    }
    // The product of one step and that of all steps at once may differ in the last bits.
    BOOST_TEST(list(plain(x).state) == list(h_plain), tolerance(1e-13) << per_element());
    BOOST_TEST(list(gated(x).state) == list(h_gated), tolerance(1e-13) << per_element());
    BOOST_TEST(list(cells(x).state.c) == list(state.c), tolerance(1e-13) << per_element());
    BOOST_TEST(list(cells(x).state.h) == list(state.h), tolerance(1e-13) << per_element());
    BOOST_TEST(shape(cells(x).outputs) == (extents{4, 2, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(biases_are_optional)
{
    tape t;
    nn::random_stream stream(3);
    nn::gru<array> stored = nn::make_gru(3, 5, stream);
    nn::gru<array> without = stored;
    stored.weights.bias_ih->fill(0);
    stored.weights.bias_hh->fill(0);
    without.weights.bias_ih.reset();
    without.weights.bias_hh.reset();
    const variable x = t.variable(stream.randn({4, 2, 3}));
    BOOST_TEST(list(nn::on_tape(t, stored)(x).state) == list(nn::on_tape(t, without)(x).state), per_element());
    BOOST_TEST(nn::number_of_parameters(without) == 3u * 15u + 5u * 15u);
}

BOOST_AUTO_TEST_CASE(first_weights_are_drawn_in_the_order_of_members)
{
    nn::random_stream stream(3);
    nn::random_stream same(3);
    const nn::lstm<array> layer = nn::make_lstm(3, 4, stream);
    std::string names;
    nn::for_each_parameter(layer,
                           [&](const std::string& name, const array& weights)
                           {
                               names += name + " ";
                               const extents shape(weights.shape().begin(), weights.shape().end());
                               BOOST_TEST((weights == same.uniform(-0.5, 0.5, shape)), name);
                           });
    BOOST_TEST(names == "weights.weight_ih weights.weight_hh weights.bias_ih weights.bias_hh ");
}

BOOST_AUTO_TEST_CASE(shapes_are_checked)
{
    tape t;
    const auto x = [&](std::vector<std::size_t> shape) { return t.variable(array(array::from_shape(shape))); };
    const nn::lstm<variable> cells{zeros(t, 3, 5, 4)};
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       cells(x({4, 2, 6}));
                   }) ==
               "autograd: lstm: x is (4, 2, 6) and weight_ih has 3 rows; the last extent of x must equal them.");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       cells(x({2, 3}));
                   }) == "autograd: lstm: the x is (2, 3); it must have the axes (steps, samples, inputs).");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       cells(x({0, 2, 3}));
                   }) == "autograd: lstm: x is (0, 2, 3); a sequence needs one step at least.");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       cells(x({4, 2, 3}), {x({2, 5}), x({2, 4})});
                   }) == "autograd: lstm: the cell state is (2, 4); it must be (2, 5).");
    const nn::gru<variable> of_four{zeros(t, 3, 5, 4)};
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       of_four(x({4, 2, 3}));
                   }) == "autograd: gru: the weight_hh is (5, 20); it must be (5, 15).");
    nn::rnn<variable> plain{zeros(t, 3, 5, 1), nn::nonlinearity::relu};
    plain.weights.bias_ih = x({4});
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       plain.step(x({2, 3}), x({2, 5}));
                   }) == "autograd: rnn: the bias_ih is (4,); it must be (5,).");
    const std::string whole = whole_text_of([&] { cells(x({2, 3})); });
    BOOST_TEST(whole.find("recurrent.cpp:") != std::string::npos, whole);
}

BOOST_AUTO_TEST_SUITE_END()
